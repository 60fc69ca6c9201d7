"""What is said of settings that are wrong: key -> (Japanese, English)."""

from __future__ import annotations

SETTINGS: dict[str, tuple[str, str]] = {
    "settings.place": ("{file}:{line}行目 ", "{file}, line {line}: "),
    "settings.place_unknown": ("{file} ", "{file}: "),
    "settings.with_value": ("{key} = {value} … {right}", "{key} = {value}: {right}"),
    "settings.without_value": ("{key} … {right}", "{key}: {right}"),
    "settings.absent": (
        "設定ファイル {file} がありません。`hibiki init` で作れます(試すだけなら `hibiki up` でデモが動きます)",
        "There is no settings file {file}. `hibiki init` writes one (`hibiki up` runs the demo if you only want to look)",
    ),
    "settings.unreadable": ("設定ファイル {file} を読めません: {reason}", "The settings file {file} cannot be read: {reason}"),
    "settings.not_utf8": (
        "{file} の {line}行目あたりが UTF-8 ではありません。文字コード UTF-8 で保存し直してください",
        "{file}, near line {line}: not UTF-8. Save the file again as UTF-8",
    ),
    "settings.syntax": (
        'TOML の書き方が正しくありません({reason})。文字は "…" で囲み、一覧は ["…", "…"] と書きます',
        'This is not TOML ({reason}). Text is written "…", a list ["…", "…"]',
    ),
    "settings.kept": (
        "保存された設定に誤りがあるため、前の設定のまま動いています。{problem}(`hibiki check` で全部見られます)",
        "The settings as saved have mistakes; those before stay in use. {problem} (`hibiki check` shows all)",
    ),
    # What would be right; the names follow pydantic's error types.
    "right.missing": ("必ず書いてください", "this must be given"),
    "right.extra_forbidden": ("この項目はありません。書けるのは {known} です", "there is no such setting; there are {known}"),
    "right.extra_near": ("この項目はありません。{near} のことですか?", "there is no such setting; did you mean {near}?"),
    "right.literal_error": ("{expected} のどれかにしてください", "must be one of {expected}"),
    "right.string": ('文字で書いてください(例: "…")', 'must be text, such as "…"'),
    "right.string_too_short": ("空にはできません", "must not be empty"),
    "right.string_too_long": ("{max_length} 文字までにしてください", "must have at most {max_length} characters"),
    "right.int": ("整数にしてください(例: 30)", "must be a whole number, such as 30"),
    "right.float": ("数値にしてください(例: 0.05)", "must be a number, such as 0.05"),
    "right.bool": ("true か false にしてください", "must be true or false"),
    "right.list": ('一覧で書いてください(例: ["…", "…"])', 'must be a list, such as ["…", "…"]'),
    "right.table": ("表で書いてください(例: [general] や [[brand]])", "must be a table, such as [general] or [[brand]]"),
    "right.tables": (
        "[[{key}]] と、かっこを二重にした見出しにしてください(いくつでも書けるため)",
        "must be headed [[{key}]], in double brackets (there may be several)",
    ),
    "right.one_table": (
        "[{key}] という見出しにしてください(1 つだけなので、かっこは一重)",
        "must be headed [{key}], in single brackets (there is just one)",
    ),
    "right.date": ("日付にしてください(例: 2026-04-01)", "must be a date, such as 2026-04-01"),
    "right.url": ("http:// か https:// で始まる URL にしてください", "must be a URL that begins with http:// or https://"),
    "right.greater_than_equal": ("{ge} 以上にしてください", "must be at least {ge}"),
    "right.greater_than": ("{gt} より大きくしてください", "must be more than {gt}"),
    "right.less_than_equal": ("{le} 以下にしてください", "must be at most {le}"),
    "right.less_than": ("{lt} より小さくしてください", "must be less than {lt}"),
    "right.pattern": ("使える文字は {pattern} です", "must match {pattern}"),
    "right.duration": (
        '間隔は数と単位で書いてください(例: "30s"、"15m"、"6h"、"1d")',
        'must be a number and a unit, such as "30s", "15m", "6h" or "1d"',
    ),
    "right.name": (
        "文字・数字・「-」「_」だけで、64 文字までにしてください",
        "must have letters, digits, - and _ only, at most 64",
    ),
    "right.no_brand": ("ブランドを 1 つ以上書いてください([[brand]])", "name at least one brand ([[brand]])"),
    "right.no_own_brand": (
        '自社のブランドを 1 つ以上、role = "own" で書いてください',
        'give at least one brand the role "own"',
    ),
    "right.brand_twice": ("同じ id のブランドが 2 つあります。別の id にしてください", "two brands have this id; each needs its own"),
    "right.source_twice": (
        "同じ name の情報源が 2 つあります。別の名前にしてください",
        "two sources have this name; each needs its own",
    ),
    "right.campaign_twice": ("同じ id の施策が 2 つあります。別の id にしてください", "two campaigns have this id; each needs its own"),
    "right.table_twice": ("同じ name の表が 2 つあります。別の名前にしてください", "two tables have this name; each needs its own"),
    "right.unknown_brand": (
        "このブランドはありません。[[brand]] の id は {known} です",
        "there is no such brand; the ids in [[brand]] are {known}",
    ),
    "right.unknown_kind": (
        "この種類の情報源はありません。{known} のどれかにしてください",
        "there is no such kind of source; there are {known}",
    ),
    "right.ends_before": ("終わりの日が始まりの日({starts})より前です", "ends before it starts ({starts})"),
    "right.secret_in_file": (
        "トークンやパスワードはここに書かず、.env か環境変数に置いてください",
        "tokens and passwords do not belong here: put them into .env or the environment",
    ),
}
