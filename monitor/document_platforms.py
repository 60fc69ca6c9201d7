"""Writes docs/platforms.md and docs/platforms.en.md from the guides (``collectors.guides``); ``python -m monitor.document`` runs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from collectors.guides import GUIDES, Guide, Only, Said
from collectors.registry import KINDS
from monitor.sourcefile import table_text

DOCS = Path(__file__).resolve().parents[1] / "docs"
FILES = {"ja": DOCS / "platforms.md", "en": DOCS / "platforms.en.md"}

_HEAD: Said = (
    """# プラットフォーム

読めるものすべてについて、先に用意するもの、権限、費用、限度、決まりをまとめます。同じことを、順に案内して最後に試すのが
`hibiki source add` です。このページは同じ表(`collectors/guides/`)から作られています(`python -m monitor.document`)。
コンソールの名前や費用は 2026 年後半のものです。変わっていたら、それぞれの公式の説明に従ってください。

- **own** は自社の投稿とその反応、**mentions** はほかの人がブランドについて書いたものです。
- パスワードやトークンは `.env` に置き(`hibiki source add` が、自分だけが読める形で書きます)、`hibiki.toml` には変数の名前だけを書きます。
- 期限のあるトークンは、切れる前に `hibiki check` と 収集状況 が知らせます。更新できるものは Hibiki が更新します。
- 取れない数は 0 ではなく「不明」です。間隔などの項目は[設定](settings.md)にあります。
""",
    """# Platforms

For everything that can be read: what to prepare, permissions, costs, limits and terms. `hibiki source add` leads you through the same and
tries it in the end; both are made from one table (`collectors/guides/`, written here by `python -m monitor.document`). Names of consoles and
prices are those of late 2026; where they have moved, follow the platform's own documents.

- **own** is what the brand posts, with its counts; **mentions** is what others write about it.
- Passwords and tokens are kept in `.env` (`hibiki source add` writes it for your eyes only); `hibiki.toml` holds names of variables.
- `hibiki check` and the page of sources warn days before a token ends. Those that can be renewed are renewed.
- What a platform does not tell is unknown, never 0. All keys are in [settings.md](settings.md) (Japanese).
""",
)
_WORDS: dict[str, Said] = {
    "what": ("読むもの", "Reads"),
    "credentials": ("認証", "Credentials"),
    "costs": ("費用", "Costs"),
    "own": ("own(自社の投稿)", "own"),
    "mentions": ("mentions(ほかの人の声)", "mentions"),
    "counts": ("反応の数", "Counts"),
    "cannot": ("読めないもの", "Cannot give"),
    "permissions": ("権限", "Permissions"),
    "secrets": ("秘密の変数", "Secrets"),
    "limits": ("限度", "Limits"),
    "terms": ("決まり", "Terms"),
    "again": ("見直し", "Looked up again"),
    "steps": ("用意するもの", "What to prepare"),
    "example": ("`hibiki.toml` の例", "In `hibiki.toml`"),
    "none": ("なし", "none"),
    "no": ("読めません", "cannot be read"),
    "optional": ("任意", "optional"),
    "only": ("{0} のとき", "for {0}"),
    "place": ("ファイルの場所", "where the file is"),
}
_AGAIN: dict[tuple[bool, bool], Said] = {
    (True, True): (
        "反応の数を取り直し、消えた投稿も確かめます([general] recheck の間隔)",
        "counts are looked up again, and what is gone is found ([general] recheck)",
    ),
    (True, False): ("反応の数を取り直します", "counts are looked up again"),
    (False, False): ("読み直した一覧に出る分だけ変わります", "only what the lists show again changes"),
}
_FILES: Said = (
    """## ファイル(`hibiki import`)

X(コンテンツ、概要、2023 年より前の書き出し)、Meta Business Suite(Instagram・Facebook)、YouTube Studio、TikTok Studio の書き出し、
アンケートと KPI の表、ほかの道具で集めた言及の表を読めます(日本語・英語の見出し、UTF-8・CP932)。規約で機械の読み取りを禁じているサイトや、
API の利用が難しい媒体は、これで取り込んでください。`hibiki import --dry-run ファイル` で、どう読めるかを先に見られます。
""",
    """## Files (`hibiki import`)

