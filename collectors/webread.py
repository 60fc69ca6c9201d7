"""What a page says of itself for machines: schema.org as JSON-LD or microdata, and OpenGraph -> reviews, articles and ratings.

All of it is read into the same nodes (a JSON-LD object each), wherever they lie: in lists, in ``@graph``, inside a ``Product`` or an
``ItemList``. A block that is broken costs itself alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from bs4.element import Tag

from collectors.jsonread import storable
from collectors.language import say
from collectors.text import clean, plain
from collectors.values import EARLIEST, NotReadable, count_of, number_of, time_of
from store.records import Kind

KINDS: dict[str, Kind] = {
    **dict.fromkeys(("Review", "UserReview", "CriticReview", "EmployerReview", "Recommendation", "MediaReview"), "review"),
    **dict.fromkeys(
        (
            "Article", "NewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle", "BackgroundNewsArticle", "OpinionNewsArticle",
            "ReportageNewsArticle", "ReviewNewsArticle", "Report", "TechArticle", "SatiricalArticle", "ScholarlyArticle", "BlogPosting",
            "LiveBlogPosting", "AdvertiserContentArticle",
        ),
        "article",
    ),
    **dict.fromkeys(("Comment", "Answer"), "comment"),
    **dict.fromkeys(("SocialMediaPosting", "DiscussionForumPosting", "Question"), "post"),
}  # fmt: skip
RATING = "AggregateRating"
_TEXTS = ("reviewBody", "articleBody", "text", "description", "abstract")
_TIMES = ("datePublished", "dateCreated", "uploadDate", "dateModified")
_OPENING = re.compile(r"<!--|//\s{0,9}<!\[CDATA\[|/\*\s{0,9}<!\[CDATA\[\s{0,9}\*/|<!\[CDATA\[")
_CLOSING = re.compile(r"(?:-->|//\s{0,9}\]\]>|/\*\s{0,9}\]\]>\s{0,9}\*/|\]\]>|;)\Z")
_NAMES = re.compile(r"[\s　]+様?$")
DEEPEST = 4000
"""No page is nested more deeply, not even one that closes no paragraph."""
MOST_TEXT = 4_000_000
"""So many characters of microdata are read at most."""
MOST_NODES = 20_000
"""A page has thousands of nodes at most; one that has more is made to keep us busy."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that somebody said on a page. ``ident`` is the page's own name for it; ``at`` None: no time that can be true;
    ``day_only``: of its time only the day is known. ``stars`` are on the scale of 1 to 5 whatever the page's is."""

    kind: Kind
    text: str
    at: datetime | None = None
    day_only: bool = False
    author: str | None = None
    stars: float | None = None
    url: str | None = None
    ident: str | None = None
    likes: int | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """An average over many: ``value`` on the scale of 1 to 5, ``count`` of ratings or reviews."""

    value: float | None
    count: int | None


@dataclass(slots=True)
class Read:
    """What was read. ``faults``: (place, reason, raw) of what could not be; ``structured``: the page speaks to machines at all;
    ``next``: the address of the next page."""

    title: str = ""
    items: list[Found] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    structured: bool = False
    next: str | None = None


def parsed(text: str) -> BeautifulSoup | None:
    """Return the page that ``text`` is; None where it is nested so deeply that it can only be meant to keep us busy.

    A tag that is never closed is text: the standard library's parser would look for its end from each of many such tags anew.
    """
    end = text.rfind(">") + 1
    page = BeautifulSoup(text[:end] + text[end:].replace("<", "&lt;"), "html.parser")
    depth: dict[int, int] = {}
    for tag in page.find_all(True):
        depth[id(tag)] = depth.get(id(tag.parent), 0) + 1
        if depth[id(tag)] > DEEPEST:
            return None
    return page


def read_structured(page: BeautifulSoup, url: str, home: str, latest: datetime) -> Read:
    """Return what ``page`` says for machines: JSON-LD; else microdata; else OpenGraph. ``url`` is where it came from, ``home``
    the address of the first page, within which a name such as "#r1" is.

    A time after ``latest`` is not believed.
    """
    read = Read(title=title_of(page))
    nodes = list(_json_ld(page, read))
    _take(nodes, (url, home), latest, read)
    if not read.items and not read.ratings:
        nodes = list(_microdata(page))
        _take(nodes, (url, home), latest, read)
    if not read.items and not read.ratings:
        _take(list(_open_graph(page)), (url, home), latest, read)
    return read


def title_of(page: BeautifulSoup) -> str:
    """Return the page's title; "" where it has none."""
    return clean(page.title.get_text(" ")) if page.title else ""


def _take(nodes: list[dict[str, Any]], bases: tuple[str, str], latest: datetime, read: Read) -> None:
    """Add what ``nodes`` say to ``read``, each thing once."""
    read.structured |= bool(nodes)
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    items: list[Found] = []
    for number, node in enumerate(nodes, start=1):
        types = types_of(node)
        kind = next((KINDS[name] for name in types if name in KINDS), None)
        if RATING in types:
            rating = _rating(node)
            if rating is not None and rating not in read.ratings:
                read.ratings.append(rating)
        if kind is None or set(node) <= {"@id", "@type"}:
            continue
        try:
            items.append(_found(node, kind, by_id, bases, latest))
        except NotReadable as error:
            read.faults.append((f"{types[0]} {number}", str(error), _raw(node)))
    read.items += each_once(items)


