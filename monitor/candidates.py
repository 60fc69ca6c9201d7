"""Which posts a source may look up again: what the owner's database knows of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collectors.refresh import Known

if TYPE_CHECKING:
    from collectors.base import SourceSettings
    from monitor.round import Candidates
    from store.owner import Owner


def candidates_of(owner: Owner, younger_than: timedelta) -> Candidates:
    """Return the function that a round asks for the posts of a source that are younger than ``younger_than``."""

    async def candidates(source: SourceSettings, platform: str) -> Sequence[Known]:
        return await asyncio.to_thread(known, source.name, platform)

    def known(source: str, platform: str) -> list[Known]:
        table = owner.refresh_candidates(datetime.now(UTC), source=source, platform=platform, younger_than=younger_than)
        columns = (table[name].to_pylist() for name in ("native_id", "created_at", "observed_at"))
        return [Known(native_id, created, observed) for native_id, created, observed in zip(*columns, strict=True)]

    return candidates
