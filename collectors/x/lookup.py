"""Looking up posts of X by their ids: counts, what is gone, and what was edited. What was read today costs nothing more today."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from collectors.allowance import Allowances
from collectors.errors import BusyError
from collectors.jsonread import items_at, text_at
from collectors.language import say
from collectors.refresh import Known
from collectors.values import NotReadable
from collectors.x.api import Reading, XApi
from collectors.x.posts import PostReader, names_of, post_id, versions
from collectors.x.settings import XSettings
from store.records import Gone, Metrics, Post

IDS_A_CALL = 100
PRIVATE_AGE = timedelta(days=30) - timedelta(hours=1)
"""X gives its private figures for younger posts only."""

_GONE = frozenset(("resource-not-found", "not-authorized-for-resource", "resource-unavailable"))
"""What X says of a post that was deleted, that is protected, or whose author is suspended."""


class LookUp:
    """One source's look-ups of one round. ``skipped`` counts those for which the budget did not reach."""

    def __init__(self, api: XApi, settings: XSettings, reader: PostReader, allowances: Allowances, now: Callable[[], datetime]) -> None:
        self.skipped = 0
        self._api = api
        self._settings = settings
        self._reader = reader
        self._allowances = allowances
        self._now = now

    def free(self, ids: Sequence[str]) -> set[str]:
        """Return those of ``ids`` that were charged today already."""
        return {key[1:] for key in self._allowances.charged(self._api.allowance, {f"p{ident}" for ident in ids})}

    async def of(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield what X says of ``posts``: first of those that cost nothing, then of as many others, in their order, as the budget holds.

        Raises:
            SourceError: As ``XApi.ask``; BusyError where X shows nothing at all.
        """
        for private in (True, False):
            some = [post.native_id for post in posts if self._is_private(post) is private]
            free = self.free(some)
            paid = [ident for ident in some if ident not in free]
            able = self._api.affordable(self._settings.post_usd)
            self.skipped += max(0, len(paid) - able)
            order = [*(ident for ident in some if ident in free), *paid[:able]]
            for start in range(0, len(order), IDS_A_CALL):
                async for record in self._call(order[start : start + IDS_A_CALL], private):
                    yield record

    def _is_private(self, post: Known) -> bool:
        return self._settings.what == "own" and self._settings.private_metrics and self._now() - post.created_at < PRIVATE_AGE

    async def _call(self, ids: list[str], private: bool, again: bool = False) -> AsyncIterator[Metrics | Gone | Post]:
        """Look up ``ids``; ``again`` for the newest versions of posts that turned out to have been edited."""
        reading = Reading(len(set(ids) - self.free(ids)), self._settings.post_usd, private=private)
        answer = await self._api.posts("look-up", "/2/tweets", {"ids": ",".join(ids)}, reading)
        data, errors = items_at(answer, "data"), items_at(answer, "errors")
        if not data and not errors:
            raise BusyError(say("X が投稿を 1 件も返しません(障害のようです)", "X returns no posts at all (it seems to be broken)"))
        names, edited = names_of(answer), list[str]()
        for raw in data:
            try:
                newest = versions(raw)[-1]
                if newest != post_id(raw) and not again:
                    edited.append(newest)
                    continue
                post = self._reader.post(raw, names)
            except NotReadable:
                continue  # told when it was collected; a look-up only adds to that
            if len(versions(raw)) > 1:
                yield post
            if post.kind != "repost":
                for record in self._reader.metrics(raw, post.native_id, "look-up"):
                    if isinstance(record, Metrics):
                        yield record
        for gone in self._gone(errors, ids) if not again else ():
            yield gone
        if edited:
            async for found in self._call(edited, private, again=True):
                yield found

    def _gone(self, errors: Sequence[Any], ids: Sequence[str]) -> list[Gone]:
        """Return what is said to be gone by its id; what is merely absent may be a fault of X."""
        found = []
        for error in errors:
            ident = text_at(error, "resource_id") or text_at(error, "value")
            if ident in ids and (text_at(error, "type") or "").rpartition("/")[2] in _GONE:
                found.append(Gone(platform="x", native_id=str(ident), seen_at=self._now()))
        return found
