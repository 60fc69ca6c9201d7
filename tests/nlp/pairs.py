"""Minimal pairs: two texts that share what they can and differ in what is felt. The first is glad, the second is not.

They stand in pairs.tsv, sorted by the phenomenon that they try. Those that the shipped model gets wrong are named in known_failures.tsv;
``python -m tests.nlp.pairs`` prints the share that is right for each phenomenon, and ``--write`` writes that list anew.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from nlp.scorer import Item, Scorer

FILE = Path(__file__).with_name("pairs.tsv")
FAILURES = Path(__file__).with_name("known_failures.tsv")


@dataclass(frozen=True, slots=True)
class Pair:
    phenomenon: str
    glad: str
    sad: str


def _rows(file: Path) -> list[list[str]]:
    return [line.split("\t") for line in file.read_text("utf-8").splitlines()[1:]]


PAIRS = [Pair(*row) for row in _rows(FILE)]
FAILING = {row[0] for row in _rows(FAILURES)}


def lean(scorer: Scorer, text: str) -> float:
    """Return how much more probable glad is than not, -1 to 1."""
    probabilities = scorer.score([Item(text)])[0].probabilities
    return probabilities["positive"] - probabilities["negative"]


def is_right(scorer: Scorer, pair: Pair) -> bool:
    """Tell whether the glad text leans to positive and the other to negative."""
    return lean(scorer, pair.glad) > 0 > lean(scorer, pair.sad)


# Texts whose feeling is none.
PLAIN = [
    "明日の営業時間は何時までですか？",
    "新商品は来月1日に発売されます",
    "今から電車に乗る",
    "会議は15時からに変更になりました",
    "ランチはカレーにした",
    "この商品の色は何色がありますか？",
    "渋谷駅で待ち合わせ",
    "本日の日替わりはアジフライ定食",
]


def main(write: bool) -> None:
    """Print the table; with ``write``, write the list of failures."""
    scorer = Scorer.load()
    right = {pair.glad: is_right(scorer, pair) for pair in PAIRS}
    for phenomenon in dict.fromkeys(pair.phenomenon for pair in PAIRS):
        mine = [right[pair.glad] for pair in PAIRS if pair.phenomenon == phenomenon]
        print(f"{phenomenon:24} {sum(mine):3} of {len(mine):3}")
    print(f"{'all':24} {sum(right.values()):3} of {len(PAIRS):3}")
    if write:
        rows = [(pair.glad, f"{lean(scorer, pair.glad):+.2f}", f"{lean(scorer, pair.sad):+.2f}") for pair in PAIRS if not right[pair.glad]]
        FAILURES.write_text("glad\tlean\tlean of the other\n" + "".join("\t".join(row) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
