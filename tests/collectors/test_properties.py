"""Whatever comes: a collector raises its three errors or none, loses no other item of the page, and never writes a wrong number."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.base import Collector
from collectors.bluesky import BlueskyCollector, BlueskySettings
from collectors.bookmark import Bookmark
from collectors.csvread import BadLine, decode, rows
from collectors.errors import FormatError, SourceError
from collectors.feeds import FeedCollector, FeedSettings
from collectors.files import ExportFile
from collectors.http import Http
from collectors.refresh import Known
from monitor.demo.network import MemoryNetwork
from monitor.demo.xrpc import Xrpc
from store.records import Metrics, Post, Record, Reject, SurveyAnswer
from tests.collectors.conftest import EXAMPLES, NOW, SINCE, context_of

FAST = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def run(
    make: Callable[[Http], Collector[Any]], body: bytes, content_type: str = "application/json", refresh: bool = False
) -> list[Record] | None:
    """Return what a collector yields when every answer is ``body``; None where it raises one of its errors."""

    async def go() -> list[Record] | None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body, headers={"content-type": content_type}))
        async with Http(transport=transport) as http:
            collector = make(http)
            try:
                if refresh:
                    return [record async for record in collector.refresh([Known("at://did:plc:a/app.bsky.feed.post/1", NOW)])]
                return [record async for record in collector.collect(Bookmark(), SINCE)]
            except SourceError:
                return None
            finally:
                json.dumps(collector.next_bookmark.to_json())

    return asyncio.run(go())


def storable(records: list[Record]) -> None:
    """Fail where a record could not be stored."""
    for record in records:
        for name in record.__dataclass_fields__:
            value = getattr(record, name)
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str):
                    text.encode("utf-8")
        if isinstance(record, Metrics):
            counts = (record.views, record.likes, record.comments, record.shares, record.saves)
            assert all(count is None or (type(count) is int and 0 <= count < 2**63) for count in counts)
        if isinstance(record, Post):
            assert record.created_at.utcoffset() == timedelta(0)


def bluesky(http: Http) -> BlueskyCollector:
    return BlueskyCollector(
        BlueskySettings(name="b", brand="yomori", actor="yomori.test", service="https://a.example"), context_of(http, lambda: NOW)
    )


def _page() -> Any:
    network = MemoryNetwork(clock=lambda: NOW)
    brand = network.add_account("yomori.test")
    for number in range(4):
        network.add_post(brand, f"ヨモリ {number} #茶", NOW - timedelta(hours=number + 1), likes=1000 + number)
    answer = Xrpc(network).answer("GET", "app.bsky.feed.getAuthorFeed", {"actor": ["yomori.test"]}, None, None)
    del answer["cursor"]
    return answer


PAGE = _page()


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, one in inner for place in _places(one, (*way, key)))]


ITEM_PLACES = [place for place in _places(PAGE["feed"][1]) if place]


@FAST
@given(st.sampled_from(ITEM_PLACES), JSON, st.booleans())
def test_a_spoiled_item_spoils_no_other_item_and_no_number(place: tuple[Any, ...], value: Any, drop: bool) -> None:
    page = copy.deepcopy(PAGE)
    inner = page["feed"][1]
    for key in place[:-1]:
        inner = inner[key]
    if drop and isinstance(inner, dict):
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    got = run(bluesky, json.dumps(page).encode())
    assert got is not None
    storable(got)
    whole = {item["post"]["uri"]: item["post"]["likeCount"] for number, item in enumerate(PAGE["feed"]) if number != 1}
    likes = {record.native_id: record.likes for record in got if isinstance(record, Metrics)}
    assert whole.items() <= likes.items()
    if "likeCount" not in place:
        assert likes.get(PAGE["feed"][1]["post"]["uri"], 1001) in (1001, None)


@FAST
@given(
    JSON | st.builds(lambda inner: {"feed": inner}, st.lists(JSON)) | st.builds(lambda inner: {"posts": inner}, st.lists(JSON)),
    st.booleans(),
)
def test_no_json_breaks_the_bluesky_collector(answer: Any, refresh: bool) -> None:
    got = run(bluesky, json.dumps(answer).encode(), refresh=refresh)
    storable(got or [])


@FAST
@given(st.binary(max_size=60))
def test_no_bytes_break_the_bluesky_collector(body: bytes) -> None:
    storable(run(bluesky, body) or [])


def feed(http: Http) -> FeedCollector:
    return FeedCollector(FeedSettings(name="f", brand="yomori", url="https://a.example/rss"), context_of(http, lambda: NOW))


XML_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<&"), max_size=30)
MARKUP = st.sampled_from(["<b>", "&amp;", "&#x0;", "<![CDATA[x]]>", "&nbsp;", "<item>", "</item>", "<!--", "", "&#xD83D;", "<title/>"])


@FAST
@given(
    st.dictionaries(
        st.sampled_from(["title", "link", "guid", "pubDate", "description", "author", "category", "dc:date"]), st.tuples(XML_TEXT, MARKUP)
    )
)
def test_a_strange_entry_spoils_no_other_entry(fields: dict[str, tuple[str, str]]) -> None:
    strange = "".join(f"<{name}>{text}{markup}</{name}>" for name, (text, markup) in fields.items())
    items = f"<item><guid>u:1</guid><title>前</title></item><item>{strange}</item>"
    body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode("utf-8", "replace")
    got = run(feed, body, "application/rss+xml")
    assert got is not None
    storable(got)
    assert "u:1" in {record.native_id for record in got if isinstance(record, Post)}


@FAST
@given(
    st.binary(max_size=200) | st.binary(max_size=100).map(lambda tail: b"<?xml version='1.0'?><rss version='2.0'><channel><item>" + tail),
    st.sampled_from(["", "text/xml; charset=x", "text/xml; charset=utf-16", "text/html"]),
)
def test_no_bytes_break_the_feed_collector(body: bytes, content_type: str) -> None:
    storable(run(feed, body, content_type) or [])


@FAST
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_file_breaks_the_import(content: bytes) -> None:
    with contextlib.suppress(FormatError):
        storable(list(ExportFile("f.csv", content, brand="yomori", observed_at=NOW).records()))


HEADER = "Post id,Date,Post text,Post Link,Impressions,Likes,Replies,Reposts,Bookmarks"
CELL = st.text(st.characters(codec="utf-8", exclude_characters='",\r\n\x00'), max_size=12)


@FAST
@given(st.lists(st.lists(CELL, min_size=9, max_size=9), max_size=5), st.lists(st.integers(0, 10**9), min_size=5, max_size=5))
def test_every_row_of_a_file_goes_in_or_is_told(strange: list[list[str]], counts: list[int]) -> None:
    good = ["1594567890123456789", "2022-11-21", "本文", "", *map(str, counts)]
    lines = [HEADER, *(",".join(cells) for cells in strange), ",".join(good)]
    file = ExportFile("f.csv", "\n".join(lines).encode(), brand="yomori", observed_at=NOW)
    records = list(file.records())
    storable(records)
    report = file.report
    assert report.rows == report.posts + report.skipped + len(report.rejects)
    (metrics,) = (r for r in records if isinstance(r, Metrics) and r.native_id == "1594567890123456789")
    assert [metrics.views, metrics.likes, metrics.comments, metrics.shares, metrics.saves] == counts


@FAST
@given(st.text(st.sampled_from('ab,"\n\r;\t '), max_size=80))
def test_every_line_of_a_table_is_in_a_row_or_told(text: str) -> None:
    got = list(rows(decode(text.encode(), "f.csv"), ","))
    lines = [one.line for one in got]
    assert lines == sorted(set(lines))
    assert not text.strip() or got
    if '"' not in text:
        assert not [one for one in got if isinstance(one, BadLine)]


@FAST
@given(st.lists(st.integers(0, 10), max_size=20))
def test_survey_scores_come_back(scores: list[int]) -> None:
    content = "回答ID,回答日,推奨度\n" + "".join(f"a{number},2026/07/14,{score}\n" for number, score in enumerate(scores))
    records = list(ExportFile("f.csv", content.encode("cp932"), brand="yomori", observed_at=NOW).records())
    assert [record.score for record in records if isinstance(record, SurveyAnswer)] == scores
    assert not [record for record in records if isinstance(record, Reject)]
