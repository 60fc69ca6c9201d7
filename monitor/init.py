"""`hibiki init`: from a few answers to a commented ``hibiki.toml`` and an ``.env.example``."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from collectors.publicweb import is_local
from monitor.texts import say

APP_PASSWORD = "HIBIKI_BLUESKY_APP_PASSWORD"
LONGEST_ID = 48
"""Of an id that we suggest: below what the settings take, so that a number can be put behind it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user said of the brand and the first sources; ``searcher`` is the account that searches Bluesky, where one does."""

    brand: str
    brand_id: str
    aliases: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    bluesky: str | None = None
    searcher: str | None = None


def id_of(name: str, number: int = 1) -> str:
    """Suggest an id for a brand: its Latin letters and digits; "brand1" where it has none."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_ID].strip("-") or f"brand{number}"


def split(*answers: str) -> tuple[str, ...]:
    """Cut answers at their commas, Japanese ones too; the spaces inside a name stay."""
    return tuple(dict.fromkeys(word.strip() for answer in answers for word in re.split("[,、，､]", answer) if word.strip()))


def split_urls(*answers: str) -> tuple[str, ...]:
    """Cut answers into URLs, at spaces and at commas that the next URL follows; a comma inside of a URL stays."""
    words = (word.strip(",、，､") for answer in answers for word in re.split(r"[,、，､]\s*(?=https?://)|\s+", answer))
    return tuple(dict.fromkeys(word for word in words if word))


def refusal(value: str, kind: Any) -> str | None:
    """Say why the settings would refuse ``value`` as a ``kind`` (one of their annotated types); None where they take it."""
    from pydantic import TypeAdapter, ValidationError

    from monitor.problems import right_of

    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        return right_of(error.errors(include_url=False)[0])
    return None


def _value(value: object) -> str:
    """Write a value as TOML; JSON's text and lists are TOML's."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _line(key: str, value: object, comment: str | None = None) -> str:
    line = f"{key} = {_value(value)}"
    return f"{line}  # {say(comment)}" if comment else line


def settings_text(answers: Answers) -> str:
    """Return the text of ``hibiki.toml``, commented in the language that is spoken."""
    return "\n".join([say("toml.head"), "", *_general(), *_brands(answers), *_sources(answers), *_rest(answers)]) + "\n"


def _general() -> Iterator[str]:
    yield "[general]"
    yield _line("language", "ja", "toml.language")
    yield _line("keep_authors", False, "toml.keep_authors")
    yield _line("refresh_days", 30, "toml.refresh_days")
    yield _line("since_days", 30, "toml.since_days")
    yield _line("publish_every", "30s", "toml.publish_every")
    yield ""


def _brands(answers: Answers) -> Iterator[str]:
    yield say("toml.brand")
    yield "[[brand]]"
    yield _line("id", answers.brand_id)
    yield _line("name", answers.brand)
    yield _line("role", "own")
    yield _line("aliases", answers.aliases, "toml.aliases")
    yield _line("must_not", answers.must_not, "toml.must_not")
    yield ""
    taken = {answers.brand_id}
    for number, name in enumerate(answers.competitors, 2):
        brand_id = id_of(name, number)
        while brand_id in taken:
            brand_id += f"-{number}"
        taken.add(brand_id)
        yield "[[brand]]"
        yield _line("id", brand_id)
        yield _line("name", name)
        yield _line("role", "competitor")
        yield ""


def _sources(answers: Answers) -> Iterator[str]:
    yield say("toml.source")
    tables = list(_source_tables(answers))
    for table in tables:
        yield from ("[[source]]", *(_line(key, value) for key, value in table.items()), "")
    if not tables:
        example = {"name": "news", "kind": "feed", "brand": answers.brand_id, "what": "mentions", "url": "https://example.com/feed.xml"}
        yield say("toml.source_example")
        yield from ("# [[source]]", *(f"# {_line(key, value)}" for key, value in example.items()), "")


def _source_tables(answers: Answers) -> Iterator[dict[str, object]]:
    for number, url in enumerate(answers.feeds, 1):
        name = f"feed{number}"
        table = {"name": name, "kind": "feed", "brand": answers.brand_id, "what": "mentions", "every": "30m", "url": url}
        yield {**table, **({"local": True} if is_local(url) else {})}
    if answers.bluesky:
        own = {"name": "bluesky-own", "kind": "bluesky", "brand": answers.brand_id, "what": "own", "every": "15m"}
        yield {**own, "actor": answers.bluesky.lstrip("@")}
    if answers.searcher:
        search = {"name": "bluesky-search", "kind": "bluesky", "brand": answers.brand_id, "what": "mentions", "every": "15m"}
        ours = {"actor": answers.bluesky.lstrip("@")} if answers.bluesky else {}
        yield {**search, "identifier": answers.searcher.lstrip("@"), **ours}


def _rest(answers: Answers) -> Iterator[str]:
    brand = json.dumps(answers.brand_id, ensure_ascii=False)
    yield say("toml.campaign")
    yield from ("# [[campaign]]", '# id = "spring"', f"# brand = {brand}", '# name = "春の新商品"')
    yield from ("# starts = 2026-04-01", "# ends = 2026-04-30", '# tags = ["#春の新商品"]', "")
    yield say("toml.goal")
    yield from ("# [[goal]]", f"# brand = {brand}", '# measure = "er_basic"', "# target = 0.05", "# due = 2026-12-31", "")
    yield say("toml.retention")
    yield from ("[retention]", "# observations_days = 1095", "# mentions_days = 1095", "")
    yield from (say("toml.dashboard"), "[dashboard]", "port = 8501")


def secrets_of(answers: Answers) -> tuple[str, ...]:
    """Return the names of the variables that the sources will need."""
    return (APP_PASSWORD,) if answers.searcher else ()


def env_text(answers: Answers) -> str:
    """Return the text of ``.env.example``: the names, and no values."""
    lead = "" if answers.searcher else "# "
    return "\n".join([say("env.head"), "", say("env.bluesky"), f"{lead}{APP_PASSWORD}="]) + "\n"