def _raw(node: Any) -> str:
    try:
        return json.dumps(node, ensure_ascii=False, default=str)[:4000]
    except (ValueError, RecursionError):  # a node within itself, or nested without end
        return str(types_of(node))


def each_once(items: list[Found]) -> list[Found]:
    """Return ``items`` without those that are there twice, and without names that several different reviews share: those name nothing."""
    called: dict[str | None, set[str]] = {}
    for one in items:
        called.setdefault(one.ident, set()).add(f"{one.text}\x00{one.author}\x00{one.at}")
    kept: dict[tuple[Any, ...], Found] = {}
    for one in items:
        if one.ident is not None and one.kind != "article" and len(called[one.ident]) > 1:
            one = replace(one, ident=None)
        kept.setdefault((one.ident,) if one.ident else (one.text, one.at, one.author), one)
    return list(kept.values())


def types_of(node: Mapping[str, Any]) -> list[str]:
    """Return a node's types without their vocabulary ("https://schema.org/Review" is Review)."""
    given = node.get("@type")
    return [re.split(r"[/#:]", name)[-1] for name in (given if isinstance(given, list) else [given]) if isinstance(name, str)]


def _found(node: dict[str, Any], kind: Kind, by_id: Mapping[str, Any], bases: tuple[str, str], latest: datetime) -> Found:
    url, home = bases
    title = _text(node.get("headline")) or _text(node.get("name"))
    body = max((_text(node.get(name)) for name in _TEXTS[:3]), key=len) or next(
        filter(None, (_text(node.get(name)) for name in _TEXTS[3:])), ""
    )
    text = body if body.startswith(title) else clean(f"{title}\n{body}")
    stars = _stars(_known(node.get("reviewRating"), by_id))
    if not text and stars is None:
        raise NotReadable(say("本文も星もありません", "it has neither text nor stars"))
    at, day_only = time_in((node.get(name) for name in _TIMES), latest)
    link = web_url(node.get("url") or node.get("mainEntityOfPage"), url) if kind != "review" else web_url(node.get("url"), url)
    ident = _ident(node, home)
    return Found(
        kind, text, at, day_only, _author(_known(node.get("author") or node.get("creator"), by_id)), stars, link, ident,
        _count(node.get("upvoteCount")), _count(node.get("commentCount")),
    )  # fmt: skip


def _ident(node: Mapping[str, Any], home: str) -> str | None:
    """Return what the page calls the node, made an address where it is one within the page."""
    for name in ("@id", "identifier"):
        given = node.get(name)
        given = given.get("value") if isinstance(given, Mapping) else given
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if isinstance(given, str) and clean(given) and not given.startswith("_:"):  # a blank node's name is not one
            return joined(home, clean(storable(given)))
    return None


def _known(value: Any, by_id: Mapping[str, Any]) -> Any:
    """Return the node that ``value`` refers to, where it is a reference and nothing else."""
    if isinstance(value, Mapping) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
        return by_id.get(str(value["@id"]), value)
    return value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(filter(None, (_text(one) for one in value[:50] if isinstance(one, str | Mapping))))
    if isinstance(value, Mapping):
        value = value.get("@value")
    return plain(storable(value)) if isinstance(value, str) else ""


