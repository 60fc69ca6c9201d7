"""Threads: figures post by post, what others write, and the search within its limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collectors.errors import AccessError, BusyError
from collectors.refresh import Known
from collectors.threads import MOST_SEARCHES
from tests.collectors.conftest import NOW, Clock
from tests.collectors.fakes.graph import refusal
from tests.collectors.fakes.threads import OURS, ThreadsMentions, ThreadsOwn, ThreadsReplies, ThreadsSearch, ThreadsWire
from tests.collectors.meta import Desk, counts, gone, metrics, posts
from tests.collectors.wire import Asked, Reply

HOUR = timedelta(hours=1)
FIRST = "18000000000100001"


async def test_a_post_comes_with_its_figures(clock: Clock) -> None:
    wire = ThreadsOwn()
    wire.say("ヨモリの新茶 #新茶 🍵", NOW - 2 * HOUR, topic_tag="お茶")
    wire.figures[1] = {"views": 500, "likes": 20, "replies": 3, "reposts": 2, "quotes": 1, "shares": 4}
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert counts(got) == (500, 20, 3, 7, None)
        (post,) = posts(got)
        assert (post.kind, post.tags, post.author_name) == ("post", ("新茶", "お茶"), "yomori_tea")


async def test_figures_that_are_not_there_are_unknown(clock: Clock) -> None:
    wire = ThreadsOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        assert counts(await desk.round()) == (None, None, None, None, None)


async def test_what_we_repost_is_not_ours_and_what_we_quote_is(clock: Clock) -> None:
    wire = ThreadsOwn()
    wire.say("ほかの人の投稿", NOW - HOUR, media_type="REPOST_FACADE", reposted_post={"id": "5"})
    wire.say("引用します", NOW - 2 * HOUR, is_quote_post=True, quoted_post={"id": "77"})
    with Desk(wire, clock) as desk:
        assert [(post.text, post.kind, post.parent_id) for post in posts(await desk.round())] == [("引用します", "quote", "77")]


async def test_our_own_replies_are_ours(clock: Clock) -> None:
    class WithReplies(ThreadsOwn):
        def at(self, path: str, asked: Asked) -> Reply:
            return self.listed(asked, path) if path == "me/replies" else super().at(path, asked)

    wire = WithReplies()
    wire.say("お答えします", NOW - HOUR, replied_to={"id": "88"})
    with Desk(wire, clock) as desk:
        desk.wire.refuse["me/threads"] = Reply({"data": []})
        assert [(post.kind, post.parent_id, post.relation) for post in posts(await desk.round())] == [("reply", "88", "own")]


async def test_figures_are_asked_for_once_a_post_and_only_of_the_newest(clock: Clock) -> None:
    wire = ThreadsOwn()
    for number in range(20):
        wire.say(f"ヨモリ {number}", NOW - timedelta(hours=3 * number + 2))
    with Desk(wire, clock) as desk:
        await desk.round()
        assert desk.server.count("/insights") == 20
        clock.forward(minutes=15)
        await desk.round()
        assert desk.server.count("/insights") == 20


# --- what others write


async def test_replies_to_our_posts_are_mentions_and_our_own_are_not(clock: Clock) -> None:
    wire = ThreadsReplies()
    wire.say("おいしそう", NOW - 2 * HOUR)
    wire.say("ありがとう", NOW - HOUR, is_reply_owned_by_me=True)
    wire.say("自社", NOW - HOUR, username="yomori_tea")
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert [(post.text, post.kind, post.parent_id, post.relation) for post in posts(got)] == [("おいしそう", "reply", OURS, "mention")]
        assert metrics(got) == []  # others' posts come without counts


async def test_old_posts_are_looked_at_less_often_for_replies(clock: Clock) -> None:
    wire = ThreadsReplies()
    wire.say("おいしそう", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        clock.forward(days=4)
        await desk.round()
        clock.forward(hours=1)
        await desk.round()
        assert desk.server.count("/conversation") == 1
        clock.forward(hours=6)
        await desk.round()
        assert desk.server.count("/conversation") == 2


async def test_a_reply_is_looked_up_and_leaves_when_it_is_gone(clock: Clock) -> None:
    wire = ThreadsReplies()
    wire.say("おいしそう", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        known = Known(FIRST, NOW, kind="reply")
        (seen,) = await desk.look(known, Known("1", NOW, kind="post"))
        assert seen.native_id == FIRST  # type: ignore[union-attr]
        wire.gone = {1}
        assert gone(await desk.look(known)) == [FIRST]


async def test_mentions_need_not_name_the_brand(clock: Clock) -> None:
    wire = ThreadsMentions()
    wire.say("@yomori_tea 行きます", NOW - 2 * HOUR)
    wire.say("@yomori_tea ヨモリ山より", NOW - 2 * HOUR)
    with Desk(wire, clock) as desk:
        assert [post.text for post in posts(await desk.round())] == ["@yomori_tea 行きます"]


async def test_a_search_finds_others_and_not_ourselves(clock: Clock) -> None:
    wire = ThreadsSearch()
    wire.say("ヨモリがすき", NOW - 2 * HOUR)
    wire.say("ヨモリの告知", NOW - 2 * HOUR, username="yomori_tea")
    with Desk(wire, clock) as desk:
        assert [(post.text, post.author_id) for post in posts(await desk.round())] == [("ヨモリがすき", "fan")]


async def test_a_topic_is_searched_as_a_tag(clock: Clock) -> None:
    wire = ThreadsSearch()
    wire.say("よい香り", NOW - 2 * HOUR, topic_tag="日本茶")
    with Desk(wire, clock, search=False, topics=["日本茶"]) as desk:
        (post,) = posts(await desk.round())
        assert post.tags == ("日本茶",)


async def test_searches_are_counted_and_those_that_find_nothing_are_free(clock: Clock) -> None:
    wire = ThreadsSearch()
    with Desk(wire, clock) as desk:
        await desk.round()
        (allowance,) = desk.collector.allowances
        assert desk.allowances.spent(allowance) == 0
        wire.say("ヨモリ", NOW - HOUR)
        await desk.round()
        assert desk.allowances.spent(allowance) == 1


async def test_the_searches_of_a_day_are_never_exceeded(clock: Clock) -> None:
    wire = ThreadsSearch()
    wire.say("ヨモリ", NOW - HOUR)
    with Desk(wire, clock) as desk:
        await desk.round()
        (allowance,) = desk.collector.allowances
        desk.allowances.settle(desk.allowances.reserve(allowance, MOST_SEARCHES - 1))
        before = desk.server.count("keyword_search")
        with pytest.raises(BusyError) as caught:
            await desk.round()
        assert caught.value.limited
        assert caught.value.until == NOW + timedelta(hours=24)
        assert desk.server.count("keyword_search") == before
        clock.forward(hours=25)
        await desk.round()
        assert desk.server.count("keyword_search") == before + 1


async def test_a_search_that_is_not_allowed_says_which_permission(clock: Clock) -> None:
    wire = ThreadsSearch()
    wire.refuse["keyword_search"] = refusal(10, "Application does not have permission", status=403)
    with Desk(wire, clock) as desk:
        with pytest.raises(AccessError) as caught:
            await desk.round()
        assert "threads_keyword_search" in caught.value.advice
        assert "search = false" in caught.value.advice


# --- look-ups


async def test_look_ups_cost_one_question_a_post(clock: Clock) -> None:
    wire = ThreadsOwn()
    for number in range(4):
        wire.say(f"ヨモリ {number}", NOW - 2 * HOUR)
        wire.figures[number + 1] = {"views": number, "likes": 1}
    with Desk(wire, clock) as desk:
        got = await desk.look(*(wire.native_id(post) for post in wire.said))
        assert [one.views for one in metrics(got)] == [0, 1, 2, 3]
        assert len([asked for asked in desk.server.asked if "refresh_access_token" not in asked.path]) == 4
        wire.gone = {2}
        got = await desk.look(*(wire.native_id(post) for post in wire.said))
        assert gone(got) == ["18000000000100002"]
        assert len(metrics(got)) == 3


async def test_a_metric_that_is_gone_is_asked_for_no_more(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ThreadsWire, "metrics", ("views", "likes", "replies"))
    wire = ThreadsOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR)
    wire.say("ヨモリ", NOW - 3 * HOUR)
    wire.figures = {1: {"views": 5, "likes": 2, "replies": 0}, 2: {"views": 6, "likes": 2, "replies": 0}}
    with Desk(wire, clock) as desk:
        got: list[Any] = await desk.round()
        assert sorted((one.views, one.likes, one.comments, one.shares) for one in metrics(got)) == [(5, 2, 0, None), (6, 2, 0, None)]
