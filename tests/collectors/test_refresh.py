from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.refresh import LAST_AGE, MILESTONES, Known, due, next_look

BORN = datetime(2026, 10, 1, tzinfo=UTC)


def looks(step: timedelta) -> list[timedelta]:
    """Return the ages at which a post is looked up when rounds come every ``step``."""
    ages, seen, now = [], None, BORN
    while now - BORN < timedelta(days=40):
        if due([Known("a", BORN, seen)], now):
            ages.append(now - BORN)
            seen = now
        now += step
    return ages


def test_a_post_is_looked_up_often_at_first_then_less_often_then_never() -> None:
    ages = looks(timedelta(minutes=15))
    gaps = [later - earlier for earlier, later in pairwise(ages)]
    first_day = [age for age in ages if age < timedelta(days=1)]
    assert max(ages) < LAST_AGE
    assert len(first_day) == 30
    assert 60 <= len(ages) <= 75
    assert gaps[0] <= timedelta(minutes=30)
    assert gaps[-1] == timedelta(days=1)
    for stone in MILESTONES:
        assert any(timedelta(0) <= age - stone <= timedelta(minutes=15) for age in ages)


def test_what_was_never_seen_comes_first_and_what_is_too_old_not_at_all() -> None:
    now = BORN + timedelta(days=2)
    posts = [
        Known("fresh", BORN, now - timedelta(hours=1)),
        Known("late", BORN, now - timedelta(hours=20)),
        Known("never", BORN - timedelta(days=3)),
        Known("old", BORN - timedelta(days=40)),
    ]
    assert [post.native_id for post in due(posts, now)] == ["never", "late"]


@given(st.timedeltas(timedelta(0), timedelta(days=29)))
def test_the_next_look_is_always_later_than_the_last(observed: timedelta) -> None:
    at = next_look(BORN, BORN + observed)
    assert at is not None
    assert BORN + observed < at <= BORN + observed + timedelta(days=1)
