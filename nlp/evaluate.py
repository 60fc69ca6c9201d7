"""Figures with intervals: accuracy, macro-F1, per class, calibration, coverage.

python -m nlp.evaluate --tsv PATH     a yardstick of one's own: columns text, polarity (positive, neutral, negative; other rows
                                      are left out) and optionally stance (promoter, critic, none, …)
python -m nlp.evaluate                the held-out part of the corpus
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from nlp.scorer import Scorer

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its bootstrap 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Result:
    """How predictions meet the truth on `n` posts; `confusion[i][j]`: truth i taken for j."""

    n: int
    classes: tuple[str, ...]
    accuracy: Figure
    macro_f1: Figure
    per_class: dict[str, tuple[float, float, float, int]]
    confusion: list[list[int]]


def compare(
    truth: Sequence[str], predicted: Sequence[str], classes: Sequence[str], groups: Sequence[str] | None = None, resamples: int = _RESAMPLES
) -> Result:
    """Compare labels. Only classes that occur in the truth count in macro-F1. With `groups` (articles, batches) the bootstrap draws whole
    groups. A prediction outside `classes` is wrong for every class."""
    present = tuple(name for name in classes if name in set(truth))
    code = {name: index for index, name in enumerate(present)}
    size = len(present) + 1
    rows = np.array([code[name] for name in truth])
    columns = np.array([code.get(name, size - 1) for name in predicted])
    confusion = np.zeros((size, size), np.int64)
    np.add.at(confusion, (rows, columns), 1)
    accuracy, macro = _accuracy(confusion), _macro_f1(confusion)
    names = np.unique(np.array(groups), return_inverse=True)[1] if groups is not None else np.arange(len(rows))
    per_group = np.zeros((int(names.max()) + 1 if len(names) else 0, size * size), np.int64)
    np.add.at(per_group, (names, rows * size + columns), 1)
    rng = np.random.default_rng(7)
    drawn = [per_group.T @ np.bincount(rng.integers(0, len(per_group), len(per_group)), minlength=len(per_group)) for _ in range(resamples)]
    tables = [table.reshape(size, size) for table in drawn]
    return Result(
        n=len(rows),
        classes=present,
        accuracy=_figure(accuracy, [_accuracy(table) for table in tables]),
        macro_f1=_figure(macro, [_macro_f1(table) for table in tables]),
        per_class={name: _class_figures(confusion, index) for name, index in code.items()},
        confusion=confusion[: size - 1].tolist(),
    )


def as_dict(result: Result) -> dict[str, Any]:
    """Return a result as plain values, as nlp.card describes it. The last column of `confusion` counts what was taken for none of the classes."""
    return {
        "n": result.n,
        "accuracy": figure_as_dict(result.accuracy),
        "macro_f1": figure_as_dict(result.macro_f1),
        "classes": list(result.classes),
        "per_class": {
            name: {"precision": round(p, 4), "recall": round(r, 4), "f1": round(f, 4), "n": n}
            for name, (p, r, f, n) in result.per_class.items()
        },
        "confusion": result.confusion,
    }


def figure_as_dict(figure: Figure) -> dict[str, float]:
    """Return a figure as plain values."""
    return {"value": round(figure.value, 4), "low": round(figure.low, 4), "high": round(figure.high, 4)}


def _figure(value: float, draws: list[float]) -> Figure:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Figure(value, float(low), float(high))


def _accuracy(confusion: npt.NDArray[np.int64]) -> float:
    return float(np.trace(confusion[:-1, :-1]) / max(1, confusion.sum()))


def _class_figures(confusion: npt.NDArray[np.int64], index: int) -> tuple[float, float, float, int]:
    right = int(confusion[index, index])
    taken, there = int(confusion[:, index].sum()), int(confusion[index].sum())
    precision, recall = right / max(1, taken), right / max(1, there)
    return precision, recall, 2 * right / max(1, taken + there), there


def _macro_f1(confusion: npt.NDArray[np.int64]) -> float:
    right = np.diag(confusion)[:-1]
    total = confusion.sum(axis=0)[:-1] + confusion.sum(axis=1)[:-1]
    return float(np.mean(2 * right / np.maximum(total, 1)))


def expected_calibration_error(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """ECE (Naeini et al. 2015): mean |accuracy - confidence| over equal-width bins, weighted by size."""
    where = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for index in range(bins):
        inside = where == index
        if inside.any():
            gap += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(gap)


def table(result: Result) -> str:
    """A Markdown table of a result, class by class."""
    lines = [
        f"n = {result.n}, accuracy {result.accuracy}, macro-F1 {result.macro_f1}",
        "",
        "| class | precision | recall | F1 | n |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {name} | {p:.3f} | {r:.3f} | {f:.3f} | {n} |" for name, (p, r, f, n) in result.per_class.items()]
    return "\n".join(lines)


def read_tsv(path: Path) -> list[dict[str, str]]:
    """Rows of a yardstick file. Raises ValueError without the columns text and polarity."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or not {"text", "polarity"} <= rows[0].keys():
        raise ValueError(f"{path}: needs a header with the columns text and polarity")
    return rows


