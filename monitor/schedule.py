"""What is due when. A run that was missed while nobody was there is made up once, not once for each time it was missed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Timing:
    """When one source ran last and may run next. ``not_before`` is what the platform asked for (Retry-After)."""

    every: timedelta
    tried_at: datetime | None = None
    not_before: datetime | None = None


class Schedule:
    """The due time of each source: its last try, plus ``every``, plus up to 10% so that sources do not march in step.

    A source that never ran is due at once; so is one whose time passed while the machine was off.
    """

    def __init__(self, timings: Mapping[str, Timing], *, random_state: random.Random | None = None) -> None:
        self._random = random_state or random.Random()
        self._due: dict[str, datetime | None] = {}
        self._every = {name: timing.every for name, timing in timings.items()}
        for name, timing in timings.items():
            self._due[name] = self._next(name, timing.tried_at, timing.not_before) if timing.tried_at else timing.not_before

    def _next(self, name: str, tried_at: datetime, not_before: datetime | None) -> datetime:
        every = self._every[name]
        due = tried_at + every + every * (JITTER * self._random.random())
        return max(due, not_before) if not_before else due

    def due(self, now: datetime) -> list[str]:
        """Return the names of the sources that are due at ``now``, longest overdue first."""
        ready = [(due, name) for name, due in self._due.items() if due is None or due <= now]
        return [name for due, name in sorted(ready, key=lambda pair: (pair[0] is not None, pair[0] or now))]

    def tried(self, names: Iterable[str], at: datetime, not_before: Mapping[str, datetime | None] | None = None) -> None:
        """Note that ``names`` were tried at ``at``; ``not_before`` tells which must rest longer than usual."""
        for name in names:
            self._due[name] = self._next(name, at, (not_before or {}).get(name))

    def next_at(self, now: datetime) -> datetime | None:
        """Return when the next source is due (``now`` if one is already); None without sources."""
        times = [due or now for due in self._due.values()]
        return max(min(times), now) if times else None
