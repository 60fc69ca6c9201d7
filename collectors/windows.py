"""The stretches of time in which platforms count what is used: a month, a day, or whatever lies behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Month:
    """The calendar month in UTC."""

    def start(self, now: datetime) -> datetime:
        """Return when the window began that ``now`` is in."""
        return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def end(self, now: datetime) -> datetime:
        """Return when it ends."""
        return self.start(self.start(now) + timedelta(days=32))


@dataclass(frozen=True, slots=True)
class Day:
    """The calendar day of ``zone``: "UTC", or "America/Los_Angeles" for Google's midnight Pacific."""

    zone: str = "UTC"

    def start(self, now: datetime) -> datetime:
        """Return when the window began that ``now`` is in."""
        local = now.astimezone(ZoneInfo(self.zone))
        return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)

    def end(self, now: datetime) -> datetime:
        """Return when it ends."""
        local = now.astimezone(ZoneInfo(self.zone)) + timedelta(days=1)
        return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Rolling:
    """The last ``length``, wherever the clock stands; 31 days at most."""

    length: timedelta

    def start(self, now: datetime) -> datetime:
        """Return since when what was used counts at ``now``."""
        return now - self.length

    def end(self, now: datetime) -> datetime:
        """Return until when something used at ``now`` counts."""
        return now + self.length


Window = Month | Day | Rolling
PACIFIC_DAY = Day("America/Los_Angeles")
