"""Comment threads of YouTube, newest thread first: each comment and each reply is a mention.

An answer to an old thread does not bring the thread up again, so threads are read again from time to time, and what tells of new replies is
their number: how many were read of each thread is kept in the bookmark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from collectors.jsonread import Counts, dig, items_at, text_at
from collectors.paging import Item, Page
from collectors.values import NotReadable
from collectors.youtube_api import YouTubeApi, YouTubeRefused
from collectors.youtube_read import Reader, identity
from store.records import Record

PAGE = 100
THREADS_KEPT = 3000
MAX_REPLY_PAGES = 20
CLOSED = frozenset(("commentsDisabled", "videoNotFound", "channelNotFound", "commentNotFound", "forbidden"))
"""Comments that are switched off, or that nobody but the owner may read: nothing to mend."""

Wanted = Callable[[Any], bool]


class Threads:
    """Reads threads. ``told``: thread -> how many replies of it were read; ``commit`` what a page told once that page was yielded."""

    def __init__(self, api: YouTubeApi, reader: Reader, told: Mapping[str, int]) -> None:
        self._api = api
        self._reader = reader
        self.told = dict(told)
        self._pending: dict[str, int] = {}

    def commit(self) -> None:
        """Note what the last page told."""
        for ident, replies in self._pending.items():
            self.told.pop(ident, None)
            self.told[ident] = replies
        if len(self.told) > THREADS_KEPT:
            self.told = dict(islice(self.told.items(), len(self.told) - THREADS_KEPT, None))
        self._pending = {}

    async def page(self, params: Mapping[str, Any], wanted: Wanted, cursor: str | None) -> Page:
        """Return a page of threads; what cannot be read becomes a reject, the rest goes in.

        Raises:
            YouTubeRefused, SourceError: As ``YouTubeApi.list``.
        """
        asked = {"part": "snippet,replies", "order": "time", "textFormat": "plainText", "maxResults": PAGE, **params}
        body = await self._api.list("commentThreads", {**asked, **({"pageToken": cursor} if cursor else {})})
        items: list[Item] = []
        rejects: list[Record] = []
        for number, raw in enumerate(items_at(body, "items"), start=1):
            try:
                items.append(await self._item(raw, wanted))
            except NotReadable as error:
                place = f"commentThreads {cursor or '-'} #{number}"
                rejects.append(self._reader.reject(place, str(error), json.dumps(raw)))
                along = [record for reply in items_at(raw, "replies", "comments") for record in self._one(reply, None, None, wanted)]
                items += [Item(place, None, tuple(along))] if along else []
        return Page(items, text_at(body, "nextPageToken"), rejects=tuple(rejects))

    async def _item(self, raw: Any, wanted: Wanted) -> Item:
        top = dig(raw, "snippet", "topLevelComment")
        ident, at = identity(top)
        video = text_at(raw, "snippet", "videoId") or text_at(top, "snippet", "videoId")
        counts = Counts(dig(raw, "snippet"))
        total, told = counts.get("totalReplyCount"), self.told.get(ident)
        found: list[Record] = []
        if told is None:
            found += self._one(top, video, total, wanted)
            found += [self._reader.reject(ident, fault, json.dumps(raw)) for fault in counts.faults]
        if total and total > (told or 0):
            for reply in await self._replies(raw, ident, total):
                found += self._one(reply, video, None, wanted)
        self._pending[ident] = total or 0
        return Item(ident, at, tuple(found))

    def _one(self, raw: Any, video: str | None, replies: int | None, wanted: Wanted) -> list[Record]:
        """Return the records of one comment or reply; a reject where it cannot be read."""
        try:
            post = self._reader.comment(raw, video)
        except NotReadable as error:
            return [self._reader.reject("comment", str(error), json.dumps(raw))]
        return [post, *self._reader.comment_counts(raw, post.native_id, replies)] if wanted(raw) else []

    async def _replies(self, raw: Any, ident: str, total: int) -> list[Any]:
        """Return all replies to a thread: YouTube sends a few along, and the rest on request."""
        along = items_at(raw, "replies", "comments")
        if len(along) >= total:
            return along
        found: dict[str | None, Any] = {}
        token: str | None = None
        for _ in range(MAX_REPLY_PAGES):
            asked = {"part": "snippet", "parentId": ident, "textFormat": "plainText", "maxResults": PAGE}
            try:
                body = await self._api.list("comments", {**asked, **({"pageToken": token} if token else {})})
            except YouTubeRefused as error:
                if error.reasons & CLOSED:
                    return along  # it was deleted this moment
                raise
            before = len(found)
            found |= {text_at(one, "id"): one for one in items_at(body, "items")}
            token = text_at(body, "nextPageToken")
            if token is None or len(found) == before:
                break
        return list(found.values())
