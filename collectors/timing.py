"""When a source may be read: cron expressions and quiet hours, both by the clock of Asia/Tokyo.

Of APScheduler only the cron trigger is used. Its scheduler would keep the times itself, by its own clock and in a store of its own;
here what is due follows from the last try in the source's file (so a run missed while the machine was off is made up once), sources
that are due together share one round and one client, and the same code runs on compressed time in ``bench.collect``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

TOKYO = ZoneInfo("Asia/Tokyo")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_QUIET = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~〜]\s*(\d{1,2}):(\d{2})", re.ASCII)
_PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday), in Asia/Tokyo.

    As in cron, where both days are restricted, either one is enough.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read "0 9-18 * * 1-5".

        Raises:
            ValueError: It is not one, or its time never comes.
        """
        cron = cls(" ".join(text.split()))
        if cron.after(datetime(2026, 1, 1, tzinfo=UTC)) is None:
            raise ValueError(text)
        return cron

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time later than ``moment``, in UTC; None where it never comes."""
        start = moment.astimezone(TOKYO) + timedelta(microseconds=1)
        times = [trigger.get_next_fire_time(None, start) for trigger in _triggers(self.text)]
        return min((found.astimezone(UTC) for found in times if found is not None), default=None)

    def interval(self, moment: datetime) -> timedelta:
        """Return how long it is from the first time after ``moment`` to the second."""
        first = self.after(moment)
        second = self.after(first) if first else None
        return second - first if first and second else timedelta(days=366)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def _triggers(text: str) -> tuple[CronTrigger, ...]:
    from apscheduler.triggers.cron import CronTrigger

    fields = text.split()
    if len(fields) != 5:
        raise ValueError(text)
    minute, hour, day, month, weekday = fields
    common: dict[str, Any] = {"minute": minute, "hour": hour, "month": month.lower(), "timezone": TOKYO}
    days: list[dict[str, str]] = []
    if day != "*" or weekday == "*":
        days.append({"day": day})
    if weekday != "*":
        # APScheduler counts from Monday; the names mean the same to everybody.
        days.append({"day_of_week": ",".join(_weekdays(weekday))})
    return tuple(CronTrigger(**common, **restricted) for restricted in days)


def _weekdays(text: str) -> list[str]:
    found = set[int]()
    for part in text.lower().split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise ValueError(text)
        first, last, step = match[1], match[2], int(match[3] or 1)
        low = 0 if first == "*" else _weekday(first)
        high = _weekday(last) if last else 6 if first == "*" or match[3] else low
        if high < low:  # fri-sun
            high += 7
        if not step:
            raise ValueError(text)
        found |= {number % 7 for number in range(low, high + 1, step)}
    return [_DAYS[number] for number in sorted(found)]


def _weekday(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    number = int(text)
    if not 0 <= number <= 7:
        raise ValueError(text)
    return number


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day, in Asia/Tokyo, in which nothing is asked; written "23:00-06:00". ``starts`` is in it, ``ends`` is not.

    ``starts == ends`` (written "off"): there are none.
    """

    starts: time
    ends: time

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """Read "23:00-06:00" or "off".

        Raises:
            ValueError: It is neither, or says nothing ("06:00-06:00").
        """
        if text.strip().lower() == "off":
            return NO_QUIET
        match = _QUIET.fullmatch(text.strip())
        if not match:
            raise ValueError(text)
        first, last = (_time(int(match[at]), int(match[at + 1])) for at in (1, 3))
        if first == last:
            raise ValueError(text)
        return cls(first, last)

    def until(self, moment: datetime) -> datetime | None:
        """Return when the quiet hours that ``moment`` falls into end, in UTC; None where it falls into none."""
        if self.starts == self.ends:
            return None
        local = moment.astimezone(TOKYO)
        now = local.time()
        over_midnight = self.starts > self.ends
        inside = now >= self.starts or now < self.ends if over_midnight else self.starts <= now < self.ends
        if not inside:
            return None
        end = datetime.combine(local.date(), self.ends, TOKYO)
        return (end + timedelta(days=1) if end <= local else end).astimezone(UTC)

    def __str__(self) -> str:
        return "off" if self.starts == self.ends else f"{self.starts:%H:%M}-{self.ends:%H:%M}"


def _time(hour: int, minute: int) -> time:
    return time(0, 0) if (hour, minute) == (24, 0) else time(hour, minute)


NO_QUIET = Quiet(time(0), time(0))
