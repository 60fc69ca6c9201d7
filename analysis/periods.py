"""Periods of whole days in Japan, and the ones to compare them with."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from ``start`` to ``end``, both included.

    Raises:
        ValueError: if ``end`` is before ``start``.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1

    @property
    def is_month(self) -> bool:
        """Whether the period is exactly one calendar month."""
        return self == month_of(self.start)

    def before(self) -> Period:
        """Return the period to compare with: the month before for a whole month, else the same number of days right before."""
        if self.is_month:
            return self.month_before()
        return Period(self.start - timedelta(days=self.days), self.start - timedelta(days=1))

    def month_before(self) -> Period:
        """Return the same days of the month before (a whole month becomes the whole month before)."""
        if self.is_month:
            return month_of(self.start - timedelta(days=1))
        return Period(shift_months(self.start, -1), shift_months(self.end, -1))

    def year_before(self) -> Period:
        """Return the same days of the year before (29 February becomes 28 February)."""
        if self.is_month:
            return month_of(shift_months(self.start, -12))
        return Period(shift_months(self.start, -12), shift_months(self.end, -12))

    def is_partial(self, today: date) -> bool:
        """Say whether the period is not over yet on ``today``, so that it must not be read as a whole one."""
        return self.end >= today

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=n) for n in range(self.days))


def month_of(day: date) -> Period:
    """Return the calendar month that holds ``day``."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def last_days(today: date, days: int) -> Period:
    """Return the ``days`` whole days that ended yesterday: today is not over, so it would pull every number down."""
    return Period(today - timedelta(days=days), today - timedelta(days=1))


def shift_months(day: date, months: int) -> date:
    """Return the same day ``months`` months later (earlier if negative), or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
