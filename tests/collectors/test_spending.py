"""What is looked up when the budget is short: what is worth most, for all sources together, and never more than there is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.refresh import LAST_AGE, MILESTONE_WORTH, Known, batches, checks_due, due, nearly_due, worth
from collectors.spending import Chosen, Means, Spending, Turn

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(name: str, age: float, seen: float | None = None, growth: float | None = None) -> Known:
    """A post of so many hours, read so many hours ago."""
    return Known(name, NOW - age * HOUR, None if seen is None else NOW - seen * HOUR, growth)


# --- what a look-up is worth


def test_the_fresh_and_the_spread_are_worth_more() -> None:
    fresh, old = known("fresh", 3, 1), known("old", 300, 30)
    assert worth(fresh, NOW) > worth(old, NOW)
    assert worth(known("spread", 20, 1, growth=500), NOW) > worth(known("plain", 20, 1), NOW) > worth(known("still", 20, 1, growth=0), NOW)
    assert worth(known("long ago", 20, 8), NOW) > worth(known("just now", 20, 1), NOW)


def test_a_milestone_that_was_reached_comes_before_everything_else() -> None:
    reached = known("reached", 25, 2, growth=0)
    assert worth(reached, NOW) > MILESTONE_WORTH
    assert worth(known("before", 23, 5, growth=1e6), NOW) < MILESTONE_WORTH < worth(known("week", 170, 3), NOW)


@given(age=st.floats(0, 1000), seen=st.none() | st.floats(0, 1200), growth=st.none() | st.floats(-1e9, 1e9, allow_nan=False))
def test_a_worth_is_a_number_of_0_or_more(age: float, seen: float | None, growth: float | None) -> None:
    assert 0 <= worth(known("a", age, seen, growth), NOW) < 20


def test_requests_are_filled_with_what_is_nearly_due() -> None:
    posts = [known("due", 5, 1), known("near", 5, 0.4), known("just", 5, 0.1), known("old", 100, 7)]
    first = due(posts, NOW)
    assert [post.native_id for post in first] == ["due"]
    spare = nearly_due(posts, NOW)
    assert [post.native_id for post in spare] == ["near"]
    (batch,) = batches(first, NOW, 25, spare)
    assert [post.native_id for post in batch.posts] == ["due", "near"]
    assert len(batches(first, NOW, 1, spare)) == 1


def test_checks_go_by_when_a_post_was_last_seen_at_all() -> None:
    posts = [known("a", 2000, 30), Known("b", NOW - 90 * DAY, NOW - 60 * DAY, None, NOW - 50 * HOUR), known("c", 2000, 20), known("d", 100)]
    found = checks_due(posts, NOW, DAY)
    assert [post.native_id for post in found] == ["d", "b", "a"]
    assert [len(batch.posts) for batch in batches(found, NOW, 2, oldest_first=True)] == [2, 1]


# --- who may use how much


def requests(left: float = 100, limit: float = 100, window: timedelta = DAY, resets_in: timedelta | None = DAY) -> Means:
    return Means("m", left, limit, window, resets_in)


def turn(source: str, means: Sequence[Means], posts: Sequence[Known], now: datetime = NOW, size: int = 1, **more: int) -> Turn:
    return Turn(source, HOUR, now, means, batches(posts, now, size), (), **more)


def names(chosen: Chosen) -> list[str]:
    return [post.native_id for batch in (*chosen.counts, *chosen.checks) for post in batch.posts]


def test_without_limits_and_with_enough_everything_due_is_looked_up() -> None:
    posts = [known(f"p{n}", n + 1) for n in range(50)]
    assert len(names(Spending().choose(turn("a", [], posts)))) == 50
    assert len(names(Spending().choose(turn("a", [requests(1e6, 1e6)], posts)))) == 50


def test_when_it_is_short_what_is_worth_most_comes_first() -> None:
    posts = [known(f"p{n:02}", n + 1, growth=10) for n in range(48)]
    # 240 a day: an hour's share is ten, less what new posts cost
    chosen = names(Spending().choose(turn("a", [requests(240, 240)], posts, requests=0)))
    ranked = sorted(posts, key=lambda post: -worth(post, NOW))
    assert 6 <= len(chosen) <= 10
    assert chosen == [post.native_id for post in ranked[: len(chosen)]]


def test_a_poor_source_leaves_what_a_better_one_needs() -> None:
    spending, means = Spending(), [requests(120, 120)]
    poor = [known(f"old{n}", 200 + n, 20, growth=0) for n in range(20)]
    rich = [known(f"new{n}", 1 + n / 10, growth=100) for n in range(20)]
    spent = {"poor": 0, "rich": 0}
    for hour in range(4):
        now = NOW + hour * HOUR
        for source, posts in (("poor", poor), ("rich", rich)):
            spent[source] += len(names(spending.choose(turn(source, means, posts, now, requests=0, sharers=2))))
    assert spent["rich"] > 10
    assert spent["poor"] <= 5


def test_what_new_posts_cost_is_set_aside() -> None:
    posts = [known(f"p{n}", 1 + n / 10) for n in range(30)]
    spending = Spending()
    # four requests an hour for new posts until midnight need 96 of 100
    assert len(names(spending.choose(turn("a", [requests()], posts, requests=4)))) <= 2
    assert names(spending.choose(turn("b", [requests(3, 100)], posts, requests=4))) == []


def test_checks_have_a_share_of_their_own_and_the_longest_unseen_come_first() -> None:
    spending, means = Spending(), [requests(480, 480)]
    posts = [known(f"p{n}", 1 + n / 10, growth=100) for n in range(100)]
    unseen = [known(f"u{n:02}", 5000, 30 + n) for n in range(50)]
    one = Turn("a", HOUR, NOW, means, batches(posts, NOW, 1), batches(unseen, NOW, 1, oldest_first=True), 0)
    chosen = spending.choose(one)
    checked = [post.native_id for batch in chosen.checks for post in batch.posts]
    assert 3 <= len(checked) <= 7
    assert checked == [f"u{n}" for n in range(49, 49 - len(checked), -1)]
    assert 10 <= len(chosen.counts) <= 16


def test_a_quota_smaller_than_the_hours_of_the_day_is_spread_over_it() -> None:
    spending, asked = Spending(), list[int]()
    for hour in range(72):
        now, day = NOW + hour * HOUR, hour // 24
        left = 4 - sum(1 for at in asked if at // 24 == day)
        means = Means("m", left, 4, DAY, timedelta(hours=24 - hour % 24))
        chosen = spending.choose(turn("a", [means], [Known("p", now - HOUR)], now, requests=0))
        asked += [hour] * len(chosen.counts)
    days = [[hour % 24 for hour in asked if hour // 24 == day] for day in range(3)]
    assert all(3 <= len(hours) <= 4 for hours in days)
    assert all(max(hours) >= 12 and max(b - a for a, b in pairwise(hours)) >= 4 for hours in days)


def test_posts_that_are_paid_one_by_one_count_one_by_one() -> None:
    usd = Means("x", 2.4, 2.4, DAY, DAY, per_request=0.0, per_post=0.005)
    posts = [known(f"p{n}", 1 + n / 100) for n in range(500)]
    chosen = Spending().choose(turn("a", [usd], posts, size=100, requests=0))
    # ten cents an hour are twenty posts: a request for a hundred waits, unless it is saved for
    assert sum(len(batch.posts) for batch in chosen.counts) * 0.005 <= 0.5


@pytest.mark.parametrize("rolling", [True, False])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), limit=st.integers(5, 400), sources=st.integers(1, 12), size=st.sampled_from([1, 5, 25]))
def test_a_limit_is_never_exceeded(rolling: bool, seed: int, limit: int, sources: int, size: int) -> None:
    """Whatever comes in whatever order: a window never holds more requests than its limit."""
    chance, spending = random.Random(seed), Spending()
    window, used = timedelta(hours=6), list[datetime]()
    for minute in range(0, 24 * 60, 10):
        now = NOW + timedelta(minutes=minute)
        for _ in range(chance.randint(0, 3)):
            start = now - window if rolling else NOW + (now - NOW) // window * window
            spent = sum(1 for moment in used if moment > start or (not rolling and moment == start))
            if spent >= limit:
                continue
            used.append(now)  # the request for new posts
            means = Means("m", limit - spent - 1, limit, window, None if rolling else start + window - now)
            posts = [Known(f"{n}", now - chance.random() * LAST_AGE, growth=chance.random() * 100) for n in range(chance.randint(0, 60))]
            source = f"s{chance.randrange(sources)}"
            chosen = spending.choose(Turn(source, HOUR, now, [means], batches(posts, now, size), (), sharers=sources))
            used += [now] * len(chosen.counts)
            assert spent + 1 + len(chosen.counts) <= limit
