"""Which posts a source may look up again: what the owner's database, or else the published copy, knows of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from collectors.refresh import Known

if TYPE_CHECKING:
    import pyarrow as pa

    from collectors.base import SourceSettings
    from monitor.round import Candidates
    from store.home import Home


class LookUp(Protocol):
    """What answers: ``store.owner.Owner.refresh_candidates``, or ``published``'s."""

    def __call__(self, now: datetime, source: str, platform: str, *, younger_than: timedelta) -> pa.Table:
        """Return the posts of ``source``: native_id, created_at, observed_at."""


def candidates_of(look_up: LookUp, younger_than: timedelta) -> Candidates:
    """Return the function that a round asks for the posts of a source that are younger than ``younger_than``."""

    async def candidates(source: SourceSettings, platform: str) -> Sequence[Known]:
        return await asyncio.to_thread(known, source.name, platform)

    def known(source: str, platform: str) -> list[Known]:
        table = look_up(datetime.now(UTC), source, platform, younger_than=younger_than)
        columns = (table[name].to_pylist() for name in ("native_id", "created_at", "observed_at"))
        return [Known(native_id, created, observed) for native_id, created, observed in zip(*columns, strict=True)]

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
            return pa.table({name: [] for name in ("native_id", "created_at", "observed_at")})

    return look_up
