"""Logits made probabilities, the same in training and in use."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def softmax(logits: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Probabilities (float64) of rows of logits, of which exactly one class is true."""
    raised = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    total: npt.NDArray[Any] = raised / raised.sum(axis=1, keepdims=True)
    return total


def sigmoid(logits: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Probabilities (float64) of logits that each stand alone."""
    said: npt.NDArray[Any] = 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))
    return said
