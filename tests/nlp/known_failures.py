"""Pairs of tests/nlp/pairs.py that the shipped model gets wrong, and why. A pair that is mended must leave this list (the tests are strict)."""

from __future__ import annotations

FAILING: dict[str, str] = {}
