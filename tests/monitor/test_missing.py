"""Gaps from rounds: what could not be read is missing until it was read; and posts that must be looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.bookmark import Bookmark, Hole
from collectors.refresh import Known
from collectors.timing import TOKYO
from monitor.candidates import overdue_of, published_unseen
from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer
from monitor.lookups import Overdue
from monitor.missing import joined, settle, without
from monitor.round import Part, Round
from monitor.settings import load
from monitor.sourcestate import load_state
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.published import connect
from store.records import Checked, Gap, GapFilled, Gone, Metrics, Post, Record
from tests.monitor.conftest import BRAND, NOW, channel, feed

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def part(outcome: Any, hour: float, *, read: bool | None = None) -> Part:
    found = Part("s", "feed", "b", "x", START + hour * HOUR, outcome=outcome)
    found.read = outcome == "ok" if read is None else read
    return found


def spans(records: Sequence[Any], kind: type[Any]) -> list[tuple[float, float]]:
    return [((one.from_at - START) / HOUR, (one.to_at - START) / HOUR) for one in records if isinstance(one, kind)]


SINCE = START - timedelta(days=30)


def test_an_outage_is_a_gap_that_grows_until_everything_was_read() -> None:
    covered = Bookmark(covered={"w": START})
    first = settle(part("busy", 1), covered, START, (), SINCE)
    assert spans(first.records, Gap) == [(0, 1)]
    second = settle(part("access", 2), covered, first.read_at, first.spans, SINCE)
    assert spans(second.records, Gap) == [(1, 2)]
    assert second.records[0].platform == "x"
    mended = settle(part("ok", 3), covered, second.read_at, second.spans, SINCE)
    assert spans(mended.records, GapFilled) == [(0, 2)]
    assert spans(mended.records, Gap) == []
    assert (mended.read_at, mended.spans) == (START + 3 * HOUR, ())


def test_what_a_long_walk_left_is_a_gap_until_it_was_walked() -> None:
    hole = Bookmark(covered={"w": START}, holes=[Hole("w", START - 9 * HOUR, START - 4 * HOUR, "c")])
    first = settle(part("ok", 0), hole, None, (), SINCE)
    assert spans(first.records, Gap) == [(-9, -4)]
    hole.holes = [Hole("w", START - 9 * HOUR, START - 7 * HOUR, "d")]
    second = settle(part("ok", 1), hole, first.read_at, first.spans, SINCE)
    assert spans(second.records, GapFilled) == [(-7, -4)]
    assert spans(second.records, Gap) == []


def test_a_source_that_was_never_read_is_missing_from_its_first_try_on() -> None:
    first = settle(part("access", 0), Bookmark(), None, (), SINCE)
    assert first.records == []
    second = settle(part("access", 1), Bookmark(), first.read_at, first.spans, SINCE)
    assert spans(second.records, Gap) == [(0, 1)]


def test_what_we_cannot_reach_any_more_is_not_taken_for_read() -> None:
    before = settle(part("busy", 48), Bookmark(), START, (), START)
    assert spans(before.records, Gap) == [(0, 48)]
    later = settle(part("busy", 72), Bookmark(), before.read_at, before.spans, START + 24 * HOUR)
    assert spans(later.records, GapFilled) == []
    assert spans(later.records, Gap) == [(48, 72)]
    mended = settle(part("ok", 73), Bookmark(), later.read_at, later.spans, START + 25 * HOUR)
    assert spans(mended.records, GapFilled) == [(25, 72)]


def test_quiet_hours_and_look_ups_that_failed_leave_no_gap() -> None:
    assert settle(part("skipped", 1), Bookmark(), START, (), SINCE).records == []
    assert settle(part(None, 1), Bookmark(), START, (), SINCE).records == []
    looked = settle(part("busy", 1, read=True), Bookmark(), START, ((START - HOUR, START),), SINCE)
    assert spans(looked.records, GapFilled) == [(-1, 0)]


TIMES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: (min(pair), max(pair))), max_size=6)


@given(TIMES, TIMES)
def test_spans_minus_spans_hour_by_hour(some: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    def moments(pairs: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
        return [(START + a * HOUR, START + b * HOUR) for a, b in pairs]

    def hours(pairs: Sequence[tuple[datetime, datetime]]) -> set[int]:
        return {hour for a, b in pairs for hour in range(int((a - START) / HOUR), int((b - START) / HOUR))}

    left = without(moments(some), moments(taken))
    assert hours(left) == hours(moments(some)) - hours(moments(taken))
    assert left == joined(left)


# --- through a round


def test_a_feed_that_fails_and_comes_back_closes_its_gap_in_the_published_copy(settled: Home, server: DemoServer) -> None:
    settings, at = load(settled), [NOW]

    def go() -> Part:
        (found,) = asyncio.run(Round(settled, settings, Inbox(settled), now=lambda: at[0]).go(settings.sources))
        at[0] += HOUR
        return found

    def missing() -> list[tuple[Any, ...]]:
        with Owner.open(settled) as owner:
            owner.ingest()
            owner.publish()
        with connect(settled) as con:
            return con.execute("SELECT source, epoch(to_at - from_at) / 3600, reason FROM open_gaps").fetchall()

    assert go().outcome == "ok"
    server.faults.add("error", times=99, status=503)
    assert [go().outcome, go().outcome] == ["busy", "busy"]
    assert missing() == [("blog", 2.0, "サービスの不調でまだ読めていません")]
    assert len(load_state(settled, "blog").missing) == 1
    server.faults.clear()
    assert go().outcome == "ok"
    assert missing() == []
    assert load_state(settled, "blog").missing == ()


def test_posts_that_must_be_looked_for_are_and_only_that_is_kept_of_the_old(home: Home, network: MemoryNetwork, server: DemoServer) -> None:
    brand = network.add_account("solato.test", name="ソラト")
    old = network.add_post(brand, "去年の投稿", NOW - timedelta(days=300), likes=50)
    gone = f"at://{brand.did}/app.bsky.feed.post/deleted"
    home.settings.write_text(
        BRAND + f'[[source]]\nname = "own"\nkind = "bluesky"\nbrand = "solato"\nactor = "solato.test"\nservice = "{server.url}"\n',
        encoding="utf-8",
    )
    settings, landed, asked = load(home), list[Record](), list[tuple[str, timedelta]]()

    async def overdue(source: Any, platform: str, unseen_for: timedelta) -> Overdue:
        asked.append((source.name, unseen_for))
        seen = NOW - timedelta(days=2)
        return Overdue([Known(old.uri, old.created_at, None, None, seen), Known(gone, NOW - timedelta(days=200), None, None, seen)], 2)

    class Memory:
        def land(self, records: Sequence[Record]) -> None:
            landed.extend(records)

    (found,) = asyncio.run(Round(home, settings, Memory(), overdue=overdue).go(settings.sources))
    assert found.outcome == "ok"
    assert asked == [("own", timedelta(days=1))]
    assert [record.native_id for record in landed if isinstance(record, Checked)] == [old.uri]
    assert [record.native_id for record in landed if isinstance(record, Gone)] == [gone]
    assert not [record for record in landed if isinstance(record, Metrics) and record.native_id == old.uri]
    assert (found.behind.checks, found.message) == (0, None)


async def test_posts_of_a_source_that_is_no_more_have_one_heir(settled: Home, server: DemoServer, network: MemoryNetwork) -> None:
    settled.settings.write_text(settled.settings.read_text(encoding="utf-8") + feed(server, "second"), encoding="utf-8")
    sources = load(settled).sources
    said = {"brand": "solato", "relation": "mention", "text": "ソラト", "created_at": NOW - 300 * HOUR, "seen_at": NOW - 100 * HOUR}
    Inbox(settled).land(
        [Post(platform="feed", native_id=name, source=name, **said) for name in ("blog", "second", "was")]  # type: ignore[arg-type]
    )
    with Owner.open(settled) as owner:
        owner.ingest()
        find = overdue_of(owner.unseen, sources)
        found = {source.name: await find(source, "feed", timedelta(days=1)) for source in sources}
        assert {name: sorted(post.native_id for post in one.posts) for name, one in found.items()} == {
            "blog": ["blog", "was"],
            "second": ["second"],
        }
        assert (found["blog"].waiting, found["blog"].posts[0].checked_at) == (2, NOW - 100 * HOUR)
        owner.publish()
    look_for = published_unseen(settled)
    assert (await overdue_of(look_for, sources)(sources[0], "feed", timedelta(days=1))).waiting == 2


def test_what_the_budget_does_not_reach_is_told(home: Home, network: MemoryNetwork, server: DemoServer) -> None:
    brand = network.add_account("solato.test", name="ソラト")
    home.settings.write_text(
        BRAND + f'[[source]]\nname = "own"\nkind = "bluesky"\nbrand = "solato"\nactor = "solato.test"\nservice = "{server.url}"\n'
        'requests = "10/d"\nevery = "1h"\n',
        encoding="utf-8",
    )
    settings = load(home)

    async def overdue(source: Any, platform: str, unseen_for: timedelta) -> Overdue:
        seen = NOW - timedelta(days=4)
        posts = [Known(f"at://{brand.did}/app.bsky.feed.post/{n}", NOW - timedelta(days=200), None, None, seen) for n in range(500)]
        return Overdue(posts, 4000)

    (found,) = asyncio.run(Round(home, settings, Inbox(home), overdue=overdue).go(settings.sources))
    assert found.outcome == "ok"
    assert found.requests <= 3
    assert found.behind.checks >= 3900
    assert "削除の確認" in (found.message or "") or "消された投稿の確認" in (found.message or "")
    assert "4.0 日前" in (found.message or "")


@pytest.mark.parametrize("quiet", [True, False])
def test_a_round_stops_asking_when_quiet_hours_begin(settled: Home, server: DemoServer, network: MemoryNetwork, quiet: bool) -> None:
    text = settled.settings.read_text(encoding="utf-8")
    now = datetime.now(TOKYO)
    hours = f"{now - HOUR:%H:%M}-{now + HOUR:%H:%M}"
    settled.settings.write_text(text + f'quiet = "{hours}"\n', encoding="utf-8")
    settings = load(settled)
    (found,) = asyncio.run(Round(settled, settings, Inbox(settled), quiet=quiet).go(settings.sources))
    if quiet:
        assert (found.outcome, server.count()) == ("skipped", 0)
        assert found.until is not None
    else:  # who collects by hand means it
        assert (found.outcome, server.count()) == ("ok", 1)


def test_a_feed_tells_what_it_lost_even_when_the_outage_is_over(settled: Home, server: DemoServer, network: MemoryNetwork) -> None:
    settings, at = load(settled), [NOW]

    def go() -> None:
        asyncio.run(Round(settled, settings, Inbox(settled), now=lambda: at[0]).go(settings.sources))
        at[0] += 30 * HOUR

    go()
    server.faults.add("error", times=99, status=503)
    go()
    server.faults.clear()
    network.channels["blog"] = channel(3, first=-29)  # everything in it is newer than what was read
    go()
    with Owner.open(settled) as owner:
        owner.ingest()
        owner.publish()
    with connect(settled) as con:
        reasons = [reason for (reason,) in con.execute("SELECT reason FROM open_gaps").fetchall()]
    assert len(reasons) == 1
    assert "流れました" in reasons[0]
