"""Cron times and quiet hours, by the clock of Asia/Tokyo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.timing import TOKYO, Cron, Quiet

FRIDAY = datetime(2026, 11, 20, 12, 30, tzinfo=TOKYO)


def times(text: str, count: int, start: datetime = FRIDAY) -> list[str]:
    cron, found, at = Cron.parse(text), [], start
    for _ in range(count):
        following = cron.after(at)
        assert following is not None
        at = following
        found.append(f"{at.astimezone(TOKYO):%a %d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "0 9-18 * * 1-5",
            ["Fri 20 13:00", "Fri 20 14:00", "Fri 20 15:00", "Fri 20 16:00", "Fri 20 17:00", "Fri 20 18:00", "Mon 23 09:00"],
        ),
        ("*/20 * * * *", ["Fri 20 12:40", "Fri 20 13:00", "Fri 20 13:20"]),
        ("30 12 * * 0", ["Sun 22 12:30", "Sun 29 12:30"]),
        ("30 12 * * 7", ["Sun 22 12:30", "Sun 29 12:30"]),
        ("0 8 * * fri-sun", ["Sat 21 08:00", "Sun 22 08:00", "Fri 27 08:00"]),
        ("0 8 * * sat,mon", ["Sat 21 08:00", "Mon 23 08:00"]),
        ("0 8 * * */3", ["Sat 21 08:00", "Sun 22 08:00", "Wed 25 08:00"]),
        ("0 0 1 * *", ["Tue 01 00:00"]),
        # as in cron: where both days are restricted, either is enough
        ("0 0 1 * mon", ["Mon 23 00:00", "Mon 30 00:00", "Tue 01 00:00", "Mon 07 00:00"]),
    ],
)
def test_cron_times_mean_what_they_mean_in_cron(text: str, expected: list[str]) -> None:
    assert times(text, len(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", "0 9", "0 25 * * *", "* * * * 8", "0 0 31 2 *", "a b c d e", "0 0 * * 1/0", "0 9 * * mo", "* * * * * *"]
)
def test_what_is_no_cron_expression_or_never_comes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        Cron.parse(text)


def test_the_time_itself_is_not_after_itself() -> None:
    cron = Cron.parse("30 12 * * *")
    assert cron.after(FRIDAY) == FRIDAY + timedelta(days=1)
    assert cron.interval(FRIDAY) == timedelta(days=1)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    st.sampled_from(["*/7 * * * *", "5 3-9/2 * * 2,4", "0 0 29 2 *"]),
)
def test_times_rise(moment: datetime, text: str) -> None:
    cron = Cron.parse(text)
    found = [moment]
    for _ in range(3):
        following = cron.after(found[-1])
        assert following is not None
        found.append(following)
    assert all(earlier < later for earlier, later in pairwise(found))


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 20, hour, minute, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        ("23:00-06:00", "22:59", None),
        ("23:00-06:00", "23:00", "21 06:00"),
        ("23:00-06:00", "03:00", "20 06:00"),
        ("23:00-06:00", "06:00", None),
        ("12:00-13:00", "12:30", "20 13:00"),
        ("12:00-13:00", "13:00", None),
        ("22:00-24:00", "23:00", "21 00:00"),
        ("00:00-05:30", "00:00", "20 05:30"),
        ("off", "03:00", None),
    ],
)
def test_quiet_hours_end_when_they_say(quiet: str, now: str, until: str | None) -> None:
    end = Quiet.parse(quiet).until(at(now).astimezone(UTC))
    assert (end and f"{end.astimezone(TOKYO):%d %H:%M}") == until


@pytest.mark.parametrize("text", ["", "23-6", "23:00", "25:00-06:00", "06:00-06:00", "23:00-06:60", "夜"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        Quiet.parse(text)


@given(
    st.tuples(*[st.integers(0, 23), st.integers(0, 59)] * 2).filter(lambda t: t[:2] != t[2:]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC)),
)
def test_when_quiet_hours_end_they_are_over_and_not_before(hours: tuple[int, int, int, int], moment: datetime) -> None:
    quiet = Quiet.parse("{:02}:{:02}-{:02}:{:02}".format(*hours))
    until = quiet.until(moment)
    if until is None:
        return
    assert moment < until <= moment + timedelta(days=1)
    assert quiet.until(until) is None
    assert quiet.until(until - timedelta(seconds=1)) == until
