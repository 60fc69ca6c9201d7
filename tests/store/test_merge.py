from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Gap, Reject, ReviewEvent, Run, SurveyAnswer
from tests.store.build import START, at, counts, gone, one, own, post, rows, scores


def take(owner: Owner, *groups: list[object]) -> None:
    """Land and ingest each group by itself."""
    for group in groups:
        Inbox(owner.home).land(group)  # type: ignore[arg-type]
        owner.ingest()


def test_a_later_text_replaces_an_earlier_one_and_never_the_other_way_round(owner: Owner) -> None:
    take(owner, [post(text="二番", seen_at=at(2))], [post(text="一番", seen_at=at(1))])
    assert one(owner, "SELECT text, first_seen_at, seen_at FROM posts") == ("二番", at(1).replace(tzinfo=None), at(2).replace(tzinfo=None))
    take(owner, [post(text="三番", seen_at=at(3))])
    assert one(owner, "SELECT text, text_norm FROM posts") == ("三番", "三番")


def test_seeing_the_same_text_again_keeps_an_older_one_out(owner: Owner) -> None:
    take(owner, [post(text="甲", seen_at=at(1))], [post(text="甲", seen_at=at(9))], [post(text="乙", seen_at=at(5))])
    assert one(owner, "SELECT text, seen_at FROM posts") == ("甲", at(9).replace(tzinfo=None))


@pytest.mark.parametrize("turn", [1, -1])
def test_within_a_batch_the_latest_word_on_each_field_counts(owner: Owner, turn: int) -> None:
    said = [
        post(text="一", url="https://a.example", seen_at=at(1)),
        post(text="二", lang="ja", seen_at=at(2)),
        post(text="三", seen_at=at(3)),
    ]
    take(owner, said[::turn])
    assert rows(owner, "SELECT text, url, lang, seen_at FROM posts") == [("三", "https://a.example", "ja", at(3).replace(tzinfo=None))]


def test_an_older_record_fills_what_is_unknown_and_a_newer_one_keeps_what_it_does_not_say(owner: Owner) -> None:
    take(owner, [post(seen_at=at(2), lang="ja")], [post(seen_at=at(1), url="https://a.example", lang="en")], [post(seen_at=at(3))])
    assert one(owner, "SELECT url, lang FROM posts") == ("https://a.example", "ja")


def test_a_post_can_be_about_two_brands_and_is_one_mention_each(owner: Owner) -> None:
    take(
        owner, [post(), post(brand="hoshimi", source="x-hoshimi", seen_at=at(2))], [post(seen_at=at(3)), post(source="feed", seen_at=at(4))]
    )
    assert rows(owner, "SELECT brand, source, first_seen_at FROM mentions ORDER BY brand") == [
        ("hoshimi", "x-hoshimi", at(2).replace(tzinfo=None)),
        ("sorato", "x-search", at(1).replace(tzinfo=None)),
    ]
    assert one(owner, "SELECT count(*) FROM posts") == 1


@pytest.mark.parametrize("turn", [1, -1])
def test_a_brands_own_post_is_no_mention_of_it_whichever_source_came_first(owner: Owner, turn: int) -> None:
    groups: list[list[object]] = [[post(), post(brand="hoshimi")], [own(author_id="b", author_name="公式")]]
    take(owner, *groups[::turn])
    assert rows(owner, "SELECT brand FROM mentions") == [("hoshimi",)]
    assert one(owner, "SELECT own_brand, source, author_name FROM posts") == ("sorato", "x-own", "公式")
    assert one(owner, "SELECT own_brand FROM post_latest") == "sorato"
    assert one(owner, "SELECT posts FROM daily") == 1


def test_days_are_cut_in_tokyo(owner: Owner) -> None:
    take(
        owner,
        [
            post("a", created_at=datetime(2026, 3, 20, 14, 59, 59, 999999, tzinfo=UTC)),
            post("b", created_at=datetime(2026, 3, 20, 15, 0, tzinfo=UTC)),
            post("c", created_at=datetime.fromisoformat("2026-03-21T05:00+09:00")),
        ],
    )
    days = [date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 21)]
    for table in ("posts", "mentions", "post_latest"):
        assert [day for (day,) in rows(owner, f"SELECT day FROM {table} ORDER BY created_at")] == days


def test_an_observation_counts_once_and_the_first_stays(owner: Owner) -> None:
    take(owner, [own(), counts(views=10, likes=1)], [counts(views=11, likes=1), counts(views=10, likes=1)])
    assert rows(owner, "SELECT views, likes FROM metrics") == [(10, 1)]


