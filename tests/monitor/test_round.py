"""A round: sources are apart from each other, and a bookmark never says more than what has landed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from collectors.bookmark import Bookmark
from collectors.refresh import Known
from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer
from monitor.round import Part, Round
from monitor.settings import Settings, load
from monitor.sourcestate import load_state
from store.errors import DiskFull
from store.home import Home
from store.inbox import Inbox
from store.records import Gone, Metrics, Post, Record, Reject, Run
from tests.monitor.conftest import BRAND, NOW, channel, feed


class Landed:
    """An inbox in memory. ``fail_at``: the landing (from 1) at which there is no room any more."""

    def __init__(self, home: Home, fail_at: int = 0) -> None:
        self.home = home
        self.records: list[Record] = []
        self.bookmarks: list[dict[str, Any]] = []
        self.landings = 0
        self.fail_at = fail_at

    def land(self, records: Sequence[Record]) -> None:
        self.landings += 1
        # what the bookmark said while these records were not safe yet
        self.bookmarks.append(load_state(self.home, "blog").bookmark.to_json())
        if self.landings == self.fail_at:
            raise DiskFull(self.home.data)
        self.records += records

    def of(self, kind: type[Any]) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]


def go(home: Home, landed: Any, settings: Settings | None = None, **more: Any) -> list[Part]:
    settings = settings or load(home)
    return asyncio.run(Round(home, settings, landed, **more).go(settings.sources))


def test_posts_land_and_a_run_says_so(settled: Home) -> None:
    landed = Landed(settled)
    (part,) = go(settled, landed)
    assert (part.outcome, part.posts, part.requests) == ("ok", 5, 1)
    assert len(landed.of(Post)) == 5
    (run,) = landed.of(Run)
    assert (run.source, run.outcome, run.posts, run.message) == ("blog", "ok", 5, None)
    assert run.finished_at >= run.started_at


def test_the_second_round_brings_only_what_is_new(settled: Home, network: MemoryNetwork) -> None:
    go(settled, Landed(settled))
    network.channels["blog"] = channel(7)
    landed = Landed(settled)
    (part,) = go(settled, landed)
    assert part.posts == 2
    assert {post.native_id for post in landed.of(Post)} == {"urn:solato:5", "urn:solato:6"}


def test_the_bookmark_advances_only_after_landing(settled: Home) -> None:
    landed = Landed(settled)
    go(settled, landed, batch=2)
    assert landed.landings >= 3
    assert landed.bookmarks[0] == Bookmark().to_json()
    assert "marks" not in landed.bookmarks[1]["notes"]
    assert load_state(settled, "blog").bookmark.notes["marks"]


@pytest.mark.parametrize("fail_at", [1, 2, 3])
def test_a_full_disk_ends_the_round_and_nothing_is_lost(settled: Home, fail_at: int) -> None:
    first = Landed(settled, fail_at)
    with pytest.raises(DiskFull):
        go(settled, first, batch=2)
    again = Landed(settled)
    go(settled, again, batch=2)
    ids = {post.native_id for post in [*first.of(Post), *again.of(Post)]}
    assert ids == {f"urn:solato:{number}" for number in range(5)}


def test_a_source_that_fails_never_stops_the_others(home: Home, network: MemoryNetwork, server: DemoServer) -> None:
    for name in ("good", "slow", "page"):
        network.channels[name] = channel(3)
    server.faults.add("error", "/feeds/down.rss", times=99, status=503)
    server.faults.add("html", "/feeds/page.rss", times=99)
    names = ("down", "good", "gone", "page", "slow")
    home.settings.write_text(BRAND + "".join(feed(server, name, platform=f"f{at}") for at, name in enumerate(names)), encoding="utf-8")
    landed = Landed(home)
    parts = {part.source: part for part in go(home, landed)}
    assert {name: part.outcome for name, part in parts.items()} == {
        "down": "busy",
        "good": "ok",
        "gone": "access",
        "page": "format",
        "slow": "ok",
    }
    assert all(part.advice for name, part in parts.items() if part.outcome != "ok")
    assert {run.source: run.outcome for run in landed.of(Run)} == {name: part.outcome for name, part in parts.items()}
    (reject,) = landed.of(Reject)
    assert reject.source == "page"
    assert "<html" in reject.raw.lower()


def test_a_mistake_in_a_collector_is_one_sources_mistake(
    home: Home, network: MemoryNetwork, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.channels["good"] = network.channels["bad"] = channel(3)
    home.settings.write_text(BRAND + feed(server, "bad", platform="a") + feed(server, "good", platform="b"), encoding="utf-8")
    from collectors.feeds import FeedCollector

    parse = FeedCollector._parse

    def broken(self: FeedCollector, answer: Any) -> Any:
        if self.settings.name == "bad":
            raise ZeroDivisionError("oops")
        return parse(self, answer)

    monkeypatch.setattr(FeedCollector, "_parse", broken)
    landed = Landed(home)
    bad, good = go(home, landed)
    assert (bad.outcome, good.outcome, good.posts) == ("error", "ok", 3)
    assert "ZeroDivisionError" in (bad.message or "")


def test_a_failed_source_keeps_its_bookmark_and_rests_as_long_as_it_was_told(settled: Home, server: DemoServer) -> None:
    go(settled, Landed(settled))
    before = load_state(settled, "blog").bookmark
    server.faults.add("busy", times=99, headers={"retry-after": "900"})
    (part,) = go(settled, Landed(settled))
    state = load_state(settled, "blog")
    assert (part.outcome, state.bookmark) == ("busy", before)
    assert state.not_before is not None
    assert state.tried_at is not None
    assert timedelta(seconds=850) < state.not_before - state.tried_at < timedelta(seconds=950)


def test_a_record_that_the_store_cannot_take_is_put_aside_and_the_rest_goes_in(settled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from collectors.feeds import FeedCollector

    records = FeedCollector._records

    def some_without_zone(self: FeedCollector, entry: Any, at: Any) -> Any:
        found = records(self, entry, at)
        if entry.native_id == "urn:solato:3":
            naive = {name: getattr(found[0], name) for name in found[0].__slots__} | {"created_at": at.replace(tzinfo=None)}
            return [Post(**naive)]
        return found

    monkeypatch.setattr(FeedCollector, "_records", some_without_zone)
    (part,) = go(settled, Inbox(settled))
    assert part.outcome == "ok"
    inbox = Inbox(settled)
    assert inbox.pending("posts").num_rows == 4
    rejects = inbox.pending("rejects").to_pylist()
    assert [(row["source"], row["place"]) for row in rejects] == [("blog", "urn:solato:3")]


def test_counts_are_looked_up_again_when_the_plan_says_so(home: Home, network: MemoryNetwork, server: DemoServer) -> None:
    brand = network.add_account("solato.test", name="ソラト")
    old = network.add_post(brand, "十日前の投稿", NOW - timedelta(days=10), likes=50)
    seen = network.add_post(brand, "さっき見た投稿", NOW - timedelta(days=9), likes=5)
    deleted = f"at://{brand.did}/app.bsky.feed.post/deleted"
    home.settings.write_text(
        BRAND + f'[[source]]\nname = "own"\nkind = "bluesky"\nbrand = "solato"\nactor = "solato.test"\nservice = "{server.url}"\n',
        encoding="utf-8",
    )
    go(home, Landed(home))
    asked: list[tuple[str, str]] = []

    async def candidates(source: Any, platform: str) -> Sequence[Known]:
        asked.append((source.name, platform))
        return (
            Known(old.uri, old.created_at, NOW - timedelta(days=2)),
            Known(seen.uri, seen.created_at, NOW - timedelta(minutes=1)),
            Known(deleted, NOW - timedelta(days=3), NOW - timedelta(days=2)),
        )

    landed = Landed(home)
    (part,) = go(home, landed, candidates=candidates)
    assert asked == [("own", "bluesky")]
    assert part.outcome == "ok"
    assert {(one.native_id, one.likes) for one in landed.of(Metrics)} >= {(old.uri, 50)}
    assert [gone.native_id for gone in landed.of(Gone)] == [deleted]


def test_a_round_over_many_sources_is_not_sequential(home: Home, network: MemoryNetwork) -> None:
    with DemoServer(network, delay=0.1) as server:
        for number in range(16):
            network.channels[f"f{number}"] = channel(1)
        home.settings.write_text(BRAND + "".join(feed(server, f"f{number}") for number in range(16)), encoding="utf-8")
        parts = go(home, Landed(home))
        assert all(part.outcome == "ok" for part in parts)
        assert server.most_at_once > 1


async def test_a_round_that_is_stopped_lands_what_it_has(settled: Home, server: DemoServer, network: MemoryNetwork) -> None:
    network.channels["second"] = channel(4, first=100)
    settings_text = settled.settings.read_text(encoding="utf-8") + feed(server, "second", platform="other")
    settled.settings.write_text(settings_text, encoding="utf-8")
    server.faults.add("slow", "/feeds/second.rss", seconds=30.0)
    settings = load(settled)
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()

    def progress(part: Part) -> None:
        if part.source == "blog" and part.outcome:
            loop.call_soon_threadsafe(ready.set)

    landed = Landed(settled)
    task = asyncio.create_task(Round(settled, settings, landed, progress=progress).go(settings.sources))
    await asyncio.wait_for(ready.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(landed.of(Post)) == 5
    assert load_state(settled, "blog").bookmark.notes["marks"]
    assert load_state(settled, "second").bookmark.covered == {}
