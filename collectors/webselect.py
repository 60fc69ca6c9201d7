"""Reading a page by CSS selectors of the settings, where it does not speak to machines itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import soupsieve
from bs4 import BeautifulSoup
from bs4.element import Tag
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from collectors.language import say
from collectors.text import clean, plain
from collectors.values import NotReadable, narrow
from collectors.webread import Found, Read, each_once, number_in, on_five, time_in, title_of, web_url
from store.records import Kind

_ATTRIBUTE = re.compile(r"^(.*?)@([A-Za-z_][\w:.-]*)$", re.DOTALL)
_OF_FIVE = (
    re.compile(r"5\s*(?:つ星|点満点|段階)\D{0,6}?([1-5](?:[.,]\d+)?)"),
    re.compile(r"([1-5](?:[.,]\d+)?)\s*(?:/|out of|点\s*/)\s*5(?:[.,]0+)?(?!\d)"),
    re.compile(r"(?:星|評価|★)\s*[::]?\s*([1-5](?:\.\d+)?)(?!\d)"),
    re.compile(r"^\s*([1-5](?:[.,]\d+)?)\s*(?:点|つ星|stars?)?\s*$", re.I),
)
_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:[T\s]*\d{1,2}[:時]\d{2}(?::\d{2})?)?")


def _selector(value: str) -> str:
    css = split(value)[0]
    try:
        soupsieve.compile(css or "*")
    except (soupsieve.SelectorSyntaxError, ValueError, NotImplementedError):
        text = say(
            'CSS セレクターとして読めません(例: "li.review"、属性なら "time@datetime")',
            'must be a CSS selector, such as "li.review", or "time@datetime" for an attribute',
        )
        raise PydanticCustomError("selector", "{text}", {"text": text}) from None
    return value


Selector = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_selector)]


@dataclass(frozen=True, slots=True)
class Selectors:
    """Where on a page things are; all but ``item`` are looked for within an item. "" before "@" is the item itself."""

    item: str
    text: str | None = None
    title: str | None = None
    author: str | None = None
    time: str | None = None
    stars: str | None = None
    link: str | None = None
    kind: Kind = "review"


def split(selector: str) -> tuple[str, str | None]:
    """Return the CSS part of a selector and the attribute that it names ("a.more@href"); "[href*='@x']" names none."""
    match = _ATTRIBUTE.match(selector)
    if match is None or match[1].count("[") != match[1].count("]"):
        return selector.strip(), None
    return match[1].strip(), match[2]


def read_selected(page: BeautifulSoup, where: Selectors, url: str, latest: datetime) -> Read:
    """Return the items that ``where`` finds on ``page``, in its order. A time after ``latest`` is not believed."""
    read = Read(title=title_of(page))
    items: list[Found] = []
    for number, tag in enumerate(page.select(where.item), start=1):
        try:
            items.append(_item(tag, where, url, latest))
        except NotReadable as error:
            read.faults.append((f"{where.item} #{number}", str(error), str(tag)[:4000]))
    read.items = each_once(items)
    return read


def next_of(page: BeautifulSoup, selector: str | None, url: str) -> str | None:
    """Return the address of the next page, where ``selector`` finds one on the same host."""
    if selector is None:
        return None
    css, attribute = split(selector)
    for tag in page.select(css):
        found = web_url(tag.get(attribute or "href"), url)
        if found is not None:
            return found.partition("#")[0]
    return None


def stars_in(text: str) -> float | None:
    """Return the rating of 1 to 5 that ``text`` tells ("★★★★☆", "5つ星のうち4.0", "4/5", "評価: 4"); None where it tells none."""
    text = narrow(text[:200]).strip()
    signs = re.findall(r"[★⭐☆]", text)
    if len(signs) >= 2 or text in ("★", "⭐"):
        full = sum(sign in "★⭐" for sign in signs)
        return float(full) if 1 <= full <= 5 and len(signs) <= 5 else None
    for form in _OF_FIVE:
        match = form.search(text)
        if match:
            number = number_in(match[1])
            return None if number is None else on_five(number)
    return None


def _item(tag: Tag, where: Selectors, url: str, latest: datetime) -> Found:
    title, text = _said(tag, where.title), _said(tag, where.text) if where.text else plain(tag.decode_contents())
    text = text if not title or text.startswith(title) else clean(f"{title}\n{text}")
    told = _said(tag, where.stars)
    stars = stars_in(told)
    if not text and stars is None:
        raise NotReadable(say("本文も星もありません", "it has neither text nor stars"))
    if told and stars is None:
        raise NotReadable(say(f"星の数が読めません: 「{told[:40]}」", f"its stars cannot be read: “{told[:40]}”"))
    when = _said(tag, where.time, "datetime")
    date = _DATE.search(narrow(when[:200]))
    at, day_only = time_in([when, date[0] if date else None], latest)
    link = web_url(_said(tag, where.link, "href"), url) if where.link else None
    own = tag.get("id") or tag.get("data-review-id") or tag.get("data-id")
    return Found(where.kind, text, at, day_only, _said(tag, where.author)[:200] or None, stars, link, f"#{own}" if own else None)


def _said(tag: Tag, selector: str | None, attribute: str | None = None) -> str:
    """Return what ``selector`` finds in ``tag`` says: the attribute that it names, else ``attribute`` where there is one, else the text."""
    if selector is None:
        return ""
    css, named = split(selector)
    found = tag.select_one(css) if css else tag
    if found is None:
        return ""
    value = found.get(named) if named else (found.get(attribute) if attribute else None)
    if named or value:
        return clean(" ".join(value) if isinstance(value, list) else str(value or ""))
    return plain(found.decode_contents())
