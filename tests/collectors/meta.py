"""What the tests of Meta's platforms share: a fake, and one source that reads it round by round, as rounds do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collectors.allowance import Allowances
from collectors.base import Collector, Context
from collectors.bookmark import Bookmark
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.tokens import Tokens
from collectors.words import BrandWords
from store.records import Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import SINCE, Clock
from tests.collectors.fakes.graph import GraphWire
from tests.collectors.wire import WireServer


class Desk:
    """A context manager. ``collector`` is that of the last round; everything that outlives a round is kept."""

    def __init__(self, wire: GraphWire, clock: Clock, folder: Path | None = None, **changes: Any) -> None:
        self.wire, self.clock, self.changes = wire, clock, changes
        self.server = WireServer(wire)
        self.tokens = Tokens(folder, clock)
        self.allowances = Allowances(None, clock)
        self.secrets: dict[str, str] = dict(wire.secrets)
        self.bookmark = Bookmark()
        self.collector: Collector[Any]

    def __enter__(self) -> Desk:
        self.server.__enter__()
        return self

    def __exit__(self, *args: object) -> None:
        self.server.__exit__(*args)

    def begin(self, http: Http) -> Collector[Any]:
        base = self.wire.settings(self.server.url)
        settings = type(base).model_validate({**base.model_dump(exclude_defaults=True), **self.changes})
        words = BrandWords("yomori", ("ヨモリ", "yomori"), ("ヨモリ山",))
        self.collector = make(settings, Context(http, words, self.secrets, self.clock, tokens=self.tokens, allowances=self.allowances))
        return self.collector

    async def round(self) -> list[Record]:
        """Collect once, as a round does: the bookmark goes through JSON, and is kept after errors too."""
        async with Http(patience=5.0, timeout=2.0) as http:
            collector = self.begin(http)
            try:
                return [record async for record in collector.collect(self.bookmark, SINCE)]
            finally:
                self.bookmark = Bookmark.from_json(collector.next_bookmark.to_json())

    async def look(self, *known: Known | str) -> list[Record]:
        """Look posts up, after a round's bookmark."""
        posts = [Known(one, self.clock()) if isinstance(one, str) else one for one in known]
        async with Http(patience=5.0, timeout=2.0) as http:
            collector = self.begin(http)
            collector.next_bookmark = self.bookmark.copy()
            try:
                return [record async for record in collector.refresh(posts)]
            finally:
                self.bookmark = Bookmark.from_json(collector.next_bookmark.to_json())

    async def check(self) -> str:
        async with Http(patience=5.0, timeout=2.0) as http:
            return await self.begin(http).check()


def posts(records: Sequence[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


def metrics(records: Sequence[Record]) -> list[Metrics]:
    return [record for record in records if isinstance(record, Metrics)]


def counts(records: Sequence[Record]) -> tuple[int | None, ...]:
    """Views, likes, comments, shares and saves of the only observation."""
    (one,) = metrics(records)
    return one.views, one.likes, one.comments, one.shares, one.saves


def gone(records: Sequence[Record]) -> list[str]:
    return [record.native_id for record in records if isinstance(record, Gone)]


def rejects(records: Sequence[Record]) -> list[Reject]:
    return [record for record in records if isinstance(record, Reject)]
