"""Which posts a source may look up again: what the owner's database, or else the published copy, knows of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from collectors.refresh import Known
from monitor.lookups import FindOverdue, Overdue

if TYPE_CHECKING:
    import pyarrow as pa

    from collectors.base import SourceSettings
    from monitor.round import Candidates
    from store.home import Home


_UNSEEN = ("native_id", "created_at", "observed_at", "checked_at", "waiting")
_KNOWN = ("native_id", "created_at", "observed_at", "growth", "checked_at", "kind")


class LookUp(Protocol):
    """What answers: ``store.owner.Owner.refresh_candidates``, or ``published``'s."""

    def __call__(self, now: datetime, source: str, platform: str, *, younger_than: timedelta) -> pa.Table:
        """Return the posts of ``source``: native_id, created_at, observed_at, growth, checked_at, kind."""


class LookFor(Protocol):
    """What answers: ``store.owner.Owner.unseen``, or ``published_unseen``'s."""

    def __call__(self, now: datetime, source: str, platform: str, unseen_for: timedelta, known: Sequence[str]) -> pa.Table:
        """Return the posts of ``source`` that nobody has seen for ``unseen_for``: native_id, created_at, observed_at, checked_at, waiting."""


def overdue_of(look_for: LookFor, sources: Sequence[SourceSettings]) -> FindOverdue:
    """Return the function that a round asks for the posts of a source that must be looked for. ``sources`` are all there are.

    What was found by a source that is no more is looked for by the first one that reads the same platform for mentions.
    """
    names = [source.name for source in sources]
    heirs: dict[str, str] = {}
    for source in sources:
        if source.what == "mentions":
            heirs.setdefault(source.kind, source.name)

    async def overdue(source: SourceSettings, platform: str, unseen_for: timedelta) -> Overdue:
        known = names if heirs.get(source.kind) == source.name else []
        table = await asyncio.to_thread(look_for, datetime.now(UTC), source.name, platform, unseen_for, known)
        columns = (table[name].to_pylist() for name in _UNSEEN[:-1])
        posts = [Known(name, created, seen, None, checked) for name, created, seen, checked in zip(*columns, strict=True)]
        return Overdue(posts, table["waiting"][0].as_py() if posts else 0)

    return overdue


def candidates_of(look_up: LookUp, younger_than: timedelta) -> Candidates:
    """Return the function that a round asks for the posts of a source that are younger than ``younger_than``."""

    async def candidates(source: SourceSettings, platform: str) -> Sequence[Known]:
        return await asyncio.to_thread(known, source.name, platform)

    def known(source: str, platform: str) -> list[Known]:
        table = look_up(datetime.now(UTC), source, platform, younger_than=younger_than)
        return [Known(*row) for row in zip(*(table[name].to_pylist() for name in _KNOWN), strict=True)]

    return candidates


def published(home: Home) -> LookUp:
    """Return what answers from the published copy, for who collects while another process owns the home."""
    import pyarrow as pa

    from store.errors import NotPublished
    from store.published import connect
    from store.refresh import refresh_candidates

    def look_up(now: datetime, source: str, platform: str, *, younger_than: timedelta) -> pa.Table:
        try:
            with connect(home) as connection:
                return refresh_candidates(connection, now, source, platform, younger_than=younger_than)
        except NotPublished:
            return pa.table({name: [] for name in _KNOWN})

    return look_up


def published_unseen(home: Home) -> LookFor:
    """Return what answers from the published copy which posts must be looked for."""
    import pyarrow as pa

    from store.errors import NotPublished
    from store.published import connect
    from store.refresh import unseen

    def look_for(now: datetime, source: str, platform: str, unseen_for: timedelta, known: Sequence[str]) -> pa.Table:
        try:
            with connect(home) as connection:
                return unseen(connection, now, source, platform, unseen_for, known)
        except NotPublished:
            return pa.table({name: [] for name in _UNSEEN})

    return look_for