def test_what_a_platform_does_not_say_stays_null(owner: Owner) -> None:
    take(owner, [own(), counts(likes=0)])
    assert one(owner, "SELECT views, likes, comments, shares, saves FROM metrics") == (None, 0, None, None, None)
    assert one(owner, "SELECT views, likes, comments FROM post_latest") == (None, 0, None)
    assert one(owner, "SELECT posts, posts_with_views, rate_posts, views, likes, comments FROM daily") == (1, 0, 0, None, 0, None)
    assert rows(owner, "SELECT DISTINCT reactions, views, rate FROM engagement_daily") == [(None, None, None)]


def test_latest_counts_are_those_of_one_moment(owner: Owner) -> None:
    take(owner, [own(), counts(hours=2, views=20, likes=2)], [counts(hours=1, views=99, likes=9)], [counts(hours=3, likes=3)])
    assert one(owner, "SELECT views, likes, observed_at FROM post_latest") == (None, 3, at(3).replace(tzinfo=None))


def test_counts_may_come_before_their_post(owner: Owner) -> None:
    take(owner, [counts(views=100, likes=7)])
    assert rows(owner, "SELECT count(*) FROM daily") == [(0,)]
    assert rows(owner, "SELECT count(*) FROM post_history") == [(0,)]
    take(owner, [own()])
    assert one(owner, "SELECT platform, own_brand, views, likes FROM post_latest") == ("x", "sorato", 100, 7)
    assert one(owner, "SELECT v, basic_r FROM daily") == (100, 7)


def test_a_moved_time_of_posting_moves_the_day_of_the_sums(owner: Owner) -> None:
    take(owner, [own(), counts(views=100, likes=7)], [own(created_at=at(48), seen_at=at(49))])
    assert rows(owner, "SELECT day, posts, v FROM daily") == [(date(2026, 3, 3), 1, 100)]


def test_reposts_are_not_in_the_sums(owner: Owner) -> None:
    take(owner, [own("1", kind="repost"), counts("1", views=100, likes=7), own("2"), counts("2", views=10, likes=1)])
    assert one(owner, "SELECT posts, v FROM daily") == (1, 10)


def test_sums_for_the_clustered_interval(owner: Owner) -> None:
    take(
        owner,
        [own(str(n)) for n in range(5)],
        [
            counts("0", views=100, likes=7, comments=1, shares=2, saves=1),
            counts("1", views=50, comments=2),
            counts("2", views=30),  # reactions unknown: does not enter the rate
            counts("3", views=0, likes=4),  # no views: does not enter
            counts("4", likes=4),
        ],
    )
    found = one(
        owner,
        "SELECT posts, posts_with_views, views, likes, rate_posts, v, vv, basic_r, basic_rr, basic_rv, all_r, all_rr, all_rv FROM daily",
    )
    assert found == (5, 4, 180, 15, 2, 150, 12500, 10, 64 + 4, 800 + 100, 13, 121 + 4, 1100 + 100)
    rates = dict(rows(owner, "SELECT definition, rate FROM engagement_daily"))
    assert rates == {"er_basic": pytest.approx(10 / 150), "er_all": pytest.approx(13 / 150)}
    assert rows(owner, "SELECT round(er_basic, 3), round(er_all, 3) FROM own_posts ORDER BY post_key IS NULL, er_all DESC NULLS LAST LIMIT 3") == [
        (0.08, 0.11), (0.04, 0.04), (None, None),
    ]  # fmt: skip


def test_a_gone_post_loses_what_its_author_said_and_is(owner: Owner) -> None:
    said = post(author_id="u1", author_name="花子", url="https://a.example", tags=("ソラト",))
    take(owner, [said, counts(views=5, likes=1)])
    owner.declare(meta={"model": "m1"})
    owner.save_scores(scores({"post": said, "sentiment": "negative", "p_negative": 0.9, "why": '[["まずい", -1]]'}))
    assert owner.flag() == 1
    take(owner, [gone()])
    assert one(owner, "SELECT text, text_norm, author_key, author_id, author_name, url, tags, gone_at FROM posts") == (
        *(None,) * 7, at(2).replace(tzinfo=None),
    )  # fmt: skip
    assert one(owner, "SELECT author_key FROM mentions") is None
    assert one(owner, "SELECT sentiment, why FROM scores") == ("negative", None)
    assert rows(owner, "SELECT * FROM flags") == []
    assert one(owner, "SELECT views FROM metrics") == 5
    assert owner.flag() == 0
    assert owner.unscored_count("m2") == 0


