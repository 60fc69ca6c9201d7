"""Every platform, every bad day: the same scenarios over HTTP for each wire of ``tests.collectors.fakes``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from fnmatch import fnmatch
from typing import Any

import pytest

from collectors.base import Collector, Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, FormatError, SourceError
from collectors.http import Http
from collectors.registry import make
from collectors.words import BrandWords
from store.records import Gap, Kpi, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, SINCE, Clock
from tests.collectors.fakes import wires
from tests.collectors.wire import Wire, WireServer, change_each

WIRES: list[type[Wire]] = wires()
EMOJI = "ヨモリのお茶🍵👨‍👩‍👧‍👦𠮷野で飲んだ ( ´∀｀ )"
HUGE = 12_345_678_901_234


def with_(condition: Callable[[type[Wire]], bool]) -> pytest.MarkDecorator:
    """Put a test through the wires for which ``condition`` holds."""
    return pytest.mark.parametrize("wire_type", [wire for wire in WIRES if condition(wire)], ids=lambda wire: wire.name)


every_wire = with_(lambda wire: True)


@pytest.fixture
def wire(wire_type: type[Wire]) -> Wire:
    return wire_type()


@pytest.fixture
def server(wire: Wire) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
def context(wire: Wire, http: Http, clock: Clock) -> Context:
    return Context(http, BrandWords("yomori", ("ヨモリ", "yomori"), ()), dict(wire.secrets), clock)


async def drain(collector: Collector[Any], into: list[Record], bookmark: Bookmark | None = None) -> None:
    async for record in collector.collect(bookmark or Bookmark(), SINCE):
        into.append(record)


async def read(wire: Wire, server: WireServer, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], Collector[Any]]:
    collector = make(wire.settings(server.url), context)
    got: list[Record] = []
    await drain(collector, got, bookmark)
    return got, collector


def fill(wire: Wire, count: int) -> None:
    for number in range(count):
        wire.say(f"ヨモリの新茶 {number}", NOW - timedelta(hours=3, minutes=number), likes=number)


def ids(records: list[Record]) -> list[str]:
    return [record.native_id for record in records if isinstance(record, Post)]


def likes(records: list[Record]) -> dict[str, int | None]:
    return {record.native_id: record.likes for record in records if isinstance(record, Metrics)}


def all_ids(wire: Wire) -> set[str]:
    return {wire.native_id(post) for post in wire.said}


@every_wire
async def test_nothing_there_is_no_fault(wire: Wire, server: WireServer, context: Context) -> None:
    got, collector = await read(wire, server, context)
    assert not [record for record in got if not (isinstance(record, Gap) and wire.reaches_back) and not isinstance(record, Kpi)]
    assert collector.requests == len(server.asked)
    wire.say("ヨモリを飲んだ", NOW - timedelta(minutes=5))
    got, _ = await read(wire, server, context, Bookmark.from_json(collector.next_bookmark.to_json()))
    assert ids(got) == [wire.native_id(wire.said[0])]


@every_wire
async def test_one_post_comes_whole(wire: Wire, server: WireServer, context: Context) -> None:
    post = wire.say(EMOJI, NOW - timedelta(hours=2), likes=7)
    got, _ = await read(wire, server, context)
    (found,) = [record for record in got if isinstance(record, Post)]
    assert found.native_id == wire.native_id(post)
    assert EMOJI in found.text
    assert found.created_at == post.at
    assert (found.brand, found.source) == ("yomori", wire.settings(server.url).name)
    if wire.likes_field:
        assert likes(got) == {found.native_id: 7}


@with_(lambda wire: wire.pages)
async def test_many_pages_are_read_to_the_end_and_then_only_what_is_new(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 2 * wire.page_size + 3)
    got, collector = await read(wire, server, context)
    assert sorted(ids(got)) == sorted(all_ids(wire))
    new = wire.say("ヨモリの新しい話", NOW - timedelta(minutes=1))
    again, _ = await read(wire, server, context, Bookmark.from_json(collector.next_bookmark.to_json()))
    assert ids(again) == [wire.native_id(new)]


@with_(lambda wire: wire.pages)
async def test_a_page_that_repeats_ends_the_reading(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 2 * wire.page_size + 3)
    wire.repeat = True
    got: list[Record] = []
    with suppress(FormatError):
        await drain(make(wire.settings(server.url), context), got)
    assert len(ids(got)) == len(set(ids(got)))
    assert sum(fnmatch(asked.path, wire.listing) for asked in server.asked) < 20


@with_(lambda wire: wire.id_field is not None)
async def test_an_item_without_an_id_costs_itself_alone(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 3)
    spoiled: list[object] = []

    def spoil(item: dict[str, Any]) -> None:
        if not spoiled:
            spoiled.append(item.pop(str(wire.id_field)))

    server.faults.add("change", wire.listing, change=lambda body: change_each(body, str(wire.id_field), spoil))
    got, _ = await read(wire, server, context)
    assert spoiled
    assert len(ids(got)) == 2
    assert len([record for record in got if isinstance(record, Reject)]) == 1


@with_(lambda wire: wire.likes_field is not None)
@pytest.mark.parametrize("how", ["missing", "null", "string", "words", "negative", "list"])
async def test_a_count_is_right_or_unknown(wire: Wire, server: WireServer, context: Context, how: str) -> None:
    post = wire.say("ヨモリを飲んだ", NOW - timedelta(hours=2), likes=HUGE)
    values = {"null": None, "string": str(HUGE), "words": "たくさん", "negative": -3, "list": [1]}

    def spoil(item: dict[str, Any]) -> None:
        if how == "missing":
            del item[str(wire.likes_field)]
        else:
            item[str(wire.likes_field)] = values[how]

    server.faults.add("change", wire.listing, times=9, change=lambda body: change_each(body, str(wire.likes_field), spoil))
    got, _ = await read(wire, server, context)
    assert ids(got) == [wire.native_id(post)]
    assert set(likes(got).values()) <= ({HUGE, None} if how == "string" else {None})


@with_(lambda wire: bool(wire.renamed))
async def test_old_and_new_names_are_read_alike(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 3)
    got, _ = await read(wire, server, context)

    def rename(body: Any) -> Any:
        for old, new in wire.renamed.items():
            change_each(body, old, lambda item, old=old, new=new: item.update({new: item.pop(old)}))  # type: ignore[misc]
        return body

    server.faults.add("change", "*", times=99, change=rename)
    again, _ = await read(wire, server, context)
    assert again == got


@every_wire
@pytest.mark.parametrize("kind", ["error", "cut", "cut_unseen", "broken_json"])
async def test_a_fault_that_passes_loses_nothing(wire: Wire, server: WireServer, context: Context, kind: Any) -> None:
    fill(wire, wire.page_size + 2 if wire.pages else 3)
    server.faults.add(kind, wire.listing, skip=1 if wire.pages else 0, status=503)
    got, collector = await read(wire, server, context)
    assert set(ids(got)) == all_ids(wire)
    reach = NOW - timedelta(days=wire.reaches_back) if wire.reaches_back else SINCE
    assert not [record for record in got if isinstance(record, Gap) and record.to_at > reach]
    assert not collector.next_bookmark.holes


@pytest.mark.parametrize(
    ("wire_type", "number"), [(wire, n) for wire in WIRES for n in range(len(wire.limited))], ids=lambda v: getattr(v, "name", v)
)
async def test_a_limit_that_passes_loses_nothing(wire: Wire, server: WireServer, context: Context, number: int) -> None:
    fill(wire, 3)
    server.faults.add("busy", wire.listing, headers=dict(wire.limited[number]))
    got, _ = await read(wire, server, context)
    assert set(ids(got)) == all_ids(wire)


@every_wire
@pytest.mark.parametrize("kind", ["busy", "error", "cut", "html", "broken_json"])
async def test_a_fault_that_stays_is_an_error_and_what_came_before_it_is_kept(
    wire: Wire, server: WireServer, context: Context, kind: Any
) -> None:
    fill(wire, wire.page_size + 2 if wire.pages else 3)
    server.faults.add(kind, wire.listing, skip=1 if wire.pages else 0, times=99, status=500)
    collector, got = make(wire.settings(server.url), context), list[Record]()
    with pytest.raises(SourceError):
        await drain(collector, got)
    if wire.pages:
        assert ids(got)
    server.faults.clear()
    rest, _ = await read(wire, server, context, Bookmark.from_json(collector.next_bookmark.to_json()))
    assert set(ids(got + rest)) == all_ids(wire)


@with_(lambda wire: wire.expired is not None)
async def test_a_token_that_is_not_taken_ends_in_advice_without_saying_it(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 3)
    server.faults.add("expired", "*", times=99)
    with pytest.raises(AccessError) as caught:
        await read(wire, server, context)
    assert caught.value.advice
    told = f"{caught.value!r} {caught.value.message} {caught.value.advice} {context!r}"
    assert not [secret for secret in wire.secrets.values() if secret in told]


@with_(lambda wire: wire.error_inside is not None)
async def test_an_error_inside_an_answer_that_looks_well_is_seen(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 3)
    inside = wire.error_inside
    assert inside is not None
    server.faults.add("change", wire.listing, times=99, change=lambda body: inside.body)
    with pytest.raises(SourceError):
        await read(wire, server, context)


@with_(lambda wire: bool(wire.secrets))
async def test_without_its_secret_a_source_names_the_variable(wire: Wire, server: WireServer, http: Http, clock: Clock) -> None:
    context = Context(http, BrandWords("yomori", ("ヨモリ",), ()), {}, clock)
    with pytest.raises(AccessError) as caught:
        await read(wire, server, context)
    assert any(name in caught.value.message + caught.value.advice for name in wire.secrets)
    assert not server.asked


@every_wire
async def test_check_says_what_was_found_or_what_is_wrong(wire: Wire, server: WireServer, context: Context) -> None:
    fill(wire, 3)
    assert await make(wire.settings(server.url), context).check()
    server.faults.add("error", "*", times=99, status=500)
    with pytest.raises(SourceError):
        await make(wire.settings(server.url), context).check()
