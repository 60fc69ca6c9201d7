"""What is said to a brand on Bluesky: notifications of its own account, replies to its posts and quotes of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import bluesky_session
from collectors.base import Context
from collectors.bluesky import BlueskyCollector, BlueskySettings
from collectors.bookmark import Bookmark
from collectors.errors import SourceError
from collectors.http import Http
from store.records import Metrics, Post, Record
from tests.collectors.conftest import NOW, SINCE, Clock, context_of
from tests.collectors.fakes.bluesky import BlueskySaid
from tests.collectors.test_properties import FAST, JSON, storable
from tests.collectors.wire import WireServer

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _no_session() -> Iterator[None]:
    bluesky_session._KNOWN.clear()
    yield
    bluesky_session._KNOWN.clear()


@pytest.fixture
def wire() -> BlueskySaid:
    return BlueskySaid()


@pytest.fixture
def server(wire: BlueskySaid) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


def watcher(wire: BlueskySaid, server: WireServer, **more: Any) -> BlueskySettings:
    """Return settings of which the account that searches is not the brand's own."""
    values = wire.settings(server.url).model_dump(exclude_unset=True)
    return BlueskySettings.model_validate({**values, "identifier": "watcher.test", **more})


async def read(settings: BlueskySettings, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], BlueskyCollector]:
    collector = BlueskyCollector(settings, context)
    kept = Bookmark.from_json(bookmark.to_json()) if bookmark else Bookmark()
    return [record async for record in collector.collect(kept, SINCE)], collector


def of(kind: type[T], records: list[Record]) -> list[T]:
    return [record for record in records if isinstance(record, kind)]


def ago(**how: float) -> datetime:
    return NOW - timedelta(**how)


def texts(records: list[Record]) -> list[str]:
    return [post.text for post in of(Post, records)]


async def test_notifications_bring_what_is_said_to_the_brand_with_its_counts(
    wire: BlueskySaid, server: WireServer, context: Context
) -> None:
    ours = wire.say("新茶です", ago(days=2), author="yomori")
    wire.say("在庫ありますか", ago(hours=1), likes=3, reason="mention")
    wire.say("高いです", ago(hours=2), reason="reply", parent=ours.number, likes=1)
    wire.say("これ好き", ago(hours=3), reason="quote", quoted=ours.number)
    wire.say("ただのいいね", ago(hours=4), reason="like")
    deleted = wire.say("消した", ago(hours=5), reason="mention")
    wire.gone.add(deleted.number)
    got, _ = await read(wire.settings(server.url), context)
    assert texts(got) == ["在庫ありますか", "高いです", "これ好き"]
    assert [post.kind for post in of(Post, got)] == ["post", "reply", "quote"]
    assert {post.parent_id for post in of(Post, got)} == {None, wire.native_id(ours)}
    assert [metrics.likes for metrics in of(Metrics, got)] == [3, 1, 0]
    asked = next(asked for asked in server.asked if asked.path.endswith("listNotifications"))
    assert asked.query["reasons"] == ["mention", "reply", "quote"]


async def test_another_accounts_notifications_are_not_about_the_brand(wire: BlueskySaid, server: WireServer, context: Context) -> None:
    wire.say("在庫ありますか", ago(hours=1))
    got, _ = await read(watcher(wire, server), context)
    assert not texts(got)
    assert not server.count("listNotifications")
    told = replace(context, own_accounts=("@watcher.test",))
    got, _ = await read(watcher(wire, server), told)
    assert texts(got) == ["在庫ありますか"]


async def test_later_rounds_look_up_only_what_is_new(wire: BlueskySaid, server: WireServer, http: Http, clock: Clock) -> None:
    for number in range(60):
        wire.say(f"話 {number}", ago(hours=4, minutes=number))
    context = context_of(http, clock)
    got, collector = await read(wire.settings(server.url), context)
    assert len(texts(got)) == 60
    assert server.count("getPosts") == 3
    clock.forward(hours=2)
    wire.say("新しい話", NOW + timedelta(hours=1))
    server.asked.clear()
    got, _ = await read(wire.settings(server.url), context, collector.next_bookmark)
    assert texts(got) == ["新しい話"]
    assert server.count("getPosts") == 1


async def test_replies_and_quotes_are_read_without_naming_the_brand_and_count_once(
    wire: BlueskySaid, server: WireServer, context: Context
) -> None:
    ours = wire.say("新茶です", ago(days=2), author="yomori")
    quiet = wire.say("だれも答えない", ago(days=1), author="yomori")
    wire.say("おいしかった", ago(hours=5), parent=ours.number, reason="")
    wire.say("うちの返事", ago(hours=4), parent=ours.number, author="yomori")
    wire.say("引用です", ago(hours=3), quoted=ours.number, reason="quote")
    gone = wire.say("消えた返事", ago(hours=3), parent=ours.number, reason="")
    wire.gone.add(gone.number)
    got, collector = await read(wire.settings(server.url), context)
    assert sorted(texts(got)) == ["おいしかった", "引用です"]
    assert {post.relation for post in of(Post, got)} == {"mention"}
    assert not [asked for asked in server.asked if asked.one("uri") == wire.native_id(quiet)]
    server.asked.clear()
    await read(wire.settings(server.url), context, collector.next_bookmark)
    assert not server.count("getPostThread")
    assert not server.count("getQuotes")
    wire.say("あとからの返事", ago(minutes=5), parent=ours.number, reason="")
    got, _ = await read(wire.settings(server.url), context, collector.next_bookmark)
    assert texts(got) == ["あとからの返事"]


