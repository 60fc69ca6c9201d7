"""Periods of days and what they are compared with."""

from __future__ import annotations

from datetime import date

import pytest

from analysis.periods import Period, last_days, month_of, shift_months


def test_a_month_is_compared_with_the_whole_month_before() -> None:
    assert month_of(date(2026, 3, 15)).before() == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert month_of(date(2024, 2, 1)).year_before() == Period(date(2023, 2, 1), date(2023, 2, 28))


def test_other_periods_are_compared_with_as_many_days_before() -> None:
    assert Period(date(2026, 3, 3), date(2026, 3, 9)).before() == Period(date(2026, 2, 24), date(2026, 3, 2))


def test_last_days_leave_today_out() -> None:
    period = last_days(date(2026, 11, 22), 7)
    assert period == Period(date(2026, 11, 15), date(2026, 11, 21))
    assert not period.is_partial(date(2026, 11, 22))
    assert month_of(date(2026, 11, 22)).is_partial(date(2026, 11, 22))


def test_months_shift_to_their_last_day() -> None:
    assert shift_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert shift_months(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert shift_months(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_days_are_counted_and_walked_inclusive() -> None:
    period = Period(date(2026, 2, 27), date(2026, 3, 1))
    assert period.days == 3
    assert list(period) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert date(2026, 3, 2) not in period


def test_a_period_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 1, 2), date(2026, 1, 1))
