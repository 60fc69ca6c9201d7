"""YouTube: a channel's own videos, and what others say: comments, videos that name the brand, and comments on those.

YouTube's terms: statistics are shown by themselves, and are not kept for longer than 30 days (``[retention.platform.youtube]``); what is no
longer there is erased here too, so everything that is held is looked up again every day.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from collectors.allowance import Allowance
from collectors.base import Collector, Context
from collectors.bookmark import Bookmark, Hole, JsonValue
from collectors.errors import AccessError, BusyError
from collectors.jsonread import Counts, items_at, moment_at, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.marks import Marks
from collectors.paging import OVERLAP, Fetch, Item, Page
from collectors.refresh import Known
from collectors.spending import Means
from collectors.values import NotReadable
from collectors.words import any_in
from collectors.youtube_api import IDS_A_CALL, YouTubeApi, YouTubeRefused
from collectors.youtube_comments import CLOSED, Threads
from collectors.youtube_read import Reader, author_of_comment, is_video, searchable, text_of_comment, text_of_video
from collectors.youtube_settings import YouTubeSettings
from store.records import Gone, Metrics, Post, Record

PAGE = 50
DAY = timedelta(days=1)
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


class YouTubeCollector(Collector[YouTubeSettings]):
    """Reads one channel, or what is said of a brand."""

    platform: ClassVar[str] = "youtube"
    budget: ClassVar[Budget | None] = Budget(600, timedelta(minutes=1))
    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = IDS_A_CALL
    must_recheck: ClassVar[bool] = True

    def __init__(self, settings: YouTubeSettings, context: Context) -> None:
        super().__init__(settings, context)
        buckets = (settings.units, settings.searches)
        self._api = YouTubeApi(self.line, settings.service, context.allowances, *buckets, self._key, settings.key_env, context.now)
        self._reader = Reader(settings.brand, settings.name, self.relation, context.now, self.reject)
        self._ours: set[str] = set()

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """The day's units, and the day's searches where there are any."""
        settings = self.settings
        return (settings.units, settings.searches) if settings.what == "mentions" and settings.search else (settings.units,)

    def means(self, keys: Mapping[str, Budget | None] | None = None) -> list[Means]:
        """Return what look-ups draw on: a unit a request."""
        return [*super().means(keys), self.drawn_on(self.settings.units, per_request=1)]

    def _key(self) -> str:
        return self.secret(self.settings.key_env, say("YouTube の API キー", "YouTube API key"))

    # --- check

    async def check(self) -> str:
        """Say what can be read, and how much of the day's quota that will use."""
        settings = self.settings
        if settings.what == "mentions" and not settings.channel:
            await self._probe()
            return say("API キーが使えます", "The API key works") + self._forecast()
        channel = await self._ask_channel(settings.channel or "", "snippet,statistics")
        count, name = Counts(channel).get("statistics", "videoCount"), text_at(channel, "snippet", "title") or settings.channel
        shown = "?" if count is None else f"{count:,}"
        return say(f"{name} 動画 {shown} 本", f"{name}: {shown} videos") + self._forecast()

    def _forecast(self) -> str:
        settings, now = self.settings, self.context.now()
        rounds = DAY / (settings.cron.interval(now) if settings.cron else settings.every)
        units, searches = 0.0, 0.0
        if settings.what == "own":
            units = rounds * 2
        else:
            searches = rounds if settings.search else 0.0
            watched = len(settings.videos) + (settings.found_videos if settings.search else 0)
            units = rounds * bool(settings.channel) + searches + watched * len(self._words) * DAY / VIDEO_EVERY
        told = [(settings.units, say("ユニット", "units"), units)] + (
            [(settings.searches, say("検索", "searches"), searches)] if searches else []
        )
        texts = [
            say(
                f"{name} 1 日に約 {amount:,.0f}(上限 {one.limit:,}、今日は {self.context.allowances.spent(one):,f} 使用)",
                f"about {amount:,.0f} {name} a day (limit {one.limit:,}; {self.context.allowances.spent(one):,f} used today)",
            )
            for one, name, amount in told
        ]
        return say("。見込み: ", ". Forecast: ") + say("、", ", ").join(texts)

    # --- channels

    async def _ask_channel(self, name: str, part: str) -> Any:
        """Return a channel.

        Raises:
            AccessError: There is none.
        """
        by = {"forHandle": name} if name.startswith("@") else {"id": name}
        items = (await self._list("channels", {"part": part, **by}))["items"]
        if not items or text_at(items[0], "id") is None:
            raise AccessError(
                say(f"YouTube にチャンネル {name} が見つかりません", f"YouTube has no channel {name}"),
                say("設定の channel(@ハンドルか UC…)を確かめてください", "Check channel in the settings (@handle or UC…)"),
            )
        return items[0]

    async def _channel(self, name: str) -> tuple[str, str | None]:
        """Return a channel's id and its list of uploads; looked up once and remembered."""
        noted = self.next_bookmark.notes.get("channels")
        known = noted if isinstance(noted, dict) else {}
        ident, uploads = text_at(known, name, "id"), text_at(known, name, "uploads")
        if ident is None:
            channel = await self._ask_channel(name, "id,contentDetails")
            ident = text_at(channel, "id") or ""
            uploads = text_at(channel, "contentDetails", "relatedPlaylists", "uploads")
            self._note("channels", {**known, name: {"id": ident, "uploads": uploads}})
        return ident, uploads

    async def _list(self, resource: str, params: Mapping[str, Any]) -> Any:
        try:
            return await self._api.list(resource, params)
        except YouTubeRefused as error:
            raise error.as_source_error() from None

    def _note(self, name: str, value: JsonValue) -> None:
        self.next_bookmark.notes = {**self.next_bookmark.notes, name: value}

    def _noted(self, name: str) -> dict[str, Any]:
        noted = self.next_bookmark.notes.get(name)
        return noted if isinstance(noted, dict) else {}

    # --- reading

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        records = self._own(bookmark, since) if self.settings.what == "own" else self._mentions(bookmark, since)
        async for record in records:
            if isinstance(record, Post) and is_video(record.native_id):
                Marks(self.next_bookmark).remember(record.native_id, record.text)
            yield record

    async def _own(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        _, uploads = await self._channel(self.settings.channel or "")
        if uploads is not None:
            fetch = partial(self._uploads_page, uploads, _bottom(bookmark, "own", since))
            async for record in self.walk("own", fetch, bookmark, since):
                yield record

    async def _uploads_page(self, uploads: str, bottom: datetime, cursor: str | None) -> Page:
        asked = {"part": "contentDetails", "playlistId": uploads, "maxResults": PAGE}
        try:
            body = await self._api.list("playlistItems", {**asked, **({"pageToken": cursor} if cursor else {})})
        except YouTubeRefused as error:
            if "playlistNotFound" in error.reasons and cursor is None:
                return Page((), None)  # a channel that never had a video
            raise error.as_source_error() from None
        return await self._page_of(body, "playlistItems", cursor, ("contentDetails",), "videoPublishedAt", bottom)

    async def _page_of(
        self, body: Any, place: str, cursor: str | None, at: tuple[str, ...], time: str, bottom: datetime, found: bool = False
    ) -> Page:
        """Return the page of the videos that ``body`` names, with what ``videos.list`` says of those that are not older than ``bottom``."""
        named: list[tuple[str, datetime]] = []
        rejects: list[Record] = []
        for number, raw in enumerate(items_at(body, "items"), start=1):
            try:
                ident, moment = text_at(raw, *at, "videoId"), moment_at(raw, "snippet" if found else "contentDetails", time)
                if ident is None:
                    raise NotReadable(say("videoId: 動画の ID がありません", "videoId: the video has no id"))
            except NotReadable as error:
                rejects.append(self.reject(f"{place} {cursor or '-'} #{number}", str(error), json.dumps(raw)))
                continue
            if moment is not None:  # private and deleted videos have no time
                named.append((ident, moment))
        whole = await self._videos([ident for ident, moment in named if moment >= bottom])
        items: list[Item] = []
        for ident, moment in named:
            try:
                records = tuple(self._video_records(whole[ident])) if ident in whole and (not found or self._is_about(whole[ident])) else ()
            except NotReadable as error:
                rejects.append(self.reject(f"videos {ident}", str(error), json.dumps(whole[ident])))
                continue
            items.append(Item(ident, moment, records))
        return Page(items, text_at(body, "nextPageToken"), rejects=tuple(rejects))

    async def _videos(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return what YouTube says of those of ``ids`` that are there."""
        found: dict[str, Any] = {}
        for start in range(0, len(ids), IDS_A_CALL):
            body = await self._list("videos", {"part": "snippet,statistics", "id": ",".join(ids[start : start + IDS_A_CALL])})
            found |= _by_id(body)
        return found

    def _video_records(self, raw: Any) -> Iterator[Record]:
        post = self._reader.video(raw)
        yield post
        yield from self._reader.video_counts(raw, post.native_id)

    # --- what others say

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
            yield record
        self._keep_threads()

    async def _threads_page(self, params: Mapping[str, str], wanted: Any, cursor: str | None) -> Page:
        self._keep_threads()  # of the page before, which was yielded
        try:
            return await self._threads.page(params, wanted, cursor)
        except YouTubeRefused as error:
            if error.reasons & CLOSED:
                return Page((), None)
            raise error.as_source_error() from None

    _threads: Threads

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
        fetch = partial(self._search_page, _bottom(bookmark, "search", since))
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
            "publishedAfter": _iso(bottom),
        }
        if self.settings.lang:
            asked["relevanceLanguage"] = self.settings.lang
        if cursor:
            asked["publishedBefore"] = cursor
        body = await self._list("search", asked)
        page = await self._page_of(body, "search", cursor, ("id",), "publishedAt", bottom, found=True)
        # The time of the oldest leads on: page tokens end at some hundred videos and go stale.
        oldest = min((item.at for item in page.items if item.at), default=None)
        return replace(page, cursor=_iso(oldest + timedelta(seconds=1)) if page.cursor and oldest else None)

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
        hole = Hole(name, max(since, covered - OVERLAP) if covered else since, now, _iso(now))
        joined = next((one for one in new.holes if one.walk == name and one.to_at == covered and one.cursor == _iso(one.to_at)), None)
        if joined is not None:
            new.holes.remove(joined)
            hole = replace(hole, from_at=joined.from_at)
        new.holes.append(hole)
        new.covered[name] = now
        return True

    # --- look-ups

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what is not shown any more, the post where its text changed."""
        for videos in (True, False):
            some = {post.native_id: post for post in posts if is_video(post.native_id) is videos}
            ids = list(some)
            for start in range(0, len(ids), IDS_A_CALL):
                chunk = ids[start : start + IDS_A_CALL]
                found = await self._videos(chunk) if videos else await self._comments(chunk)
                if not found:
                    await self._probe()
                for ident in chunk:
                    if ident not in found:
                        if "" not in found:
                            yield Gone(platform=self.platform, native_id=ident, seen_at=self.context.now())
                        continue
                    for record in self._news_of(some[ident], found[ident], videos):
                        yield record

    def _news_of(self, known: Known, raw: Any, video: bool) -> Iterator[Metrics | Post]:
        marks, ident = Marks(self.next_bookmark), known.native_id
        try:
            if video and marks.changed(ident, text_of_video(raw)):
                yield self._reader.video(raw)
                marks.remember(ident, text_of_video(raw))
            if not video:
                edited, made = moment_at(raw, "snippet", "updatedAt"), moment_at(raw, "snippet", "publishedAt")
                if edited and made and edited > made and (known.observed_at is None or edited > known.observed_at - OVERLAP):
                    yield self._reader.comment(raw, None)
        except NotReadable:
            pass  # one that cannot be read is neither gone nor news; reading the lists tells of it
        replies = self._noted("threads").get(ident)
        counts = self._reader.video_counts(raw, ident) if video else self._reader.comment_counts(raw, ident, replies)
        yield from (record for record in counts if isinstance(record, Metrics))

    async def _comments(self, ids: list[str]) -> dict[str, Any]:
        """Return what YouTube says of those comments that are there. It may refuse all for one that is not: then they are halved."""
        try:
            body = await self._api.list("comments", {"part": "snippet", "id": ",".join(ids), "textFormat": "plainText"})
        except YouTubeRefused as error:
            if "commentNotFound" not in error.reasons:
                raise error.as_source_error() from None
            if len(ids) == 1:
                return {}
            half = len(ids) // 2
            return {**await self._comments(ids[:half]), **await self._comments(ids[half:])}
        return _by_id(body)

    async def _probe(self) -> None:
        """See that YouTube shows videos at all: where it shows none, nothing is gone.

        Raises:
            BusyError: It shows none.
        """
        body = await self._list("videos", {"part": "id", "chart": "mostPopular", "regionCode": "JP", "maxResults": 1})
        if not body["items"]:
            raise BusyError(
                say("YouTube が動画を 1 本も返しません(障害のようです)", "YouTube returns no videos at all (it seems to be broken)")
            )


def _by_id(body: Any) -> dict[str, Any]:
    """Return the items by their ids; under "" one that tells none: then nobody can know what is missing."""
    return {text_at(raw, "id") or "": raw for raw in items_at(body, "items")}


def _bottom(bookmark: Bookmark, name: str, since: datetime) -> datetime:
    """Return how far back a walk will read."""
    covered = bookmark.covered.get(name)
    return since if covered is None or any(hole.walk == name for hole in bookmark.holes) else max(since, covered - OVERLAP)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
