"""Facebook Pages: reactions by type, views and not reach, permissions that are missing, comments, posts that tag the Page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.errors import AccessError
from collectors.refresh import Known
from tests.collectors.conftest import NOW, Clock
from tests.collectors.fakes.facebook import OURS, PAGE, FacebookComments, FacebookOwn, FacebookTagged
from tests.collectors.fakes.graph import refusal
from tests.collectors.meta import Desk, counts, gone, metrics, posts, rejects

HOUR = timedelta(hours=1)
DENIED = refusal(10, "(#10) This endpoint requires the 'pages_read_user_content' permission", status=403)


async def test_a_post_comes_with_its_figures_and_reach_is_not_views(clock: Clock) -> None:
    wire = FacebookOwn()
    wire.say("ヨモリの新茶 #新茶", NOW - 2 * HOUR, likes=7)
    wire.figures[1] = {
        "post_reactions_by_type_total": {"like": 5, "love": 2, "haha": 1},
        "post_media_view": 800,
        "post_total_media_view_unique": 600,
    }
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert counts(got) == (800, 8, 4, 3, None)
        (post,) = posts(got)
        assert (post.native_id, post.tags, post.author_name, post.relation) == (f"{PAGE}_1001", ("新茶",), "ヨモリのお茶", "own")


async def test_reach_alone_leaves_views_unknown(clock: Clock) -> None:
    wire = FacebookOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, likes=7, shares=None)
    wire.figures[1] = {"post_total_media_view_unique": 600}
    with Desk(wire, clock) as desk:
        assert counts(await desk.round()) == (None, 7, 4, None, None)  # a post never shared has no ``shares``: not known


async def test_a_version_without_the_metric_of_views_leaves_the_others(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FacebookOwn, "metrics", ("post_reactions_by_type_total", "post_clicks"))
    wire = FacebookOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, likes=7)
    wire.figures[1] = {"post_reactions_by_type_total": {"like": 5}}
    with Desk(wire, clock) as desk:
        assert counts(await desk.round()) == (None, 5, 4, 3, None)


@pytest.mark.parametrize("spoiled", [{"like": "many"}, {"like": -1}, {"like": [1]}, {"like": 2.5}])
async def test_a_reaction_that_cannot_be_read_is_no_wrong_sum(clock: Clock, spoiled: dict[str, object]) -> None:
    wire = FacebookOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, likes=7)
    wire.figures[1] = {"post_reactions_by_type_total": {"love": 3, **spoiled}, "post_media_view": 9}
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert counts(got) == (9, 7, 4, 3, None)  # the post's own summary is right
        assert len(rejects(got)) == 1


async def test_without_one_permission_the_posts_are_read_all_the_same(clock: Clock) -> None:
    wire = FacebookOwn()
    wire.say("ヨモリ", NOW - 2 * HOUR, likes=7)
    wire.figures[1] = {"post_reactions_by_type_total": {"like": 5}, "post_media_view": 9}
    with Desk(wire, clock) as desk:
        answer = wire.at

        def strict(path: str, asked: object) -> object:
            fields = wire.asked_for(asked)  # type: ignore[arg-type]
            return DENIED if "reactions" in fields or "comments" in fields else answer(path, asked)  # type: ignore[arg-type]

        wire.at = strict  # type: ignore[assignment, method-assign]
        assert counts(await desk.round()) == (9, 5, None, 3, None)
        assert any("pages_read_user_content" in remark for remark in desk.collector.remarks)


async def test_a_page_without_any_permission_is_told(clock: Clock) -> None:
    wire = FacebookOwn()
    wire.refuse[f"{PAGE}/published_posts"] = DENIED
    with Desk(wire, clock) as desk:
        with pytest.raises(AccessError) as caught:
            await desk.round()
        assert "read_insights" in caught.value.advice


async def test_comments_are_mentions_and_the_pages_own_are_not(clock: Clock) -> None:
    wire = FacebookComments()
    wire.say("おいしかった", NOW - 2 * HOUR, likes=3)
    wire.say("わたしも", NOW - HOUR, parent={"id": "900_1001"})
    wire.say("ありがとうございます", NOW - HOUR, **{"from": {"id": PAGE, "name": "ヨモリのお茶"}})
    wire.say("", NOW - HOUR)
    with Desk(wire, clock) as desk:
        found = {post.text: post for post in posts(await desk.round())}
        assert set(found) == {"おいしかった", "わたしも"}
        assert (found["おいしかった"].parent_id, found["わたしも"].parent_id) == (OURS, "900_1001")
        assert {post.kind for post in found.values()} == {"comment"}
        asked = next(one for one in desk.server.asked if one.path.endswith("/comments"))
        assert (asked.one("filter"), asked.one("order")) == ("stream", "reverse_chronological")


async def test_a_comment_that_was_deleted_or_edited_follows(clock: Clock) -> None:
    wire = FacebookComments()
    first, second = wire.say("おいしかった", NOW - 2 * HOUR), wire.say("いまいち", NOW - HOUR)
    with Desk(wire, clock) as desk:
        await desk.round()
        known = [Known(wire.native_id(post), post.at, kind="comment") for post in (first, second)]
        wire.gone, first.text = {2}, "とてもおいしかった"
        got = await desk.look(*known)
        assert gone(got) == [wire.native_id(second)]
        (edited,) = posts(got)
        assert (edited.text, edited.parent_id) == ("とてもおいしかった", f"{PAGE}_900")


async def test_posts_that_tag_the_page_have_no_author(clock: Clock) -> None:
    wire = FacebookTagged()
    wire.say("散歩の途中で", NOW - 2 * HOUR)
    wire.say("うちの告知", NOW - HOUR, **{"from": {"id": PAGE}})
    with Desk(wire, clock) as desk:
        got = await desk.round()
        assert [(post.text, post.author_id, post.relation) for post in posts(got)] == [("散歩の途中で", None, "mention")]
        assert metrics(got) == []


async def test_the_figures_of_a_look_up(clock: Clock) -> None:
    wire = FacebookOwn()
    for number in range(3):
        wire.say(f"ヨモリ {number}", NOW - 2 * HOUR, likes=number)
        wire.figures[number + 1] = {"post_media_view": 100 * number}
    wire.gone = {2}
    with Desk(wire, clock) as desk:
        got = await desk.look(*(wire.native_id(post) for post in wire.said))
        assert gone(got) == [f"{PAGE}_1002"]
        assert [(one.views, one.likes) for one in metrics(got)] == [(0, 0), (200, 2)]
