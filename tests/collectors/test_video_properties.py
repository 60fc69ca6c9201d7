"""Whatever YouTube, TikTok and LINE answer: three errors or none, no other item lost, no wrong number, nothing erased by nonsense."""

from __future__ import annotations

import asyncio
import copy
import json
import math
from collections.abc import Callable
from datetime import timedelta
from fnmatch import fnmatch
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from store.records import Gone, Kpi, Metrics, Post, Record
from tests.collectors.conftest import NOW, SINCE
from tests.collectors.fakes.line import LineOA
from tests.collectors.fakes.tiktok import TikTok, TikTokBusiness
from tests.collectors.fakes.youtube import YouTube, YouTubeComments, YouTubeSearch
from tests.collectors.test_properties import FAST, JSON, _places, storable
from tests.collectors.wire import Asked, Wire

Change = Callable[[str, Any], Any]
"""(path, answer) -> what is answered instead."""
LIKES = (1000, 1001, 1002, 1003)


def filled(wire_type: type[Wire]) -> Wire:
    wire = wire_type()
    for number, likes in enumerate(LIKES):
        wire.say(f"ヨモリ {number} #茶", NOW - timedelta(hours=number + 3), likes=likes)
    if isinstance(wire, LineOA):
        wire.days["20261119"] = {"followers": {"status": "ready", "followers": 7}, "delivery": {"status": "ready", "chat": 3}}
        wire.options = {"units": ["promo"]}
    return wire


def run(wire: Wire, change: Change, look_up: bool = False) -> list[Record] | None:
    """Return what a collector yields when its platform's answers go through ``change``; None where it raises one of its errors."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = parse_qs(request.url.query.decode(), keep_blank_values=True)
        reply = wire.answer(Asked(request.method, request.url.path, query, dict(request.headers), request.content))
        body = json.dumps(change(request.url.path, json.loads(reply.bytes())))
        return httpx.Response(reply.status, content=body.encode("utf-8", "surrogatepass"))

    async def go() -> list[Record] | None:
        async with Http(transport=httpx.MockTransport(answer)) as http:
            context = Context(http, BrandWords("yomori", ("ヨモリ",)), dict(wire.secrets), lambda: NOW)
            collector = make(wire.settings("https://a.example"), context)
            known = [Known(wire.native_id(post), post.at) for post in wire.said]
            records = collector.refresh(known) if look_up else collector.collect(Bookmark(), SINCE)
            try:
                return [record async for record in records]
            except SourceError:
                return None
            finally:
                json.dumps(collector.next_bookmark.to_json())

    return asyncio.run(go())


def likes_of(records: list[Record] | None) -> dict[str, int | None]:
    return {record.native_id: record.likes for record in records or [] if isinstance(record, Metrics)}


@cache
def unspoiled(wire_type: type[Wire]) -> dict[str, int | None]:
    return likes_of(run(filled(wire_type), lambda path, body: body))


LISTS = [
    pytest.param(YouTube, "*/playlistItems", ("items",), id="youtube-uploads"),
    pytest.param(YouTube, "*/videos", ("items",), id="youtube-videos"),
    pytest.param(YouTubeSearch, "*/search", ("items",), id="youtube-search"),
    pytest.param(YouTubeSearch, "*/videos", ("items",), id="youtube-found"),
    pytest.param(YouTubeComments, "*/commentThreads", ("items",), id="youtube-comments"),
    pytest.param(TikTok, "*/video/list/", ("data", "videos"), id="tiktok"),
    pytest.param(TikTokBusiness, "*/video/list/", ("data", "videos"), id="tiktok-business"),
]


@pytest.mark.parametrize(("wire_type", "path", "way"), LISTS)
@FAST
@given(data=st.data(), value=JSON, drop=st.booleans())
def test_a_spoiled_item_spoils_no_other_item_and_no_number(
    wire_type: type[Wire], path: str, way: tuple[str, ...], data: st.DataObject, value: Any, drop: bool
) -> None:
    place: list[Any] = []

    def spoil(asked: str, body: Any) -> Any:
        if not fnmatch(asked, path):
            return body
        item = body
        for name in way:
            item = item[name]
        item = item[1]
        if not place:
            place.extend(data.draw(st.sampled_from([one for one in _places(item) if one])))
        for key in place[:-1]:
            item = item[key]
        if drop and isinstance(item, dict):
            del item[place[-1]]
        else:
            item[place[-1]] = value
        return body

    got = run(filled(wire_type), spoil)
    assert got is not None
    storable(got)
    expected = unspoiled(wire_type)
    assert sorted(expected.values(), key=str) == list(LIKES)
    others = {ident: number for ident, number in expected.items() if number != 1001}
    assert others.items() <= likes_of(got).items()
    if not {"likeCount", "like_count", "likes", "statistics"} & set(place):
        assert set(likes_of(got).values()) <= {*LIKES, None}


@pytest.mark.parametrize("wire_type", [YouTube, YouTubeSearch, YouTubeComments, TikTok, TikTokBusiness, LineOA], ids=lambda wire: wire.name)
@FAST
@given(data=st.data(), look_up=st.booleans(), tokens=st.booleans())
def test_no_json_breaks_a_collector_or_erases_a_post(wire_type: type[Wire], data: st.DataObject, look_up: bool, tokens: bool) -> None:
    some = st.sampled_from(
        ["items", "data", "videos", "error", "code", "status", "overview", "messages", "id", "kind", "snippet", "followers"]
    )
    nonsense = JSON | st.dictionaries(some, JSON | st.lists(st.dictionaries(some, JSON, max_size=3), max_size=2), max_size=4)

    def answer(path: str, body: Any) -> Any:
        return copy.deepcopy(data.draw(nonsense)) if tokens or "token" not in path else body

    got = run(filled(wire_type), answer, look_up) or []
    storable(got)
    assert not [record for record in got if isinstance(record, Gone)]
    assert not [record for record in got if isinstance(record, Kpi) and not (math.isfinite(record.value) and record.value >= 0)]
    assert not [record for record in got if isinstance(record, Post) and not record.native_id]
