from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.language import speak
from collectors.values import LARGEST, NotReadable, count_of, day_of, time_of


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12400", 12400),
        ("12,400", 12400),
        ("１２，４００", 12400),
        ("1.2K", 1200),
        ("1.2万", 12000),
        ("3億", 300_000_000),
        ("1.05M", 1_050_000),
        ("0", 0),
        ("12400.0", 12400),
        (" 7 ", 7),
        ("1,234,567", 1234567),
        ("12回", 12),
        ("", None),
        ("-", None),
        ("--", None),
        ("N/A", None),
        ("ー", None),
    ],
)
def test_a_count_is_read_as_people_write_it(text: str, count: int | None) -> None:
    assert count_of(text) == count


@pytest.mark.parametrize(
    "text", ["12.400", "1,2", "12,40", "-5", "abc", "1.23456K", "9" * 20, "1.24E+04", "5%", "1 2", "１.２.３", "∞", "²"]
)
def test_a_count_that_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(NotReadable):
        count_of(text)


@given(st.integers(0, LARGEST))
def test_every_count_comes_back_from_every_way_of_writing_it(number: int) -> None:
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert count_of(str(number)) == count_of(f"{number:,}") == count_of(wide) == number


@given(st.text(max_size=20))
def test_no_text_gives_a_number_that_is_not_in_it(text: str) -> None:
    try:
        count = count_of(text)
    except NotReadable:
        return
    assert count is None or 0 <= count <= LARGEST
    assert count is None or any(c.isnumeric() for c in text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-14T05:30:00Z", datetime(2026, 7, 14, 5, 30, tzinfo=UTC)),
        ("2026-07-14T05:30:00+09:00", datetime(2026, 7, 13, 20, 30, tzinfo=UTC)),
        ("2026-07-14", datetime(2026, 7, 13, 15, tzinfo=UTC)),
        ("2026/7/14 5:30", datetime(2026, 7, 13, 20, 30, tzinfo=UTC)),
        ("２０２６／０７／１４", datetime(2026, 7, 13, 15, tzinfo=UTC)),
        ("2026年7月14日", datetime(2026, 7, 13, 15, tzinfo=UTC)),
        ("2026年7月14日(火) 午後3:05", datetime(2026, 7, 14, 6, 5, tzinfo=UTC)),
        ("07/14/2026 05:30", datetime(2026, 7, 13, 20, 30, tzinfo=UTC)),
        ("07/14/2026 12:05 AM", datetime(2026, 7, 13, 15, 5, tzinfo=UTC)),
        ("Tue, Jul 14, 2026", datetime(2026, 7, 13, 15, tzinfo=UTC)),
        ("Jul 14, 2026", datetime(2026, 7, 13, 15, tzinfo=UTC)),
        ("July 14, 2026", datetime(2026, 7, 13, 15, tzinfo=UTC)),
        ("Tue, 14 Jul 2026 05:30:00 GMT", datetime(2026, 7, 14, 5, 30, tzinfo=UTC)),
        ("Tue, 14 Jul 2026 05:30:00 +0900", datetime(2026, 7, 13, 20, 30, tzinfo=UTC)),
        ("Tue, 14 Jul 2026 05:30:00 JST", datetime(2026, 7, 13, 20, 30, tzinfo=UTC)),
        ("Tue, 14 Jul 2026 05:30:00 EST", datetime(2026, 7, 14, 10, 30, tzinfo=UTC)),
        ("2022-11-21 05:00 +0000", datetime(2022, 11, 21, 5, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_every_form_and_is_of_tokyo_unless_it_says_otherwise(text: str, moment: datetime) -> None:
    assert time_of(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "13/14/2026", "2026-02-30", "0001-01-01", "9999-12-31", "Jul 14", "14:30", "2026", "Foo 14, 2026"],
)
def test_a_time_that_is_no_day_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(NotReadable):
        time_of(text)


def test_a_day_is_cut_in_tokyo() -> None:
    assert day_of("2026-07-14T20:00:00Z") == date(2026, 7, 15)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    try:
        moment = time_of(text)
    except NotReadable:
        return
    assert moment.utcoffset() is not None
    assert 1990 <= moment.year <= 2200


@given(st.datetimes(datetime(1991, 1, 1), datetime(2199, 12, 30), timezones=st.just(UTC)))
def test_iso_times_come_back(moment: datetime) -> None:
    assert time_of(moment.isoformat()) == moment


def test_reasons_are_said_in_the_language_spoken() -> None:
    with pytest.raises(NotReadable, match="数として読めません"):
        count_of("x")
    speak("en")
    try:
        with pytest.raises(NotReadable, match="not a count"):
            count_of("x")
    finally:
        speak("ja")
