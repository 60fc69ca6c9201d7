"""The demo's world on the wire: the loopback server shows its Bluesky accounts and feeds, and people keep posting while it runs.

As a command: ``python -m monitor.demo.live --home DIR`` serves the demo that ``hibiki demo`` wrote there, on the port it names.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.demo.cast import BRANDS
from monitor.demo.identity import ACCOUNT, PASSWORD, did, native_id, url_of
from monitor.demo.network import Account, Article, Channel, FeedItem, NetworkPost, Position, newest
from monitor.demo.server import DemoServer
from monitor.demo.world import DemoPost, World
from monitor.demo.write import read_port, read_world
from store.home import Home

DAYS_BACK = 45
"""So many days of the history are on the wire: counts are looked up for 30."""
SLOT = 20
"""Seconds between two chances of a live post."""
ARTICLES = 20


class LiveNetwork:
    """The world as ``monitor.demo.network.Network``.

    ``sessions`` names a file that remembers when the demo ran: live posts exist only for those times, so a demo that slept for a
    month wakes up to plain days and not to a flood, and what was seen once stays.
    """

    def __init__(self, world: World, sessions: Path) -> None:
        self.world = world
        self._file = sessions
        self._guard = threading.Lock()
        self._sessions: list[list[float]] = json.loads(sessions.read_text("utf-8")) if sessions.exists() else []
        started = self.now()
        self._sessions.append([started.timestamp()] * 2)
        self._posts: dict[str, DemoPost] = {}
        self._uris: dict[str, str] = {}
        self._known_until = min(started, world.now) - timedelta(days=DAYS_BACK)
        self._slots_until = 0
        self._remember()

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC)

    def account(self, name: str) -> Account | None:
        """Return a brand's account by its DID or handle, or the person with this DID."""
        for brand in BRANDS:
            official = did(f"official-{brand.id}")
            if name in (official, f"{brand.handle}.example"):
                return Account(official, f"{brand.handle}.example", f"{brand.name}【公式】")
        if name == ACCOUNT:
            return Account("did:plc:demo", name)
        if name.startswith("did:plc:"):
            person = name.removeprefix("did:plc:")
            return Account(name, f"{person}.example", self._uris.get(name, ""))
        return None

    def log_in(self, name: str, password: str) -> Account | None:
        """Return the demo's own account, whose password is no secret."""
        return self.account(name) if name == ACCOUNT and password == PASSWORD else None

    def author_feed(self, did: str, before: Position | None, limit: int) -> Sequence[FeedItem]:
        """Return at most ``limit`` posts of an account, newest first."""
        now = self.now()
        posts = [p for p in self._all(now) if p.platform == "bluesky" and _author(p) == did]
        return [FeedItem(self._shown(post, now)) for post in newest(posts, before, limit, _position)]

    def search(self, words: str, since: datetime | None, before: Position | None, limit: int) -> Sequence[NetworkPost]:
        """Return at most ``limit`` posts that hold ``words``, newest first."""
        now = self.now()
        found = [p for p in self._all(now) if p.platform == "bluesky" and words in p.text and (since is None or p.created_at >= since)]
        return [self._shown(post, now) for post in newest(found, before, limit, _position)]

    def get(self, uris: Iterable[str]) -> Sequence[NetworkPost]:
        """Return those of the posts that are on the wire."""
        now = self.now()
        self._all(now)
        return [self._shown(self._posts[uri], now) for uri in uris if uri in self._posts]

    def channel(self, name: str) -> Channel | None:
        """Return a brand's feed by its handle."""
        brand = next((brand for brand in BRANDS if brand.handle == name), None)
        if brand is None:
            return None
        posts = [p for p in self._all(self.now()) if p.platform == "feed" and p.own and p.brand == brand.id]
        articles = (
            Article(native_id(p), p.text[:40], p.text, url_of(p), p.created_at, author=p.author_name)
            for p in newest(posts, None, ARTICLES, _position)
        )
        return Channel(f"{brand.name}のお知らせ", f"https://{brand.handle}.example/", tuple(articles))

    def _all(self, now: datetime) -> list[DemoPost]:
        """Return every post up to ``now``, after adding what came since the last slot: making a day anew for each request is dear."""
        with self._guard:
            self._sessions[-1][1] = now.timestamp()
            slot = int(now.timestamp()) // SLOT
            if slot == self._slots_until:
                return list(self._posts.values())
            first = (self.world.now.date() - self._known_until.date()).days + 1
            last = (self.world.now.date() - now.date()).days - 1
            for ago in range(first, last - 1, -1):
                self._add(self.world.day(ago, now))
            self._known_until = now
            for begin, end in self._sessions:
                for number in range(max(int(begin) // SLOT + 1, self._slots_until), int(end) // SLOT + 1):
                    self._add(post for post in self.world.live(number, SLOT) if begin <= post.created_at.timestamp() <= end)
            self._slots_until = slot
            self._remember()
            return list(self._posts.values())

    def _add(self, posts: Iterable[DemoPost]) -> None:
        for post in posts:
            if post.platform in ("bluesky", "feed") and not self.world.dark(post.platform, post.created_at):
                self._posts[native_id(post)] = post
                self._uris[_author(post)] = post.author_name

    def _remember(self) -> None:
        self._file.write_text(json.dumps(self._sessions), "utf-8")

    @staticmethod
    def _shown(post: DemoPost, now: datetime) -> NetworkPost:
        counts = {name: count or 0 for name, count in post.counts(now).items()}
        return NetworkPost(
            uri=native_id(post),
            author=_author(post),
            text=post.text,
            created_at=post.created_at,
            likes=counts["likes"],
            replies=counts["comments"],
            reposts=counts["shares"],
            bookmarks=counts["saves"],
        )


def _author(post: DemoPost) -> str:
    return did(post.author_id)


def _position(post: DemoPost) -> Position:
    return (post.created_at, native_id(post))


def main() -> None:
    """Serve a demo home until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the demo's Bluesky accounts and feeds on 127.0.0.1")
    parser.add_argument("--home", type=Path, required=True, help="the demo folder that `hibiki demo` wrote")
    home = Home(parser.parse_args().home)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with DemoServer(LiveNetwork(read_world(home), home.root / "demo-sessions.json"), port=read_port(home)) as server:
        print(f"{server.url}/feeds/{BRANDS[0].handle}.rss", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