Exports of X (content, overview, before 2023), Meta Business Suite (Instagram, Facebook), YouTube Studio and TikTok Studio, tables of surveys and
KPIs, and tables of mentions from other tools (Japanese and English headings, UTF-8 and CP932). This is the way for sites whose terms forbid
machines, and where an API is out of reach. `hibiki import --dry-run FILE` shows first how a file is read.
""",
)


def page(language: str) -> str:
    """Return the text of the page about platforms in ``language`` ("ja" or "en")."""
    at = 1 if language == "en" else 0

    def word(name: str) -> str:
        return _WORDS[name][at]

    kinds = {kind: guide for kind, guide in GUIDES.items() if kind in KINDS}
    lines = [_HEAD[at], f"| kind | own | mentions | {word('credentials')} | {word('costs')} |", "|---|---|---|---|---|"]
    for kind, guide in kinds.items():
        marks = ["○" if said else "–" for said in (guide.own, guide.mentions)]
        secret = "–" if not guide.secrets else "○" if any(one.needed for one in guide.secrets) else f"○({word('optional')})"
        lines.append(f"| [`{kind}`](#{kind}) {guide.title[at]} | {marks[0]} | {marks[1]} | {secret} | {guide.costs[at]} |")
    for kind, guide in kinds.items():
        lines += _section(kind, guide, at)
    return "\n".join([*lines, "", _FILES[at]])


def _section(kind: str, guide: Guide, at: int) -> Iterator[str]:
    collector = KINDS[kind].collector

    def word(name: str) -> str:
        return _WORDS[name][at]

    yield from ("", f'<a id="{kind}"></a>', "", f"## {guide.title[at]}(`{kind}`)" if at == 0 else f"## {guide.title[at]} (`{kind}`)", "")
    again = _AGAIN[collector.refreshes, collector.refreshes and collector.must_recheck]
    facts = (
        ("own", guide.own[at] if guide.own else word("no")),
        ("mentions", guide.mentions[at] if guide.mentions else word("no")),
        ("counts", guide.counts[at]),
        ("cannot", guide.cannot[at]),
        ("permissions", "<br>".join(one[at] for one in guide.permissions)),
        ("secrets", "<br>".join(_secrets(kind, guide, at)) or word("none")),
        ("costs", guide.costs[at]),
        ("limits", guide.limits[at]),
        ("again", again[at]),
        ("terms", guide.terms[at]),
    )
    yield from ("| | |", "|---|---|", *(f"| {word(name)} | {text.replace('|', chr(92) + '|')} |" for name, text in facts), "")
    yield from (f"**{word('steps')}**", "")
    yield from (f"{number}. {_only(step.only, at)}{step.text[at]}" for number, step in enumerate(guide.steps, 1))
    yield from ("", f"**{word('example')}**", "", "```toml")
    yield "\n".join(table_text(example_of(kind, example)) for example in guide.examples).rstrip()
    yield "```"


def example_of(kind: str, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example of a guide as a whole ``[[source]]`` of the brand "yomori"."""
    name = f"{kind}-{example['what']}" if len(GUIDES[kind].whats) > 1 else kind
    return {"name": name, "kind": kind, "brand": "yomori", **example}


def _secrets(kind: str, guide: Guide, at: int) -> Iterator[str]:
    for one in guide.secrets:
        usual = KINDS[kind].settings.model_fields[one.key].default or one.variable
        notes = [_WORDS["place"][at]] * one.is_place + [_WORDS["optional"][at]] * (not one.needed)
        only = [_when(one.only, at)] if _when(one.only, at) else []
        told = "、".join([*notes, *only]) if at == 0 else ", ".join([*notes, *only])
        yield f"`{usual}`" + (f"({told})" if told and at == 0 else f" ({told})" if told else "")


def _only(only: Only, at: int) -> str:
    told = _when(only, at)
    return f"({told})" if told and at == 0 else f"({told}) " if told else ""


def _when(only: Only, at: int) -> str:
    """Say where something is needed; nothing where it always is."""
    told = [f"`{only.what}`"] if only.what else []
    if only.key and not only.otherwise:
        value = str(only.value).lower() if isinstance(only.value, bool) else f'"{only.value}"'
        told.append(f"`{only.key} = {value}`")
    return _WORDS["only"][at].format(" ".join(told)) if told else ""


def write() -> list[Path]:
    """Write the pages, and return where."""
    for language, file in FILES.items():
        file.write_text(page(language), encoding="utf-8")
    return list(FILES.values())
