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
from store.records import Post, Record

PAGE = 100
THREADS_KEPT = 3000
MAX_REPLY_PAGES = 20
CLOSED = frozenset(("commentsDisabled", "videoNotFound", "channelNotFound", "commentNotFound", "forbidden"))
"""Comments that are switched off, or that nobody but the owner may read: nothing to mend."""

Wanted = Callable[[Any], bool]


class Threads:
    """Reads threads. ``told``: thread -> how many replies of it were yielded; say what was ``yielded``, and ``commit`` after each page."""

    def __init__(self, api: YouTubeApi, reader: Reader, told: Mapping[str, int]) -> None:
        self._api = api
        self._reader = reader
        self.told = dict(told)
        self._pending: dict[str, tuple[int, set[str]]] = {}
        self._yielded: set[str] = set()

    def yielded(self, record: Record) -> None:
        """Note that ``record`` was yielded."""
        if isinstance(record, Post):
            self._yielded.add(record.native_id)

    def commit(self) -> None:
        """Note the threads of the last page of which everything was yielded: a walk leaves out what is not its own to read."""
        for ident, (replies, comments) in self._pending.items():
            if comments <= self._yielded:
                self.told.pop(ident, None)
                self.told[ident] = replies
        if len(self.told) > THREADS_KEPT:
            self.told = dict(islice(self.told.items(), len(self.told) - THREADS_KEPT, None))
        self._pending, self._yielded = {}, set()

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
        self._pending[ident] = (total or 0, {record.native_id for record in found if isinstance(record, Post)})
        # New replies to a thread that was read before are news, however old the thread is.
        return Item(ident, None if told is not None and found else at, tuple(found))

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
