"""Margins made probabilities, and the limit below which a person should look."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.calibration import calibrate, choose_unsure, softmax
from nlp.features import DENSE

RNG = np.random.default_rng(3)
LABELS = np.eye(3, dtype=np.int8)[RNG.integers(0, 3, 600)]
# Three times too sure: a third of the margin is noise of the same size.
LOGITS = 3.0 * (LABELS + RNG.normal(0, 0.6, LABELS.shape))
ONES = np.ones(len(LABELS))
ASKED = np.ones(LABELS.shape, bool)


@pytest.mark.parametrize("head", ["sentiment", "stance", "phases"])
def test_a_post_of_weight_two_counts_as_two_posts(head: str) -> None:
    twice = np.where(np.arange(len(LABELS)) < 200, 2.0, 1.0)
    again = np.append(np.arange(len(LABELS)), np.arange(200))
    weighed = calibrate(head, LOGITS, LABELS, ASKED, twice)
    repeated = calibrate(head, LOGITS[again], LABELS[again], ASKED[again], np.ones(len(again)))
    for one, other in zip(weighed, repeated, strict=True):
        assert one == pytest.approx(other, abs=5e-3)


def test_probabilities_become_honest() -> None:
    scale, shift = calibrate("sentiment", LOGITS, LABELS, ASKED, ONES)

    def loss(logits: np.ndarray) -> float:
        return float(-np.log((softmax(logits) * LABELS).sum(axis=1)).mean())

    assert loss(LOGITS * scale + shift) < loss(LOGITS)


def test_more_is_left_to_a_person_where_the_model_errs_more() -> None:
    def limit(weight: np.ndarray) -> float:
        return choose_unsure(softmax(LOGITS), np.zeros(len(LOGITS)), np.zeros((len(LOGITS), len(DENSE))), LABELS, weight)["probability"]

    right = softmax(LOGITS).argmax(axis=1) == LABELS.argmax(axis=1)
    assert limit(np.where(right, 1.0, 3.0)) > limit(np.where(right, 3.0, 1.0))
