"""What Instagram, Facebook and Threads have in common: tokens, limits, error codes, fields that come and go, cursors."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.graph import cursor_params, next_cursor
from collectors.graph_errors import GraphError, rest_in
from collectors.graph_insights import figures
from collectors.tokens import Token
from tests.collectors.conftest import EXAMPLES, NOW, Clock
from tests.collectors.fakes.facebook import PAGE, FacebookComments, FacebookOwn
from tests.collectors.fakes.graph import TOKEN, refusal
from tests.collectors.fakes.instagram import ACCOUNT, InstagramComments, InstagramLogin, InstagramOwn
from tests.collectors.fakes.threads import TOKEN as THREADS_TOKEN
from tests.collectors.fakes.threads import ThreadsOwn, ThreadsReplies
from tests.collectors.meta import Desk, counts, metrics, posts

DAY = timedelta(days=1)


@pytest.fixture
def desk(clock: Clock) -> Iterator[Desk]:
    with Desk(InstagramOwn(), clock) as desk:
        desk.wire.say("ヨモリの新茶", NOW - timedelta(hours=2), likes=7)
        yield desk


# --- errors


@pytest.mark.parametrize(
    ("code", "subcode", "status", "kind", "said"),
    [
        (190, 463, 401, AccessError, "期限切れ"),
        (190, 460, 400, AccessError, "パスワードが変わりました"),
        (102, None, 400, AccessError, "受け付けられません"),
        (10, None, 403, AccessError, "権限"),
        (200, None, 403, AccessError, "権限"),
        (100, 33, 400, AccessError, "見つかりません"),
        (4, None, 403, BusyError, "回数制限"),
        (17, None, 400, BusyError, "回数制限"),
        (32, None, 400, BusyError, "回数制限"),
        (613, None, 400, BusyError, "回数制限"),
        (80002, None, 400, BusyError, "回数制限"),
        (1, None, 400, BusyError, "一時的"),
        (2, None, 400, BusyError, "一時的"),
        (100, None, 400, FormatError, "受け付けません"),
        (2635, None, 400, FormatError, "受け付けません"),
    ],
)
async def test_each_code_is_told_for_what_it_is(
    desk: Desk, code: int, subcode: int | None, status: int, kind: type[SourceError], said: str
) -> None:
    desk.wire.refuse[f"{ACCOUNT}/media"] = refusal(code, "(#1) Said by the platform", subcode, status)
    with pytest.raises(kind) as caught:
        await desk.round()
    assert said in caught.value.message
    if isinstance(caught.value, AccessError):
        assert caught.value.advice
    if isinstance(caught.value, BusyError):
        assert caught.value.limited is (code not in (1, 2))


async def test_an_expired_token_is_told_with_what_to_do(desk: Desk) -> None:
    desk.server.faults.add("expired", "*", times=9)
    with pytest.raises(AccessError) as caught:
        await desk.round()
    assert "HIBIKI_INSTAGRAM_TOKEN" in caught.value.advice
    assert TOKEN not in caught.value.advice


async def test_a_page_of_a_proxy_in_place_of_an_error_is_no_crash(desk: Desk) -> None:
    from tests.collectors.wire import Reply

    desk.wire.refuse[f"{ACCOUNT}/media"] = Reply(b"<html>403</html>", 403)
    with pytest.raises(AccessError):
        await desk.round()


async def test_a_version_that_has_ended_is_told_with_what_to_change(desk: Desk) -> None:
    desk.changes["version"] = "v19.0"
    with pytest.raises(FormatError) as caught:
        await desk.check()
    assert "version" in (caught.value.advice or "")


async def test_a_question_that_is_too_large_is_put_in_parts(desk: Desk) -> None:
    desk.wire.figures[1] = {"views": 100}
    said = "Please reduce the amount of data you're asking for, then retry your request"
    answer = desk.wire.at

    def strained(path: str, asked: Any) -> Any:
        return refusal(1, said, status=500) if "insights.metric" in asked.one("fields") else answer(path, asked)

    desk.wire.at = strained  # type: ignore[method-assign]
    assert counts(await desk.round())[:2] == (100, 7)


# --- limits


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({}, None),
        ({"x-app-usage": '{"call_count":12,"total_time":25,"total_cputime":25}'}, None),
        ({"x-app-usage": '{"call_count":100,"total_time":25,"total_cputime":25}'}, timedelta(minutes=10)),
        ({"x-business-use-case-usage": '{"1":[{"call_count":96,"total_cputime":1,"total_time":1}]}'}, timedelta(minutes=10)),
        ({"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":19}]}'}, timedelta(minutes=19)),
        ({"x-business-use-case-usage": '{"1":[{"estimated_time_to_regain_access":99999}]}'}, DAY),
        ({"x-business-use-case-usage": "no JSON"}, None),
        ({"x-business-use-case-usage": "[1, 2]"}, None),
        ({"x-business-use-case-usage": '{"1": 5, "2": [7, null]}', "x-app-usage": '{"call_count": "NaN"}'}, None),
    ],
)
def test_the_usage_headers(headers: dict[str, str], rest: timedelta | None) -> None:
    assert rest_in(headers) == rest


async def test_a_limit_is_heeded_before_meta_refuses(desk: Desk) -> None:
    for number in range(60):
        desk.wire.say(f"ヨモリ {number}", NOW - timedelta(hours=3, minutes=number))
    desk.wire.headers = {"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":19}]}'}
    with pytest.raises(BusyError) as caught:
        await desk.round()
    assert caught.value.limited
    assert caught.value.until is not None
    assert desk.server.count("/media") == 1  # the first page came, and the second was not asked for
    desk.wire.headers = {}
    rest = await desk.round()
    assert len(posts(rest)) >= 11  # and the next round goes on where this one stopped


async def test_a_refusal_says_until_when(desk: Desk) -> None:
    reply = refusal(4, "(#4) Application request limit reached", status=403)
    reply.headers = {"x-business-use-case-usage": '{"1":[{"call_count":100,"estimated_time_to_regain_access":19}]}'}
    desk.wire.refuse[f"{ACCOUNT}/media"] = reply
    with pytest.raises(BusyError) as caught:
        await desk.round()
    assert caught.value.until is not None


# --- fields and metrics that come and go


async def test_a_field_that_the_version_does_not_know_costs_itself_alone(desk: Desk) -> None:
    desk.wire.unknown = {"username", "comments_count"}
    desk.wire.figures[1] = {"comments": 3, "views": 100}
    got = await desk.round()
    assert [post.text for post in posts(got)] == ["ヨモリの新茶"]
    assert counts(got) == (100, 7, 3, None, None)


async def test_a_metric_that_was_renamed_costs_itself_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(desk.wire), "metrics", ("reach", "saved", "shares", "impressions"))
    desk.wire.figures[1] = {"saved": 2, "shares": 1}
    got = await desk.round()
    assert counts(got) == (None, 7, 2, 1, 2)


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("(#100) metric[3] must be one of the following values: views, likes, follows", ("views", "likes")),
        ("The Media Insights API does not support the shares metric for this media product type.", ("views", "likes")),
        ("(#100) The value must be a valid insights metric", ("views", "likes")),
    ],
)
def test_metrics_are_narrowed_by_what_the_platform_says(message: str, left: tuple[str, ...]) -> None:
    assert GraphError(100, 0, message).narrowed(("views", "likes", "shares")) == left


def test_what_is_not_about_metrics_narrows_none() -> None:
    assert GraphError(10, 0, "metric").narrowed(("views",)) is None
    assert GraphError(100, 0, "Invalid cursor").narrowed(("views",)) is None


# --- cursors


def test_no_token_of_a_next_address_is_kept() -> None:
    answer = {
        "data": [{"id": "1"}],
        "paging": {"next": f"https://graph.facebook.com/x?access_token={TOKEN}&until=123&__paging_token=enc_A"},
    }
    cursor = next_cursor(answer, 25)
    assert cursor is not None
    assert TOKEN not in cursor
    assert cursor_params(cursor) == {"until": "123", "__paging_token": "enc_A"}


@pytest.mark.parametrize(
    ("paging", "size", "cursor"),
    [
        ({"cursors": {"before": "a", "after": "b"}, "next": "https://x/?after=b"}, 1, "b"),
        ({"cursors": {"before": "a", "after": "b"}}, 1, None),  # the last page: no next
        ({"cursors": {"before": "a", "after": "b"}}, 25, "b"),  # a full page of a platform that gives no next
        ({}, 25, None),
        (None, 25, None),
        ({"next": "http://[broken"}, 1, None),
    ],
)
def test_where_a_list_goes_on(paging: Any, size: int, cursor: str | None) -> None:
    assert next_cursor({"data": [{"id": "1"}] * size, "paging": paging}, 25) == cursor


@settings(max_examples=EXAMPLES)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner)))  # fmt: skip
def test_whatever_comes_nothing_breaks(value: Any) -> None:
    next_cursor({"data": value, "paging": value}, 2)
    next_cursor({"paging": {"next": value, "cursors": value}}, 2)
    GraphError.of({"error": value})
    GraphError.of({"error": {"code": value, "error_subcode": value, "message": value}})
    figures(value if isinstance(value, list) else [value])
    rest_in({"x-app-usage": json.dumps(value), "x-business-use-case-usage": json.dumps({"1": [value]})})


def test_a_figure_that_does_not_exist_is_not_zero() -> None:
    assert figures([]) == {}
    assert figures([{"name": "views", "values": []}, {"name": "likes", "values": [{"value": None}]}]) == {}
    assert figures([{"name": "views", "values": [{"value": 0}]}, {"name": "reach", "total_value": {"value": 5}}]) == {
        "views": 0,
        "reach": 5,
    }


# --- tokens


async def test_a_long_lived_token_is_renewed_and_shared(clock: Clock, tmp_path: Path) -> None:
    wire = ThreadsOwn()
    wire.say("ヨモリ", NOW - timedelta(hours=2))
    with Desk(wire, clock, tmp_path / "tokens") as desk:
        await desk.round()
        assert wire.renewals == 1  # to learn when it ends
        await desk.round()
        assert wire.renewals == 1
        clock.forward(days=41)
        await desk.round()
        assert wire.renewals == 2


async def test_a_token_that_another_source_renewed_meanwhile_is_taken_up(clock: Clock, tmp_path: Path) -> None:
    wire = ThreadsOwn()
    for number in range(60):
        wire.say(f"ヨモリ {number}", NOW - timedelta(hours=3, minutes=number))
    with Desk(wire, clock, tmp_path / "tokens") as desk:

        def renewed_by_another(body: Any) -> Any:
            wire.renewals += 1
            token = Token(wire.now_valid, None, NOW + 60 * DAY)
            desk.tokens.save("threads HIBIKI_THREADS_TOKEN", token, env=THREADS_TOKEN)
            return body

        desk.server.faults.add("change", wire.listing, change=renewed_by_another)
        assert len(posts(await desk.round())) == 60


async def test_a_renewal_that_is_refused_leaves_a_young_token_at_work(clock: Clock, tmp_path: Path) -> None:
    wire = InstagramLogin()
    wire.say("ヨモリ", NOW - timedelta(hours=2))
    with Desk(wire, clock, tmp_path / "tokens") as desk:
        desk.server.faults.add("error", "*refresh_access_token", times=99, status=500)
        assert posts(await desk.round())


async def test_a_pages_own_token_takes_the_place_of_a_persons(clock: Clock, tmp_path: Path) -> None:
    wire = FacebookOwn()
    wire.page_token = "EAAPageTokenThatLasts0123456789"
    wire.say("ヨモリ", NOW - timedelta(hours=2))
    with Desk(wire, clock, tmp_path / "tokens") as desk:
        assert posts(await desk.round())
        used = [asked.headers["authorization"] for asked in desk.server.asked if asked.path.endswith("published_posts")]
        assert used == [f"Bearer {wire.page_token}"]
        assert wire.page_token not in json.dumps(desk.bookmark.to_json())


@pytest.mark.parametrize(("days", "warned"), [(0, False), (5, True), (20, False)])
async def test_the_end_of_a_token_that_nothing_renews_is_told_days_before(clock: Clock, tmp_path: Path, days: int, warned: bool) -> None:
    wire = InstagramOwn()
    wire.expires_at = int((NOW + timedelta(days=days)).timestamp()) if days else 0
    with Desk(wire, clock, tmp_path / "tokens") as desk:
        await desk.check()
        assert bool(desk.collector.warnings) is warned
        if warned:
            assert "2026-11-25 12:00" in desk.collector.warnings[0].message
            assert "HIBIKI_INSTAGRAM_TOKEN" in desk.collector.warnings[0].advice


async def test_a_secret_of_the_app_proves_who_asks(clock: Clock) -> None:
    with Desk(InstagramOwn(), clock, app_secret_env="HIBIKI_META_SECRET") as desk:
        desk.secrets["HIBIKI_META_SECRET"] = "app-secret-0123456789"
        await desk.check()
        proofs = {asked.one("appsecret_proof") for asked in desk.server.asked}
        assert all(len(proof) == 64 for proof in proofs)
        assert "app-secret-0123456789" not in str([(asked.query, asked.headers) for asked in desk.server.asked])


async def test_no_token_is_in_anything_that_is_kept_or_said(clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "hibiki")
    caplog.set_level(logging.INFO, "stamina")
    for wire in (InstagramOwn(), InstagramLogin(), FacebookOwn(), ThreadsOwn()):
        for number in range(60):
            wire.say(f"ヨモリ {number}", NOW - timedelta(hours=3, minutes=number))
        with Desk(wire, clock, tmp_path / wire.name) as desk:
            said: list[Any] = []
            for fault in (None, "error", "broken_json", "html", "cut", "expired", "busy"):
                if fault:
                    desk.server.faults.add(fault, wire.listing, skip=1, times=20)  # type: ignore[arg-type]
                try:
                    said.append(await desk.round())
                except SourceError as error:
                    said += [error.message, error.advice, repr(error), getattr(error, "raw", "")]
                desk.server.faults.clear()
                said += [
                    desk.bookmark.to_json(),
                    desk.collector.remarks,
                    desk.collector.warnings,
                    desk.collector.context,
                    desk.collector.graph,
                ]  # type: ignore[attr-defined]
            told = f"{said!r} {caplog.text}"
            for secret in (TOKEN, THREADS_TOKEN):
                assert secret not in told


async def test_sources_that_share_a_token_share_its_limit(clock: Clock) -> None:
    from collectors.http import Http

    with Desk(InstagramOwn(), clock) as desk:
        async with Http(patience=2.0) as http:
            collector = desk.begin(http)
            desk.wire.headers = {"x-app-usage": '{"call_count":100}'}
            await collector.check()
            with pytest.raises(BusyError):
                await desk.begin(http).check()
            desk.changes = {"token_env": "HIBIKI_OTHER_TOKEN"}
            desk.secrets["HIBIKI_OTHER_TOKEN"] = TOKEN
            assert await desk.begin(http).check()


async def test_the_page_of_facebook_is_what_check_names(clock: Clock) -> None:
    with Desk(FacebookOwn(), clock) as desk:
        assert "ヨモリのお茶" in await desk.check()
        desk.wire.refuse[PAGE] = refusal(100, "Unsupported get request.", 33)
        with pytest.raises(AccessError):
            await desk.check()


async def test_looking_up_nothing_asks_nothing(desk: Desk) -> None:
    assert await desk.look() == []
    assert desk.server.asked == []


async def test_metrics_of_a_look_up_are_those_of_the_moment(desk: Desk) -> None:
    await desk.round()
    desk.wire.said[0].likes = 99
    got = await desk.look(desk.wire.native_id(desk.wire.said[0]))
    assert [one.likes for one in metrics(got)] == [99]


async def test_check_tries_what_others_answer(clock: Clock) -> None:
    """A permission that only comments need is missing: better heard of now than in the first round."""
    for wire, way in ((InstagramComments(), ".*/comments"), (FacebookComments(), ".*/comments"), (ThreadsReplies(), ".*/conversation")):
        wire.say("おいしかった", NOW - timedelta(hours=2))
        with Desk(wire, clock) as desk:
            assert " 1 件(直近の 1 投稿)" in await desk.check()
            wire.refuse[way] = refusal(10, "(#10) This endpoint requires a permission", status=403)
            with pytest.raises(AccessError) as caught:
                await desk.check()
            assert "= false" in caught.value.advice
