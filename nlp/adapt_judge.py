"""Before and after: whether a brand's model is better than the one in use, on labels that neither learned from.

The measure is the accuracy of sentiment and stance together (the mean of both: a person sees single posts and their shares, in which each post counts
once). The new model is taken where

- the lower bound of the paired 95 % interval of the gain in accuracy is above zero, from `LEAST_HELD` held-out posts on ("better"); or
- from `ENOUGH_HELD` held-out posts on, accuracy does not fall and log-loss gets better in at least `LIKELY` of the bootstrap draws ("likely").
  With some 60 posts accuracy alone can hardly tell models apart (one post is 1.7 points); log-loss hears what each post says about the
  probabilities, too. A person can always go back, and waiting for certainty would cost more labels than a small team ever gives.

In no case where macro-F1 of either falls by more than `MOST_LOST`: a model that names the common class more often can be right more often and still miss what
the desk is there for. The limits were set with bench/adapt.py, which tells what passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from nlp.adapt import HEADS, Labelled
from nlp.evaluate import Figure
from nlp.scorer import Item, Score, Scorer

LEAST_HELD = 20
ENOUGH_HELD = 50
LIKELY = 0.95
MOST_LOST = 0.05
RESAMPLES = 2000
LEAST_P = 1e-3


@dataclass(frozen=True, slots=True)
class HeadJudgement:
    """One head on `n` held-out posts: accuracy, macro-F1 and log-loss (nats a post) before and after, and the gains with their paired 95 %
    intervals. A gain in log-loss is how much it falls."""

    n: int
    accuracy_before: float
    accuracy_after: float
    accuracy_gain: Figure
    f1_before: float
    f1_after: float
    f1_gain: Figure
    loss_before: float
    loss_after: float
    loss_gain: Figure


@dataclass(frozen=True, slots=True)
class Judgement:
    """All heads, the mean gain in accuracy, the share of draws in which log-loss (the mean of both heads) gets better, and the verdict with its reason:
    "better", "likely", "worse", "unclear", "few" (too few held-out posts), "f1" (macro-F1 falls too far), "same" (nothing changed)."""

    held: int
    heads: dict[str, HeadJudgement]
    gain: Figure
    likely: float
    verdict: str

    @property
    def taken(self) -> bool:
        """Whether the new model is to be used."""
        return self.verdict in ("better", "likely")

    def facts(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self) | {"taken": self.taken}


def judge(old: Scorer, new: Scorer, held: Sequence[Labelled], changed: bool = True) -> Judgement:
    """Judge `new` against `old` on held-out labels. `changed` False: the new one is the shipped model itself."""
    items = [Item(post.text, brand=post.brand, platform=post.platform) for post in held]
    before, after = old.score(items), new.score(items)
    heads: dict[str, HeadJudgement] = {}
    draws, losses = np.zeros(RESAMPLES), np.zeros(RESAMPLES)
    gains: list[float] = []
    chosen = np.random.default_rng(7).integers(0, max(1, len(held)), (RESAMPLES, len(held)))
    for head in HEADS:
        truth = [getattr(post, head) for post in held]
        rows = np.flatnonzero([value is not None for value in truth])
        if not len(rows):
            continue
        labels = [str(truth[row]) for row in rows]
        was, now = ([str(getattr(scores[row], head)) for row in rows] for scores in (before, after))
        # A draw takes whole posts: the same ones for both heads and both models. Posts without this label count for nothing in it.
        weights = np.stack([np.bincount(draw, minlength=len(held))[rows] for draw in chosen])
        sure = tuple(
            -np.log([max(_probability(scores[row], head, label), LEAST_P) for row, label in zip(rows, labels, strict=True)])
            for scores in (before, after)
        )
        found, drawn, lost = _head(labels, was, now, sure, weights)
        heads[head] = found
        gains.append(found.accuracy_after - found.accuracy_before)
        draws += drawn
        losses += lost
    if not gains:
        return Judgement(len(held), {}, Figure(0.0, 0.0, 0.0), 0.0, "few")
    draws /= len(gains)
    gain = Figure(float(np.mean(gains)), *(float(v) for v in np.quantile(draws, (0.025, 0.975))))
    likely = float((losses > 0).mean())
    return Judgement(len(held), heads, gain, likely, _verdict(len(held), heads, gain, likely) if changed else "same")


def _verdict(held: int, heads: dict[str, HeadJudgement], gain: Figure, likely: float) -> str:
    if held < LEAST_HELD:
        return "few"
    if any(head.f1_after - head.f1_before < -MOST_LOST for head in heads.values()):
        return "f1"
    if gain.low > 0:
        return "better"
    if held >= ENOUGH_HELD and gain.value >= 0 and likely >= LIKELY:
        return "likely"
    return "worse" if gain.high < 0 else "unclear" if held >= ENOUGH_HELD else "few"


def _probability(score: Score, head: str, label: str) -> float:
    """The probability that the model gave to a label; a text that it could not score says nothing: all labels alike."""
    told = score.probabilities if head == "sentiment" else score.stance_probabilities
    return told.get(label, 0.0) if told else 1 / (3 if head == "sentiment" else 4)


def _head(
    labels: list[str], was: list[str], now: list[str], losses: Sequence[npt.NDArray[np.float64]], weights: npt.NDArray[np.int64]
) -> tuple[HeadJudgement, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    classes = sorted(set(labels) | set(was) | set(now))
    truth, old, new = (np.array([classes.index(value) for value in values]) for values in (labels, was, now))
    present = np.unique(truth)
    all_once = np.ones((1, len(truth)))
    figures = {
        name: (_accuracy(truth, guess, all_once)[0], _macro_f1(truth, guess, all_once, present)[0])
        for name, guess in (("old", old), ("new", new))
    }
    accuracy = _accuracy(truth, new, weights) - _accuracy(truth, old, weights)
    macro = _macro_f1(truth, new, weights, present) - _macro_f1(truth, old, weights, present)
    (a0, f0), (a1, f1) = figures["old"], figures["new"]

    def figure(value: float, draws: npt.NDArray[np.float64]) -> Figure:
        return Figure(float(value), *(float(v) for v in np.quantile(draws, (0.025, 0.975))))

    lost = losses[0] - losses[1]
    drawn_loss = weights @ lost / np.maximum(weights.sum(axis=1), 1)
    judged = HeadJudgement(
        n=len(truth), accuracy_before=float(a0), accuracy_after=float(a1), accuracy_gain=figure(a1 - a0, accuracy),
        f1_before=float(f0), f1_after=float(f1), f1_gain=figure(f1 - f0, macro),
        loss_before=float(losses[0].mean()), loss_after=float(losses[1].mean()), loss_gain=figure(lost.mean(), drawn_loss),
    )  # fmt: skip
    return judged, accuracy, np.asarray(drawn_loss, np.float64)


def _accuracy(truth: npt.NDArray[np.intp], guess: npt.NDArray[np.intp], weights: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    total = np.maximum(weights.sum(axis=1), 1)
    return np.asarray(weights @ (truth == guess) / total, np.float64)


def _macro_f1(
    truth: npt.NDArray[np.intp], guess: npt.NDArray[np.intp], weights: npt.NDArray[np.generic], present: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    parts = []
    for index in present:
        right = weights @ ((truth == index) & (guess == index))
        total = weights @ (truth == index) + weights @ (guess == index)
        parts.append(2 * right / np.maximum(total, 1))
    return np.asarray(np.mean(parts, axis=0), np.float64)
