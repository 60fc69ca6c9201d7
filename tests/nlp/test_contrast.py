"""Minimal pairs through the scorer's door."""

from __future__ import annotations

import pytest

from nlp.scorer import Item, Scorer
from tests.nlp.pairs import FAILING, PAIRS, PLAIN, Pair, is_right


def cases() -> list[object]:
    # Strict: a pair that is mended must leave the list.
    failing = pytest.mark.xfail(strict=True, reason="the shipped model gets it wrong")
    return [pytest.param(pair, id=f"{pair.phenomenon}: {pair.glad}", marks=[failing] if pair.glad in FAILING else []) for pair in PAIRS]


@pytest.mark.parametrize("pair", cases())
def test_the_glad_text_leans_to_positive_and_the_other_to_negative(scorer: Scorer, pair: Pair) -> None:
    assert is_right(scorer, pair)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_is_neutral(scorer: Scorer, text: str) -> None:
    assert scorer.score([Item(text)])[0].sentiment == "neutral"


def test_there_are_pairs_enough_and_most_are_right() -> None:
    texts = [text for pair in PAIRS for text in (pair.glad, pair.sad)]
    assert len(PAIRS) >= 400
    assert len(set(texts)) == len(texts)
    assert {pair.glad for pair in PAIRS} >= FAILING
    assert len(FAILING) <= len(PAIRS) // 4
