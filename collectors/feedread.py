"""The text of a feed -> its entries, whatever its version, encoding and mistakes."""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
from bs4 import BeautifulSoup

from collectors.errors import FormatError
from collectors.feedtext import as_utf8, text_of
from collectors.language import say
from collectors.text import clean, plain
from collectors.values import EARLIEST, NotReadable, count_of, time_of

_ENTRY = re.compile(rb"<(item|entry)[\s>].*?(?=<(?:item|entry)[\s>]|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its feed shows it. ``at`` is None where the feed gives no date that can be true."""

    native_id: str
    at: datetime | None
    text: str
    author: str | None
    url: str | None
    tags: tuple[str, ...]
    comments: int | None

    @property
    def mark(self) -> str:
        """What changes when the entry does."""
        seen = "\x00".join((self.text, str(self.at), str(self.comments)))
        return hashlib.blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@dataclass(slots=True)
class Feed:
    """A feed that was read. ``faults``: (place, reason, raw) of the entries that could not be; ``broken``: it has mistakes in it."""

    title: str
    entries: list[Entry] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False


def read_feed(body: bytes, content_type: str, url: str, name: str, latest: datetime) -> Feed:
    """Return the feed that ``body`` is. ``url`` is where it came from, ``name`` what it is known by (its ids are told apart by that).

    A date after ``latest`` is not believed.

    Raises:
        FormatError: It is no feed.
    """
    text, spoiled = text_of(body, content_type)
    body = as_utf8(text)
    parsed = _parsed(body)
    if parsed is None:
        raws: list[Any] = list(_one_by_one(body))
        about: Any = {}
    else:
        raws, about = list(parsed.entries), parsed.get("feed", {})
    if not raws and (parsed is None or not parsed.get("version")):
        raise _no_feed(text, url)
    feed = Feed(plain(str(about.get("title", ""))) or url)
    feed.broken = spoiled or parsed is None or bool(parsed.get("bozo"))
    # Misskey gives every note the same title; its notes are all content.
    titled = "misskey" not in str(about.get("generator", "")).lower()
    shared = _shared_ids(raws)
    entries: dict[str, Entry] = {}
    for number, raw in enumerate(raws, start=1):
        try:
            entry = _entry(raw, url, name, latest, titled, shared)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            feed.faults.append((say(f"{number} 番目の記事", f"entry {number}"), str(error), str(raw)))
        else:
            entries.setdefault(entry.native_id, entry)
    feed.entries = list(entries.values())
    return feed


def _shared_ids(raws: Iterable[Any]) -> set[str]:
    """Return the ids that several entries with different addresses claim: those tell nothing (a blog that gives each its own name)."""
    links: dict[str, set[str]] = {}
    for raw in raws:
        if not isinstance(raw, str):
            links.setdefault(clean(str(raw.get("id", ""))), set()).add(clean(str(raw.get("link", ""))))
    return {own for own, at in links.items() if own and len(at - {"", own}) > 1}


def _parsed(body: bytes) -> Any:
    """Return what feedparser makes of ``body``; None where it breaks down."""
    # The address stays unsaid: feedparser would make a link of an id such as "7", and two feeds of a host would share it.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception:  # a parser that lets out whatever a strange feed provokes; the caller goes on without it
        return None


def _one_by_one(body: bytes) -> Iterator[Any]:
    """Yield each entry of a feed that cannot be read as a whole, read alone; one that cannot is yielded as its text."""
    chunks = list(_ENTRY.finditer(body))
    prologue = body[: chunks[0].start()] if chunks else b""
    for chunk in chunks:
        alone = _parsed(prologue + chunk[0])
        if alone is None or not alone.entries:
            yield chunk[0].decode("utf-8", "replace")
        else:
            yield alone.entries[0]


def _entry(raw: Any, url: str, name: str, latest: datetime, titled: bool, shared: set[str]) -> Entry:
    if isinstance(raw, str):
        raise ValueError(say("書式が壊れています", "it is broken"))
    title = plain(str(raw.get("title", ""))) if titled else ""
    content = max((str(part.get("value", "")) for part in raw.get("content", [])), key=len, default="") or str(raw.get("summary", ""))
    body = plain(content)
    text = body if body.startswith(title) else clean(f"{title}\n{body}")
    link = _link(raw, url)
    if not text and not link:
        raise ValueError(say("題名も本文もリンクもありません", "it has no title, no text and no link"))
    author = plain(str(raw.get("author", ""))) or None
    tags = tuple(dict.fromkeys(tag for tag in (plain(str(tag.get("term") or "")) for tag in raw.get("tags", [])) if tag))
    try:
        comments = count_of(str(raw.get("slash_comments", "")))
    except NotReadable:
        comments = None
    return Entry(_native_id(raw, name, link, text, shared), _time(raw, latest), text, author, link, tags, comments)


def _native_id(raw: Any, name: str, link: str | None, text: str, shared: set[str]) -> str:
    """Return the entry's id, made unique among all feeds of the platform."""
    own = clean(str(raw.get("id", "")))
    if own and own not in shared:
        # An id of the feed's own making ("123") says nothing outside it.
        return own if ":" in own else f"{name}#{own}"
    return link or f"{name}#{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


def _time(raw: Any, latest: datetime) -> datetime | None:
    """Return when the entry was published (else: changed); None where it does not say so in a way that can be true."""
    for key in ("published", "created", "updated"):
        # feedparser takes a time without a zone for UTC; in Japan it is Tokyo's. Hence our own reading comes first.
        given = str(dict.get(raw, key) or "")
        try:
            at = time_of(clean(given)) if given else None
        except NotReadable:
            at = _of_struct(dict.get(raw, f"{key}_parsed"))
        if at is not None and EARLIEST <= at <= latest:
            return at
    return None


def _link(raw: Any, base: str) -> str | None:
    """Return the entry's address; None where all that there is is an id which the feed calls a link by default."""
    link = clean(str(raw.get("link", "")))
    if not link or (raw.get("guidislink") and "/" not in link):
        return None
    try:
        url = urljoin(base, link)
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None


def _of_struct(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC) if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def _no_feed(text: str, url: str) -> FormatError:
    """Return the error that says that this is no feed; where it is a page that names its feed, it names that."""
    message = say(f"RSS でも Atom でもありません: {url}", f"Neither RSS nor Atom: {url}")
    advice = say("フィード(RSS・Atom)の URL かどうか、ブラウザーで開いて確かめてください", "Open it in a browser: is it the URL of a feed?")
    start = text[:5000].lower()
    if not text.strip():
        return FormatError(say(f"中身が空です: {url}", f"The answer is empty: {url}"), "", advice)
    if "<html" not in start and "<!doctype html" not in start:
        return FormatError(message, text, advice)
    message += say("(普通のページです)", " (an ordinary page)")
    # The element around it keeps a page that begins like XML from being taken for that.
    page = BeautifulSoup(f"<div>{text}</div>", "html.parser")
    for link in page.find_all("link", rel="alternate", href=True):
        found = _link({"link": link["href"]}, url)
        if found and str(link.get("type", "")).lower() in ("application/rss+xml", "application/atom+xml"):
            named = say(
                f"このページのフィードは {found} です。設定の url をこれにしてください", f"Its feed is {found}: give that as the url"
            )
            return FormatError(message, text, named)
    return FormatError(message, text, advice)
