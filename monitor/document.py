"""Writes docs/settings.md from the settings themselves, and docs/platforms.md: ``python -m monitor.document``. Tests hold that they agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from collectors.base import SourceSettings
from collectors.registry import KINDS
from monitor.settings import Brand, Campaign, Dashboard, General, Goal, Keep, Retention, UserTable

FILE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"

HEAD = """# hibiki.toml の書き方

このページは設定の定義から作られています(`python -m monitor.document`)。書いたら `hibiki check` で確かめてください。
まちがいは、ファイルの行・項目・値と、どう直せばよいかが示されます。

間隔は `"30s"` `"15m"` `"6h"` `"1d"` のように、日付は `2026-04-01` のように(引用符なしで)書きます。
パスワードやトークンはここには書きません。環境変数か、同じフォルダーの `.env` に置き、ここには変数の名前だけを書きます。
"""
EXAMPLE = """
## 例

```toml
[[brand]]
id = "solato"
name = "ソラト"
aliases = ["Solato", "そらと"]
must_not = ["ソラトブ"]

[[brand]]
id = "rival"
name = "ライバル社"
role = "competitor"

[[source]]
name = "blog"
kind = "feed"
brand = "solato"
what = "mentions"
every = "30m"
url = "https://example.com/feed.xml"

[[source]]
name = "bluesky-search"
kind = "bluesky"
brand = "solato"
what = "mentions"
identifier = "solato.bsky.social"   # パスワードは .env の HIBIKI_BLUESKY_APP_PASSWORD に

[[campaign]]
id = "spring"
brand = "solato"
name = "春の新商品"
starts = 2026-04-01
ends = 2026-04-30
tags = ["ソラトの春"]

[[goal]]
brand = "solato"
measure = "er_basic"
target = 0.05
due = 2026-12-31

[[table]]
name = "kuchikomi"
kind = "mentions"
platform = "review"
columns = { time = "書き込み日", text = "口コミ", author = "ニックネーム", stars = "評価" }

[[table]]
name = "tenpo"
kind = "kpis"
columns = { time = "営業日", "来店数" = "来店者数(人)", "売上" = "売上(円)" }

[retention]
mentions_days = 1095
[retention.platform.youtube]
observations_days = 30
```
"""
TABLES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("[general]", "全体", General),
    ("[[brand]]", "見守るブランド(自社を 1 つ以上)", Brand),
    ("[[campaign]]", "施策(キャンペーン)", Campaign),
    ("[[goal]]", "目標", Goal),
    ("[[table]]", "`hibiki import` で読む自前の表。列の名前をここで対応づけます", UserTable),
    ("[retention]", "保存期間。書かなければずっと残します", Retention),
    (
        "[retention.platform.媒体]",
        "媒体ごとの保存期間。YouTube は、書かなければ observations_days = 30(YouTube の規約のため。ほかは [retention] のまま)",
        Keep,
    ),
    ("[dashboard]", "ダッシュボード", Dashboard),
)


def page() -> str:
    """Return the text of docs/settings.md."""
    lines = [HEAD, EXAMPLE]
    for table, title, model in TABLES[:2]:
        lines += _table(table, title, model)
    lines += _table("[[source]]", "情報源。どの種類にも共通の項目", SourceSettings)
    for kind, types in sorted(KINDS.items()):
        own = {name: field for name, field in types.settings.model_fields.items() if _is_own(name, field)}
        lines += _rows(f'[[source]] kind = "{kind}"', "この種類だけの項目", own)
    for table, title, model in TABLES[2:]:
        lines += _table(table, title, model)
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _is_own(name: str, field: FieldInfo) -> bool:
    """Tell whether a kind has the key for itself, or begins with another value or means another thing than the other kinds."""
    common = SourceSettings.model_fields.get(name)
    said = (field.default, field.description)
    return common is None or (name != "kind" and said != (common.default, common.description))


def _table(table: str, title: str, model: type[BaseModel]) -> Iterator[str]:
    return _rows(table, title, model.model_fields)


def _rows(table: str, title: str, fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield f"\n## `{table}`\n\n{title}\n\n| 項目 | 値 | 既定 | 意味 |\n|---|---|---|---|"
    for name, field in fields.items():
        if get_origin(field.annotation) is dict and get_args(field.annotation)[1] is Keep:
            continue  # a table of its own
        yield f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {field.description or ''} |".replace("\n", " ")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**必須**"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value == ():
        return "なし"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{duration(value) if isinstance(value, timedelta) else value}`"


def duration(value: timedelta) -> str:
    """Write a length of time as the settings take it: "15m"."""
    seconds = int(value.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _type(annotation: Any) -> str:
    """Say in a word what kind of value is to be written."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return " か ".join(f'`"{value}"`' for value in arguments)
    if origin is tuple:
        return "一覧"
    if origin is dict:
        return '表(`{ 名前 = "値" }`)'
    if origin is Union or type(annotation).__name__ == "UnionType":
        return _type(next(argument for argument in arguments if argument is not type(None)))
    names = {
        "str": "文字",
        "int": "整数",
        "float": "数値",
        "Decimal": "数値",
        "bool": "真偽",
        "date": "日付",
        "timedelta": "間隔",
        "Budget": "回数/時間",
        "Cron": "cron",
        "Quiet": "時間帯",
    }
    return names.get(getattr(annotation, "__name__", ""), "文字")


if __name__ == "__main__":
    from monitor import document_platforms

    FILE.write_text(page(), encoding="utf-8")
    for file in (FILE, *document_platforms.write()):
        print(file)
