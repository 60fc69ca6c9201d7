"""Minimal pairs through the scorer's door."""

from __future__ import annotations

import pytest

from nlp.scorer import Item, Scorer
from tests.nlp.known_failures import FAILING
from tests.nlp.pairs import PAIRS, PLAIN


def lean(scorer: Scorer, text: str) -> float:
    probabilities = scorer.score([Item(text)])[0].probabilities
    return probabilities["positive"] - probabilities["negative"]


def cases() -> list[object]:
    found = []
    for glad, sad in PAIRS:
        reason = FAILING.get(glad)
        found.append(pytest.param(glad, sad, id=glad, marks=[pytest.mark.xfail(strict=True, reason=reason)] if reason else []))
    return found


@pytest.mark.parametrize(("glad", "sad"), cases())
def test_the_glad_text_leans_to_positive_and_the_other_to_negative(scorer: Scorer, glad: str, sad: str) -> None:
    assert lean(scorer, glad) > 0 > lean(scorer, sad)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_is_neutral(scorer: Scorer, text: str) -> None:
    assert scorer.score([Item(text)])[0].sentiment == "neutral"


def test_there_are_pairs_enough_and_known_failures_are_pairs() -> None:
    assert len(PAIRS) >= 60
    assert FAILING.keys() <= {glad for glad, _ in PAIRS}
