"""What is due when."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from collectors.timing import Cron, Quiet
from monitor.schedule import Schedule, Timing

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def schedule(**timings: Timing) -> Schedule:
    return Schedule(timings, random_state=random.Random(1))


def test_a_new_source_is_due_at_once_and_comes_before_those_that_are_overdue() -> None:
    plan = schedule(late=Timing(HOUR, NOW - 3 * HOUR), new=Timing(HOUR), later=Timing(HOUR, NOW - 2 * HOUR), fresh=Timing(HOUR, NOW))
    assert plan.due(NOW) == ["new", "late", "later"]


def test_the_next_time_is_every_plus_at_most_a_tenth() -> None:
    for seed in range(50):
        plan = Schedule({"a": Timing(HOUR, NOW)}, random_state=random.Random(seed))
        due = plan.next_at(NOW)
        assert due is not None
        assert NOW + HOUR <= due <= NOW + HOUR * 1.1


def test_sources_of_one_round_do_not_march_in_step() -> None:
    names = [f"s{number}" for number in range(20)]
    plan = Schedule({name: Timing(HOUR) for name in names}, random_state=random.Random(2))
    plan.tried(names, NOW)
    halfway = plan.due(NOW + HOUR + timedelta(minutes=3))
    assert 0 < len(halfway) < 20


def test_runs_that_were_missed_are_made_up_once() -> None:
    plan = schedule(a=Timing(HOUR, NOW - 100 * HOUR))
    assert plan.due(NOW) == ["a"]
    plan.tried(["a"], NOW)
    assert plan.due(NOW + timedelta(minutes=59)) == []


def test_what_the_platform_asked_for_is_kept_across_a_restart() -> None:
    rest = NOW + 5 * HOUR
    plan = schedule(a=Timing(HOUR, NOW, not_before=rest), b=Timing(HOUR))
    assert plan.due(NOW + 4 * HOUR) == ["b"]
    assert plan.due(rest) == ["b", "a"]
    plan.tried(["b"], NOW, {"b": rest})
    assert plan.due(NOW + 4 * HOUR) == []


def test_without_sources_nothing_is_next() -> None:
    assert schedule().next_at(NOW) is None
    assert schedule().due(NOW) == []


# --- cron, quiet hours, jitter, and settings that change

MINUTE = timedelta(minutes=1)


def test_a_source_with_cron_times_waits_for_them_even_when_it_is_new() -> None:
    plan = Schedule({"a": Timing(HOUR, cron=Cron.parse("30 12 * * *"), jitter=MINUTE)}, now=NOW)
    assert plan.due(NOW) == []
    due = plan.next_at(NOW)
    assert due is not None
    assert timedelta(minutes=30) <= due - NOW <= timedelta(minutes=31)


def test_a_cron_time_that_was_missed_is_made_up_once() -> None:
    plan = Schedule({"a": Timing(HOUR, NOW - timedelta(days=9), cron=Cron.parse("30 12 * * *"))}, now=NOW)
    assert plan.due(NOW) == ["a"]
    plan.tried(["a"], NOW)
    assert plan.due(NOW + timedelta(minutes=29)) == []
    assert plan.due(NOW + timedelta(minutes=31)) == ["a"]


def test_what_is_due_in_quiet_hours_waits_for_their_end() -> None:
    quiet = Quiet.parse("11:00-14:00")
    plan = schedule(new=Timing(HOUR, quiet=quiet), late=Timing(HOUR, NOW - 9 * HOUR, quiet=quiet), free=Timing(HOUR))
    assert plan.due(NOW) == ["free"]
    assert plan.at("new", NOW) == plan.at("late", NOW) == NOW + 2 * HOUR
    assert sorted(plan.due(NOW + 2 * HOUR)) == ["free", "late", "new"]
    plan.tried(["free"], NOW)
    assert plan.next_at(NOW) == plan.at("free", NOW)


def test_jitter_is_as_long_as_the_settings_say() -> None:
    dues = [Schedule({"a": Timing(HOUR, NOW, jitter=30 * MINUTE)}, random_state=random.Random(seed)).at("a", NOW) for seed in range(40)]
    assert NOW + HOUR <= min(dues) < NOW + HOUR + 5 * MINUTE
    assert NOW + HOUR + 25 * MINUTE < max(dues) <= NOW + HOUR + 30 * MINUTE


def test_settings_that_change_touch_only_what_changed() -> None:
    plan = schedule(same=Timing(HOUR, NOW), faster=Timing(HOUR, NOW), gone=Timing(HOUR, NOW))
    before = plan.at("same", NOW)
    plan.change({"same": Timing(HOUR, NOW), "faster": Timing(MINUTE, NOW), "new": Timing(HOUR)}, NOW)
    assert plan.names == ("same", "faster", "new")
    assert plan.at("same", NOW) == before
    assert plan.at("faster", NOW) <= NOW + 1.1 * MINUTE
    assert plan.due(NOW) == ["new"]
    plan.tried(["gone", "new"], NOW)
    assert "gone" not in plan.names