def test_an_older_record_does_not_bring_a_gone_post_back_and_a_newer_one_does(owner: Owner) -> None:
    take(owner, [gone(hours=5)], [post(seen_at=at(4), url="https://a.example")])
    assert one(owner, "SELECT text, url, gone_at FROM posts") == (None, None, at(5).replace(tzinfo=None))
    take(owner, [post(text="戻った", seen_at=at(6))])
    assert one(owner, "SELECT text, gone_at FROM posts") == ("戻った", None)
    take(owner, [gone(hours=5.5)])
    assert one(owner, "SELECT text FROM posts") == "戻った"


def test_gone_in_the_same_batch_as_the_post(owner: Owner) -> None:
    take(owner, [post(seen_at=at(1)), gone(hours=2)])
    assert one(owner, "SELECT text, gone_at FROM posts") == (None, at(2).replace(tzinfo=None))
    assert one(owner, "SELECT count(*) FROM mentions") == 1


def test_an_edited_text_is_to_be_scored_again(owner: Owner) -> None:
    said = post()
    take(owner, [said, post("2")])
    owner.save_scores(scores({"post": said, "sentiment": "positive"}, {"post": post("2"), "sentiment": "neutral"}))
    take(owner, [post(seen_at=at(2), url="https://a.example")])
    assert owner.unscored_count("m1") == 0
    take(owner, [post(text="やっぱりまずい", seen_at=at(3))])
    assert owner.unscored("m1", 10).to_pylist() == [
        {"post_key": said.key, "brand": "sorato", "platform": "x", "kind": "post", "text": "やっぱりまずい"}
    ]


def test_lists_take_each_row_once(owner: Owner) -> None:
    listed: list[object] = [
        Gap(source="s", platform="x", brand="sorato", from_at=at(0), to_at=at(5), reason="503", recorded_at=at(6)),
        Run(source="s", platform="x", brand="sorato", started_at=at(0), finished_at=at(1), outcome="ok", posts=3),
        Reject(source="s", place="line 3", reason="no date", raw="a,b", seen_at=at(1)),
        ReviewEvent(event_id="e1", post_key=1, brand="sorato", at=at(1), actor="mina", action="take"),
        SurveyAnswer(brand="sorato", answer_id="a1", answered_on=date(2026, 3, 1), score=9),
    ]
    take(owner, listed, listed, [*listed, *listed])
    for table in ("gaps", "runs", "rejects", "review_events", "surveys"):
        assert one(owner, f"SELECT count(*) FROM {table}") == 1, table


def test_a_corrected_survey_answer_replaces_the_first(owner: Owner) -> None:
    first = SurveyAnswer(brand="sorato", answer_id="a1", answered_on=date(2026, 3, 1), score=9)
    take(owner, [first], [SurveyAnswer(brand="sorato", answer_id="a1", answered_on=date(2026, 3, 1), score=2)])
    assert rows(owner, "SELECT score FROM surveys") == [(2,)]


def test_a_forgotten_author_stays_forgotten(home: Home, owner: Owner) -> None:
    take(owner, [post("1", author_id="u1"), post("2", author_id="u2"), own("3", author_id="u1")])
    assert owner.forget_author("x", "u1") == 1
    take(owner, [post("1", author_id="u1", text="また", seen_at=at(9)), post("4", author_id="u1", created_at=START, seen_at=at(9))])
    found = rows(owner, "SELECT native_id, text IS NULL, author_key IS NULL FROM posts ORDER BY 1")
    assert found == [("1", True, True), ("2", False, False), ("3", False, False), ("4", True, True)]
    assert owner.forget_author("x", "u1") == 0


def test_a_late_record_of_a_post_found_gone_meanwhile_leaves_nothing_of_its_author(owner: Owner) -> None:
    said = {"url": "https://a.example", "author_id": "u1", "lang": "ja"}
    take(owner, [post(seen_at=at(1), **said)], [gone(hours=9), post(seen_at=at(2))])
    assert one(owner, "SELECT text, url, author_key, gone_at FROM posts") == (None, None, None, at(9).replace(tzinfo=None))
    take(owner, [post("2", seen_at=at(1), url="https://a.example"), post("3", author_id="u2")])
    owner.forget_author("x", "u2")
    take(owner, [post("2", seen_at=at(2), author_id="u2")])
    assert rows(owner, "SELECT native_id FROM posts WHERE url IS NOT NULL OR text IS NOT NULL") == []
