"""Bluesky's fakes and the demo's server held against its lexicons: ``python -m tests.live.lexicons`` (Node.js, as ``make live``)."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

from monitor.demo.network import MemoryNetwork
from monitor.demo.xrpc import Xrpc
from tests.collectors.conftest import NOW
from tests.collectors.fakes.bluesky import BlueskyOwn, BlueskySaid
from tests.live.servers import CACHE, HERE, install
from tests.live.specs import exchange


class Talk(BlueskySaid):
    """Every post after the first answers and quotes it."""

    def say(self, text: str, at: Any, likes: int = 0, **more: Any) -> Any:
        earlier = {"parent": 1, "quoted": 1, "reason": "reply"} if self.said else {"author": "yomori"}
        return super().say(text, at, likes, **(earlier | more))


def answers() -> list[dict[str, Any]]:
    """Return what the fakes and the demo's server answer, with the method that was asked."""
    found: list[dict[str, Any]] = []
    for wire in (BlueskyOwn(), Talk()):
        for asked, reply in asyncio.run(exchange(wire)):
            if reply.status == 200:
                found.append({"method": asked.path.rpartition("/")[2], "body": reply.body})
    network = MemoryNetwork(clock=lambda: NOW)
    brand = network.add_account("yomori.test", "password", "ヨモリ公式")
    first = network.add_post(brand, "新茶です🍵 #新茶", NOW - timedelta(hours=2), likes=5)
    network.add_post(brand, "つづき", NOW - timedelta(hours=1), parent=first.uri)
    network.add_post(brand, "引用", NOW, quoted=first.uri)
    demo = Xrpc(network)
    login = {"identifier": "yomori.test", "password": "password"}
    session = demo.answer("POST", "com.atproto.server.createSession", {}, login, None)
    found.append({"method": "com.atproto.server.createSession", "body": session})
    for method, query in (
        ("app.bsky.feed.getAuthorFeed", {"actor": ["yomori.test"]}),
        ("app.bsky.feed.searchPosts", {"q": ["新茶"]}),
        ("app.bsky.feed.getPosts", {"uris": [first.uri]}),
        ("app.bsky.actor.getProfile", {"actor": ["yomori.test"]}),
    ):
        found.append({"method": method, "body": demo.answer("GET", method, query, None, session["accessJwt"])})
    return found


def main() -> int:
    """Print what is wrong; 0 where nothing is."""
    told = answers()
    done = subprocess.run(
        [install(), HERE / "lexicons.mjs"],
        cwd=CACHE,
        input=json.dumps(told),
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    faults = sorted(set(done.stdout.splitlines()))
    print("\n".join([*faults, f"{len(told)} answers, {len(faults)} kinds of fault"]))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
