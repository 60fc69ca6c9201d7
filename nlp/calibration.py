"""From margins to probabilities and decisions: calibration, thresholds, and when to leave a post to a person. All is chosen on out-of-fold posts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from nlp.scorer import is_unsure

# Heads that take exactly one class.
ONE_OF = ("sentiment", "stance", "type")
# A post is left to a person where the model would be right less often than this on the rest; never more than the given share is left.
SURE_ACCURACY, MOST_UNSURE = 0.9, 0.35
_CLASH = 0.7
# A phase, an intent or irony that is wrong more than two times in three, where it is said, had better not be said.
MOSTLY_RIGHT = 1 / 3


def calibrate(
    head: str,
    logits: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int8],
    weight: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scale and shift (one for each class) that make out-of-fold logits honest: for one-of heads a temperature, for sentiment a scale and a shift for each class
    ("vector scaling", both Guo et al. 2017; raises its macro-F1 in cross-validation by 0.002), Platt's sigmoid for the others. `weight` is what each post counts."""
    width = labels.shape[1]
    if head == "sentiment":

        def loss(both: npt.NDArray[np.float64]) -> float:
            return _cross_entropy(logits * both[:width] + both[width:], labels, weight)

        found = minimize(loss, np.append(np.ones(width), np.zeros(width)), method="L-BFGS-B")
        return found.x[:width], found.x[width:]
    if head in ONE_OF:
        best = minimize_scalar(
            lambda temperature: _cross_entropy(logits / temperature, labels, weight), bounds=(0.2, 10.0), method="bounded"
        )
        return np.full(width, 1.0 / best.x), np.zeros(width)
    scale, shift = np.ones(width), np.zeros(width)
    for index in range(width):
        truth, value = labels[:, index].astype(float), logits[:, index]
        if truth.sum() < 3:
            continue

        def binary_loss(both: Any, value: Any = value, truth: Any = truth) -> float:
            z = both[0] * value + both[1]
            return float(np.average(np.logaddexp(0, z) - truth * z, weights=weight))

        fitted = minimize(binary_loss, (1.0, -1.0), method="Nelder-Mead")
        scale[index], shift[index] = fitted.x
    return scale, shift


def _cross_entropy(logits: npt.NDArray[np.float64], labels: npt.NDArray[np.int8], weight: npt.NDArray[np.float64]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.average(np.log(np.exp(shifted).sum(axis=1)) - (shifted * labels).sum(axis=1), weights=weight))


def best_threshold(probability: npt.NDArray[np.float64], truth: npt.NDArray[np.int8], weight: npt.NDArray[np.float64]) -> float:
    """The threshold with the best F1 among those at which a class, where it is said, is right often enough (MOSTLY_RIGHT); 0.5 where there is none, or too little to
    choose from. `weight` is what each post counts."""
    if truth.sum() < 10:
        return 0.5
    there = float(weight[truth == 1].sum())
    chosen, best = 0.5, 0.0
    for step in np.arange(0.05, 0.9, 0.01):
        said = probability >= step
        right, all_said = float(weight[said & (truth == 1)].sum()), float(weight[said].sum())
        score = 2 * right / (all_said + there)
        if score > best and right >= MOSTLY_RIGHT * all_said:
            chosen, best = round(float(step), 2), score
    return chosen


def choose_unsure(
    sentiment: npt.NDArray[np.float64],
    irony: npt.NDArray[np.float64],
    dense: Any,
    labels: npt.NDArray[np.int8],
    ironic: npt.NDArray[np.int8],
    weight: npt.NDArray[np.float64],
) -> dict[str, float]:
    """The lowest probability limit at which the posts still judged are right often enough (SURE_ACCURACY), leaving at most MOST_UNSURE (none
    is left for its probability where irony and the lexicon already leave more), and the limit of irony that finds `ironic` posts best. `weight` is what each post counts."""
    right = sentiment.argmax(axis=1) == labels.argmax(axis=1)
    chosen, irony_limit = 0.0, best_threshold(irony, ironic, weight)
    for limit in np.arange(0.34, 0.9, 0.01):
        unsure = is_unsure(sentiment.astype(np.float32), irony.astype(np.float32), dense, float(limit), irony_limit, _CLASH)
        if np.average(unsure, weights=weight) > MOST_UNSURE:
            break
        chosen = float(limit)
        if np.average(right[~unsure], weights=weight[~unsure]) >= SURE_ACCURACY:
            break
    return {"probability": round(chosen, 2), "irony": irony_limit, "clash": _CLASH}
