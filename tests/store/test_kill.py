"""The owner killed at any moment while collectors land files: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from store import published
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Record, ReviewEvent, Run
from tests.store.build import at, counts, own, post

KILLS = 20
OWNER = """
import sys, time
from store.home import Home
from store.owner import Owner
with Owner.open(Home(sys.argv[1])) as owner:
    print("open", flush=True)
    while True:
        if owner.ingest().files:
            owner.flag()
            owner.publish()
        if time.monotonic() % 1 < 0.1:
            owner.compact()
        time.sleep(0.005)
"""


class Collectors(threading.Thread):
    """Lands small batches until told to stop; ``landed`` grows only when the inbox has acknowledged."""

    def __init__(self, home: Home, name: str) -> None:
        super().__init__()
        self.name = name
        self.inbox = Inbox(home)
        self.stop = threading.Event()
        self.landed = 0

    def batch(self, n: int) -> list[Record]:
        ids = [f"{self.name}-{n}-{m}" for m in range(20)]
        records: list[Record] = [own(i, author_id=i) if m % 2 else post(i) for m, i in enumerate(ids)]
        records += [counts(i, views=n, likes=m) for m, i in enumerate(ids)]
        records.append(Run(source=self.name, platform="x", brand="sorato", started_at=at(n), finished_at=at(n + 1), outcome="ok"))
        records.append(ReviewEvent(event_id=f"{self.name}-{n}", post_key=n, brand="sorato", at=at(n), actor="mina", action="note"))
        return records

    def run(self) -> None:
        while not self.stop.is_set():
            self.inbox.land(self.batch(self.landed))
            self.landed += 1
            time.sleep(0.02)


def published_count(home: Home) -> int:
    with published.connect(home) as connection:
        row = connection.execute("SELECT count(*) FROM posts WHERE text IS NOT NULL").fetchone()
        assert row is not None
        return int(row[0])


@pytest.mark.slow
def test_killed_owners_lose_nothing_and_count_nothing_twice(home: Home) -> None:
    dice = random.Random(20260301)
    collectors = [Collectors(home, name) for name in ("a", "b")]
    for collector in collectors:
        collector.start()
    seen = 0
    try:
        for _ in range(KILLS):
            owner = subprocess.Popen(
                [sys.executable, "-c", OWNER, str(home.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]
            )
            assert owner.stdout is not None
            assert owner.stderr is not None
            assert owner.stdout.readline() == b"open\n", owner.stderr.read().decode()
            time.sleep(dice.uniform(0.01, 0.7))
            assert owner.poll() is None, owner.stderr.read().decode()
            owner.kill()
            owner.wait()
            owner.stdout.close()
            owner.stderr.close()
            if os.path.lexists(home.link):
                # what a reader sees always opens, and never goes back
                now = published_count(home)
                assert now >= seen
                seen = now
    finally:
        for collector in collectors:
            collector.stop.set()
        for collector in collectors:
            collector.join()
    batches = sum(collector.landed for collector in collectors)
    assert batches > KILLS
    with Owner.open(home) as owner_now:
        owner_now.ingest()
        owner_now.publish()
    with published.connect(home) as connection:
        for table, wanted, distinct in (
            ("posts", batches * 20, "post_key"),
            ("mentions", batches * 10, "post_key"),
            ("metrics", batches * 20, "post_key"),
            ("post_latest", batches * 20, "post_key"),
            ("runs", batches, "(source, started_at)"),
            ("review_events", batches, "event_id"),
        ):
            found = connection.execute(f"SELECT count(*), count(DISTINCT {distinct}) FROM {table}").fetchone()
            assert found == (wanted, wanted), table
        sums = connection.execute("SELECT sum(posts), sum(v) FROM daily").fetchone()
        again = connection.execute("SELECT count(*), sum(views) FILTER (views > 0) FROM post_latest WHERE own_brand IS NOT NULL").fetchone()
        assert sums == again == (batches * 10, sum(10 * n for c in collectors for n in range(c.landed)))
    assert list(home.inbox.iterdir()) == []
    assert list(home.aside.iterdir()) == []
