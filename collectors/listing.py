"""Reading lists whose times cannot be trusted to say what is new: reviews that are indexed late or edited, pages that give only a day.

``collectors.paging`` stops where times are older than what was read; here it is the items themselves that are remembered. Pages are read
until a whole one brings nothing new; what an interruption left behind is read next time, from its own cursor to the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from collectors.bookmark import Bookmark
from collectors.errors import FormatError
from collectors.language import say
from collectors.paging import Fetch, Guard, Item, MakeGap
from collectors.refresh import next_look
from store.records import Metrics, Post, Record

KEPT = 10_000
"""Items that are remembered, those of the last reading first: about 1 MB of bookmark at most."""
TRIES = 3
"""How often a page in the middle that cannot be understood is asked for again before the rest behind it is given up as a gap."""
MAX_PAGES = 400


class Listing:
    """One reading of a list, newest first. ``name`` is its place in the bookmark; see ``collectors.paging.Walk`` for the arguments.

    ``whole``: do not stop at what is known, read to the end. ``left_first``: begin with what an interruption left, for a list of which one
    round can read a page or two. Afterwards ``ids`` are the items that were seen, and ``ended`` tells whether
    the end of the list was reached.
    """

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        since: datetime,
        now: datetime,
        old: Bookmark,
        new: Bookmark,
        gap: MakeGap,
        *,
        whole: bool = False,
        left_first: bool = False,
        max_pages: int = MAX_PAGES,
    ) -> None:
        self.ids: set[str] = set()
        self.ended = False
        self._name, self._fetch, self._since, self._now, self._gap = name, fetch, since, now, gap
        self._new, self._whole, self._left_first, self._max_pages = new, whole, left_first, max_pages
        self._covered = old.covered.get(name)
        self._known, self._todo = _state(old, name)
        self._marks: dict[str, list[str | None]] = {}

    def first_seen(self, ident: str) -> datetime:
        """Return when the item ``ident``, which says no time of its own, was seen for the first time: now, where it was not before."""
        known = self._known.get(ident)
        return datetime.fromisoformat(known[2]) if known and known[2] else self._now

    @property
    def known(self) -> set[str]:
        """The items that earlier readings saw and that were wanted."""
        return {ident for ident, mark in self._known.items() if mark[0]}

    def forget(self, ident: str) -> None:
        """Remember ``ident`` no more: it is gone."""
        self._known.pop(ident, None)
        self._save(self._todo)

    async def records(self) -> AsyncIterator[Record]:
        """Yield what is new or has changed, then what an interrupted reading left, then gaps.

        Raises:
            SourceError: Whatever ``fetch`` raises; the new bookmark then says where to go on.
        """
        left = self._todo
        bottom = max(self._since, self._covered) if self._covered else self._since
        if left is not None and self._left_first:
            async for record in self._rest(left):
                yield record
            left = None
        async for record in self._stretch(None, bottom, not self._known or self._whole, left):
            yield record
        if left is not None and not self.ended:
            async for record in self._rest(left):
                yield record
        self._save(None)

    def _rest(self, left: dict[str, Any]) -> AsyncIterator[Record]:
        return self._stretch(str(left["cursor"]), datetime.fromisoformat(left["from"]), True, None, int(left.get("pages", 0)))

    async def _stretch(
        self, cursor: str | None, bottom: datetime, to_the_end: bool, left: dict[str, Any] | None, pages: int = 0
    ) -> AsyncIterator[Record]:
        """Read from ``cursor`` on, the page after ``pages``; ``bottom`` is where a gap would begin, ``left`` what is still to be read then."""
        begun, guard, oldest = cursor, Guard(), self._now
        for number in range(pages, max(pages + 1, self._max_pages)):
            try:
                page = await self._fetch(cursor)
            except FormatError:
                if begun is None or cursor != begun or self._try_again():
                    raise
                yield self._gap(bottom, oldest, say("続きのページが読めませんでした", "The page that follows could not be read"))
                return
            for record in page.rejects:
                yield record
            fresh = any(item.id not in self._known for item in page.items)
            for item in page.items:
                for record in self._news(item):
                    yield record
            times = [item.at for item in page.items if item.at is not None]
            oldest = min([oldest, *times])
            circles = guard.circles(page, cursor)
            too_old = not self._whole and bool(times) and len(times) == len(page.items) and max(times) < self._since
            met = not fresh and bool(page.items) and not to_the_end
            cut = page.cursor is not None and number + 1 >= self._max_pages
            self._new.covered[self._name] = self._now
            if page.cursor is None or circles or too_old or met or cut:
                self.ended = page.cursor is None and page.limit is None and not circles
                self._save(left)
                why = page.limit or (_circle() if circles and page.cursor else _deep() if cut else None)
                if why and not met and not too_old and oldest > max(bottom, self._since):
                    yield self._gap(max(bottom, self._since), oldest, why)
                return
            cursor = page.cursor
            self._save({"cursor": cursor, "from": max(bottom, self._since).isoformat(), "pages": number + 1, "tries": 0})

    def _try_again(self) -> bool:
        """Note that the page to go on at could not be understood; tell whether it is asked for again next time."""
        todo = self._todo or {}
        tries = int(todo.get("tries", 0)) + 1
        self._save({**todo, "tries": tries} if tries < TRIES else None)
        return tries < TRIES

    def _news(self, item: Item) -> list[Record]:
        """Return what is to be said of ``item`` now, and remember it."""
        if item.id in self.ids:
            return []
        self.ids.add(item.id)
        known = self._known.get(item.id)
        first = known[2] if known and known[2] else self._now.isoformat()
        wanted = bool(item.records) and (item.at is None or item.at >= self._since)
        if not wanted and known and known[0]:
            self._marks[item.id] = known  # it was wanted once: that it is there still is worth knowing
            return []
        if not wanted:
            self._marks[item.id] = ["", None, first if item.at is None else None]
            return []
        mark = _mark(item)
        changed = known is None or known[0] != mark
        observed = None if known is None or known[1] is None else datetime.fromisoformat(known[1])
        at = item.at or datetime.fromisoformat(first)
        due = next_look(at, observed) if observed else self._now
        recount = changed or (due is not None and due <= self._now)
        seen = self._now if recount else observed
        self._marks[item.id] = [mark, seen.isoformat() if seen else None, first if item.at is None else None]
        return [record for record in item.records if changed or (recount and isinstance(record, Metrics))]

    def _save(self, todo: dict[str, Any] | None) -> None:
        """Write down what was yielded so far; a new table each time, as the old one may be on its way to the disk."""
        self._todo = todo
        older = {ident: mark for ident, mark in self._known.items() if ident not in self._marks}
        room = max(0, KEPT - len(self._marks))
        kept = dict(list(older.items())[-room:] if room else ()) | self._marks
        self._new.notes = {**self._new.notes, self._name: {"marks": kept, "todo": todo}}


def _state(old: Bookmark, name: str) -> tuple[dict[str, list[str | None]], dict[str, Any] | None]:
    """Return what an earlier reading remembered; nothing where it is not in the form of this one."""
    state = old.notes.get(name)
    if not isinstance(state, Mapping):
        return {}, None
    marks = {str(ident): list(mark) for ident, mark in dict(state.get("marks", {})).items() if isinstance(mark, list) and len(mark) == 3}
    todo = state.get("todo")
    return marks, dict(todo) if isinstance(todo, Mapping) and todo.get("cursor") and todo.get("from") else None


def _mark(item: Item) -> str:
    """Return what changes when anything that the item says does."""
    said = [
        [getattr(record, field.name) for field in fields(record) if field.name not in ("seen_at", "observed_at")]
        for record in item.records
        if isinstance(record, Post | Metrics)
    ]
    return hashlib.blake2b(repr(said).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _circle() -> str:
    return say(
        "同じページが繰り返され、これより前をたどれませんでした", "The platform repeated the same page; nothing older could be reached"
    )


def _deep() -> str:
    return say("1 回に読むページ数の上限まで読みました", "As many pages were read as one reading may")
