"""Feeds: RSS 0.9x, 1.0, 2.0 and Atom, as blogs, news sites, note.com and Misskey give them.

A feed shows its newest entries and no more. What was pushed out of it between two rounds cannot be read any more: that is a gap.
"""

from __future__ import annotations

import asyncio
import calendar
import hashlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urljoin

import feedparser
from bs4 import BeautifulSoup
from pydantic import Field

from collectors.answers import Answer
from collectors.base import Collector, SourceSettings, Text, Url
from collectors.bookmark import Bookmark
from collectors.errors import FormatError
from collectors.language import say
from collectors.paging import OVERLAP
from collectors.text import clean, plain
from collectors.values import NotReadable, count_of, time_of
from store.records import Metrics, Post, Record

ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
REMEMBERED = 2000
FUTURE = timedelta(days=1)


class FeedSettings(SourceSettings):
    """A feed of the brand itself (``own``), or one in which others write (``mentions``)."""

    kind: Literal["feed"] = Field(default="feed", description='"feed"')
    url: Url = Field(description="RSS か Atom の URL")
    platform: str = Field(default="feed", pattern=r"^[a-z][a-z0-9_]{0,31}$", description='記事の区分(例: "feed"、"blog"、"news"、"note")')
    only_named: bool | None = Field(
        default=None, description="ブランド名(別の書き方も含む)を含む記事だけを取り込む。書かなければ mentions のときだけ true"
    )
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含む記事は取り込まない")

    @property
    def filters(self) -> bool:
        """Whether entries that do not name the brand are left out."""
        return self.what == "mentions" if self.only_named is None else self.only_named


@dataclass(frozen=True, slots=True)
class _Entry:
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


