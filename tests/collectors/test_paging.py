"""Walking back through pages: where it stops, what it says is missing, and that it goes on where it was interrupted."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.bookmark import Bookmark
from collectors.errors import BusyError, FormatError
from collectors.paging import OVERLAP, Item, Page, Walk
from store.records import Gap, Gone, Record
from tests.collectors.conftest import EXAMPLES, NOW, SINCE


def _record(number: int) -> Gone:
    return Gone(platform="p", native_id=str(number), seen_at=NOW)


class Source:
    """Things at times, ``size`` a page; ``fail_on`` raises at the so-manieth request."""

    def __init__(self, times: list[datetime], size: int = 10) -> None:
        self.times = times
        self.size = size
        self.asked: list[str | None] = []
        self.fail_on: dict[int, Exception] = {}

    async def fetch(self, cursor: str | None) -> Page:
        self.asked.append(cursor)
        if error := self.fail_on.pop(len(self.asked), None):
            raise error
        order = sorted(range(len(self.times)), key=lambda number: self.times[number], reverse=True)
        start = int(cursor or 0)
        items = [Item(str(n), self.times[n], (_record(n),)) for n in order[start : start + self.size]]
        return Page(items, str(start + self.size) if start + self.size < len(order) else None)


def _gap(from_at: datetime, to_at: datetime, reason: str) -> Gap:
    return Gap(source="s", platform="p", brand="b", from_at=from_at, to_at=to_at, reason=reason, recorded_at=NOW)


async def walk(
    source: Source, bookmark: Bookmark, now: datetime = NOW, since: datetime = SINCE, pages: int = 400
) -> tuple[list[Record], Bookmark]:
    """Return what a round yields and the bookmark after it, as it would come back from disk; errors end the round."""
    new = bookmark.copy()
    got: list[Record] = []
    try:
        async for record in Walk("w", source.fetch, since, now, bookmark, new, _gap, max_pages=pages).records():
            got.append(record)
    except (BusyError, FormatError):
        pass
    return got, Bookmark.from_json(json.loads(json.dumps(new.to_json())))


def ids(records: list[Record]) -> list[int]:
    return [int(record.native_id) for record in records if isinstance(record, Gone)]


def hours(*ago: float) -> list[datetime]:
    return [NOW - timedelta(hours=hour) for hour in ago]


async def test_everything_comes_newest_first_and_the_next_round_reads_only_what_is_new() -> None:
    source = Source(hours(*range(2, 47)))
    got, mark = await walk(source, Bookmark())
    assert ids(got) == list(range(45))
    assert not mark.holes
    source.times.append(NOW + timedelta(minutes=5))
    source.asked.clear()
    got, _ = await walk(source, mark, NOW + timedelta(minutes=10))
    assert ids(got) == [45]
    assert source.asked == [None, "10"] or source.asked == [None]


async def test_nothing_older_than_the_horizon_is_wanted() -> None:
    source = Source([NOW - timedelta(days=day) for day in range(60)])
    got, _ = await walk(source, Bookmark())
    assert ids(got) == list(range(31))
    assert len(source.asked) <= 5


async def test_a_pinned_post_out_of_order_does_not_end_the_walk() -> None:
    source = Source(hours(*range(2, 40)))

    async def fetch(cursor: str | None) -> Page:
        page = await source.fetch(cursor)
        return Page([Item("99", None, (_record(99),)), *page.items], page.cursor) if cursor is None else page

    pinned = Source([])
    pinned.fetch = fetch  # type: ignore[method-assign]
    got, _ = await walk(pinned, Bookmark())
    assert ids(got) == [99, *range(38)]


@pytest.mark.parametrize("error", [BusyError("busy"), FormatError("html")])
async def test_an_interrupted_walk_goes_on_where_it_was(error: Exception) -> None:
    source = Source(hours(*range(2, 52)))
    source.fail_on = {3: error}
    first, mark = await walk(source, Bookmark())
    assert ids(first) == list(range(20))
    assert mark.covered["w"] == NOW
    assert [hole.cursor for hole in mark.holes] == ["20"]
    source.asked.clear()
    second, mark = await walk(source, mark, NOW + timedelta(minutes=10))
    assert ids(second) == list(range(20, 50))
    assert not mark.holes
    assert not [record for record in first + second if isinstance(record, Gap)]


async def test_a_first_page_that_fails_leaves_the_bookmark_as_it_was() -> None:
    source = Source(hours(1, 2))
    source.fail_on = {1: BusyError("busy")}
    got, mark = await walk(source, Bookmark())
    assert not got
    assert mark == Bookmark()


async def test_a_long_backlog_is_read_over_several_rounds() -> None:
    source = Source(hours(*range(2, 102)))
    mark, got = Bookmark(), list[int]()
    for _ in range(6):
        records, mark = await walk(source, mark, pages=3)
        got += ids(records)
    assert sorted(set(got)) == list(range(100))
    assert not mark.holes


async def test_an_outdated_cursor_is_given_up_and_nothing_is_lost() -> None:
    source = Source(hours(*range(2, 52)))
    source.fail_on = {3: BusyError("busy")}
    first, mark = await walk(source, Bookmark())
    source.asked.clear()
    source.fail_on = {2: FormatError("bad cursor")}
    second, mark = await walk(source, mark, NOW + timedelta(minutes=10))
    assert [hole.cursor for hole in mark.holes] == [None]
    third, mark = await walk(source, mark, NOW + timedelta(minutes=20))
    assert set(ids(first) + ids(second) + ids(third)) == set(range(50))
    assert not mark.holes


async def test_a_cursor_that_repeats_ends_in_a_gap() -> None:
    times = hours(*range(2, 12))

    async def fetch(cursor: str | None) -> Page:
        return Page([Item(str(n), at, (_record(n),)) for n, at in enumerate(times)], "same")

    source = Source([])
    source.fetch = fetch  # type: ignore[method-assign]
    got, mark = await walk(source, Bookmark())
    assert ids(got) == list(range(10))
    (gap,) = (record for record in got if isinstance(record, Gap))
    assert (gap.from_at, gap.to_at) == (SINCE, times[-1])
    assert not mark.holes
    assert mark.covered["w"] == NOW


async def test_a_page_that_repeats_under_new_cursors_ends_in_a_gap() -> None:
    asked = []

    async def fetch(cursor: str | None) -> Page:
        asked.append(cursor)
        return Page([Item("1", NOW - timedelta(hours=1), (_record(1),))], f"c{len(asked)}")

    source = Source([])
    source.fetch = fetch  # type: ignore[method-assign]
    got, _ = await walk(source, Bookmark())
    assert len(asked) == 2
    assert sum(isinstance(record, Gap) for record in got) == 1


async def test_a_platforms_own_limit_ends_in_a_gap_only_where_something_is_missing() -> None:
    async def fetch(cursor: str | None) -> Page:
        return Page([Item("1", NOW - timedelta(days=3), (_record(1),))], None, limit="800 件まで")

    source = Source([])
    source.fetch = fetch  # type: ignore[method-assign]
    got, _ = await walk(source, Bookmark())
    assert [record.reason for record in got if isinstance(record, Gap)] == ["800 件まで"]
    got, _ = await walk(source, Bookmark({"w": NOW - timedelta(days=2)}))
    assert not [record for record in got if isinstance(record, Gap)]


async def test_an_outage_longer_than_the_horizon_is_a_gap() -> None:
    last = NOW - timedelta(days=45)
    got, mark = await walk(Source(hours(1)), Bookmark({"w": last}))
    (gap,) = (record for record in got if isinstance(record, Gap))
    assert (gap.from_at, gap.to_at) == (last, SINCE)
    got, _ = await walk(Source(hours(1)), mark, NOW + timedelta(minutes=5))
    assert not [record for record in got if isinstance(record, Gap)]


async def test_platforms_that_index_late_lose_nothing() -> None:
    source = Source(hours(5))
    _, mark = await walk(source, Bookmark())
    source.times.append(NOW - OVERLAP / 2)
    got, _ = await walk(source, mark, NOW + timedelta(minutes=10))
    assert ids(got) == [1]


async def test_a_walk_that_was_interrupted_right_at_the_horizon_is_no_gap() -> None:
    source = Source([SINCE, SINCE - timedelta(minutes=1)], size=1)
    _, mark = await walk(source, Bookmark(), pages=1)
    for minutes in (0, 1):
        got, _ = await walk(source, mark, NOW + timedelta(minutes=minutes), SINCE + timedelta(minutes=minutes), pages=1)
        assert not [record for record in got if isinstance(record, Gap)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(st.integers(1, 40 * 24 * 60), min_size=1, max_size=60, unique=True),
    st.lists(st.integers(1, 12), max_size=8),
    st.integers(1, 7),
    st.integers(1, 9),
)
def test_whatever_fails_nothing_is_lost_and_nothing_is_called_missing(
    minutes: list[int], failures: list[int], size: int, pages: int
) -> None:
    async def rounds() -> None:
        source = Source([NOW - timedelta(minutes=minute) for minute in minutes], size)
        mark, got = Bookmark(), set[int]()
        for number in range(90):
            source.asked.clear()
            source.fail_on = {failures[number]: BusyError("busy")} if number < len(failures) else {}
            records, mark = await walk(source, mark, NOW + timedelta(minutes=number), pages=pages)
            got |= set(ids(records))
            assert not [record for record in records if isinstance(record, Gap)]
        wanted = {n for n, at in enumerate(source.times) if at >= SINCE}
        assert got == wanted
        assert not mark.holes

    asyncio.run(rounds())


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["covered", "holes", "notes", "told", "x"]), inner),
    )
)
def test_a_bookmark_that_is_none_is_refused(value: object) -> None:
    try:
        Bookmark.from_json(value)
    except ValueError:
        return
    assert value is None or isinstance(value, dict)
