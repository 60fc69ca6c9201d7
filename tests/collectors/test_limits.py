from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.limits import LONGEST_WAIT, Budget, Limits, remaining_in, wait_in

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DATE = "Fri, 20 Nov 2026 03:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Fri, 20 Nov 2026 03:01:00 GMT"}, 60),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset": str((int(NOW.timestamp()) + 90) * 1000)}, 90),
        ({"x-ratelimit-reset": "2026-11-20T03:02:00.000Z"}, 120),
        ({"x-ratelimit-reset": "2026-11-20T12:02:00+09:00"}, 120),
        ({"ratelimit-reset": "45"}, 45),
        ({"ratelimit": '"default";r=0;t=12'}, 12),
        ({"ratelimit": "limit=100, r=0, t=7"}, 7),
        ({"retry-after": "10", "ratelimit-reset": "999"}, 10),
    ],
)
def test_the_wait_is_read_in_every_form(headers: dict[str, str], seconds: float) -> None:
    wait = wait_in({"date": DATE, **headers}, NOW)
    assert wait == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry-after": ""},
        {"retry-after": "soon"},
        {"retry-after": "-3"},
        {"ratelimit-reset": "9" * 30},
        {"x-ratelimit-reset": "2031-01-01T00:00:00Z"},
    ],
)
def test_no_wait_is_read_where_none_is_said_or_it_cannot_be(headers: dict[str, str]) -> None:
    assert wait_in(headers, NOW) is None


def test_a_moment_is_compared_with_the_servers_own_clock() -> None:
    wrong_here = NOW + timedelta(hours=3)
    assert wait_in({"date": DATE, "ratelimit-reset": str(int(NOW.timestamp()) + 60)}, wrong_here) == timedelta(seconds=60)


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "ratelimit-reset", "x-ratelimit-reset", "ratelimit", "date", "ratelimit-remaining"]),
        st.text(max_size=40),
    )
)
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    wait = wait_in(headers, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_WAIT
    remaining_in(headers)


def test_what_is_left_is_read_from_old_and_new_headers() -> None:
    assert remaining_in({"x-ratelimit-remaining": "0"}) == 0
    assert remaining_in({"ratelimit": '"default";r=50;t=30'}) == 50
    assert remaining_in({"ratelimit-remaining": "many"}) is None


def test_a_budget_is_written_as_requests_per_time() -> None:
    assert Budget.parse("300/5m") == Budget(300, timedelta(minutes=5))
    assert Budget.parse("100/d") == Budget(100, timedelta(days=1))
    for wrong in ("0/5m", "300", "5m/300", "300/0m", "300/5y", "300/99d", "-1/m"):
        with pytest.raises(ValueError, match=wrong):
            Budget.parse(wrong)


def test_a_budget_lets_so_many_through_in_any_window() -> None:
    now = [100.0]
    limits, budget = Limits(lambda: now[0]), Budget(3, timedelta(seconds=10))
    for _ in range(3):
        assert limits.wait("host", budget) == 0
        limits.spend("host", budget)
        now[0] += 1
    assert limits.wait("host", budget) == 7
    assert limits.wait("other", budget) == 0
    now[0] += 7
    assert limits.wait("host", budget) == 0


def test_a_platform_that_says_wait_is_left_alone_until_then() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    limits.close("host", timedelta(seconds=30))
    limits.close("host", timedelta(seconds=5))
    assert limits.wait("host", None) == 30
    now[0] = 31
    assert limits.wait("host", None) == 0


def test_what_is_left_is_known_of_our_budget_and_of_what_the_platform_said() -> None:
    at = [0.0]
    limits, budget = Limits(lambda: at[0]), Budget(10, timedelta(minutes=5))
    assert limits.left("a", None) == []
    for _ in range(3):
        limits.spend("a", budget)
    limits.heard("a", 40, timedelta(minutes=15))
    limits.spend("a", budget)
    ours, theirs = limits.left("a", budget)
    assert (ours.left, ours.limit, ours.window, ours.resets_in) == (6, 10, timedelta(minutes=5), None)
    assert (theirs.left, theirs.resets_in) == (39, timedelta(minutes=15))
    at[0] = 301.0
    assert [left.left for left in limits.left("a", budget)] == [10, 39]
    at[0] = 901.0
    assert [left.left for left in limits.left("a", budget)] == [10]
    limits.close("a", timedelta(minutes=1))
    assert [left.left for left in limits.left("a", None)] == [0]
    assert limits.left("b", budget)[0].left == 10
