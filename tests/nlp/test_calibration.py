"""Margins made probabilities, and the limit below which a person should look."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.calibration import MOSTLY_RIGHT, best_threshold, calibrate, choose_unsure
from nlp.features import DENSE
from nlp.probabilities import softmax

RNG = np.random.default_rng(3)
LABELS = np.eye(3, dtype=np.int8)[RNG.integers(0, 3, 600)]
# Three times too sure: a third of the margin is noise of the same size.
LOGITS = 3.0 * (LABELS + RNG.normal(0, 0.6, LABELS.shape))
ONES = np.ones(len(LABELS))


@pytest.mark.parametrize("head", ["sentiment", "stance", "phases"])
def test_a_post_of_weight_two_counts_as_two_posts(head: str) -> None:
    twice = np.where(np.arange(len(LABELS)) < 200, 2.0, 1.0)
    again = np.append(np.arange(len(LABELS)), np.arange(200))
    weighed = calibrate(head, LOGITS, LABELS, twice)
    repeated = calibrate(head, LOGITS[again], LABELS[again], np.ones(len(again)))
    for one, other in zip(weighed, repeated, strict=True):
        assert one == pytest.approx(other, abs=5e-3)


def test_probabilities_become_honest() -> None:
    scale, shift = calibrate("sentiment", LOGITS, LABELS, ONES)

    def loss(logits: np.ndarray) -> float:
        return float(-np.log((softmax(logits) * LABELS).sum(axis=1)).mean())

    assert loss(LOGITS * scale + shift) < loss(LOGITS)


def test_more_is_left_to_a_person_where_the_model_errs_more() -> None:
    def limit(weight: np.ndarray) -> float:
        nothing = np.zeros(len(LOGITS))
        return choose_unsure(softmax(LOGITS), nothing, np.zeros((len(LOGITS), len(DENSE))), LABELS, nothing.astype(np.int8), weight)[
            "probability"
        ]

    right = softmax(LOGITS).argmax(axis=1) == LABELS.argmax(axis=1)
    assert limit(np.where(right, 1.0, 3.0)) > limit(np.where(right, 3.0, 1.0))


def test_the_limit_of_irony_finds_most_ironic_posts_without_many_others() -> None:
    ironic = (np.arange(len(LOGITS)) % 20 == 0).astype(np.int8)
    irony = np.clip(0.1 + 0.25 * ironic + RNG.normal(0, 0.04, len(LOGITS)), 0, 1)
    sentiment, dense = np.full((len(LOGITS), 3), [0.98, 0.01, 0.01]), np.zeros((len(LOGITS), len(DENSE)))
    said = irony >= choose_unsure(sentiment, irony, dense, LABELS, ironic, ONES)["irony"]
    assert ironic[said].mean() > 0.8
    assert said[ironic == 1].mean() > 0.8


def test_a_class_is_not_said_where_it_would_mostly_be_wrong() -> None:
    # One post in ten is of the class; the probability tells little, so that the best F1 alone is had by saying it of very many.
    truth = (np.arange(1000) % 10 == 0).astype(np.int8)
    probability = np.clip(0.12 + 0.05 * truth + RNG.normal(0, 0.05, 1000), 0, 1)
    probability[truth.nonzero()[0][:20]] = 0.6
    said = probability >= best_threshold(probability, truth, np.ones(1000))
    assert said.any()
    assert truth[said].mean() >= MOSTLY_RIGHT


def test_a_class_that_can_never_be_told_gets_an_even_chance_as_its_limit() -> None:
    truth = (np.arange(1000) % 10 == 0).astype(np.int8)
    assert best_threshold(np.full(1000, 0.1), truth, np.ones(1000)) == 0.5
