"""Whatever Meta answers: three errors or none, the other posts of a page go in, and no number is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from store.records import Gone, Metrics, Post, Record, Reject
from tests.collectors.conftest import EXAMPLES, NOW, SINCE
from tests.collectors.fakes.facebook import FacebookComments, FacebookOwn, FacebookTagged
from tests.collectors.fakes.graph import GraphWire
from tests.collectors.fakes.instagram import InstagramComments, InstagramHashtag, InstagramOwn, InstagramTags
from tests.collectors.fakes.threads import ThreadsMentions, ThreadsOwn, ThreadsReplies, ThreadsSearch
from tests.collectors.wire import Asked

FAST = settings(
    max_examples=max(15, EXAMPLES // 4), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
"""A quarter of the usual number of examples for each of eleven lists: together they are more than enough."""
WIRES = (
    InstagramOwn, InstagramTags, InstagramHashtag, InstagramComments, FacebookOwn, FacebookTagged, FacebookComments,
    ThreadsOwn, ThreadsMentions, ThreadsSearch, ThreadsReplies,
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(("id", "data", "error", "code", "summary", "x")), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
every_wire = pytest.mark.parametrize("wire_type", WIRES, ids=lambda wire: wire.name)
ALLOWED = {0, 1, 2, 3, 4, 7, 8, 500, 600, 800}
"""Every number that the fakes say of a post; sums of two of them are looked at apart."""


def filled(wire_type: type[GraphWire]) -> GraphWire:
    wire = wire_type()
    for number in range(3):
        wire.say(f"ヨモリの新茶 {number}", NOW - timedelta(hours=2 + number), likes=7)
        wire.figures[number + 1] = {"views": 500, "likes": 8, "replies": 3, "saved": 4, "shares": 2, "post_media_view": 800}
    return wire


def transport(wire: GraphWire, spoil: Any) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        query = {name: request.url.params.get_list(name) for name in request.url.params}
        reply = wire.answer(Asked(request.method, request.url.path, query, dict(request.headers), request.content))
        body = spoil(request.url.path, json.loads(reply.bytes()))
        return httpx.Response(reply.status, content=json.dumps(body).encode("utf-8", "surrogatepass"))

    return httpx.MockTransport(answer)


def run(wire: GraphWire, spoil: Any, look_up: bool = False) -> list[Record] | None:
    """What a collector yields when ``spoil`` changes the answers; None where it raises one of its errors."""

    async def go() -> list[Record] | None:
        async with Http(transport=transport(wire, spoil), patience=1.0) as http:
            context = Context(http, BrandWords("yomori", ("ヨモリ",), ()), dict(wire.secrets), lambda: NOW)
            collector = make(wire.settings("http://graph.test"), context)
            try:
                if look_up:
                    kind = "reply" if wire.name.startswith("threads") else "comment"
                    known = [Known(wire.native_id(post), post.at, kind=kind) for post in wire.said]
                    return [record async for record in collector.refresh(known)]
                return [record async for record in collector.collect(Bookmark(), SINCE)]
            except SourceError:
                return None
            finally:
                Bookmark.from_json(json.loads(json.dumps(collector.next_bookmark.to_json())))

    return asyncio.run(go())


def numbers(records: list[Record]) -> Iterator[int]:
    for record in records:
        if isinstance(record, Metrics):
            yield from (n for n in (record.views, record.likes, record.comments, record.shares, record.saves) if n is not None)


def storable(records: list[Record]) -> None:
    for record in records:
        if isinstance(record, Post):
            assert record.native_id
            assert record.created_at.tzinfo is not None
            f"{record.text}{record.author_name}{record.url}".encode()
        if isinstance(record, Reject):
            assert record.reason


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for key, inner in enumerate(value):
            yield from places(inner, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return changed


@every_wire
@FAST
@given(body=JSON, look_up=st.booleans())
def test_any_answer_ends_in_records_or_an_error_of_ours(wire_type: type[GraphWire], body: Any, look_up: bool) -> None:
    storable(run(filled(wire_type), lambda path, answer: body, look_up) or [])


@every_wire
@FAST
@given(data=st.data())
def test_a_list_spoiled_anywhere_makes_no_wrong_number(wire_type: type[GraphWire], data: st.DataObject) -> None:
    wire = filled(wire_type)
    new = data.draw(JSON.filter(lambda value: not _holds_counts(value)))
    turn = data.draw(st.integers(0, 400))

    def spoil(path: str, answer: Any) -> Any:
        if not path.endswith(wire.listing.strip("*")):
            return answer
        where = list(places(answer))
        return put(answer, where[turn % len(where)], new)

    records = run(wire, spoil) or []
    storable(records)
    assert set(numbers(records)) <= ALLOWED


def _holds_counts(value: Any) -> bool:
    """Numbers and digits that a platform might say are right to be taken; they tell nothing of wrong ones."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        if isinstance(value, int | float | str) and not isinstance(value, bool) and float(value) >= 0:
            return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_counts(one) for one in inner)


@every_wire
@FAST
@given(new=JSON, number=st.integers(0, 2))
def test_one_spoiled_row_costs_itself_alone(wire_type: type[GraphWire], new: Any, number: int) -> None:
    wire = filled(wire_type)

    def spoil(path: str, answer: Any) -> Any:
        if path.endswith(wire.listing.strip("*")) and "data" in answer:
            answer["data"][number] = new
        return answer

    records = run(wire, spoil)
    assert records is not None
    others = {wire.native_id(post) for place, post in enumerate(wire.said) if place != number}
    assert others <= {record.native_id for record in records if isinstance(record, Post)}


@every_wire
@FAST
@given(new=JSON, number=st.integers(0, 2))
def test_a_spoiled_look_up_erases_nothing(wire_type: type[GraphWire], new: Any, number: int) -> None:
    wire = filled(wire_type)
    native_id = wire.native_id(wire.said[number])

    def spoil(path: str, answer: Any) -> Any:
        if native_id in answer:
            answer[native_id] = new
        return new if path.endswith(native_id) else answer

    records = run(wire, spoil, look_up=True) or []
    assert not [record for record in records if isinstance(record, Gone) and record.native_id != native_id]
    storable(records)


@every_wire
def test_unspoiled_answers_are_read_whole(wire_type: type[GraphWire]) -> None:
    """What the other tests rest on: without a fault all posts come, and with them whatever numbers the platform has."""
    records = run(filled(wire_type), lambda path, answer: answer) or []
    assert len([record for record in records if isinstance(record, Post)]) == 3
    assert not [record for record in records if isinstance(record, Reject)]
    assert set(numbers(records)) <= ALLOWED
    assert bool(list(numbers(records))) is not wire_type.name.startswith(("threads-mentions", "threads-search", "threads-replies", "facebook-tagged"))  # fmt: skip
