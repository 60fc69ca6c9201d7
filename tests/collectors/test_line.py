"""What is LINE's own: days that are not ready, figures that are kept back, messages by their request ids, aggregation units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError
from collectors.http import Http
from collectors.line import LineCollector, LineSettings
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from store.records import Gap, Kpi, Metrics, Post, Record, Reject
from tests.collectors.conftest import NOW, Clock
from tests.collectors.fakes.line import TOKEN, LineOA
from tests.collectors.wire import Reply, WireServer

SINCE = NOW - timedelta(days=4)
YESTERDAY = date(2026, 11, 19)
FOLLOWERS = {"status": "ready", "followers": 7620, "targetedReaches": 5848, "blocks": 0}


@pytest.fixture
def wire() -> LineOA:
    return LineOA()


@pytest.fixture
def server(wire: LineOA) -> Iterator[WireServer]:
    with WireServer(wire) as running:
        yield running


@pytest.fixture
def context(wire: LineOA, http: Http, clock: Clock) -> Context:
    return Context(http, BrandWords("yomori", ("ヨモリ",)), dict(wire.secrets), clock)


async def read(wire: LineOA, server: WireServer, context: Context, bookmark: Bookmark | None = None) -> tuple[list[Record], LineCollector]:
    collector = make(wire.settings(server.url), context)
    assert isinstance(collector, LineCollector)
    since = context.now() - (NOW - SINCE)
    return [record async for record in collector.collect(bookmark or Bookmark(), since)], collector


async def drain(collector: LineCollector, bookmark: Bookmark, into: list[Record]) -> None:
    async for record in collector.collect(bookmark, NOW - timedelta(days=70)):
        into.append(record)


def kept(collector: LineCollector) -> Bookmark:
    return Bookmark.from_json(collector.next_bookmark.to_json())


def figures(records: list[Record]) -> dict[tuple[str, str], float]:
    return {(record.day.strftime("%m%d"), record.name): record.value for record in records if isinstance(record, Kpi)}


async def test_a_day_becomes_figures_under_the_names_of_their_kpis(wire: LineOA, server: WireServer, context: Context) -> None:
    wire.days["20261119"] = {"followers": FOLLOWERS, "delivery": {"status": "ready", "broadcast": 5385, "apiPush": 0, "chat": None}}
    got, _ = await read(wire, server, context)
    assert figures(got) == {
        ("1119", "line.followers"): 7620.0,
        ("1119", "line.targeted_reaches"): 5848.0,
        ("1119", "line.blocks"): 0.0,
        ("1119", "line.sent_broadcast"): 5385.0,
        ("1119", "line.sent_api_push"): 0.0,
    }
    assert len(got) == 5


async def test_unready_is_not_zero_and_is_asked_again(wire: LineOA, server: WireServer, context: Context, clock: Clock) -> None:
    got, collector = await read(wire, server, context)
    assert not got
    days = [asked.one("date") for asked in server.asked if asked.path.endswith("/followers")]
    assert days == ["20261119", "20261118", "20261117"], "newest first, whole days of the horizon, never today"
    wire.days["20261118"] = {"followers": {"status": "ready", "followers": 5}, "delivery": {"status": "out_of_service"}}
    clock.forward(days=1)
    server.asked.clear()
    got, collector = await read(wire, server, context, kept(collector))
    assert figures(got) == {("1118", "line.followers"): 5.0}
    wire.days["20261120"] = {"followers": FOLLOWERS, "delivery": {"status": "ready"}}
    server.asked.clear()
    got, collector = await read(wire, server, context, kept(collector))
    asked = [asked.one("date") for asked in server.asked if asked.path.endswith("/followers")]
    assert asked == ["20261120", "20261119"], "what was read is not asked for again"
    assert figures(got)[("1120", "line.blocks")] == 0.0


async def test_a_day_that_never_comes_is_a_gap_in_the_end(wire: LineOA, server: WireServer, context: Context, clock: Clock) -> None:
    _, collector = await read(wire, server, context)
    clock.forward(days=2)
    got, collector = await read(wire, server, context, kept(collector))
    gaps = [record for record in got if isinstance(record, Gap)]
    assert {(gap.from_at, gap.to_at) for gap in gaps} == {
        (datetime(2026, 11, day, 15, tzinfo=UTC), datetime(2026, 11, day + 1, 15, tzinfo=UTC)) for day in (16, 17)
    }
    clock.forward(minutes=1)
    got, _ = await read(wire, server, context, kept(collector))
    assert not got, "it is told once"


async def test_the_day_is_japans(wire: LineOA, server: WireServer, context: Context, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # half past midnight on the 21st in Japan
    await read(wire, server, context)
    assert server.asked[0].one("date") == "20261120"


async def test_a_message_is_a_post_with_who_opened_and_clicked_it(wire: LineOA, server: WireServer, context: Context) -> None:
    post = wire.say("新茶が入りました #新茶", NOW - timedelta(days=2), opened=1234, clicked=56)
    few = wire.say("", NOW - timedelta(days=1), opened=None, clicked=None)
    bubbles = wire.say("二つ", NOW - timedelta(days=1), opened=None, clicked=None, shown=[136, 140, None])
    wire.say("まだ", NOW - timedelta(hours=1), counted=False)
    got, collector = await read(wire, server, context)
    found = {record.native_id: record for record in got if isinstance(record, Post)}
    counts = {
        record.native_id: (record.views, record.likes, record.comments, record.shares) for record in got if isinstance(record, Metrics)
    }
    assert found[wire.native_id(post)].kind == "message"
    assert found[wire.native_id(post)].created_at == post.at
    assert found[wire.native_id(post)].tags == ("新茶",)
    assert counts == {
        wire.native_id(post): (1234, None, None, 56),
        wire.native_id(few): (None, None, None, None),
        wire.native_id(bubbles): (140, None, None, None),
    }
    assert any("まだ集計されていません" in remark for remark in collector.remarks)
    server.asked.clear()
    wire.said[0].text = "新茶が入りました(再送)"
    wire.said[3].more["counted"] = True
    again, _ = await read(wire, server, context, kept(collector))
    assert [record.text for record in again if isinstance(record, Post)] == ["新茶が入りました(再送)", "まだ"]
    assert server.count("message/event") == 2, "what was read is left to look-ups"


async def test_look_ups_follow_a_message(wire: LineOA, server: WireServer, context: Context) -> None:
    post = wire.say("新茶", NOW - timedelta(days=2), opened=10)
    _, collector = await read(wire, server, context)
    post.more["opened"] = 99
    known = [Known(wire.native_id(post), post.at), Known("not-there", NOW)]
    assert [record.views for record in [one async for one in collector.refresh(known)] if isinstance(record, Metrics)] == [99]


async def test_a_message_that_line_does_not_know_does_not_stop_the_others(wire: LineOA, server: WireServer, context: Context) -> None:
    post = wire.say("新茶", NOW - timedelta(days=2))
    wire.options = {"messages": {"wrong": "?", wire.native_id(post): "新茶"}}
    got, collector = await read(wire, server, context)
    assert [record.native_id for record in got if isinstance(record, Post)] == [wire.native_id(post)]
    assert any("wrong" in remark and "messages" in remark for remark in collector.remarks)


async def test_units_are_figures_of_each_day_read_once_a_day(wire: LineOA, server: WireServer, context: Context, clock: Clock) -> None:
    wire.options = {"units": ["promo_a"]}
    wire.units = {"promo_a": {"20261119": {"uniqueImpression": 40, "uniqueClick": None}}}
    got, collector = await read(wire, server, context)
    assert figures(got) == {("1119", "line.unit.promo_a.unique_impressions"): 40.0}
    server.asked.clear()
    _, collector = await read(wire, server, context, kept(collector))
    assert not server.count("aggregation")
    clock.forward(days=1)
    wire.units["promo_a"]["20261119"]["uniqueClick"] = 21
    got, _ = await read(wire, server, context, kept(collector))
    assert figures(got)[("1119", "line.unit.promo_a.unique_clicks")] == 21.0


async def test_a_figure_that_cannot_be_read_is_told_and_the_others_stay(wire: LineOA, server: WireServer, context: Context) -> None:
    wire.days["20261119"] = {"followers": FOLLOWERS | {"followers": "many"}}
    got, _ = await read(wire, server, context)
    assert set(figures(got)) == {("1119", "line.targeted_reaches"), ("1119", "line.blocks")}
    assert sum(isinstance(record, Reject) for record in got) == 1


async def test_sixty_requests_an_hour_and_nothing_is_lost(wire: LineOA, server: WireServer, http: Http, clock: Clock) -> None:
    context = Context(http, BrandWords("yomori"), dict(wire.secrets), clock)
    for number in range(70):
        day = NOW - timedelta(days=number)
        wire.days[f"{day:%Y%m%d}"] = {"followers": FOLLOWERS, "delivery": {"status": "ready"}}
    collector = LineCollector(wire.settings(server.url), context)
    got: list[Record] = []
    with pytest.raises(BusyError) as caught:
        await drain(collector, Bookmark(), got)
    assert caught.value.limited
    assert len({record.day for record in got if isinstance(record, Kpi)}) == 60
    async with Http() as later:
        rest = LineCollector(wire.settings(server.url), Context(later, context.brand, context.secrets, clock))
        with pytest.raises(BusyError):  # deliveries
            await drain(rest, kept(collector), got)
    days = [record.day for record in got if isinstance(record, Kpi) and record.name == "line.followers"]
    assert len(days) == len(set(days)) == 69


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"message": "Access to this API is not available for your account"}, 403), AccessError),
        (Reply({"message": "Authentication failed"}, 401), AccessError),
        (Reply({"status": "soon"}), FormatError),
        (Reply([1]), FormatError),
    ],
)
async def test_what_line_refuses_is_sorted(
    wire: LineOA, server: WireServer, context: Context, reply: Reply, error: type[Exception]
) -> None:
    wire.answer = lambda asked: reply  # type: ignore[method-assign]
    with pytest.raises(error) as caught:
        await read(wire, server, context)
    assert TOKEN not in f"{caught.value!r}"


async def test_one_endpoint_that_is_refused_does_not_stop_the_other(wire: LineOA, server: WireServer, context: Context) -> None:
    wire.days["20261119"] = {"followers": FOLLOWERS}
    answer = wire.answer

    def refuse(asked: Any) -> Reply:
        return Reply({"message": "Not available"}, 403) if asked.path.endswith("/delivery") else answer(asked)

    wire.answer = refuse  # type: ignore[method-assign]
    got, collector = await read(wire, server, context)
    assert len(figures(got)) == 3
    assert any("Not available" in remark for remark in collector.remarks)


async def test_check_tells_the_followers_or_that_they_are_not_counted_yet(wire: LineOA, server: WireServer, context: Context) -> None:
    collector = make(wire.settings(server.url), context)
    assert "まだ" in await collector.check()
    wire.days["20261119"] = {"followers": FOLLOWERS}
    assert "7,620" in await collector.check()


@pytest.mark.parametrize("more", [{"what": "mentions"}, {"units": ["no spaces"]}, {"messages": {"": "x"}}])
def test_settings_that_cannot_be_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LineSettings.model_validate({"name": "t", "brand": "b", **more})
