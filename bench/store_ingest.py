"""Part of the store's benchmark: two collector processes land, the owner ingests and publishes, two readers ask all the time."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from multiprocessing.synchronize import Barrier, Event
from typing import Any

import numpy as np

from bench import store_world as world
from store import published
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner

_ASKED = (
    "SELECT platform, sum(basic_r) / sum(v) FROM daily WHERE brand = 'sorato' GROUP BY platform",
    "SELECT post_key, views FROM post_latest WHERE own_brand = 'sorato' ORDER BY views DESC NULLS LAST LIMIT 20",
    "SELECT count(*) FROM posts WHERE text_norm LIKE '%炎上%'",
)


def _collect(root: str, name: str, batches: int, size: int, start: Barrier, out: Any) -> None:
    inbox = Inbox(Home(root))
    tables = [world.posts(np.arange(n * size, (n + 1) * size), n, batches * size, name) for n in range(batches)]
    start.wait()
    took = []
    busy = time.process_time()
    for table in tables:
        begun = time.perf_counter()
        inbox.land_table("posts", table)
        took.append(time.perf_counter() - begun)
    out.put((name, (took, time.process_time() - busy)))


def _read(root: str, start: Barrier, stop: Event, out: Any) -> None:
    home = Home(root)
    start.wait()
    took, failed = [], 0
    while not stop.is_set():
        begun = time.perf_counter()
        try:
            with published.connect(home) as connection:
                for query in _ASKED:
                    connection.execute(query).fetchall()
        except Exception as error:  # whatever keeps a reader waiting or fails is what is counted here
            failed += 1
            print(f"reader: {error!r}")
        took.append(time.perf_counter() - begun)
        time.sleep(0.2)  # a person looks at a page for longer
    out.put(("reader", (took, failed)))


def run(posts: int, size: int) -> list[str]:
    """Ingest ``posts`` in batches of ``size``; return the table's rows."""
    batches = posts // size // 2
    with tempfile.TemporaryDirectory() as root, Owner.open(Home(root)) as owner:
        owner.publish()
        context = multiprocessing.get_context("spawn")
        start, stop, out = context.Barrier(5), context.Event(), context.Queue()
        workers = [context.Process(target=_collect, args=(root, name, batches, size, start, out)) for name in ("a", "b")]
        workers += [context.Process(target=_read, args=(root, start, stop, out)) for _ in range(2)]
        for worker in workers:
            worker.start()
        start.wait()
        begun, busy = time.perf_counter(), time.process_time()
        taken, last, copies = 0, begun, 0
        while taken < 2 * batches * size:
            taken += owner.ingest().rows.get("posts", 0)
            if time.perf_counter() - last > 2:
                owner.publish()
                copies, last = copies + 1, time.perf_counter()
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        owner.publish()
        stop.set()
        told = [out.get() for _ in workers]
        for worker in workers:
            worker.join()
    landed = [answer for name, answer in told if name != "reader"]
    landing = np.concatenate([took for took, _ in landed])
    collectors = sum(cpu for _, cpu in landed)
    reading = np.concatenate([took for name, (took, _) in (t for t in told if t[0] == "reader")])
    failed = sum(failed for name, (_, failed) in (t for t in told if t[0] == "reader"))
    return [
        f"| {size:,} | {taken / seconds:,.0f} | {1000 * np.median(landing):.0f} / {1000 * landing.max():.0f} | {copies} "
        f"| {len(reading)} | {1000 * np.median(reading):.0f} / {1000 * reading.max():.0f} | {failed} "
        f"| {1e6 * collectors / taken:.1f} | {1e6 * busy / taken:.1f} |"
    ]
