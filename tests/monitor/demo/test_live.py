"""The demo home and its loopback server tell the same story: what was written is what the collectors then find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.demo.cast import BRANDS, OWN
from monitor.demo.identity import did, native_id
from monitor.demo.live import SLOT, LiveNetwork
from monitor.demo.world import World
from monitor.demo.write import read_port, read_world, write_demo
from store.home import Home
from store.inbox import Inbox

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("demo")).prepare()
    heard: list[float] = []
    write_demo(home, seed=5, months=2, posts=1500, now=NOW, progress=lambda _, share: heard.append(share), port=9123)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    return home


@pytest.fixture
def network(home: Home, tmp_path: Path) -> LiveNetwork:
    return LiveNetwork(read_world(home), tmp_path / "sessions.json")


def test_a_home_remembers_its_world_and_port(home: Home) -> None:
    assert read_port(home) == 9123
    assert list(read_world(home).day(3, NOW)) == list(World(5, 2, 1500, NOW).day(3, NOW))


def test_settings_hold_no_secret_and_say_that_it_is_a_demo(home: Home) -> None:
    text = home.settings.read_text("utf-8")
    assert "demo = true" in text
    assert "demo-demo" not in text
    assert home.env.stat().st_mode & 0o777 == 0o600


def test_what_was_written_is_what_the_server_shows(home: Home, network: LiveNetwork) -> None:
    landed = Inbox(home).pending("posts").to_pylist()
    since = NOW.replace(tzinfo=None) - timedelta(days=20)
    recent = {row["native_id"]: row["text"] for row in landed if row["platform"] == "bluesky" and row["created_at"] > since}
    shown = {post.uri: post.text for uri in recent for post in network.get([uri])}
    assert len(recent) > 10
    assert shown == recent


def test_feeds_of_accounts_come_newest_first_in_pages(network: LiveNetwork) -> None:
    official = did(f"official-{OWN.id}")
    first = network.author_feed(official, None, 5)
    second = network.author_feed(official, first[-1].position, 5)
    times = [item.post.created_at for item in (*first, *second)]
    assert times == sorted(times, reverse=True)
    assert len({item.post.uri for item in (*first, *second)}) == 10
    assert {item.post.author for item in first} == {official}


def test_search_finds_posts_that_name_the_brand(network: LiveNetwork) -> None:
    since = NOW - timedelta(days=10)
    found = network.search(OWN.name, since, None, 50)
    assert found
    assert all(OWN.name in post.text and post.created_at >= since for post in found)


def test_the_demo_signs_in_with_its_own_password_only(network: LiveNetwork) -> None:
    assert network.log_in("demo.example", "demo-demo-demo-demo") is not None
    assert network.log_in("demo.example", "wrong") is None
    assert network.log_in(f"{OWN.handle}.example", "demo-demo-demo-demo") is None


def test_every_brand_has_a_feed(network: LiveNetwork) -> None:
    for brand in BRANDS:
        channel = network.channel(brand.handle)
        assert channel is not None
        assert channel.articles
    assert network.channel("nobody") is None


def test_people_post_while_it_runs_and_what_was_seen_stays_after_a_restart(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [NOW + timedelta(hours=3)]
    monkeypatch.setattr(LiveNetwork, "now", lambda _: clock[0])
    sessions = tmp_path / "sessions.json"
    network = LiveNetwork(read_world(home), sessions)
    before = {post.uri for post in network.search("", None, None, 10_000)}
    clock[0] += timedelta(minutes=30)
    during = {post.uri for post in network.search("", None, None, 10_000)}
    came = during - before
    assert 20 < len(came) < 30 * 60 / SLOT
    assert before <= during

    clock[0] += timedelta(days=2)
    again = LiveNetwork(read_world(home), sessions)
    after = {post.uri for post in again.search("", None, None, 10_000)}
    assert during <= after
    slept = [p for p in again.search("", None, None, 10_000) if clock[0] - timedelta(days=1.9) < p.created_at < clock[0]]
    assert len(slept) < 60, "a demo that slept wakes up to plain days"


def test_what_the_server_never_had_is_not_there(network: LiveNetwork, home: Home) -> None:
    old = next(p for p in read_world(home).day(55, NOW) if p.platform == "bluesky")
    assert network.get([native_id(old), "at://did:plc:nobody/app.bsky.feed.post/x"]) == []
    assert network.account("nobody.example") is None
