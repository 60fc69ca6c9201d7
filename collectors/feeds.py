"""Feeds: RSS 0.9x, 1.0, 2.0 and Atom, as blogs, news sites, note.com and Misskey give them.

A feed shows its newest entries and no more. What was pushed out of it between two rounds cannot be read any more: that is a gap.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from collectors.answers import Answer
from collectors.base import Collector, Context, Text, Url
from collectors.bookmark import Bookmark
from collectors.feedread import Entry, Feed, read_feed
from collectors.language import say
from collectors.values import TOKYO
from collectors.websource import WebSettings
from collectors.words import any_in
from store.records import Metrics, Post, Record

ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
REMEMBERED = 2000
FUTURE = timedelta(days=1)


class FeedSettings(WebSettings):
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


class FeedCollector(Collector[FeedSettings]):
    """Reads one feed; asks only for what changed (ETag, If-Modified-Since), and yields only entries that are new or were edited."""

    platform: ClassVar[str] = "feed"

    def __init__(self, settings: FeedSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.line.public_only = settings.public_only

    @property
    def source_platform(self) -> str:
        """The platform that the settings give the feed."""
        return self.settings.platform

    async def check(self) -> str:
        """Say the feed's title, how many entries it shows, and how old the newest one is."""
        answer = await self._fetch({})
        feed = await self._parse(answer)
        times = [entry.at for entry in feed.entries if entry.at is not None]
        newest = max(times).astimezone(TOKYO).strftime("%Y-%m-%d") if times else say("日付なし", "no date")
        return say(
            f"「{feed.title}」 記事 {len(feed.entries)} 件、最新 {newest}", f"“{feed.title}”: {len(feed.entries)} entries, newest {newest}"
        )

    async def _fetch(self, headers: Mapping[str, str]) -> Answer:
        return await self.line.ask(self.settings.url, headers={"accept": ACCEPT, **headers})

    async def _parse(self, answer: Answer) -> Feed:
        feed = await asyncio.to_thread(
            read_feed, answer.body, answer.headers.get("content-type", ""), answer.url, self.settings.url, self.context.now() + FUTURE
        )
        if feed.broken:
            self.remarks.append(
                say(
                    "フィードの書式に誤りがあります(読めた分だけ取り込みました)",
                    "The feed has mistakes in it; what could be read was taken",
                )
            )
        return feed

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        started, notes = self.context.now(), bookmark.notes
        known: dict[str, str] = notes.get("marks", {})
        # With other words to look for, entries that were passed over may be wanted now.
        same = bool(known) and notes.get("words") == self._words
        ask = {"if-none-match": notes.get("etag"), "if-modified-since": notes.get("modified")} if same else {}
        answer = await self._fetch({name: value for name, value in ask.items() if value})
        if answer.status == 304:
            self.next_bookmark.covered["feed"] = started
            return
        feed = await self._parse(answer)
        entries = feed.entries
        marks, first_seen = dict[str, str](), dict[str, str]()
        undated, oldest, met = 0, started, not entries or not known
        for place, reason, raw in feed.faults:
            yield self.reject(place, reason, raw)
        for entry in sorted(entries, key=lambda entry: entry.at or started, reverse=True):
            met |= entry.native_id in known
            marks[entry.native_id] = ""
            at = entry.at
            if at is None:
                undated += 1
                first_seen[entry.native_id] = notes.get("undated", {}).get(entry.native_id) or started.isoformat()
                at = datetime.fromisoformat(first_seen[entry.native_id])
            oldest = min(oldest, at)
            if at < since or not self._wanted(entry):
                continue
            marks[entry.native_id] = entry.mark
            if known.get(entry.native_id) != entry.mark:
                for record in self._records(entry, at):
                    yield record
        covered = bookmark.covered.get("feed")
        if covered is not None and not met and oldest > covered:
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
            "marks": dict(list(older.items())[-REMEMBERED:]) | marks,
            "undated": first_seen,
            "words": self._words,
        }

    @property
    def _words(self) -> str:
        """What decides which entries are wanted, in short."""
        brand, settings = self.context.brand, self.settings
        said = repr((brand.spellings, brand.must_not, settings.must_not, settings.filters, settings.ignore_authors))
        return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()

    def _wanted(self, entry: Entry) -> bool:
        words, text = self.context.brand, " ".join((entry.text, *entry.tags))
        if self.settings.what == "mentions" and entry.author and entry.author in self.settings.ignore_authors:
            return False
        if any_in(self.settings.must_not, text):
            return False
        return not self.settings.filters or words.about(text)

    def _records(self, entry: Entry, at: datetime) -> list[Record]:
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
