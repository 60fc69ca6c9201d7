"""How fast posts are scored: `python -m bench.nlp [--posts N]`. One table, one run, the same posts for every row.

The floor is SudachiPy's bare tokenisation of the raw texts. Rates are the best of three turns, so that a busy machine tells less lies; memory
is the peak of a fresh process that loads the scorer and scores a batch.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

TURNS = 3
_STOPS = tuple("。!?！？…")
_SHORT, _LONG = 0.45, 1.6  # of the mean: shorter posts are joined, longer ones left out


def make_posts(count: int, mean: int = 38) -> list[str]:
    """Distinct posts of about `mean` characters: corpus posts that are not much longer, joined two and two where they are short, each with a number of its own."""
    from nlp.corpus import read_corpus

    texts = [post.text for post in read_corpus() if len(post.text) <= _LONG * mean]
    rng = random.Random(11)
    posts = []
    for index in range(count):
        text = rng.choice(texts)
        while len(text) < _SHORT * mean:
            text += ("" if text.endswith(_STOPS) else "。") + rng.choice(texts)
        posts.append(f"{text} {index}")
    return posts


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of TURNS turns."""
    times = []
    for _ in range(TURNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


_scorer = None


def _start() -> None:
    global _scorer
    from nlp.scorer import Item, Scorer

    _scorer = Scorer.load()
    _scorer.score([Item("温まるまで少し")])


def _work(texts: list[str]) -> int:
    from nlp.scorer import Item

    assert _scorer is not None
    return len(_scorer.score([Item(text) for text in texts]))


_FRESH = """
import time
start = time.perf_counter()
from nlp.scorer import Item, Scorer
scorer = Scorer.load()
scorer.score([Item("起動してすぐの一件")])
print(time.perf_counter() - start)
scorer.score([Item(f"何件か続けて採点する {i}") for i in range(2000)])
print(next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def fresh_process() -> tuple[float, float]:
    """Seconds from import to the first score, and peak memory in MB, of a process of its own (median of three)."""
    runs = [subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=True).stdout.split() for _ in range(TURNS)]
    return statistics.median(float(run[0]) for run in runs), statistics.median(float(run[1]) for run in runs)


def main() -> None:
    """Measure and print the table."""
    import sudachipy

    from nlp.scorer import Item, Scorer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=5_000)
    posts = make_posts(parser.parse_args().posts)
    print(f"{len(posts)} distinct posts, {statistics.mean(map(len, posts)):.1f} characters on average\n")
    tokenizer = sudachipy.Dictionary(dict="core").tokenizer(mode=sudachipy.SplitMode.B)
    floor = best(lambda: [[morpheme.normalized_form() for morpheme in tokenizer.tokenize(text)] for text in posts])
    scorer = Scorer.load()
    items = [Item(text) for text in posts]
    scorer.score(items)  # the table of words fills once in the life of a process
    whole = best(lambda: scorer.score(items))
    chunks = [posts[start : start + 500] for start in range(0, len(posts), 500)]
    with multiprocessing.get_context("spawn").Pool(2, initializer=_start) as pool:
        pool.map(_work, chunks, chunksize=1)
        pair = best(lambda: pool.map(_work, chunks, chunksize=1))
    singles = []
    for item in items[:300]:
        start = time.perf_counter()
        scorer.score([item])
        singles.append(time.perf_counter() - start)
    started, memory = fresh_process()
    rows = [
        ("SudachiPy alone, one process (the floor)", f"{len(posts) / floor:,.0f} posts/s", "1.00"),
        ("whole scoring, one process", f"{len(posts) / whole:,.0f} posts/s", f"{floor / whole:.2f}"),
        ("whole scoring, two processes", f"{len(posts) / pair:,.0f} posts/s", f"{floor / pair:.2f}"),
        ("one post alone, median", f"{statistics.median(singles) * 1e3:.2f} ms", ""),
        ("one post alone, 95th percentile", f"{statistics.quantiles(singles, n=20)[-1] * 1e3:.2f} ms", ""),
        ("start to first score", f"{started:.2f} s", ""),
        ("peak memory", f"{memory:.0f} MB", ""),
    ]
    print("| | measured | of the floor |\n|---|---|---|")
    for name, value, share in rows:
        print(f"| {name} | {value} | {share} |")
    print(f"\ntwo processes against one: {whole / pair:.2f}")


if __name__ == "__main__":
    main()
