"""What others say on YouTube: comments on our videos, videos that name the brand, and comments on those."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from collectors.base import Context
from collectors.bookmark import Bookmark, Hole
from collectors.errors import BusyError
from collectors.jsonread import text_at
from collectors.language import say
from collectors.paging import OVERLAP, Fetch, Page
from collectors.words import any_in
from collectors.youtube_api import YouTubeRefused
from collectors.youtube_base import PAGE, YouTubeBase, bottom_of, iso
from collectors.youtube_comments import CLOSED, Threads, Wanted
from collectors.youtube_read import author_of_comment, searchable, text_of_comment
from collectors.youtube_settings import YouTubeSettings
from store.records import Post, Record

REPLIES_EVERY = timedelta(hours=6)
REPLIES_BACK = timedelta(days=7)
"""So often, and so far back, threads are read again for new replies."""
VIDEO_EVERY = timedelta(hours=6)
"""How often comments on videos of others are looked for."""
FOUND_KEPT = 100
LATE = timedelta(hours=3)
"""A search that had to wait for longer is a gap until it is made up."""
AHEAD = 0.1
"""Searches may run ahead of an even pace by this part of the day's, so that a day's end is not blind."""


class YouTubeMentions(YouTubeBase):
    """Reads what is said to a channel and about a brand."""

    def __init__(self, settings: YouTubeSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._ours: set[str] = set()
        self._threads = Threads(self._api, self._reader, {})

    @property
    def _words(self) -> list[str]:
        return list(dict.fromkeys(word for word in (self.settings.queries or self.context.brand.spellings) if word.strip()))

    async def _mentions(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        settings = self.settings
        told = dict.fromkeys((*settings.own_accounts, *self.context.own_accounts))
        self._ours = {(await self._channel(name))[0] for name in told}
        self._threads = Threads(self._api, self._reader, {k: v for k, v in self._noted("threads").items() if isinstance(v, int)})
        walks = {"comments", "search"}
        if settings.channel:
            async for record in self._own_comments((await self._channel(settings.channel))[0], bookmark, since):
                yield record
        if settings.search:
            async for record in self._search(bookmark, since):
                yield record
        found = sorted(self._noted("found").items(), key=lambda pair: str(pair[1]), reverse=True)[: settings.found_videos]
        for video in dict.fromkeys((*settings.videos, *(name for name, _ in found))):
            for word in self._words:
                walks.add(name := f"video {video} {word}")
                params = {"videoId": video, "searchTerms": word}
                async for record in self._foreign_comments(name, params, bookmark, since):
                    yield record
        new = self.next_bookmark
        new.covered = {name: at for name, at in new.covered.items() if name in walks}
        new.holes = [hole for hole in new.holes if hole.walk in walks]

    async def _own_comments(self, channel: str, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Yield all comments on our videos; now and then those of last week again, for their new replies."""
        noted = self.next_bookmark.notes.get("replies_at")
        last = datetime.fromisoformat(noted) if isinstance(noted, str) else None
        far = last is None or self.context.now() - last >= REPLIES_EVERY
        covered = bookmark.covered.get("comments")
        if far and covered is not None:
            bookmark = bookmark.copy()
            bookmark.covered["comments"] = max(since, covered - REPLIES_BACK)
        fetch = partial(self._threads_page, {"allThreadsRelatedToChannelId": channel}, self._is_wanted)
        async for record in self._walk_threads("comments", fetch, bookmark, since):
            yield record
        if far:
            self._note("replies_at", self.context.now().isoformat())

    async def _foreign_comments(self, name: str, params: dict[str, str], bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        covered = bookmark.covered.get(name)
        unfinished = any(hole.walk == name for hole in bookmark.holes)
        if covered is not None and not unfinished and self.context.now() - covered < VIDEO_EVERY:
            return
        async for record in self._walk_threads(name, partial(self._threads_page, params, self._names_us), bookmark, since):
            yield record

    async def _walk_threads(self, name: str, fetch: Fetch, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        async for record in self.walk(name, fetch, bookmark, since):
            self._threads.yielded(record)
            yield record
        self._keep_threads()

    async def _threads_page(self, params: Mapping[str, str], wanted: Wanted, cursor: str | None) -> Page:
        self._keep_threads()  # of the page before, which was yielded
        try:
            return await self._threads.page(params, wanted, cursor)
        except YouTubeRefused as error:
            if error.reasons & CLOSED:
                return Page((), None)
            raise error.as_source_error() from None

    def _keep_threads(self) -> None:
        self._threads.commit()
        self._note("threads", dict(self._threads.told))

    def _is_wanted(self, comment: Any) -> bool:
        """Tell whether a comment is by somebody else, and not about something else."""
        author, name = author_of_comment(comment), text_at(comment, "snippet", "authorDisplayName") or ""
        ignored = {one.removeprefix("@").casefold() for one in self.settings.ignore_authors}
        if author in self._ours or ignored & {(author or "").casefold(), name.removeprefix("@").casefold()} - {""}:
            return False
        text = text_of_comment(comment)
        return not (self.context.brand.refused_in(text) or any_in(self.settings.must_not, text))

    def _names_us(self, comment: Any) -> bool:
        text = text_of_comment(comment)
        return self._is_wanted(comment) and (self.context.brand.named_in(text) or any_in(self.settings.queries, text))

    def _is_about(self, video: Any) -> bool:
        """Tell whether a video that was found is by somebody else and about the brand."""
        channel, text = text_at(video, "snippet", "channelId"), searchable(video)
        if channel in self._ours or {channel, text_at(video, "snippet", "channelTitle")} & set(self.settings.ignore_authors):
            return False
        if self.context.brand.refused_in(text) or any_in(self.settings.must_not, text):
            return False
        return self.context.brand.named_in(text) or any_in(self.settings.queries, text)

    # --- the search

    async def _search(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Yield the videos that name the brand. Where the day's searches are used up the rest goes on, and the search is made up later."""
        fetch = partial(self._search_page, bottom_of(bookmark, "search", since))
        try:
            async for record in self.walk("search", fetch, bookmark, since):
                if isinstance(record, Post):
                    found = {**self._noted("found"), record.native_id: record.created_at.isoformat()}
                    self._note("found", dict(sorted(found.items(), key=lambda pair: str(pair[1]))[-FOUND_KEPT:]))
                yield record
        except BusyError as error:
            if not error.limited or error.until is None:  # a limit of which nobody knows when it ends is no quota
                raise
            if self._postpone("search", bookmark, since):
                self.remarks.append(say(f"検索は、あとで続きを読みます: {error.message}", f"The search goes on later: {error.message}"))

    async def _search_page(self, bottom: datetime, cursor: str | None) -> Page:
        self._keep_pace()
        asked = {
            "part": "snippet",
            "type": "video",
            "order": "date",
            "maxResults": PAGE,
            "q": "|".join(f'"{word}"' if " " in word else word for word in self._words),
            "publishedAfter": iso(bottom),
        }
        if self.settings.lang:
            asked["relevanceLanguage"] = self.settings.lang
        if cursor:
            asked["publishedBefore"] = cursor
        body = await self._list("search", asked)
        named, rejects = self._named(body, f"search {cursor or '-'}", ("id", "videoId"), ("snippet", "publishedAt"))
        page = await self._page(named, rejects, text_at(body, "nextPageToken"), bottom, self._is_about)
        # The time of the oldest leads on: page tokens end at some hundred videos and go stale.
        oldest = min((item.at for item in page.items if item.at), default=None)
        return replace(page, cursor=iso(oldest + timedelta(seconds=1)) if page.cursor and oldest else None)

    def _keep_pace(self) -> None:
        """Let the day's searches last until its end.

        Raises:
            BusyError: They have run ahead.
        """
        allowance, now = self.settings.searches, self.context.now()
        start, end = allowance.window.start(now), allowance.window.end(now)
        passed = (now - start) / (end - start) + AHEAD
        spent = float(self.context.allowances.spent(allowance))
        if spent >= max(1.0, float(allowance.limit) * passed):
            until = min(end, start + (end - start) * (spent / float(allowance.limit) - AHEAD))
            text = say("検索の回数が、1 日の割り当てに足りるよう待っています", "Searches wait, so that the day's quota lasts")
            raise BusyError(text, until, limited=True)

    def _postpone(self, name: str, bookmark: Bookmark, since: datetime) -> bool:
        """Note that ``name`` could not be read; return whether that is for so long that it is a gap until it is made up."""
        new, now = self.next_bookmark, self.context.now()
        if any(hole.walk == name for hole in new.holes) and new.covered.get(name) == now:
            return True  # begun, and it goes on there
        covered = bookmark.covered.get(name)
        if covered is not None and now - covered < LATE:
            return False
        hole = Hole(name, max(since, covered - OVERLAP) if covered else since, now, iso(now))
        joined = next((one for one in new.holes if one.walk == name and one.to_at == covered and one.cursor == iso(one.to_at)), None)
        if joined is not None:
            new.holes.remove(joined)
            hole = replace(hole, from_at=joined.from_at)
        new.holes.append(hole)
        new.covered[name] = now
        return True
