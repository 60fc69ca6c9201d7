"""Whatever a server of the fediverse answers: three errors or none, no other item lost, no wrong number, nothing private kept."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Collector
from collectors.bookmark import Bookmark
from collectors.errors import SourceError
from collectors.http import Http
from collectors.mastodon import MastodonCollector, MastodonSettings
from collectors.mfm import plain_mfm
from collectors.misskey import MisskeyCollector, MisskeySettings
from collectors.refresh import Known
from collectors.text import plain
from store.records import Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, context_of
from tests.collectors.fakes.mastodon import Mastodon, MastodonTag
from tests.collectors.fakes.misskey import Misskey, MisskeyTag
from tests.collectors.test_properties import FAST, JSON, _places, storable

SERVER = "https://a.example"
Make = Callable[[Http], Collector[Any]]


def mastodon(http: Http) -> MastodonCollector:
    settings = MastodonSettings(name="m", brand="yomori", what="mentions", server=SERVER, tags=("ヨモリ",))
    return MastodonCollector(settings, context_of(http, lambda: NOW))


def misskey(http: Http) -> MisskeyCollector:
    settings = MisskeySettings(name="k", brand="yomori", what="mentions", server=SERVER, tags=("ヨモリ",))
    return MisskeyCollector(settings, context_of(http, lambda: NOW))


def run(make: Make, answer: Any, refresh: bool = False) -> list[Record] | None:
    """Return what a collector yields when every first page is ``answer`` and every later one is empty; None where it raises one of its errors."""

    def reply(request: httpx.Request) -> httpx.Response:
        later = b"untilId" in request.content or "max_id" in str(request.url)
        return httpx.Response(200, content=json.dumps([] if later else answer).encode())

    async def go() -> list[Record] | None:
        async with Http(transport=httpx.MockTransport(reply)) as http:
            collector = make(http)
            try:
                if refresh:
                    known = [Known(f"{SERVER}/notes/a1", NOW - timedelta(days=1)), Known("https://b.example/1", NOW)]
                    return [record async for record in collector.refresh(known)]
                return [record async for record in collector.collect(Bookmark(), SINCE)]
            except SourceError:
                return None
            finally:
                json.dumps(collector.next_bookmark.to_json())

    return asyncio.run(go())


def filled(wire: Any) -> Any:
    wire.url = SERVER
    for number in range(4):
        wire.say(f"ヨモリ {number} #茶", NOW - timedelta(hours=number + 1), likes=1000 + number, parent=number)
    return wire


def _mastodon_page() -> list[Any]:
    wire: Mastodon = filled(MastodonTag())
    return [wire.status(post) for post in wire.newest_first()]


def _misskey_page() -> list[Any]:
    wire: Misskey = filled(MisskeyTag())
    return [wire.note(post) for post in wire.newest_first()]


PLATFORMS = [
    pytest.param(mastodon, _mastodon_page(), "favourites_count", id="mastodon"),
    pytest.param(misskey, _misskey_page(), "reactionCount", id="misskey"),
]


@pytest.mark.parametrize(("make", "page", "likes"), PLATFORMS)
@FAST
@given(data=st.data(), value=JSON, drop=st.booleans())
def test_a_spoiled_item_spoils_no_other_item_and_no_number(
    make: Make, page: list[Any], likes: str, data: st.DataObject, value: Any, drop: bool
) -> None:
    place = data.draw(st.sampled_from([place for place in _places(page[1]) if place]))
    spoiled = copy.deepcopy(page)
    inner = spoiled[1]
    for key in place[:-1]:
        inner = inner[key]
    if drop and isinstance(inner, dict):
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    got = run(make, spoiled)
    assert got is not None
    storable(got)
    counts = {record.native_id: record.likes for record in got if isinstance(record, Metrics)}
    whole = run(make, page)
    assert whole is not None
    expected = {record.native_id: record.likes for record in whole if isinstance(record, Metrics)}
    assert len(expected) == 4
    others = {uri: number for uri, number in expected.items() if number != 1001}
    assert others.items() <= counts.items()
    if likes not in place and "reactions" not in place:
        assert set(counts.values()) <= {1000, 1001, 1002, 1003, None}
    if place == ("visibility",) and value not in ("public", "unlisted", "home"):
        assert not [record for record in got if isinstance(record, Post) and "ヨモリ 1 " in record.text]
        assert not [record for record in got if isinstance(record, Reject) and "ヨモリ 1 " in record.raw]


@pytest.mark.parametrize(("make", "page", "likes"), PLATFORMS)
@FAST
@given(
    answer=JSON | st.lists(JSON, max_size=3) | st.lists(st.dictionaries(st.sampled_from(["id", "uri", "visibility", "text"]), JSON)),
    refresh=st.booleans(),
)
def test_no_json_breaks_a_collector_or_erases_a_post(make: Make, page: list[Any], likes: str, answer: Any, refresh: bool) -> None:
    got = run(make, answer, refresh) or []
    storable(got)
    assert not [record for record in got if isinstance(record, Gone)]


@FAST
@given(st.text(st.sampled_from("<>/!?[]-pabrscript='\"&;# \nCDATA茶"), max_size=60))
def test_no_markup_breaks_the_reading_of_a_status(content: str) -> None:
    page = copy.deepcopy(PLATFORMS[0].values[1])
    page[1]["content"] = content + ' class="quote-inline"'
    got = run(mastodon, page)
    assert got is not None
    assert len([record for record in got if isinstance(record, Metrics)]) >= 3
    plain(content)


@FAST
@given(st.text(st.sampled_from("$[x2 .]*~_`<small>/b(https:a.test) \n茶"), max_size=80))
def test_no_markup_breaks_the_reading_of_a_note(text: str) -> None:
    read = plain_mfm(text)
    assert len(read) <= len(text)
    assert read.count("茶") <= text.count("茶")
