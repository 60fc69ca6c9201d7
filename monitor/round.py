"""A round: every source that is due, all at once. What they yield lands in the inbox; only then do their bookmarks advance.

A source that fails ends its own part and nothing else: its run says what happened and how to mend it. Only when nothing can be
landed any more (a full disk) does the whole round end, with every bookmark where it was.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from collectors.allowance import Allowances
from collectors.base import Collector, Context
from collectors.bookmark import Bookmark
from collectors.errors import FormatError, SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.spending import Spending
from collectors.tokens import Tokens
from collectors.words import BrandWords
from monitor.allowances import Drawn
from monitor.lookups import FindOverdue, look_ups, none_overdue
from monitor.missing import settle
from monitor.part import Part
from monitor.sourcestate import SourceState, load_state, save_state
from monitor.texts import say
from store.errors import BadRecord, StoreError
from store.records import Metrics, Post, Record, Reject

if TYPE_CHECKING:
    from collectors.base import SourceSettings
    from collectors.limits import Limits
    from monitor.settings import Settings
    from store.home import Home

__all__ = ["BATCH", "Candidates", "Landing", "Part", "Progress", "Round"]

BATCH = 2000
"""So many records of one source are held in memory at most before they land."""

log = logging.getLogger("hibiki.round")


class Landing(Protocol):
    """The door for records; ``store.inbox.Inbox`` is one."""

    def land(self, records: Sequence[Record]) -> object:
        """Keep the records: when this returns, nothing can be lost."""


Candidates = Callable[[Any, str], Awaitable[Sequence[Known]]]
"""(source settings, platform) -> the posts of that source whose counts may be looked up again."""


Progress = Callable[[Part], None]


async def _no_candidates(source: SourceSettings, platform: str) -> Sequence[Known]:
    return ()


@dataclass(slots=True)
class Round:
    """What a round works with. ``progress`` hears of each part after every batch and at its end.

    ``secrets`` holds the environment; ``limits`` the platforms' budgets, to be kept from round to round; ``transport`` replaces the
    network in tests. ``refresh_all`` looks every young post up again, due or not. ``spending`` plans what may be looked up, to be kept from
    round to round like ``limits``; ``overdue`` finds the posts that must be looked for. ``quiet``: ask nothing in quiet hours, not even in
    the middle of a source (who collects by hand means it).
    """

    home: Home
    settings: Settings
    inbox: Landing
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits | None = None
    candidates: Candidates = _no_candidates
    progress: Progress = lambda part: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    transport: Any = None
    batch: int = BATCH
    refresh_all: bool = False
    spending: Spending = field(default_factory=Spending)
    overdue: FindOverdue = none_overdue
    quiet: bool = False
    tokens: Tokens = field(init=False, repr=False)
    allowances: Allowances = field(init=False, repr=False)
    drawn: Drawn = field(init=False, repr=False)
    _landing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.home.tokens, self.now)
        self.allowances = Allowances(self.home.allowances, self.now)
        self.drawn = Drawn(self.allowances)

    async def go(self, sources: Sequence[SourceSettings]) -> list[Part]:
        """Read ``sources`` all at once, land what they gave and their runs, and return the parts in the order of ``sources``.

        Raises:
            StoreError: Nothing can be landed any more.
        """
        async with Http(limits=self.limits, transport=self.transport) as http:
            tasks = [asyncio.create_task(self._part(source, http), name=source.name) for source in sources]
            try:
                parts = await asyncio.gather(*tasks)
            except BaseException:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                raise
        await asyncio.to_thread(self.land, [*(part.run() for part in parts), *self.drawn.states(self.now)])
        return parts

    def land(self, records: Sequence[Record]) -> None:
        """Land ``records``; a record that the store cannot take is put among the rejects, and the others go in.

        Raises:
            StoreError: Nothing can be landed.
        """
        with self._landing:
            try:
                self.inbox.land(records)
            except BadRecord:
                for record in records:
                    self._land_one(record)

    def _land_one(self, record: Record) -> None:
        try:
            self.inbox.land([record])
        except BadRecord as error:
            source = str(getattr(record, "source", None) or getattr(record, "platform", ""))
            place = str(getattr(record, "native_id", type(record).__name__))
            self.inbox.land([Reject(source=source, place=place, reason=str(error), raw=repr(record)[:4000], seen_at=self.now())])

    def context(self, source: SourceSettings, http: Http) -> Context:
        """Return what the collector of ``source`` is given."""
        brand = self.settings.brand(source.brand)
        alike = (other for other in self.settings.sources if (other.brand, other.kind) == (source.brand, source.kind))
        own = tuple(name for other in alike for name in other.own_accounts)
        return Context(
            http,
            BrandWords(brand.id, brand.spellings, brand.must_not),
            self.secrets,
            self.now,
            own,
            tokens=self.tokens,
            allowances=self.allowances,
        )

    async def _part(self, source: SourceSettings, http: Http) -> Part:
        state = load_state(self.home, source.name)
        collector = make(source, self.context(source, http))
        self.drawn.note(collector)
        quiet = (source.quiet or self.settings.general.quiet) if self.quiet else None
        if quiet is not None:
            collector.line.rest = lambda: quiet.until(self.now())
        part = Part(source.name, source.kind, source.brand, collector.source_platform, self.now())
        reader = _Reader(self, collector, state, part)
        try:
            await reader.read()
            part.outcome = "ok"
        except SourceError as error:
            part.explain(error)
            if isinstance(error, FormatError) and error.raw:
                reader.buffer.append(collector.reject("answer", error.message, error.raw))
        except StoreError:
            raise
        except Exception as error:  # a mistake in one collector must not take the other sources with it
            log.exception("source %s", source.name)
            part.outcome, part.message = "error", f"{type(error).__name__}: {http.redact(str(error))}"[:500]
            part.advice = say("round.bug", file=self.home.logs)
        else:
            remark = part.behind.remark(self.now())
            collector.remarks += [remark] if remark else []
        finally:
            await reader.finish()
        part.requests = collector.requests
        part.finished_at = self.now()
        if part.message is None and (collector.warnings or collector.remarks):
            part.message = " / ".join([*(warning.message for warning in collector.warnings), *collector.remarks])
            part.advice = " / ".join(warning.advice for warning in collector.warnings) or None
        self.progress(part)
        return part


class _Reader:
    """Reads one source: buffers, lands, and moves the bookmark, always in this order."""

    def __init__(self, round_: Round, collector: Collector[Any], state: SourceState, part: Part) -> None:
        self.round = round_
        self.collector = collector
        self.state = state
        self.part = part
        self.buffer: list[Record] = []
        self._began = False

    async def read(self) -> None:
        """Collect what is new, then look up the counts that are due."""
        general = self.round.settings.general
        since = self.round.now() - timedelta(days=general.since_days)
        self._began = True
        async for record in self.collector.collect(self.state.bookmark, since):
            await self._take(record)
        await self._land()
        self.part.read = True
        if self.collector.refreshes:
            await self._refresh()

    async def _refresh(self) -> None:
        plan = await look_ups(self.round, self.collector, self.part.platform)
        self.part.behind = plan.behind
        if not plan.posts:
            return
        before = {key: asked for key, (_, asked) in self.collector.line.keys.items()}
        try:
            async for record in self.collector.refresh(plan.posts):
                await self._take(plan.record(record))
        finally:
            used = {key: budget for key, (budget, asked) in self.collector.line.keys.items() if asked > before.get(key, 0)}
            if used:
                self.round.spending.paths[self.part.source] = used

    async def _take(self, record: Record) -> None:
        self.buffer.append(record)
        if len(self.buffer) >= self.round.batch:
            await self._land()

    async def _land(self) -> None:
        """Land the buffer, then save the bookmark as it was when the buffer was filled."""
        if not self.buffer:
            return
        work = asyncio.ensure_future(asyncio.to_thread(self._keep, self.buffer, self.collector.next_bookmark.copy()))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await work
            raise

    def _keep(self, records: list[Record], bookmark: Bookmark) -> None:
        self.round.land(records)
        self._remember(bookmark)
        self._count(records)
        self.buffer = []
        self.round.progress(self.part)

    def _remember(self, bookmark: Bookmark) -> None:
        """Save the bookmark. One that says nothing yet (nothing was read) does not replace what an earlier round knew."""
        if bookmark != Bookmark():
            self.state = replace(self.state, bookmark=bookmark)
            save_state(self.round.home, self.part.source, self.state)

    def _count(self, records: list[Record]) -> None:
        self.part.landed += len(records)
        self.part.posts += sum(isinstance(record, Post) for record in records)
        self.part.metrics += sum(isinstance(record, Metrics) for record in records)
        self.part.rejects += sum(isinstance(record, Reject) for record in records)

    async def finish(self) -> None:
        """Land what is left and write down the try. Done at once, because a stop may not wait for a thread."""
        if not self._began:
            return
        bookmark = self.collector.next_bookmark.copy()
        known = bookmark if bookmark != Bookmark() else self.state.bookmark
        since = self.part.started_at - timedelta(days=self.round.settings.general.since_days)
        missing = settle(self.part, known, self.state.read_at, self.state.missing, since)
        self.buffer += missing.records
        if self.buffer:
            self._keep(self.buffer, bookmark)
        state = SourceState(known, self.part.started_at, self.part.until, missing.read_at, missing.spans)
        save_state(self.round.home, self.part.source, state)
