"""What the collector of YouTube is built on: its quotas, channels and videos, and reading a channel's own videos."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from collectors.allowance import Allowance
from collectors.base import Collector, Context
from collectors.bookmark import Bookmark, JsonValue
from collectors.errors import AccessError
from collectors.jsonread import items_at, moment_at, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.paging import OVERLAP, Item, Page
from collectors.spending import Means
from collectors.values import NotReadable
from collectors.youtube_api import IDS_A_CALL, YouTubeApi, YouTubeRefused
from collectors.youtube_read import Reader
from collectors.youtube_settings import YouTubeSettings
from store.records import Record

PAGE = 50
Way = tuple[str, ...]
Named = tuple[str, datetime]
"""A video's id, and when it was published."""


class YouTubeBase(Collector[YouTubeSettings]):
    """Asks YouTube for channels and videos."""

    platform: ClassVar[str] = "youtube"
    budget: ClassVar[Budget | None] = Budget(600, timedelta(minutes=1))

    def __init__(self, settings: YouTubeSettings, context: Context) -> None:
        super().__init__(settings, context)
        buckets = (settings.units, settings.searches)
        self._api = YouTubeApi(self.line, settings.service, context.allowances, *buckets, self._key, settings.key_env, context.now)
        self._reader = Reader(settings.brand, settings.name, self.relation, context.now, self.reject)

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

    # --- videos

    async def _own(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        _, uploads = await self._channel(self.settings.channel or "")
        if uploads is not None:
            fetch = partial(self._uploads_page, uploads, bottom_of(bookmark, "own", since))
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
        way = ("contentDetails", "videoPublishedAt")
        named, rejects = self._named(body, f"playlistItems {cursor or '-'}", ("contentDetails", "videoId"), way)
        return await self._page(named, rejects, text_at(body, "nextPageToken"), bottom, lambda video: True)

    def _named(self, body: Any, place: str, ident_way: Way, time_way: Way) -> tuple[list[Named], list[Record]]:
        """Return which videos a list names, and rejects for items that cannot be read. Private and deleted ones have no time: left out."""
        named: list[Named] = []
        rejects: list[Record] = []
        for number, raw in enumerate(items_at(body, "items"), start=1):
            try:
                ident, moment = text_at(raw, *ident_way), moment_at(raw, *time_way)
                if ident is None:
                    raise NotReadable(say("videoId: 動画の ID がありません", "videoId: the video has no id"))
            except NotReadable as error:
                rejects.append(self.reject(f"{place} #{number}", str(error), json.dumps(raw)))
            else:
                named += [(ident, moment)] if moment is not None else []
        return named, rejects

    async def _page(
        self, named: Sequence[Named], rejects: list[Record], cursor: str | None, bottom: datetime, wanted: Callable[[Any], bool]
    ) -> Page:
        """Return the page of the videos that were named, with what ``videos.list`` says of those that are not older than ``bottom``."""
        whole = await self._videos([ident for ident, moment in named if moment >= bottom])
        items: list[Item] = []
        for ident, moment in named:
            raw = whole.get(ident)
            try:
                records = tuple(self._video_records(raw)) if raw is not None and wanted(raw) else ()
            except NotReadable as error:
                rejects.append(self.reject(f"videos {ident}", str(error), json.dumps(raw)))
                continue
            items.append(Item(ident, moment, records))
        return Page(items, cursor, rejects=tuple(rejects))

    async def _videos(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return what YouTube says of those of ``ids`` that are there."""
        found: dict[str, Any] = {}
        for start in range(0, len(ids), IDS_A_CALL):
            body = await self._list("videos", {"part": "snippet,statistics", "id": ",".join(ids[start : start + IDS_A_CALL])})
            found |= by_id(body)
        return found

    def _video_records(self, raw: Any) -> Iterator[Record]:
        post = self._reader.video(raw)
        yield post
        yield from self._reader.video_counts(raw, post.native_id)


def by_id(body: Any) -> dict[str, Any]:
    """Return the items by their ids; under "" one that tells none: then nobody can know what is missing."""
    return {text_at(raw, "id") or "": raw for raw in items_at(body, "items")}


def bottom_of(bookmark: Bookmark, name: str, since: datetime) -> datetime:
    """Return how far back a walk will read."""
    covered = bookmark.covered.get(name)
    return since if covered is None or any(hole.walk == name for hole in bookmark.holes) else max(since, covered - OVERLAP)


def iso(moment: datetime) -> str:
    """Return ``moment`` as YouTube takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
