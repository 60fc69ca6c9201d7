"""A round over many sources on a server that takes its time: all at once under the per-host limit, against one after the other.

    python -m bench.rounds --sources 200 --delay 0.1

The bound is the larger of what the limit allows (sources ÷ limit × delay) and what the collecting process computed (its CPU time;
most of it is feedparser's). The server runs in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from rich.console import Console
from rich.table import Table

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.feeds import FeedCollector, FeedSettings
from collectors.http import Http
from collectors.words import BrandWords
from monitor.demo.network import Article, Channel, MemoryNetwork
from monitor.demo.server import DemoServer

PER_HOST = (4, 8, 16)
ARTICLES = 20


def network_of(sources: int) -> MemoryNetwork:
    """Return a network with so many feeds of twenty articles each."""
    now = datetime.now(UTC)
    network = MemoryNetwork()
    for source in range(sources):
        articles = tuple(
            Article(
                f"tag:b.example,2026:{source}-{n}", f"お知らせ {n}", "<p>新商品です</p>", "https://b.example/", now - timedelta(hours=n)
            )
            for n in range(ARTICLES)
        )
        network.channels[f"blog{source}"] = Channel("ブログ", "https://b.example/", articles)
    return network


def _serve(sources: int, delay: float, pipe: Connection) -> None:
    """Serve until told to stop; then tell how many requests came, and how many were under way at once."""
    with DemoServer(network_of(sources), delay=delay) as server:
        pipe.send(server.url)
        pipe.recv()
        pipe.send((server.count(), server.most_at_once))


async def _one(http: Http, url: str, number: int) -> int:
    settings = FeedSettings(name=f"s{number}", brand="b", url=f"{url}/feeds/blog{number}.rss", local=True)
    collector = FeedCollector(settings, Context(http, BrandWords("b")))
    since = datetime.now(UTC) - timedelta(days=30)
    return len([record async for record in collector.collect(Bookmark(), since)])


async def sequential(url: str, sources: int) -> int:
    """Read the sources one after the other."""
    async with Http() as http:
        return sum([await _one(http, url, number) for number in range(sources)])


async def concurrent(url: str, sources: int, per_host: int) -> int:
    """Read all sources at once; the client keeps the limit."""
    async with Http(per_host=per_host) as http:
        return sum(await asyncio.gather(*(_one(http, url, number) for number in range(sources))))


def measure(sources: int, delay: float, limit: int) -> tuple[float, float, int, int]:
    """Return the seconds of a round, its CPU seconds, its records, and how many requests the server saw at once."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(sources, delay, theirs), daemon=True)
    process.start()
    url = ours.recv()
    started, busy = time.perf_counter(), time.process_time()
    records = asyncio.run(sequential(url, sources) if limit == 1 else concurrent(url, sources, limit))
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    ours.send("stop")
    asked, at_once = ours.recv()
    process.join()
    assert asked == sources
    assert at_once <= limit
    return seconds, cpu, records, at_once


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--delay", type=float, default=0.1, help="seconds that the server takes for an answer")
    options = parser.parse_args()
    title = f"{options.sources} feeds of {ARTICLES} articles, one host, {options.delay * 1000:.0f} ms an answer"
    table = Table("round", "limit", "seen", "s", "CPU s", "bound s", "over", "speed-up", "records", title=title)
    slow = 0.0
    for limit in (1, *PER_HOST):
        seconds, cpu, records, seen = measure(options.sources, options.delay, limit)
        slow = slow or seconds
        bound = max(math.ceil(options.sources / limit) * options.delay, cpu)
        name = "one by one" if limit == 1 else "at once"
        cells = (
            name,
            limit,
            seen,
            f"{seconds:.2f}",
            f"{cpu:.2f}",
            f"{bound:.2f}",
            f"{seconds / bound - 1:+.0%}",
            f"{slow / seconds:.1f}×",
            records,
        )
        table.add_row(*map(str, cells))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
