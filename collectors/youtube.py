"""YouTube: a channel's own videos, and what others say: comments, videos that name the brand, and comments on those.

YouTube's terms: statistics are shown by themselves, and are not kept for longer than 30 days (``[retention.platform.youtube]``); what is no
longer there is erased here too, so everything that is held is looked up again every day.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from collectors.bookmark import Bookmark
from collectors.errors import BusyError
from collectors.jsonread import Counts, moment_at, text_at
from collectors.language import say, thousands
from collectors.marks import Marks
from collectors.paging import OVERLAP
from collectors.refresh import Known
from collectors.values import NotReadable
from collectors.youtube_api import IDS_A_CALL, YouTubeRefused
from collectors.youtube_base import by_id
from collectors.youtube_mentions import VIDEO_EVERY, YouTubeMentions
from collectors.youtube_read import is_video, text_of_video
from store.records import Gone, Metrics, Post, Record

DAY = timedelta(days=1)


class YouTubeCollector(YouTubeMentions):
    """Reads one channel, or what is said of a brand."""

    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = IDS_A_CALL
    must_recheck: ClassVar[bool] = True

    async def check(self) -> str:
        """Say what can be read, and how much of the day's quota that will use."""
        settings = self.settings
        if settings.what == "mentions" and not settings.channel:
            await self._probe()
            return say("API キーが使えます", "The API key works") + self._forecast()
        channel = await self._ask_channel(settings.channel or "", "snippet,statistics")
        count, name = Counts(channel).get("statistics", "videoCount"), text_at(channel, "snippet", "title") or settings.channel
        shown = thousands(count)
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
        more = say("。反応の再確認は、残りのユニットで行います", ". Look-ups use what units are left")
        return say("。見込み: ", ". Forecast: ") + say("、", ", ").join(texts) + more

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        records = self._own(bookmark, since) if self.settings.what == "own" else self._mentions(bookmark, since)
        async for record in records:
            if isinstance(record, Post) and is_video(record.native_id):
                Marks(self.next_bookmark).remember(record.native_id, record.text)
            yield record

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
        return by_id(body)

    async def _probe(self) -> None:
        """See that YouTube shows videos at all: where it shows none, nothing is gone.

        Raises:
            BusyError: It shows none.
        """
        body = await self._list("videos", {"part": "id", "chart": "mostPopular", "regionCode": "JP", "maxResults": 1})
        if not [raw for raw in body["items"] if text_at(raw, "kind") == "youtube#video"]:
            raise BusyError(
                say("YouTube が動画を 1 本も返しません(障害のようです)", "YouTube returns no videos at all (it seems to be broken)")
            )