def _author(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((one for one in value[:100] if isinstance(one, str | Mapping)), None)
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("alternateName")
        value = value[0] if isinstance(value, list) and value else value
    return _NAMES.sub("", plain(storable(value)))[:200] or None if isinstance(value, str) else None


def time_in(given: Iterable[Any], latest: datetime) -> tuple[datetime | None, bool]:
    """Return the first time that can be true, and whether it is a day alone."""
    for value in given:
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("@value") if isinstance(value, Mapping) else value
        if not isinstance(value, str):
            continue
        try:
            at = time_of(clean(value))
        except NotReadable:
            continue
        if EARLIEST <= at <= latest:
            return at, not re.search(r"\d[:時]\s*\d", value)
    return None, False


def _stars(value: Any) -> float | None:
    """Return a rating on the scale of 1 to 5; None where there is none that can be read."""
    value = value[0] if isinstance(value, list) and value else value
    rating = value if isinstance(value, Mapping) else {"ratingValue": value}
    number = number_in(rating.get("ratingValue"))
    if number is None:
        return None
    best, worst = number_in(rating.get("bestRating")), number_in(rating.get("worstRating"))
    return on_five(number, 5.0 if best is None else best, 1.0 if worst is None else worst)


def on_five(number: float, best: float = 5.0, worst: float = 1.0) -> float | None:
    """Return ``number`` of a scale from ``worst`` to ``best`` on that from 1 to 5; None where it is not on its own scale."""
    if not worst < best or not worst <= number <= best:
        return None
    return number if (best, worst) == (5.0, 1.0) else round(1 + 4 * (number - worst) / (best - worst), 4)


def _rating(node: Mapping[str, Any]) -> Rating | None:
    value, count = _stars(node), _count(node.get("reviewCount"))
    count = count if count is not None else _count(node.get("ratingCount"))
    return Rating(value, count) if value is not None or count is not None else None


def number_in(value: Any) -> float | None:
    """Return the number that ``value`` is or spells ("4,5" as well); None where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e9 else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return number_of(text.replace(",", ".") if re.fullmatch(r"\d,\d{1,2}", text) else text)
    except NotReadable:
        return None


def _count(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return value
    try:
        return count_of(value.strip()) if isinstance(value, str) else None
    except NotReadable:
        return None


def web_url(value: Any, base: str) -> str | None:
    """Return the web address that ``value`` is, seen from ``base``; None where it is none."""
    value = value.get("@id") or value.get("url") if isinstance(value, Mapping) else value
    found = joined(base, clean(storable(value))) if isinstance(value, str) and value.strip() else None
    return found if found and found.startswith(("http://", "https://")) else None


def joined(base: str, link: str) -> str:
    """Return ``link`` as it is seen from ``base``; as it stands where that makes no sense."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _json_ld(page: BeautifulSoup, read: Read) -> Iterator[dict[str, Any]]:
    """Yield every object of every block; a block that is broken is noted and left out."""
    for number, script in enumerate(page.find_all("script", type=re.compile(r"^\s*application/ld\+json", re.I)), start=1):
        text = _unwrapped(script.string or script.get_text())
        if not text:
            continue
        try:
            value = json.loads(text, strict=False)  # line breaks within a text are common, and harmless
        except (ValueError, RecursionError) as error:
            read.faults.append((f"JSON-LD {number}", say("JSON が壊れています", "broken JSON") + f": {str(error)[:100]}", text[:4000]))
            continue
        yield from _nodes(value)


def _unwrapped(text: str) -> str:
    """Return ``text`` without what old pages put around scripts (comments, CDATA) and a semicolon at the end."""
    text = text.strip()
    if opening := _OPENING.match(text):
        text = text[opening.end() :].lstrip()
    while closing := _CLOSING.search(text, max(0, len(text) - 40)):
        text = text[: closing.start()].rstrip()
    return text


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object within ``value`` that says its type, outermost first."""
    stack, number = [value], 0
    while stack and number < MOST_NODES:
        one, number = stack.pop(), number + 1
        if isinstance(one, dict):
            if "@type" in one or "@id" in one:
                yield one
            stack += [inner for inner in reversed(list(one.values())) if isinstance(inner, dict | list)]
        elif isinstance(one, list):
            stack += [inner for inner in reversed(one) if isinstance(inner, dict | list)]


def _microdata(page: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """Yield the nodes of microdata that are of a type we know, as JSON-LD would have them; the page is walked once."""
    scope_of: dict[int, dict[str, Any] | None] = {}
    nodes: list[dict[str, Any]] = []
    within: dict[int, int] = {}  # how many properties are around a tag
    room = MOST_TEXT
    for tag in page.find_all(True):
        above = scope_of.get(id(tag.parent))
        own: dict[str, Any] | None = None
        if tag.has_attr("itemscope"):
            own = {"@type": str(tag.get("itemtype", "")).split()}
            if tag.get("itemid"):
                own["@id"] = str(tag["itemid"])
            nodes.append(own)
        scope_of[id(tag)] = above if own is None else own
        within[id(tag)] = within.get(id(tag.parent), 0) + tag.has_attr("itemprop")
        if tag.has_attr("itemprop") and above is not None and within[id(tag)] <= 8:
            value: Any = own if own is not None else _property(tag, room)
            room -= len(value) if isinstance(value, str) else 0
            for name in str(tag["itemprop"]).split()[:5]:
                above.setdefault(name, value)
    yield from (node for node in nodes if any(name in KINDS or name == RATING for name in types_of(node)))


def _property(tag: Tag, room: int) -> str:
    for name in ("content", "datetime", "href", "src"):
        if tag.get(name):
            return str(tag[name])
    return plain(tag.decode_contents()) if room > 0 else ""  # properties within properties within … repeat the page many times over


def _open_graph(page: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """Yield the article that OpenGraph describes; a page that is no article is none."""
    said: dict[str, str] = {}
    for tag in page.find_all("meta", content=True):
        name = tag.get("property") or tag.get("name")
        if isinstance(name, str):
            said.setdefault(name.lower(), str(tag["content"]))
    if said.get("og:type", "").lower() == "article" and said.get("og:title"):
        yield {
            "@type": "Article",
            "headline": said["og:title"],
            "description": said.get("og:description"),
            "datePublished": said.get("article:published_time") or said.get("og:article:published_time"),
            "author": said.get("article:author") if "://" not in said.get("article:author", "") else None,
            "url": said.get("og:url"),
        }
