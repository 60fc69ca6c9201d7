"""What is missing, what was read since, and which posts somebody must look for again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from store.inbox import Inbox
from store.owner import Owner
from store.records import Checked, Gap, GapFilled, Record, ReviewEvent
from tests.store.build import at, counts, gone, new_home, one, own, post, rows, scores

DAY = timedelta(days=1)


def gap(start: float, end: float, recorded: float, reason: str = "busy", source: str = "s") -> Gap:
    return Gap(source=source, platform="x", brand="sorato", from_at=at(start), to_at=at(end), reason=reason, recorded_at=at(recorded))


def filled(start: float, end: float, when: float, source: str = "s") -> GapFilled:
    return GapFilled(source=source, platform="x", brand="sorato", from_at=at(start), to_at=at(end), filled_at=at(when))


def take(owner: Owner, *records: Record) -> None:
    Inbox(owner.home).land(records)
    owner.ingest()


def missing(owner: Owner) -> list[tuple[Any, ...]]:
    found = rows(owner, "SELECT source, from_at, to_at, reason FROM open_gaps ORDER BY 1, 2")
    return [
        (source, *((moment - at(0).replace(tzinfo=None)) / timedelta(hours=1) for moment in times), why) for source, *times, why in found
    ]


def test_pieces_of_one_outage_are_one_gap(owner: Owner) -> None:
    take(owner, gap(0, 1, 1), gap(1, 2, 2), gap(2, 3, 3), gap(5, 6, 6), gap(0, 1, 1, source="t"))
    assert missing(owner) == [("s", 0, 3, "busy"), ("s", 5, 6, "busy"), ("t", 0, 1, "busy")]


def test_what_was_read_since_is_no_gap_any_more(owner: Owner) -> None:
    take(owner, gap(0, 4, 4), filled(1, 2, 5))
    assert missing(owner) == [("s", 0, 1, "busy"), ("s", 2, 4, "busy")]
    take(owner, filled(0, 1, 6), filled(2, 4, 6))
    assert missing(owner) == []


def test_what_the_filling_round_itself_could_not_reach_stays_a_gap(owner: Owner) -> None:
    take(owner, gap(0, 4, 4), filled(0, 4, 5), gap(1, 2, 5, "left the feed"))
    assert missing(owner) == [("s", 1, 2, "left the feed")]


def test_another_source_fills_nothing_here(owner: Owner) -> None:
    take(owner, gap(0, 4, 4), filled(0, 4, 5, source="t"))
    assert missing(owner) == [("s", 0, 4, "busy")]


SPAN = st.tuples(st.integers(0, 11), st.integers(1, 12)).filter(lambda pair: pair[0] < pair[1])


@hypothesis_settings(max_examples=15, deadline=None)
@given(
    gaps=st.lists(st.tuples(SPAN, st.integers(0, 9)), min_size=1, max_size=6),
    fills=st.lists(st.tuples(SPAN, st.integers(0, 9)), max_size=5),
    backwards=st.booleans(),
)
def test_open_gaps_are_gaps_minus_later_fills_hour_by_hour(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[Any], fills: list[Any], backwards: bool
) -> None:
    # of two records of the same stretch, the store keeps the first
    first = dict(reversed(gaps))
    records: list[Record] = [gap(*span, recorded) for span, recorded in first.items()]
    records += [filled(*span, when) for span, when in fills]
    expected = {
        hour
        for (start, end), recorded in first.items()
        for hour in range(start, end)
        if not any(low <= hour < high and when > recorded for (low, high), when in fills)
    }
    with Owner.open(new_home(tmp_path_factory.mktemp("gaps") / "home")) as owner:
        for record in reversed(records) if backwards else records:
            Inbox(owner.home).land([record])
        owner.ingest()
        found = missing(owner)
    assert {hour for _, start, end, _ in found for hour in range(int(start), int(end))} == expected
    assert sum(end - start for _, start, end, _ in found) == len(expected)


def test_growth_is_what_came_between_the_last_two_observations(owner: Owner) -> None:
    take(owner, own("1"), own("2"), own("3"), own("4"), own("5"))
    take(owner, counts("1", 1, views=100), counts("1", 2, views=1100), counts("1", 4, views=1300), counts("2", 2, views=5))
    take(owner, counts("3", 2, likes=3, comments=1), counts("3", 3, likes=5, comments=1), counts("4", 2, likes=9), counts("4", 3, likes=4))
    # an observation of long ago says nothing of now
    take(owner, counts("5", -100, views=1), counts("5", 4, views=900))
    found = {row["native_id"]: row["growth"] for row in owner.refresh_candidates(at(5)).to_pylist()}
    assert found == {"1": 100.0, "2": None, "3": 2.0, "4": 0.0, "5": None}


def test_who_was_not_seen_for_a_day_is_to_be_looked_for_longest_unseen_first(owner: Owner) -> None:
    take(owner, post("old", seen_at=at(1)), post("counted", seen_at=at(1)), post("checked", seen_at=at(2)), post("new", seen_at=at(30)))
    take(owner, counts("counted", 20), Checked(platform="x", native_id="checked", checked_at=at(12)))
    take(owner, post("gone", seen_at=at(1)), gone("gone", 2), post("elsewhere", source="y-search", seen_at=at(1)))
    found = owner.unseen(at(40), "x-search", "x", DAY).to_pylist()
    assert [(row["native_id"], row["waiting"]) for row in found] == [("old", 2), ("checked", 2)]
    take(owner, Checked(platform="x", native_id="old", checked_at=at(40)), Checked(platform="x", native_id="old", checked_at=at(20)))
    assert [row["native_id"] for row in owner.unseen(at(40), "x-search", "x", DAY).to_pylist()] == ["checked"]


def test_posts_of_a_source_that_is_no_more_are_looked_for_by_the_others(owner: Owner) -> None:
    take(owner, post("left", source="was"), own("ours", source="was"))
    assert owner.unseen(at(40), "x-search", "x", DAY).num_rows == 0
    assert [row["native_id"] for row in owner.unseen(at(40), "x-search", "x", DAY, ["x-search"]).to_pylist()] == ["left"]
    assert owner.unseen(at(40), "x-search", "x", DAY, ["x-search", "was"]).num_rows == 0


def test_a_check_says_nothing_of_the_words(owner: Owner) -> None:
    """An edit that was seen before the check, and landed after it, still counts."""
    take(owner, post("1", seen_at=at(1), text="前"))
    take(owner, Checked(platform="x", native_id="1", checked_at=at(9)))
    take(owner, post("1", seen_at=at(5), text="後"))
    assert one(owner, "SELECT text FROM posts") == "後"


def test_a_post_that_is_gone_takes_the_notes_and_the_checks_with_it(owner: Owner) -> None:
    def note(event: str, hours: float, action: Any = "note", value: str | None = "「ぬるい」と書いている") -> ReviewEvent:
        return ReviewEvent(event_id=event, post_key=post("1").key, brand="sorato", at=at(hours), actor="田中", action=action, value=value)

    take(owner, post("1"), Checked(platform="x", native_id="1", checked_at=at(2)), note("a", 2), note("b", 3, "take", "鈴木"))
    take(owner, gone("1", 5))
    take(owner, note("late", 4), note("after", 6, value="削除を確認した"))
    assert rows(owner, 'SELECT event_id, action, value FROM review_events ORDER BY "at"') == [
        ("a", "note", None), ("b", "take", "鈴木"), ("late", "note", None), ("after", "note", "削除を確認した"),
    ]  # fmt: skip
    assert one(owner, "SELECT count(*) FROM checks") == 0


def test_an_edited_post_is_flagged_by_its_new_words_only_unless_somebody_acted(owner: Owner) -> None:
    def critic(native_id: str) -> pa.Table:
        return scores({"post": post(native_id), "stance": "critic", "p_critic": 0.9, "sentiment": "negative", "mention_type": "personal"})

    take(owner, post("1"), post("2"))
    for native_id in "12":
        owner.save_scores(critic(native_id))
    assert owner.flag() == 2
    take(owner, ReviewEvent(event_id="e", post_key=post("2").key, brand="sorato", at=at(2), actor="田中", action="take"))
    take(owner, post("1", text="直した", seen_at=at(3)), post("2", text="直した", seen_at=at(3)))
    assert rows(owner, "SELECT post_key FROM flags") == [(post("2").key,)]
    assert one(owner, "SELECT count(*) FROM scores") == 0
    owner.save_scores(critic("1"))
    assert owner.flag() == 1


def test_an_edited_post_leaves_its_family_and_is_compared_anew(owner: Owner) -> None:
    take(owner, post("1"), post("2"), post("3"))
    keys = pa.array([post(native_id).key for native_id in "123"], pa.int64())
    assert owner.unprinted(9).num_rows == 3
    owner.save_prints(pa.table({"post_key": keys, "bands": pa.array([[1], [1], [1]], pa.list_(pa.int64()))}))
    owner.save_heads(pa.table({"post_key": keys[1:], "head_key": pa.array([post("1").key] * 2, pa.int64())}))
    assert owner.unprinted(9).num_rows == 0
    take(owner, post("2", text="まったく別の話になりました", seen_at=at(3)))
    assert owner.unprinted(9)["post_key"].to_pylist() == [post("2").key]
    assert rows(owner, "SELECT post_key FROM copies") == [(post("3").key,)]


def test_unseen_needs_a_zone(owner: Owner) -> None:
    with pytest.raises(ValueError, match="aware"):
        owner.unseen(at(40).replace(tzinfo=None), "s", "x", DAY)