async def test_many_quotes_are_read_to_the_end_and_never_for_ever(wire: BlueskySaid, server: WireServer, context: Context) -> None:
    ours = wire.say("新茶です", ago(days=2), author="yomori")
    for number in range(150):
        wire.say(f"引用 {number}", ago(hours=5, minutes=number), quoted=ours.number, reason="")
    got, _ = await read(watcher(wire, server), context)
    assert len(texts(got)) == 150
    wire.repeat = True
    server.asked.clear()
    got, _ = await read(watcher(wire, server), context)
    assert len(texts(got)) == 100
    assert server.count("getQuotes") == 2


async def test_answers_that_could_not_be_read_are_read_next_time(wire: BlueskySaid, server: WireServer, context: Context) -> None:
    posts = [wire.say(f"新茶 {number}", ago(days=1, minutes=number), author="yomori") for number in range(3)]
    for post in posts:
        wire.say(f"{post.text} への返事", ago(hours=3), parent=post.number, reason="")
    server.faults.add("error", "*getPostThread", skip=1, times=9)
    collector = BlueskyCollector(watcher(wire, server), context)
    first: list[Record] = []
    with pytest.raises(SourceError):
        await _drain(collector, first)
    assert texts(first) == ["新茶 0 への返事"]
    server.faults.clear()
    rest, _ = await read(watcher(wire, server), context, collector.next_bookmark)
    assert texts(rest) == ["新茶 1 への返事", "新茶 2 への返事"]


async def _drain(collector: BlueskyCollector, into: list[Record]) -> None:
    async for record in collector.collect(Bookmark(), SINCE):
        into.append(record)


async def test_a_post_that_goes_while_its_answers_are_read_is_no_fault(wire: BlueskySaid, server: WireServer, context: Context) -> None:
    ours = wire.say("新茶です", ago(days=2), author="yomori")
    wire.say("返事", ago(hours=5), parent=ours.number, reason="")
    shown = wire._post(ours)
    wire.gone.add(ours.number)

    def still_listed(body: Any) -> Any:
        return {"feed": [{"post": shown}]}

    server.faults.add("change", "*getAuthorFeed", change=still_listed)
    got, _ = await read(watcher(wire, server), context)
    assert not got


async def test_words_that_mean_something_else_are_refused_here_too(wire: BlueskySaid, server: WireServer, http: Http, clock: Clock) -> None:
    ours = wire.say("新茶です", ago(days=2), author="yomori")
    wire.say("ヨモリ山の話", ago(hours=5), parent=ours.number, reason="")
    wire.say("抽選希望", ago(hours=4), parent=ours.number, reason="")
    wire.say("店からの返事", ago(hours=3), parent=ours.number, reason="", author="shop")
    settings = watcher(wire, server, must_not=["抽選"], ignore_authors=["shop.test"])
    got, _ = await read(settings, context_of(http, clock, must_not=("ヨモリ山",)))
    assert not got


POST = {"uri": "at://did:plc:yomori/app.bsky.feed.post/1", "record": {"text": "x"}, "indexedAt": "2026-11-19T00:00:00Z", "replyCount": 1}
OBJECT = st.dictionaries(st.sampled_from(["uri", "record", "indexedAt", "author", "reason", "post", "replies"]), JSON, max_size=4)


@FAST
@given(told=JSON | st.lists(JSON | OBJECT, max_size=3), thread=JSON | OBJECT, posts=JSON | st.lists(JSON | OBJECT, max_size=3))
def test_no_answer_breaks_the_collector(told: Any, thread: Any, posts: Any) -> None:
    answers: dict[str, Any] = {
        "createSession": {"did": "did:plc:yomori", "accessJwt": "access", "refreshJwt": "refresh"},
        "searchPosts": {"posts": []},
        "listNotifications": {"notifications": told},
        "getAuthorFeed": {"feed": [{"post": {**POST, "quoteCount": 1}}]},
        "getPostThread": {"thread": {"replies": thread if isinstance(thread, list) else [thread]}},
        "getQuotes": {"posts": posts},
        "getPosts": {"posts": posts},
    }

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps(answers[request.url.path.rpartition(".")[2]]).encode())

    async def go() -> list[Record]:
        async with Http(transport=httpx.MockTransport(reply)) as http:
            collector = BlueskyCollector(BlueskySaid().settings("https://a.example"), context_of(http, lambda: NOW))
            got: list[Record] = []
            with contextlib.suppress(SourceError):
                await _drain(collector, got)
            json.dumps(collector.next_bookmark.to_json())
            return got

    bluesky_session._KNOWN.clear()
    storable(asyncio.run(go()))
