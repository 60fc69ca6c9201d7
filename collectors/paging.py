"""Walking back through a source page by page: where to stop, where to go on next time, and what could not be reached.

A collector only says how one page is fetched. ``walk`` yields the records of every page, newest first, until a whole page is older
than what was read before; it keeps the bookmark so that it is true after every page, whatever happens on the next one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collectors.bookmark import Bookmark, Hole
from collectors.errors import FormatError
from collectors.language import say
from store.records import Record

OVERLAP = timedelta(hours=1)
"""How far behind the last round a walk reads again: platforms index late, and clocks differ."""

MAX_PAGES = 400
"""Pages of one walk in one round; the rest waits for the next round, so that one long backlog does not hold up the others."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a page. ``at`` is its place in the page's order (None: out of order, as a pinned post is)."""

    id: str
    at: datetime | None
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page, newest first. ``cursor`` leads to the next one (None: there is none).

    ``limit`` says why the platform shows no more although there may be more, where that is so. ``rejects`` are the records of
    items that could not be read.
    """

    items: Sequence[Item]
    cursor: str | None
    limit: str | None = None
    rejects: tuple[Record, ...] = ()


Fetch = Callable[[str | None], Awaitable[Page]]
MakeGap = Callable[[datetime, datetime, str], Record]


class Guard:
    """Notices a platform that leads in a circle: a cursor that came before, or a page of which everything came before."""

    def __init__(self) -> None:
        self._cursors: set[str] = set()
        self._ids: set[str] = set()

    def circles(self, page: Page, asked: str | None) -> bool:
        """Tell whether ``page``, fetched with the cursor ``asked``, shows that we go in a circle."""
        if asked is not None:
            self._cursors.add(asked)
        ids = {item.id for item in page.items}
        known = bool(ids) and ids <= self._ids
        self._ids |= ids
        return known or (page.cursor is not None and page.cursor in self._cursors)


@dataclass(slots=True)
class Walk:
    """One walk: ``name`` is its place in the bookmark (one a query, say), ``since`` the oldest moment that is wanted at all.

    ``old`` is the bookmark that was given, ``new`` the one that is written to. ``seen`` holds the ids that were yielded already;
    walks of one round may share it. ``lasting``: cursors do not go stale, so a page that cannot be understood is asked for again.
    """

    name: str
    fetch: Fetch
    since: datetime
    now: datetime
    old: Bookmark
    new: Bookmark
    gap: MakeGap
    seen: set[str] = field(default_factory=set)
    max_pages: int = MAX_PAGES
    lasting: bool = False

    async def records(self) -> AsyncIterator[Record]:
        """Yield what is new, then what earlier rounds left, then the gaps that will not be filled any more.

        Raises:
            SourceError: Whatever ``fetch`` raises; ``new`` then says where to go on.
        """
        covered = self.old.covered.get(self.name)
        self.new.holes = [hole for hole in self.new.holes if hole.walk != self.name]
        left: list[Hole] = []
        for hole in (hole for hole in self.old.holes if hole.walk == self.name):
            if hole.to_at >= self.since:
                left.append(hole)
            elif hole.to_at > hole.from_at:
                yield self.gap(hole.from_at, hole.to_at, _too_long())
        if covered is not None and covered < self.since:
            yield self.gap(covered, self.since, _too_long())
        self.new.holes += left
        bottom = self.since if covered is None else max(self.since, covered - OVERLAP)
        async for record in self._stretch(Hole(self.name, bottom, self.now), None):
            yield record
        for hole in left:
            async for record in self._stretch(hole, hole):
                yield record

    async def _stretch(self, todo: Hole, known: Hole | None) -> AsyncIterator[Record]:
        """Walk from ``todo.cursor`` down to ``todo.from_at``; ``known`` is the hole of the bookmark that this fills."""
        bottom = max(todo.from_at, self.since)
        cursor, reached, guard = todo.cursor, todo.to_at, Guard()
        for _ in range(self.max_pages):
            try:
                page = await self.fetch(cursor)
            except FormatError:
                if known is not None and todo.cursor is not None and cursor == todo.cursor and not self.lasting:
                    self._note(known, replace(known, cursor=None))  # an outdated cursor; the next round starts at the top
                raise
            for record in page.rejects:
                yield record
            for item in page.items:
                if (item.at is None or item.at >= bottom) and item.id not in self.seen:
                    for record in item.records:
                        yield record
                    self.seen.add(item.id)
            times = [item.at for item in page.items if item.at is not None]
            reached = min([reached, *times])
            circles = guard.circles(page, cursor)
            done = page.cursor is None or (bool(times) and max(times) < bottom)
            if done or circles:
                self._note(known, None)
                why = _circle() if circles and not done else page.limit
                if why and reached > bottom:
                    yield self.gap(bottom, reached, why)
                return
            cursor = page.cursor
            known = self._note(known, Hole(self.name, todo.from_at, reached, cursor))

    def _note(self, known: Hole | None, now: Hole | None) -> Hole | None:
        """Put ``now`` in the place of ``known`` into the new bookmark; the walk's top is covered once its first page is read."""
        holes = self.new.holes
        if known is None:
            self.new.covered[self.name] = self.now
        elif known in holes:
            holes.remove(known)
        if now is not None:
            holes.append(now)
        return now


def _too_long() -> str:
    return say("読めない期間が、さかのぼれる期間より長く続きました", "The source could not be read for longer than we reach back")


def _circle() -> str:
    return say(
        "同じページが繰り返され、これより前をたどれませんでした", "The platform repeated the same page; nothing older could be reached"
    )