class FeedCollector(Collector[FeedSettings]):
    """Reads one feed; asks only for what changed (ETag, If-Modified-Since), and yields only entries that are new or were edited."""

    platform: ClassVar[str] = "feed"

    @property
    def source_platform(self) -> str:
        """The platform that the settings give the feed."""
        return self.settings.platform

    async def check(self) -> str:
        """Say the feed's title, how many entries it shows, and how old the newest one is."""
        answer = await self._fetch({})
        title, entries, _ = await asyncio.to_thread(self._parse, answer)
        times = [entry.at for entry in entries if entry.at is not None]
        newest = max(times).astimezone().strftime("%Y-%m-%d") if times else say("日付なし", "no date")
        return say(f"「{title}」 記事 {len(entries)} 件、最新 {newest}", f"“{title}”: {len(entries)} entries, newest {newest}")

    async def _fetch(self, headers: Mapping[str, str]) -> Answer:
        return await self.line.ask(self.settings.url, headers={"accept": ACCEPT, **headers})

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        started, notes = self.context.now(), bookmark.notes
        known: dict[str, str] = notes.get("marks", {})
        ask = {"if-none-match": notes.get("etag"), "if-modified-since": notes.get("modified")} if known else {}
        answer = await self._fetch({name: value for name, value in ask.items() if value})
        if answer.status == 304:
            self.next_bookmark.covered["feed"] = started
            return
        _, entries, faults = await asyncio.to_thread(self._parse, answer)
        marks, first_seen = dict[str, str](), dict[str, str]()
        undated, oldest, met = 0, started, not entries
        for place, reason, raw in faults:
            yield self.reject(place, reason, raw)
        for entry in sorted(entries, key=lambda entry: entry.at or started, reverse=True):
            met |= entry.native_id in known
            marks[entry.native_id] = entry.mark
            at = entry.at
            if at is None:
                undated += 1
                first_seen[entry.native_id] = notes.get("undated", {}).get(entry.native_id) or started.isoformat()
                at = datetime.fromisoformat(first_seen[entry.native_id])
            oldest = min(oldest, at)
            if at >= since and known.get(entry.native_id) != entry.mark and self._wanted(entry):
                for record in self._records(entry, at):
                    yield record
        covered = bookmark.covered.get("feed")
        if covered is not None and not met and oldest > covered + OVERLAP:
            reason = say("前回より後の記事が、読む前にフィードから流れました", "Entries left the feed before they could be read")
            yield self.gap(max(covered, since), oldest, reason)
        if undated:
            self.remarks.append(
                say(
                    f"日付のない記事 {undated} 件は、初めて見た時刻で記録しました",
                    f"{undated} entries have no date; the time they were first seen stands in",
                )
            )
        self.next_bookmark.covered["feed"] = started
        # Entries that left the feed are remembered for a while: some feeds show old ones again.
        older = {name: mark for name, mark in known.items() if name not in marks}
        self.next_bookmark.notes = {
            "etag": answer.headers.get("etag"),
            "modified": answer.headers.get("last-modified"),
            "marks": dict(list((older | marks).items())[-REMEMBERED:]),
            "undated": first_seen,
        }

    def _wanted(self, entry: _Entry) -> bool:
        words, text = self.context.brand, " ".join((entry.text, *entry.tags))
        if self.settings.what == "mentions" and entry.author and entry.author in self.settings.ignore_authors:
            return False
        if any(word in entry.text for word in self.settings.must_not):
            return False
        return not self.settings.filters or words.about(text)

    def _records(self, entry: _Entry, at: datetime) -> list[Record]:
        settings, now = self.settings, self.context.now()
        post = Post(
            platform=settings.platform,
            native_id=entry.native_id,
            brand=settings.brand,
            relation=self.relation,
            source=settings.name,
            text=entry.text,
            created_at=at,
            seen_at=now,
            kind="article",
            author_id=entry.author,
            author_name=entry.author,
            url=entry.url,
            tags=entry.tags,
        )
        if entry.comments is None:
            return [post]
        return [post, Metrics(platform=settings.platform, native_id=entry.native_id, observed_at=now, comments=entry.comments)]

    def _parse(self, answer: Answer) -> tuple[str, list[_Entry], list[tuple[str, str, str]]]:
        """Return the feed's title, its entries, and (place, reason, raw) of those that cannot be read.

        Raises:
            FormatError: It is no feed.
        """
        # The address stays unsaid: feedparser would make a link of an id such as "7", and two feeds of a host would share it.
        headers = {"content-type": answer.headers.get("content-type", "")}
        try:
            feed: Any = feedparser.parse(
                io.BytesIO(answer.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
        except Exception as error:  # one call into a parser that lets out whatever a strange feed provokes
            raise FormatError(say(f"フィードとして読めません({error})", f"This feed cannot be read ({error})"), answer.text()) from None
        if not feed.entries and not feed.get("version"):
            raise FormatError(_no_feed(answer), answer.text())
        if feed.get("bozo") and not isinstance(feed.get("bozo_exception"), feedparser.CharacterEncodingOverride):
            self.remarks.append(
                say(
                    "フィードの書式に誤りがあります(読めた分だけ取り込みました)",
                    "The feed has mistakes in it; what could be read was taken",
                )
            )
        notes = "misskey" in str(feed.feed.get("generator", "")).lower()
        entries: dict[str, _Entry] = {}
        faults: list[tuple[str, str, str]] = []
        for number, raw in enumerate(feed.entries, start=1):
            try:
                entry = self._entry(raw, answer.url, notes)
            except (ValueError, TypeError, AttributeError, KeyError, LookupError) as error:
                faults.append((say(f"{number} 番目の記事", f"entry {number}"), str(error), str(raw)))
            else:
                entries.setdefault(entry.native_id, entry)
        return plain(str(feed.feed.get("title", ""))) or answer.url, list(entries.values()), faults

    def _entry(self, raw: Any, base: str, notes: bool) -> _Entry:
        # Misskey gives every note the same title; its notes are all content.
        title = "" if notes else plain(str(raw.get("title", "")))
        content = max((str(part.get("value", "")) for part in raw.get("content", [])), key=len, default="") or str(raw.get("summary", ""))
        body = plain(content)
        text = body if body.startswith(title) else clean(f"{title}\n{body}")
        link = _link(raw, base)
        if not text and not link:
            raise ValueError(say("題名も本文もリンクもありません", "it has no title, no text and no link"))
        author = plain(str(raw.get("author", ""))) or None
        tags = tuple(dict.fromkeys(tag for tag in (plain(str(tag.get("term") or "")) for tag in raw.get("tags", [])) if tag))
        try:
            comments = count_of(str(raw.get("slash_comments", "")))
        except NotReadable:
            comments = None
        return _Entry(self._native_id(raw, link, text), self._time(raw), text, author, link, tags, comments)

    def _native_id(self, raw: Any, link: str | None, text: str) -> str:
        """Return the entry's id, made unique among all feeds of the platform."""
        own = clean(str(raw.get("id", "")))
        if own:
            # An id of the feed's own making ("123") says nothing outside it.
            return own if ":" in own else f"{self.settings.url}#{own}"
        if link:
            return link
        return f"{self.settings.url}#{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"

    def _time(self, raw: Any) -> datetime | None:
        """Return when the entry was published (else: changed); None where it does not say so in a way that can be true."""
        for name in ("published", "created", "updated"):
            # feedparser takes a time without a zone for UTC; in Japan it is Tokyo's. Hence our own reading comes first.
            try:
                at = time_of(clean(given)) if (given := str(dict.get(raw, name) or "")) else None
            except NotReadable:
                at = _of_struct(dict.get(raw, f"{name}_parsed"))
            if at is not None and at <= self.context.now() + FUTURE:
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


def _no_feed(answer: Answer) -> str:
    """Say that this is no feed; where it is a page that names its feed, name that."""
    message = say(f"RSS でも Atom でもありません: {answer.url}", f"Neither RSS nor Atom: {answer.url}")
    if b"<html" not in answer.body[:5000].lower() and b"<!doctype html" not in answer.body[:5000].lower():
        return message
    for link in BeautifulSoup(answer.text(), "html.parser").find_all("link", rel="alternate", href=True):
        if str(link.get("type", "")).lower() in ("application/rss+xml", "application/atom+xml"):
            url = urljoin(answer.url, str(link["href"]))
            return message + say(f"。このページのフィードは {url} です", f". The feed of this page is {url}")
    return message + say("(普通のページです)", " (an ordinary page)")
