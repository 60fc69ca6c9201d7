"""How far two readings of the same posts agree: `python -m nlp.agreement`.

`nlp/corpus/second/labels.tsv` holds a second reading of a random tenth of the corpus, made from the texts and the rule book alone,
without sight of the first labels. `journey.tsv` holds one of phases and intents: of a part of the training posts that were labelled
for them (the first reading is the corpus), and of all held-out posts (both readings; the corpus holds what they agree on, else what a
third said). Agreement beyond chance is Cohen's κ = (pₒ − pₑ) ÷ (1 − pₑ) (Cohen, *Educational and
Psychological Measurement* 20, 1960), with a percentile bootstrap over posts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlp.corpus import CORPUS_DIR, INTENTS, PHASES, SENTIMENT_CODES, CorpusError, Post, read_corpus, unescape

SECOND = CORPUS_DIR / "second" / "labels.tsv"
COLUMNS = ("batch", "text", "sentiment", "stance", "type", "irony")
JOURNEY_SECOND = CORPUS_DIR / "second" / "journey.tsv"
JOURNEY_COLUMNS = ("batch", "text", "reader", "phases", "intents")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`n` pairs, the share that agrees, and κ with its 95 % interval; `confused` the most frequent disagreements (first, second)."""

    n: int
    share: float
    kappa: float
    low: float
    high: float
    confused: tuple[tuple[Pair, int], ...]


def pairs(posts: Sequence[Post], second: Path = SECOND) -> dict[str, list[Pair]]:
    """Return label -> (first, second reading) for each post that was read twice.

    Raises:
        CorpusError: The second reading names a post that the corpus does not hold.
    """
    first = {(post.batch, post.text): post for post in posts}
    found: dict[str, list[Pair]] = {"sentiment": [], "stance": [], "mention_type": [], "irony": []}
    for number, (batch, text), labels in read_labels(second, COLUMNS):
        post = first.get((batch, text))
        if post is None:
            raise CorpusError(f"{second.name}:{number}: {batch} has no such post")
        for label, said in labels.items():
            found[label].append((str(getattr(post, label)), said))
    return found


def journey_pairs(posts: Sequence[Post], second: Path = JOURNEY_SECOND) -> dict[str, list[Pair]]:
    """Return "phase needs", …, "intent churn" -> ("yes" or "no" by the first reader, by the second) for each post whose phases and intents were read twice.

    Raises:
        CorpusError: The second reading is not one, or is of a post that the corpus does not hold or whose writer alone gave phases and intents.
    """
    first = {(post.batch, post.text): _given(post.phases, post.intents) for post in posts if post.journey_asked}
    known = _given(PHASES, INTENTS)
    found: dict[str, list[Pair]] = {name: [] for name in known}
    for number, (batch, text, reader, phases, intents) in _lines(second, JOURNEY_COLUMNS):
        place = batch, unescape(text)
        said = _given(phases.split(","), intents.split(","))
        if place not in first:
            raise CorpusError(f"{second.name}:{number}: {batch} has no such post that was read for its phases and intents")
        if reader not in ("first", "second") or not said.keys() <= known.keys():
            raise CorpusError(f"{second.name}:{number}: not a reading of a post")
        if reader == "first":
            first[place] = said
            continue
        for name, pairs_of_name in found.items():
            pairs_of_name.append(("yes" if name in first[place] else "no", "yes" if name in said else "no"))
    return found


def _given(phases: Sequence[str], intents: Sequence[str]) -> dict[str, None]:
    """Phases and intents by names that tell them apart (a purchase may be either), in their order."""
    return dict.fromkeys([*(f"phase {name}" for name in phases if name), *(f"intent {name}" for name in intents if name)])


def _lines(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    if lines[0].split("\t") != list(columns):
        raise CorpusError(f"{path.name}:1: the header must be {' '.join(columns)}")
    for number, line in enumerate(lines[1:], 2):
        if line:
            cells = line.split("\t")
            if len(cells) != len(columns):
                raise CorpusError(f"{path.name}:{number}: not a reading of a post")
            yield number, cells


def read_labels(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...], dict[str, str]]]:
    """The lines of a file of readings whose header is `columns`, the last four of them labels: number, what stands before the labels (the second the post's text), and
    the labels by their names in `Post`. Raises CorpusError."""
    for number, cells in _lines(path, columns):
        if cells[-4] not in SENTIMENT_CODES:
            raise CorpusError(f"{path.name}:{number}: not a reading of a post")
        (batch, text, *more), (sentiment, stance, kind, irony) = cells[:-4], cells[-4:]
        labels = {
            "sentiment": SENTIMENT_CODES[sentiment],
            "stance": stance or "none",
            "mention_type": kind or "personal",
            "irony": str(irony == "1"),
        }
        yield number, (batch, unescape(text), *more), labels


def agreement(read_twice: Sequence[Pair], rounds: int = 2000, seed: int = 0) -> Agreement:
    """Return how far the two readings agree. Raises ValueError for no pairs."""
    if not read_twice:
        raise ValueError("nothing was read twice")
    names = sorted({label for pair in read_twice for label in pair})
    place = {name: number for number, name in enumerate(names)}
    table = np.array([(place[a], place[b]) for a, b in read_twice])
    rng = np.random.default_rng(seed)
    draws = [_kappa(table[rng.integers(len(table), size=len(table))], len(names)) for _ in range(rounds)]
    low, high = np.percentile(draws, [2.5, 97.5])
    confused = Counter(pair for pair in read_twice if pair[0] != pair[1]).most_common(4)
    share = float(np.mean(table[:, 0] == table[:, 1]))
    return Agreement(len(table), share, _kappa(table, len(names)), float(low), float(high), tuple(confused))


def _kappa(table: np.ndarray, classes: int) -> float:
    observed = float(np.mean(table[:, 0] == table[:, 1]))
    shares = [np.bincount(table[:, column], minlength=classes) / len(table) for column in (0, 1)]
    expected = float(shares[0] @ shares[1])
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)


def main() -> None:
    """Print the agreement of the two readings, a label a line."""
    posts = read_corpus()
    print(f"{'label':<24}{'posts':>6}{'agree':>8}{'κ':>7}   95 %           most confused")
    for label, read_twice in (pairs(posts) | journey_pairs(posts)).items():
        told = agreement(read_twice)
        worst = ", ".join(f"{a}→{b} {count}" for (a, b), count in told.confused)
        print(f"{label:<24}{told.n:>6}{told.share:>8.3f}{told.kappa:>7.3f}   {told.low:.3f}–{told.high:.3f}    {worst}")


if __name__ == "__main__":
    main()
