"""`hibiki train`."""

from __future__ import annotations


def train() -> None:
    """Train the model from the corpus."""
