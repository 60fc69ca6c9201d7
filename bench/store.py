"""The store's benchmark: ``python -m bench.store [--posts N] [--observations N]``. Prints one table for each part.

Everything is made up here, in a temporary folder on the disk that TMPDIR names, and measured once: run it on a calm machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from bench import store_ingest, store_queries
from bench import store_world as world
from store import published
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner

PART = 100_000  # posts that land together, with all their observations: rows come in the order of time, as they do in life


def _size(home: Home) -> float:
    return home.database.stat().st_size / 1e6


def _publish(owner: Owner) -> str:
    owner.declare(meta={"published": str(time.monotonic_ns())})
    begun = time.perf_counter()
    owner.publish()
    return f"| {_size(owner.home):,.0f} | {time.perf_counter() - begun:.2f} |"


def load(owner: Owner, posts: int, observations: int) -> tuple[list[str], list[str]]:
    """Land and ingest everything; return the rows of the tables about ingest and about publishing."""
    inbox = Inbox(owner.home)
    lines, copies = [], [_publish(owner)]
    spent = {"posts": [0.0, 0.0, 0], "observations": [0.0, 0.0, 0]}
    parts = [np.arange(a, min(a + PART, posts)) for a in range(0, posts, PART)]

    def put(what: str, kind: str, table: object, rows: int) -> None:
        begun = time.perf_counter()
        inbox.land_table(kind, table)
        landed = time.perf_counter()
        owner.ingest()
        spent[what][0] += landed - begun
        spent[what][1] += time.perf_counter() - landed
        spent[what][2] += rows

    steps = range(observations // posts)
    for n, part in enumerate(parts):
        put("posts", "posts", world.posts(part, n, posts), len(part))
        table = pa.concat_tables(world.metrics(part, step, 1000 * n + step, posts) for step in steps).sort_by("observed_at")
        put("observations", "metrics", table, len(table))
        if n in (len(parts) // 4, len(parts) // 2, len(parts) - 1):
            copies.append(_publish(owner))
    for what, (land, ingest, rows) in spent.items():
        if rows:
            lines.append(f"| {what} | {rows:,} | {land:.1f} | {ingest:.1f} | {rows / land:,.0f} | {rows / ingest:,.0f} |")
    return lines, copies


def score(owner: Owner) -> None:
    """Give every mention a score, and flag."""
    owner.declare(meta={"model": "bench"})
    with published.connect(owner.home) as connection:
        keys = connection.execute("SELECT post_key, brand FROM mentions").to_arrow_table()
    owner.save_scores(world.scores(keys["post_key"].combine_chunks(), keys["brand"].combine_chunks(), 1))
    owner.flag()
    owner.publish()


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--observations", type=int, default=10_000_000)
    parser.add_argument("--streamed", type=int, default=400_000, help="posts that the two collectors land")
    wanted = parser.parse_args()
    load_before = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load_before:.1f}, duckdb {duckdb.__version__}, pandas {pd.__version__}\n")

    print("Two collectors, one owner, two readers, a copy published every 2 s\n")
    print(
        "| posts a batch | posts/s | landing a batch, ms (median / worst) | copies | readings | reading, ms (median / worst) | readers refused |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in (1_000, 10_000):
        print("\n".join(store_ingest.run(wanted.streamed, size)), flush=True)

    with tempfile.TemporaryDirectory() as folder, Owner.open(Home(Path(folder) / "home")) as owner:
        ingest, copies = load(owner, wanted.posts, wanted.observations)
        print(
            "\nIn bulk through the inbox\n\n| | rows | landing, s | ingest, s | landing, rows/s | ingest, rows/s |\n|---|---|---|---|---|---|"
        )
        print("\n".join(ingest))
        print("\nPublishing against size\n\n| MB | s |\n|---|---|")
        print("\n".join(copies), flush=True)
        begun = time.perf_counter()
        score(owner)
        print(f"\nScores saved, flagged and published in {time.perf_counter() - begun:.1f} s; the file has {_size(owner.home):,.0f} MB")
        print(f"\nThe dashboard's questions, ms ({wanted.posts:,} posts, {wanted.observations:,} observations)\n")
        print("| | cold | warm | SQLite warm | pandas warm | warm, against the faster | |\n|---|---|---|---|---|---|---|")
        print("\n".join(store_queries.run(owner.home, Path(folder))), flush=True)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