def outside(scorer: Scorer, path: Path) -> dict[str, Result | None]:
    """Return how the scorer does on a yardstick file: `sentiment`, and `stance` where the file has it. Raises ValueError (read_tsv)."""
    from nlp.corpus import SENTIMENTS
    from nlp.scorer import Item

    rows = [row for row in read_tsv(path) if row["polarity"] in SENTIMENTS]
    scores = scorer.score([Item(row["text"]) for row in rows])
    groups = [row["article"] for row in rows] if "article" in rows[0] else None
    # A text that cannot be scored has no feeling that could be seen in it.
    sentiments = ["neutral" if score.sentiment == "unscored" else score.sentiment for score in scores]
    results: dict[str, Result | None] = {
        "sentiment": compare([row["polarity"] for row in rows], sentiments, SENTIMENTS, groups),
        "stance": None,
    }
    if "stance" in rows[0]:
        known = ["promoter", "critic", "none"]
        # Yardsticks without requests: what is asked for there is judged neither way.
        stances = ["none" if score.stance == "request" else score.stance for score in scores]
        pairs = [
            (row["stance"], stance, row.get("article", "")) for row, stance in zip(rows, stances, strict=True) if row["stance"] in known
        ]
        results["stance"] = compare([p[0] for p in pairs], [p[1] for p in pairs], known, [p[2] for p in pairs] if groups else None)
    return results


def main() -> None:
    """Print figures of the shipped model."""
    from nlp.corpus import SENTIMENTS, STANCES, TYPES, read_corpus
    from nlp.scorer import Item, Scorer

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tsv", type=Path, help="file with the columns text, polarity, and optionally stance and article")
    parser.add_argument("--keep", metavar="NAME", help="keep the figures of --tsv under this name for the model card")
    options = parser.parse_args()
    scorer = Scorer.load()
    print(f"model {scorer.version}")
    if options.tsv is None:
        posts = [post for post in read_corpus() if post.held_out]
        scores = scorer.score([Item(post.text, brand=post.brand, platform=post.platform) for post in posts])
        for name, classes in (("sentiment", SENTIMENTS), ("stance", STANCES), ("mention_type", TYPES)):
            result = compare([getattr(post, name) for post in posts], [getattr(score, name) for score in scores], classes)
            print(f"\n{name}: {table(result)}")
        return
    results = outside(scorer, options.tsv)
    for name, found in results.items():
        if found is not None:
            print(f"\n{name}: {table(found)}")
    if options.keep:
        from nlp.card import keep_outside

        keep_outside(options.keep, scorer.version, results)


if __name__ == "__main__":
    main()
