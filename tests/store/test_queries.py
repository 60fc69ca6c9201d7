"""The dashboard's questions against figures worked out by hand or in plain Python."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from store import published, queries
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.queries import Filters
from store.records import ReviewEvent
from tests.store.build import START, at, counts, gone, own, post

FIRST = date(2026, 3, 1)


def ask(home: Home, owner: Owner) -> duckdb.DuckDBPyConnection:
    owner.ingest()
    owner.publish()
    return published.connect(home)


def daily_posts(days: int) -> list[object]:
    """One own post a day: views 100·(n+1), likes n, at noon in Tokyo; day 3 has none."""
    records: list[object] = []
    for n in range(days):
        if n == 3:
            continue
        made = START + timedelta(days=n, hours=3)
        records.append(own(str(n), created_at=made, seen_at=made))
        records.append(counts(str(n), hours=24 * n + 4, views=100 * (n + 1), likes=n, comments=0))
    return records


@pytest.mark.parametrize(("window", "step"), [(1, 1), (3, 1), (4, 2)])
def test_a_moving_window_holds_exactly_its_days(home: Home, owner: Owner, inbox: Inbox, window: int, step: int) -> None:
    inbox.land(daily_posts(12))  # type: ignore[arg-type]
    filters = Filters("sorato", FIRST + timedelta(days=4), FIRST + timedelta(days=11))
    with ask(home, owner) as con:
        found = queries.rate_series(con, filters, window, step)
    want = []
    for last in range(11, 3, -step):
        inside = [n for n in range(last - window + 1, last + 1) if n >= 0 and n != 3]
        r, v = [float(n) for n in inside], [100.0 * (n + 1) for n in inside]
        products = [sum(a * b for a, b in zip(x, y, strict=True)) for x, y in ((r, r), (r, v), (v, v))]
        want.append((pd.Timestamp(FIRST) + pd.Timedelta(days=last), len(inside), sum(r), sum(v), *products))
    assert list(found.drop(columns="platform").itertuples(index=False, name=None)) == sorted(want)
    assert set(found["platform"]) == {"x"}


def test_no_posts_give_an_empty_series(home: Home, owner: Owner) -> None:
    with ask(home, owner) as con:
        assert queries.rate_series(con, Filters("sorato", FIRST, FIRST + timedelta(days=5)), 7, 1).empty


def test_a_gain_is_what_came_within_the_period(home: Home, owner: Owner, inbox: Inbox) -> None:
    # the period is 3 and 4 March in Tokyo: from hour 39 to hour 87 of START
    inbox.land(
        [
            own("old"),
            counts("old", 10, likes=5),
            counts("old", 38, likes=20),
            counts("old", 60, likes=31),
            counts("old", 90, likes=99),
            own("new", created_at=at(50)),
            counts("new", 55, likes=8),
            counts("new", 80, likes=9),
            own("unknown"),
            counts("unknown", 60, likes=50),
            own("asleep"),
            counts("asleep", 10, likes=500),
            own("gone", created_at=at(50)),
            counts("gone", 60, likes=70),
            gone("gone", 70),
            own("later", created_at=at(100)),
            counts("later", 110, likes=1000),
        ]
    )
    filters = Filters("sorato", date(2026, 3, 3), date(2026, 3, 4))
    with ask(home, owner) as con:
        found = queries.movers(con, filters, "own", "reactions", 10)
    # what a post from before gained without an earlier count is unknown, not all of it
    assert list(zip(found["post_key"], found["gained"], found["now"], strict=True)) == [
        (own("old").key, 11, 31),
        (own("new").key, 9, 9),
    ]


def test_mentions_move_too_and_only_the_brands(home: Home, owner: Owner, inbox: Inbox) -> None:
    inbox.land(
        [
            post("ours", created_at=at(40)),
            counts("ours", 45, views=10),
            counts("ours", 60, views=90),
            post("theirs", brand="hoshimi", created_at=at(40)),
            counts("theirs", 60, views=900),
        ]
    )
    filters = Filters("sorato", date(2026, 3, 3), date(2026, 3, 4))
    with ask(home, owner) as con:
        found = queries.movers(con, filters, "mention", "views", 10)
    assert list(zip(found["post_key"], found["gained"], strict=True)) == [(post("ours").key, 90)]


@pytest.mark.parametrize(
    ("search", "found"),
    [("100%", ["1"]), ("ココア", ["1", "2", "3"]), ("ｺｺｱ", ["1", "2", "3"]), ("ココア 熱い", ["2"]), ("a_b", ["3"]), ("ない", [])],
)
def test_search_finds_words_as_they_stand(home: Home, owner: Owner, inbox: Inbox, search: str, found: list[str]) -> None:
    inbox.land(
        [post("1", text="ココア100%の味"), post("2", text="ココア、熱い"), post("3", text="ココア a_b"), post("4", text="axb 100円")]
    )
    with ask(home, owner) as con:
        shown = queries.post_list(con, Filters("sorato", FIRST, FIRST), "mention", None, search, "newest", 10)
    assert sorted(shown["post_key"]) == sorted(post(name).key for name in found)


def test_the_desk_sees_its_own_events_before_they_are_published(home: Home, owner: Owner, inbox: Inbox) -> None:
    inbox.land([post("1"), counts("1", views=700, likes=3), post("2")])
    owner.ingest()
    event = ReviewEvent(event_id="e1", post_key=post("1").key, brand="sorato", at=at(5), actor="ゆい", action="take")
    inbox.land([event])
    since = datetime(2026, 2, 1)
    with ask(home, owner) as con:
        pending = inbox.pending("review_events").to_pandas()
        both = queries.cases(con, pending, "sorato", (), "newest", since)
        once = queries.cases(con, pending.iloc[:0], "sorato", (), "newest", since)
    for found in (both, once):
        assert list(zip(found["post_key"], found["state"], found["actor"], found["views"], strict=True)) == [
            (post("1").key, "taken", "ゆい", 700)
        ]
