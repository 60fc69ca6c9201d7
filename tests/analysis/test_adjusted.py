"""Corrected shares: the interval must hold the truth as often as it says, where the raw share does not."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.adjusted import Correction
from analysis.shares import wilson

# Roughly what a Japanese three-class model does: negative, neutral, positive.
MATRIX = np.array([[0.72, 0.13, 0.15], [0.16, 0.74, 0.10], [0.18, 0.10, 0.72]])


@pytest.mark.parametrize(
    ("truth", "counted", "labelled"),
    [
        ([0.10, 0.60, 0.30], 1000, 1374),
        ([0.03, 0.57, 0.40], 400, 1374),
        ([0.35, 0.30, 0.35], 150, 120),
        ([0.10, 0.75, 0.15], 2000, 150),
    ],
)
def test_the_interval_covers_the_known_truth(truth: list[float], counted: int, labelled: int) -> None:
    rng = np.random.default_rng(5)
    rounds, covered, given, raw = 300, np.zeros(4), np.zeros(4), 0
    for _ in range(rounds):
        counts = rng.multinomial(counted, MATRIX.T @ np.array(truth))
        per_class = rng.multinomial(labelled, [0.33, 0.33, 0.34])
        confusion = [rng.multinomial(n, row) for n, row in zip(per_class, MATRIX, strict=True)]
        found = Correction(counts.tolist(), confusion, draws=500, seed=int(rng.integers(1 << 30)))
        figures = [found.share(0), found.share(1), found.share(2), found.difference(2, 0)]
        for n, (figure, true) in enumerate(zip(figures, [*truth, truth[2] - truth[0]], strict=True)):
            if figure is not None:
                given[n] += 1
                covered[n] += figure.low <= true <= figure.high
        plain = wilson(int(counts[0]), counted)
        assert plain.low is not None
        assert plain.high is not None
        raw += plain.low <= truth[0] <= plain.high
    assert (given > 0.9 * rounds).all(), given
    assert (covered / given >= 0.93).all(), covered / given
    assert (covered / given <= 0.995).all(), covered / given
    if max(truth) - min(truth) > 0.3 and counted >= 1000:
        assert raw / rounds < 0.2  # the raw share is far off, and its interval does not know it


def test_two_classes_are_rogan_and_gladen() -> None:
    # Sensitivity 0.9, specificity 0.8, 38 of 100 positive: (0.38 + 0.8 - 1) / (0.9 + 0.8 - 1).
    found = Correction([62, 38], [[800, 200], [100, 900]]).share(1)
    assert found is not None
    assert found.value == pytest.approx(0.18 / 0.7)
    assert found.low < found.value < found.high


def test_a_perfect_classifier_changes_nothing() -> None:
    found = Correction([300, 700], [[100_000, 0], [0, 100_000]]).share(0)
    plain = wilson(300, 1000)
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx((plain.low, 0.3, plain.high), abs=0.005)


def test_what_cannot_be_is_clipped() -> None:
    # Nothing was taken for negative, though one in ten neutral posts usually is.
    found = Correction([0, 500], [[90, 10], [10, 90]]).share(0)
    assert found is not None
    assert found.value == 0.0
    assert found.low == 0.0
    assert 0 <= found.high < 0.05
    turned = Correction([0, 500], [[90, 10], [10, 90]]).difference(0, 1)
    assert turned is not None
    assert turned.low == -1.0


def test_not_enough_is_an_answer() -> None:
    assert Correction([5, 20], [[90, 10], [10, 90]]).share(0) is None
    assert Correction([50, 200], [[8, 1], [10, 90]]).share(0) is None
    assert Correction([50, 200], [[51, 49], [49, 51]]).share(0) is None  # a coin tells nothing
    assert Correction([50, 200], [[50, 50], [50, 50]]).difference(0, 1) is None


def test_the_same_numbers_give_the_same_figures() -> None:
    once, again = (Correction([50, 200, 90], MATRIX * 400).share(0, 1) for _ in range(2))
    assert once == again


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        Correction([1, 2], [[1, 2, 3]])
    with pytest.raises(ValueError, match="negative"):
        Correction([1, -2], [[1, 2], [3, 4]])
