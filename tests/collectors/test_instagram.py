"""Instagram: figures that are late, comments and answers to them, tags, and hashtags within their limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.errors import AccessError, BusyError
from collectors.instagram import MOST_HASHTAGS, InstagramSettings
from collectors.refresh import Known
from store.records import Gap
from tests.collectors.conftest import NOW, Clock
from tests.collectors.fakes.graph import NOT_THERE, refusal
from tests.collectors.fakes.instagram import ACCOUNT, OURS, InstagramComments, InstagramHashtag, InstagramOwn, InstagramTags
from tests.collectors.meta import Desk, counts, gone, metrics, posts, rejects

HOUR = timedelta(hours=1)
FIRST = "17900000000100001"


# --- our own media


async def test_a_medium_comes_with_its_figures_and_reach_is_not_views(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリの新茶 #新茶 🍵", NOW - 2 * HOUR, likes=7)
    wire.figures[1] = {"views": 1200, "reach": 900, "saved": 5, "shares": 3, "likes": 7, "comments": 2}
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert counts(got) == (1200, 7, 2, 3, 5)
        (post,) = posts(got)
        assert (post.kind, post.relation, post.tags) == ("post", "own", ("新茶",))
        assert (post.author_name, post.url) == ("yomori_tea", "https://www.instagram.com/p/C1/")
        assert desk.server.count("/insights") == 0  # they came within the list


async def test_figures_that_are_late_are_unknown_and_not_zero(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - timedelta(minutes=5), likes=0)
    with Desk(wire, clock) as desk:
        assert counts(await desk.round()) == (None, 0, 2, None, None)
        wire.figures[1] = {"views": 50, "saved": 0, "shares": 0}
        clock.forward(minutes=30)
        assert counts(await desk.round()) == (50, 0, 2, 0, 0)


async def test_likes_that_the_owner_hides_come_from_the_insights(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, like_count=None)
    wire.figures[1] = {"likes": 31}
    with Desk(wire, clock) as desk:
        assert counts(await desk.round())[1] == 31


async def test_the_old_name_of_views_is_read(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR)

    def old_name(body: Any) -> Any:
        body["data"][0]["insights"] = {"data": [{"name": "impressions", "period": "lifetime", "values": [{"value": 77}]}]}
        return body

    with Desk(wire, clock) as desk:
        desk.server.faults.add("change", "*/media", change=old_name)
        assert counts(await desk.round())[0] == 77


async def test_one_medium_without_insights_does_not_spoil_the_others(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("まだ個人のアカウントだったころ", NOW - 5 * HOUR)
    wire.say("ヨモリ", NOW - 2 * HOUR)
    wire.figures[2] = {"views": 9}
    before = refusal(100, "Media posted before business account conversion", 2108006)
    with Desk(wire, clock) as desk:
        desk.server.faults.add("change", "*/media", change=lambda body: before.body)
        wire.refuse[f"{FIRST}/insights"] = before
        got = await desk.round()
        assert {one.native_id: one.views for one in metrics(got)} == {FIRST: None, "17900000000100002": 9}
        assert desk.server.count("/insights") == 2


async def test_figures_asked_apart_are_asked_for_young_media_only(clock: Clock) -> None:
    wire = InstagramOwn()
    for number in range(10):
        wire.say(f"ヨモリ {number}", NOW - timedelta(days=number + 1))
    wire.refuse[".*insights"] = refusal(10, "(#10) Not enough viewers for the media to show insights")
    with Desk(wire, clock) as desk:
        await desk.round()
        clock.forward(minutes=15)
        desk.server.asked.clear()
        desk.server.faults.add("change", "*/media", times=1, change=lambda body: refusal(10, "(#10) Not enough viewers").body)
        await desk.round()
        assert desk.server.count("/insights") == 0


async def test_a_missing_permission_for_figures_is_told_and_the_media_are_read(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, likes=4)
    denied = refusal(10, "(#10) Application does not have permission for this action", status=403)
    wire.refuse[".*/insights"] = denied
    with Desk(wire, clock) as desk:
        desk.server.faults.add("change", "*/media", change=lambda body: denied.body)
        assert counts(await desk.round())[:2] == (None, 4)
        (warning,) = desk.collector.warnings
        assert "instagram_manage_insights" in warning.advice


# --- look-ups


async def test_figures_that_may_not_be_read_any_more_do_not_wipe_out_those_that_were(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, likes=4)
    wire.refuse[".*insights"] = refusal(10, "(#10) Application does not have permission for this action", status=403)
    with Desk(wire, clock) as desk:
        assert metrics(await desk.look(FIRST)) == []
        assert len(desk.collector.warnings) == 1
        wire.refuse[".*insights"] = refusal(100, "Media posted before business account conversion", 2108006)
        assert counts(await desk.look(FIRST))[:2] == (None, 4)


async def test_look_ups_go_by_fifty_and_tell_what_is_gone(clock: Clock) -> None:
    wire = InstagramOwn()
    for number in range(60):
        wire.say(f"ヨモリ {number}", NOW - 2 * HOUR, likes=number)
    wire.figures = {number: {"views": 10 * number} for number in range(1, 61)}
    with Desk(wire, clock) as desk:
        got = await desk.look(*(wire.native_id(post) for post in wire.said))
        assert {one.native_id: (one.views, one.likes) for one in metrics(got)} == {
            wire.native_id(post): (10 * post.number, post.likes) for post in wire.said
        }
        assert len([asked for asked in desk.server.asked if "debug_token" not in asked.path]) == 4
        wire.gone = {3}
        got = await desk.look(*(wire.native_id(post) for post in wire.said[:5]))
        assert gone(got) == [wire.native_id(wire.said[2])]
        assert len(metrics(got)) == 4


async def test_an_account_that_cannot_be_read_is_no_sign_that_its_media_are_gone(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR)
    wire.gone = {1}
    wire.refuse[ACCOUNT] = NOT_THERE
    with Desk(wire, clock) as desk:
        with pytest.raises(AccessError):
            await desk.look(FIRST)
        wire.refuse.clear()
        assert gone(await desk.look(FIRST)) == [FIRST]


async def test_an_edited_caption_comes_again_and_an_unchanged_one_does_not(clock: Clock) -> None:
    wire = InstagramOwn()
    post = wire.say("ヨモリの新茶", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        await desk.round()
        assert posts(await desk.look(FIRST)) == []
        post.text = "ヨモリの新茶(価格を訂正しました)"
        (edited,) = posts(await desk.look(FIRST))
        assert (edited.native_id, edited.text) == (FIRST, post.text)
        assert posts(await desk.look(FIRST)) == []


# --- comments


def _reply(number: int, text: str, at: Any, name: str = "fan2") -> dict[str, Any]:
    return {
        "id": f"1800000000000{number:04}",
        "text": text,
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "username": name,
        "like_count": 1,
    }


async def test_comments_and_answers_to_them_are_mentions(clock: Clock) -> None:
    wire = InstagramComments()
    replies = [_reply(1, "わたしも好き", NOW - HOUR), _reply(2, "ありがとうございます", NOW - HOUR, "yomori_tea")]
    wire.say("おいしかった", NOW - 2 * HOUR, likes=3, replies={"data": replies})
    wire.say("ヨモリ山に登った", NOW - 3 * HOUR)
    wire.say("担当です", NOW - 4 * HOUR, username="yomori_tea")
    wire.say("身内です", NOW - 4 * HOUR, username="Staff")
    with Desk(wire, clock, ignore_authors=["@staff"]) as desk:
        found = {post.text: post for post in posts(await desk.round())}
        assert set(found) == {"おいしかった", "わたしも好き"}
        assert {post.relation for post in found.values()} == {"mention"}
        assert {post.kind for post in found.values()} == {"comment"}
        assert found["おいしかった"].parent_id == OURS
        assert found["わたしも好き"].parent_id == found["おいしかった"].native_id
        assert found["おいしかった"].author_id == "999"


async def test_an_answer_that_cannot_be_read_costs_itself_alone(clock: Clock) -> None:
    wire = InstagramComments()
    broken = _reply(2, "日時がない", NOW - HOUR)
    del broken["timestamp"]
    wire.say(
        "おいしかった", NOW - 2 * HOUR, replies={"data": [_reply(1, "わたしも好き", NOW - HOUR), broken, _reply(3, "同感", NOW - HOUR)]}
    )
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert {post.text for post in posts(got)} == {"おいしかった", "わたしも好き", "同感"}
        (reject,) = rejects(got)
        assert broken["id"] in reject.raw


async def test_shares_are_what_was_sent_on_and_what_was_reposted(clock: Clock) -> None:
    wire = InstagramOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR)
    wire.figures = {1: {"shares": 3, "reposts": 4}}
    with Desk(wire, clock) as desk:
        assert counts(await desk.round())[3] == 7


async def test_check_says_what_can_be_read_of_others(clock: Clock) -> None:
    wire = InstagramTags()
    wire.say("ヨモリを飲んだ", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        assert (await desk.check()).endswith("、タグ付け 直近 1 件")
    hashtags = InstagramHashtag()
    with Desk(hashtags, clock) as desk:
        assert (await desk.check()).endswith("を検索できます")


async def test_comments_are_read_again_only_where_their_number_changed(clock: Clock) -> None:
    wire = InstagramComments()
    first = wire.say("おいしかった", NOW - 30 * HOUR)
    with Desk(wire, clock) as desk:
        assert len(posts(await desk.round())) == 1
        clock.forward(minutes=15)
        desk.server.asked.clear()
        assert await desk.round() == []
        assert desk.server.count("/comments") == 0
        clock.forward(hours=10)
        first.more["replies"] = {"data": [_reply(1, "遅い返事", clock() - timedelta(minutes=5))]}
        wire.say("二つめ", clock() - timedelta(minutes=1))
        assert [post.text for post in posts(await desk.round())] == ["二つめ", "遅い返事"]


async def test_a_comment_without_its_text_is_left_out(clock: Clock) -> None:
    wire = InstagramComments()
    wire.say("おいしかった", NOW - 2 * HOUR).more["text"] = None
    with Desk(wire, clock) as desk:
        assert posts(await desk.round()) == []


async def test_of_mentions_only_comments_are_looked_up(clock: Clock) -> None:
    wire = InstagramComments()
    wire.say("おいしかった", NOW - 2 * HOUR, likes=5)
    with Desk(wire, clock) as desk:
        comment, other = Known(FIRST, NOW, kind="comment"), Known("17900000000999999", NOW, kind="post")
        got = await desk.look(comment, other)
        assert [(one.native_id, one.likes) for one in metrics(got)] == [(FIRST, 5)]
        assert gone(got) == []
        wire.gone = {1}
        assert gone(await desk.look(comment, other)) == [FIRST]


# --- tags and hashtags


async def test_a_medium_that_tags_us_is_a_mention_whatever_it_says(clock: Clock) -> None:
    wire = InstagramTags()
    wire.say("いい天気", NOW - 2 * HOUR, likes=8)
    wire.say("ヨモリ山", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert [(post.text, post.author_name, post.relation) for post in posts(got)] == [("いい天気", "fan", "mention")]
        assert counts(got) == (None, 8, 2, None, None)


async def test_hashtags_find_media_without_authors_and_leave_out_our_own(clock: Clock) -> None:
    wire = InstagramHashtag()
    wire.say("新茶の季節 #ヨモリ", NOW - 2 * HOUR, likes=8)
    wire.say("自社の投稿 #ヨモリ", NOW - 2 * HOUR, permalink="https://www.instagram.com/p/OURS/")
    with Desk(wire, clock) as desk:
        (post,) = posts(await desk.round())
        assert (post.text, post.author_id, post.author_name) == ("新茶の季節 #ヨモリ", None, None)
        assert desk.server.count("ig_hashtag_search") == 1
        await desk.round()
        assert desk.server.count("ig_hashtag_search") == 1  # its id never changes


async def test_a_hashtags_cursor_that_never_changes_leads_on(clock: Clock) -> None:
    wire = InstagramHashtag()
    wire.same_cursor = True
    for number in range(120):
        wire.say(f"#ヨモリ {number}", NOW - 2 * HOUR - timedelta(minutes=number))
    with Desk(wire, clock) as desk:
        assert len(posts(await desk.round())) == 120


async def test_media_that_a_hashtag_shows_late_are_found_and_none_twice(clock: Clock) -> None:
    wire = InstagramHashtag()
    wire.say("#ヨモリ 一", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        await desk.round()
        clock.forward(minutes=15)
        wire.say("#ヨモリ 遅れて出た", NOW - 3 * HOUR)
        assert [post.text for post in posts(await desk.round())] == ["#ヨモリ 遅れて出た"]


async def test_an_outage_of_more_than_a_day_is_a_gap_for_hashtags(clock: Clock) -> None:
    wire = InstagramHashtag()
    wire.say("#ヨモリ", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        assert not [one for one in await desk.round() if isinstance(one, Gap)]
        clock.forward(hours=30)
        (gap,) = [one for one in await desk.round() if isinstance(one, Gap)]
        assert (gap.from_at, gap.to_at) == (NOW, NOW + 6 * HOUR)


async def test_thirty_hashtags_a_week_and_not_one_more(clock: Clock) -> None:
    wire = InstagramHashtag()
    with Desk(wire, clock, hashtags=[f"tag{number}" for number in range(MOST_HASHTAGS)]) as desk:
        await desk.round()
        assert desk.server.count("ig_hashtag_search") == MOST_HASHTAGS
        desk.changes["hashtags"] = ["tag0", "another"]
        await desk.round()
        assert desk.server.count("ig_hashtag_search") == MOST_HASHTAGS
        assert any("another" in remark for remark in desk.collector.remarks)
        clock.forward(days=8)
        await desk.round()
        assert desk.server.count("ig_hashtag_search") == MOST_HASHTAGS + 1


async def test_a_hashtag_that_cannot_be_searched_does_not_stop_the_others(clock: Clock) -> None:
    wire = InstagramHashtag()
    wire.say("#ヨモリ", NOW - 2 * HOUR)

    def only_ours(body: Any) -> Any:
        return {"error": {"message": "Invalid hashtag", "code": 24, "type": "OAuthException"}}

    with Desk(wire, clock, hashtags=["だめ", "ヨモリ"]) as desk:
        desk.server.faults.add("change", "*/ig_hashtag_search", change=only_ours)
        assert len(posts(await desk.round())) == 1
        assert any("#だめ" in remark for remark in desk.collector.remarks)


async def test_what_was_not_landed_is_read_again(clock: Clock) -> None:
    wire = InstagramHashtag()
    for number in range(60):
        wire.say(f"#ヨモリ {number}", NOW - 2 * HOUR - timedelta(minutes=number))
    with Desk(wire, clock) as desk:
        desk.server.faults.add("error", "*/recent_media", skip=1, times=9, status=500)
        with pytest.raises(BusyError):
            await desk.round()
        desk.server.faults.clear()
        assert len(posts(await desk.round())) == 10


# --- settings


@pytest.mark.parametrize(
    "changes",
    [
        {"account": ""},
        {"version": "26"},
        {"hashtags": [f"t{number}" for number in range(31)]},
        {"login": "instagram", "hashtags": ["a"]},
        {"token_env": "EAAG-the-token-itself"},
    ],
)
def test_settings_that_cannot_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        InstagramSettings.model_validate({"name": "a", "brand": "b", "account": "1", **changes})
    assert "EAAG" not in str(caught.value)


def test_the_login_decides_the_service() -> None:
    told = {"name": "a", "brand": "b", "account": "1"}
    assert InstagramSettings.model_validate(told).service == "https://graph.facebook.com"
    assert InstagramSettings.model_validate({**told, "login": "instagram"}).service == "https://graph.instagram.com"
