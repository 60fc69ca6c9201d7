"""Shares corrected for the mistakes that a classifier is known to make.

A classifier that takes a tenth of the neutral posts for negative ones inflates the negative share, most where it is small. How
often each class is taken for which is known from posts that people labelled, the confusion matrix. With M[i, j] the probability
that class i is taken for j and π the true shares, the shares counted are q = Mᵀπ on average, so π = (Mᵀ)⁻¹q: Rogan and Gladen,
"Estimating prevalence from the results of a screening test", *American Journal of Epidemiology* 107 (1978), for two classes;
adjusted classify-and-count (Forman, *Data Mining and Knowledge Discovery* 17, 2008) for more.

The interval takes both uncertainties in: which posts there happened to be (q) and how well the classifier is known (each row of
M). Both are drawn from their Dirichlet posteriors under Jeffreys' prior, the smooth form of the bootstrap, which does not take
a mistake never seen in a small sample for impossible. `tests/analysis/test_adjusted.py` simulates the coverage.

It assumes that the classifier errs on these posts as on those of the matrix, whatever the shares are, and that posts are
independent. Where that fails (another kind of post, one author writing many), the interval is too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ENOUGH_COUNTED = 30
"""Below so many classified posts there is no corrected share."""
ENOUGH_LABELLED = 10
"""Each class must have so many posts in the confusion matrix."""
WIDEST = 0.6
"""An interval wider than this says nothing and is no answer."""
DRAWS = 2000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A corrected share (0 to 1), or a difference of two (−1 to 1), with its interval."""

    value: float
    low: float
    high: float


class Correction:
    """The true shares of classes behind counts of a classifier's answers.

    ``counts[j]``: posts taken for class j. ``confusion[i][j]``: labelled posts of true class i that were taken for class j; the
    labelled posts must be a random sample within each true class.

    Raises:
        ValueError: if the shapes do not fit or a count is negative.
    """

    def __init__(self, counts: Sequence[float], confusion: Sequence[Sequence[float]], draws: int = DRAWS, seed: int = 7) -> None:
        q, matrix = np.asarray(counts, float), np.asarray(confusion, float)
        if matrix.shape != (len(q), len(q)) or len(q) < 2:
            raise ValueError("the confusion matrix must be square, one row and column a class")
        if q.min() < 0 or matrix.min() < 0:
            raise ValueError("counts must not be negative")
        self._known = bool(q.sum() >= ENOUGH_COUNTED and matrix.sum(axis=1).min() >= ENOUGH_LABELLED)
        if not self._known:
            return
        rng = np.random.default_rng(seed)
        sampled = rng.dirichlet(q + 0.5, draws)
        rows = np.stack([rng.dirichlet(row + 0.5, draws) for row in matrix], axis=1)
        self._value = _solve(matrix[None] / matrix.sum(axis=1)[None, :, None], q[None] / q.sum())[0]
        self._draws = _solve(rows, sampled)

    def share(self, *classes: int) -> Adjusted | None:
        """Return the true share of these classes together, within 0 and 1; None: not enough data for an answer."""
        return self._figure([1.0 if n in classes else 0.0 for n in range(self._width)], 0.0) if self._known else None

    def difference(self, plus: int, minus: int) -> Adjusted | None:
        """Return the share of ``plus`` minus the share of ``minus``, within −1 and 1; None: not enough data for an answer."""
        if not self._known:
            return None
        weights = [0.0] * self._width
        weights[plus], weights[minus] = 1.0, -1.0
        return self._figure(weights, -1.0)

    @property
    def _width(self) -> int:
        return len(self._value)

    def _figure(self, weights: Sequence[float], least: float) -> Adjusted | None:
        direction = np.array(weights)
        drawn = self._draws @ direction
        low, high = (float(np.clip(value, least, 1.0)) for value in np.quantile(drawn, (0.025, 0.975)))
        if high - low > WIDEST * (1.0 - least):
            return None
        value = float(np.clip(self._value @ direction, least, 1.0))
        # Clipping and a skew cloud of draws may leave the plain estimate just outside its own interval.
        return Adjusted(value, min(low, value), max(high, value))


def _solve(confusion: Floats, shares: Floats) -> Floats:
    """Return π of Mᵀπ = q for stacks of M and q. A singular M (a classifier that cannot tell classes apart) gives the least-squares answer
    where numpy finds one; the width of the interval then says that it is none."""
    transposed = np.swapaxes(confusion, 1, 2)
    return np.asarray((np.linalg.pinv(transposed) @ shares[..., None])[..., 0], float)
