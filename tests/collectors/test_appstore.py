"""Apple's feed of reviews: what it makes special of one entry, of none, of edits and of its end."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.appstore import PAGE, PAGES, AppStoreCollector, AppStoreSettings
from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Http
from store.records import Gap, Metrics, Post, Record, Reject
from tests.collectors.conftest import EXAMPLES, NOW, SINCE, Clock, context_of
from tests.collectors.fakes.appstore import APP, AppStore
from tests.collectors.wire import WireServer


@pytest.fixture
def wire() -> AppStore:
    return AppStore()


@pytest.fixture
def server(wire: AppStore) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
async def context(clock: Clock) -> AsyncIterator[Context]:
    async with Http(patience=3.0, timeout=2.0) as http:
        yield context_of(http, clock)


async def read(settings_: AppStoreSettings, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], Bookmark]:
    collector = AppStoreCollector(settings_, context)
    got = [record async for record in collector.collect(bookmark or Bookmark(), SINCE)]
    return got, Bookmark.from_json(json.loads(json.dumps(collector.next_bookmark.to_json())))


def posts(records: list[Record]) -> list[Post]:
    return [record for record in records if isinstance(record, Post)]


async def test_a_review_comes_with_title_stars_version_and_how_many_it_helped(wire: AppStore, server: WireServer, context: Context) -> None:
    wire.say("起動しません。", NOW - timedelta(hours=5), likes=3, stars=1, title="落ちる", author="hana", version="4.0")
    got, _ = await read(wire.settings(server.url), context)
    (post,) = posts(got)
    assert (post.text, post.stars, post.kind, post.relation, post.tags) == ("落ちる\n起動しません。", 1.0, "review", "mention", ("v4.0",))
    assert (post.author_name, post.author_id, post.platform) == ("hana", "900001", "appstore")
    assert [count.likes for count in got if isinstance(count, Metrics)] == [3]


async def test_a_review_that_was_changed_is_the_same_with_another_text(wire: AppStore, server: WireServer, context: Context) -> None:
    for number in range(3):
        wire.say(f"良い {number}", NOW - timedelta(days=3, hours=number))
    first, saved = await read(wire.settings(server.url), context)
    changed = wire.said[2]
    changed.text, changed.at, changed.more["stars"] = "直りました", NOW - timedelta(hours=4), 5
    got, saved = await read(wire.settings(server.url), context, saved)
    (post,) = posts(got)
    assert (post.native_id, post.stars) == (posts(first)[2].native_id, 5.0)
    assert "直りました" in post.text
    assert not (await read(wire.settings(server.url), context, saved))[0]


async def test_a_review_that_is_shown_days_late_is_found(wire: AppStore, server: WireServer, context: Context, clock: Clock) -> None:
    wire.say("良い", NOW - timedelta(hours=1))
    _, saved = await read(wire.settings(server.url), context)
    clock.forward(hours=3)
    late = wire.say("二日前に書いた", NOW - timedelta(days=2))
    got, _ = await read(wire.settings(server.url), context, saved)
    assert [post.native_id for post in posts(got)] == [wire.native_id(late)]


async def test_the_feed_ends_at_five_hundred_and_what_lies_behind_is_a_gap(wire: AppStore, server: WireServer, context: Context) -> None:
    for number in range(PAGES * PAGE + 20):
        wire.say(f"良い {number}", NOW - timedelta(minutes=10 * number + 60))
    settings_ = wire.settings(server.url).model_copy(update={"requests": None})
    got, saved = await read(settings_, context)
    assert len(posts(got)) == PAGES * PAGE
    (gap,) = [record for record in got if isinstance(record, Gap)]
    assert (gap.from_at, gap.to_at) == (SINCE, min(post.created_at for post in posts(got)))
    again, _ = await read(settings_, context, saved)
    assert not again
    assert server.count() == PAGES + 1


async def test_an_empty_list_where_there_were_reviews_is_not_believed(wire: AppStore, server: WireServer, context: Context) -> None:
    wire.say("良い", NOW - timedelta(hours=1))
    _, saved = await read(wire.settings(server.url), context)
    wire.said.clear()
    with pytest.raises(BusyError, match="空の一覧"):
        await read(wire.settings(server.url), context, saved)


async def test_the_app_itself_in_the_list_is_no_review(wire: AppStore, server: WireServer, context: Context) -> None:
    wire.say("良い", NOW - timedelta(hours=1))
    app = {"im:name": {"label": "ヨモリ"}, "id": {"label": "https://apps.example/id1"}}
    server.faults.add("change", "*", change=lambda body: {"feed": {**body["feed"], "entry": [app, body["feed"]["entry"]]}})
    got, _ = await read(wire.settings(server.url), context)
    assert len(posts(got)) == 1
    assert not [record for record in got if isinstance(record, Reject)]


async def test_a_rating_that_cannot_be_read_is_unknown_and_told(wire: AppStore, server: WireServer, context: Context) -> None:
    wire.say("良い", NOW - timedelta(hours=1), stars=9)
    got, _ = await read(wire.settings(server.url), context)
    assert [post.stars for post in posts(got)] == [None]
    assert len([record for record in got if isinstance(record, Reject)]) == 1


async def test_an_app_that_is_not_there_says_what_to_check(wire: AppStore, server: WireServer, context: Context) -> None:
    other = wire.settings(server.url).model_copy(update={"app": "9999999999"})
    with pytest.raises(AccessError) as caught:
        await AppStoreCollector(other, context).check()
    assert "country" in caught.value.advice


@pytest.mark.parametrize(
    "app", [APP, f"id{APP}", f"https://apps.apple.com/jp/app/yomori/id{APP}?l=ja", f"https://apps.apple.com/jp/app/id{APP}"]
)
def test_an_app_may_be_named_by_its_address(app: str) -> None:
    assert AppStoreSettings.model_validate({"name": "a", "brand": "b", "app": app}).app_id == APP


def test_reviews_are_never_our_own() -> None:
    with pytest.raises(ValidationError):
        AppStoreSettings.model_validate({"name": "a", "brand": "b", "app": APP, "what": "own"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["label", "attributes", "href", "x"]), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("author", "updated", "im:rating", "im:version", "id", "title", "content", "link", "im:voteSum")


def _page() -> dict[str, Any]:
    wire = AppStore()
    for number in range(3):
        wire.say(f"良い {number}", NOW - timedelta(hours=number + 1), likes=10 + number)
    return {"feed": {"entry": [wire.entry(post) for post in wire.said]}}


async def _of(body: Any) -> list[Record] | None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=json.dumps(body if "page=1/" in request.url.path else {"feed": {}}))

    async with Http(transport=httpx.MockTransport(answer)) as http:
        try:
            return (await read(AppStoreSettings(name="a", brand="yomori", app=APP), context_of(http, lambda: NOW)))[0]
        except SourceError:
            return None


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(KEYS), JSON)
async def test_a_spoiled_entry_spoils_no_other_and_no_number(key: str, value: Any) -> None:
    page = copy.deepcopy(_page())
    page["feed"]["entry"][1][key] = value
    got = await _of(page)
    assert got is not None
    likes = {count.native_id: count.likes for count in got if isinstance(count, Metrics)}
    assert likes.items() >= {("11000000001", 10), ("11000000003", 12)}
    for post in posts(got):
        assert post.stars is None or 1 <= post.stars <= 5
        post.text.encode()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON | st.builds(lambda inner: {"feed": inner}, JSON) | st.builds(lambda inner: {"feed": {"entry": inner}}, JSON))
async def test_any_answer_is_read_or_is_one_of_our_errors(body: Any) -> None:
    await _of(body)


async def test_an_answer_in_another_form_is_told() -> None:
    async with Http(transport=httpx.MockTransport(lambda request: httpx.Response(200, json={"data": []}))) as http:
        with pytest.raises(FormatError):
            await AppStoreCollector(AppStoreSettings(name="a", brand="yomori", app=APP), context_of(http, lambda: NOW)).check()
