"""The linear models behind the heads: one class against the rest, each class in a process of its own where that is worth it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy import sparse

Floats = npt.NDArray[np.float64]

_TOLERANCE = 1e-1
_WORTH = 2_000_000  # entries of a matrix; a smaller one is solved before another process has started
_NEVER = -20.0  # the logit of a class that no post has, or every one


def solve(
    matrix: sparse.csr_matrix, labels: npt.NDArray[np.int8], shares: Sequence[Floats], scales: Floats, strength: float, hinge: bool
) -> tuple[Floats, Floats]:
    """Weights (columns x classes) and bias (classes).

    `labels` are (rows x classes), 0 or 1; `shares` the weight of each row, class by class, all zero for one that cannot be learnt; `scales`
    (columns x classes) what each column is multiplied by while it is learnt (its weight is that of the column as it is); `strength` is C, `hinge` whether the loss is
    the squared hinge (LinearSVC) or the logistic one (LogisticRegression)."""
    jobs = -1 if matrix.nnz >= _WORTH else 1
    found = Parallel(n_jobs=jobs)(
        delayed(_one)(matrix, labels[:, index], share, scales[:, index], strength, hinge) for index, share in enumerate(shares)
    )
    return np.stack([weights for weights, _ in found], axis=1), np.array([bias for _, bias in found])


def _one(
    matrix: sparse.csr_matrix, truth: npt.NDArray[np.int8], share: Floats, scale: Floats, strength: float, hinge: bool
) -> tuple[Floats, float]:
    if not share.any():
        return np.zeros(matrix.shape[1]), _NEVER
    model = _model(strength, hinge)
    model.fit(matrix @ sparse.diags_array(scale), truth, sample_weight=share)
    return model.coef_[0] * scale, float(model.intercept_[0])


def _model(strength: float, hinge: bool) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if hinge:
        return LinearSVC(C=strength, tol=_TOLERANCE, max_iter=1000, random_state=0)
    return LogisticRegression(C=strength, solver="liblinear", dual=True, tol=_TOLERANCE, max_iter=1000, random_state=0)
