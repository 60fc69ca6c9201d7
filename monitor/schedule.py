"""What is due when. A run that was missed while nobody was there is made up once, not once for each time it was missed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.timing import Cron, Quiet

JITTER = 0.1
"""Of ``every``, where the settings do not say how much."""

CRON_JITTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Timing:
    """When one source ran last and may run next.

    ``cron`` takes the place of ``every``. ``quiet`` are hours in which nothing is asked. ``jitter`` is the longest delay that is drawn
    for each run (None: a tenth of ``every``, or 30 seconds for a cron time). ``not_before`` is what the platform asked for (Retry-After).
    """

    every: timedelta
    tried_at: datetime | None = None
    not_before: datetime | None = None
    cron: Cron | None = None
    quiet: Quiet | None = None
    jitter: timedelta | None = None

    @property
    def longest_jitter(self) -> timedelta:
        """The longest delay of a run."""
        if self.jitter is not None:
            return self.jitter
        return CRON_JITTER if self.cron else self.every * JITTER

    def same_rule(self, other: Timing) -> bool:
        """Tell whether ``other`` names the same times, whatever was tried when."""
        return (self.every, self.cron, self.quiet, self.jitter) == (other.every, other.cron, other.quiet, other.jitter)


def _now() -> datetime:
    return datetime.now(UTC)


class Schedule:
    """The due time of each source: its last try, plus ``every``, plus up to 10% so that sources do not march in step; or its cron times.

    A source that never ran is due at once, one with cron times at the first of them after ``now``. What became due while the machine
    was off is due at once; what becomes due in quiet hours, when they end.
    """

    def __init__(self, timings: Mapping[str, Timing], *, random_state: random.Random | None = None, now: datetime | None = None) -> None:
        self._random = random_state or random.Random()
        self._timings: dict[str, Timing] = {}
        self._due: dict[str, datetime | None] = {}
        self.change(timings, now)

    def change(self, timings: Mapping[str, Timing], now: datetime | None = None) -> None:
        """Go on with ``timings``: what is not in it is let go, and who keeps the same times keeps its place."""
        known, due = self._timings, self._due
        self._timings, self._due = dict(timings), {}
        for name, timing in timings.items():
            if name in due and known[name].same_rule(timing):
                self._due[name] = due[name]
            elif timing.tried_at or timing.cron:
                self._due[name] = self._next(name, timing.tried_at or now or _now(), timing.not_before)
            else:
                self._due[name] = timing.not_before

    def _next(self, name: str, tried_at: datetime, not_before: datetime | None) -> datetime | None:
        timing = self._timings[name]
        at = timing.cron.after(tried_at) if timing.cron else tried_at + timing.every
        if at is None:  # cannot be: settings refuse a cron expression whose time never comes
            return not_before
        at += timing.longest_jitter * self._random.random()
        return max(at, not_before) if not_before else at

    @property
    def names(self) -> tuple[str, ...]:
        """The sources."""
        return tuple(self._timings)

    def at(self, name: str, now: datetime) -> datetime:
        """Return when ``name`` is due: ``now`` or later."""
        at = max(self._due[name] or now, now)
        quiet = self._timings[name].quiet
        return (quiet.until(at) if quiet else None) or at

    def due(self, now: datetime) -> list[str]:
        """Return the names of the sources that are due at ``now``, longest overdue first."""
        ready = [(due, name) for name, due in self._due.items() if (due is None or due <= now) and self.at(name, now) <= now]
        return [name for due, name in sorted(ready, key=lambda pair: (pair[0] is not None, pair[0] or now))]

    def tried(self, names: Iterable[str], at: datetime, not_before: Mapping[str, datetime | None] | None = None) -> None:
        """Note that ``names`` were tried at ``at``; ``not_before`` tells which must rest longer than usual."""
        for name in names:
            if name in self._timings:  # it may have been taken out of the settings meanwhile
                self._due[name] = self._next(name, at, (not_before or {}).get(name))

    def next_at(self, now: datetime) -> datetime | None:
        """Return when the next source is due (``now`` if one is already); None without sources."""
        return min((self.at(name, now) for name in self._due), default=None)
