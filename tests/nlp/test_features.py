"""Texts as numbers: what stands in one text changes nothing in another, and every n-gram knows its word."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.features import Batch, Featurizer, Text
from nlp.lexicon import Lexicon
from nlp.tokens import Tokenizer


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    tokenizer = Tokenizer()
    return Featurizer(tokenizer, Lexicon(tokenizer))


def grams(batch: Batch, text: int) -> list[tuple[int, int, int]]:
    """Block, bucket and word (counted within the text) of the n-grams of one text."""
    own = batch.doc == text
    words = np.where(batch.token[own] >= 0, batch.token[own] - batch.cuts.bounds[text], -1)
    return sorted(zip(batch.block[own].tolist(), batch.bucket[own].tolist(), words.tolist(), strict=True))


@pytest.mark.parametrize("before", ["長い…長い…長い…", "1,000円と二十円", "", "😭😭 (笑)", "㍍と‥"])
def test_a_text_is_the_same_behind_any_other(featurizer: Featurizer, before: str) -> None:
    text = Text("ソラトの毛布は最高…でも3,500円", "ソラト", "x")
    assert grams(featurizer.batch([Text(before), text]), 1) == grams(featurizer.batch([text]), 0)


def test_letters_of_names_make_no_ngrams(featurizer: Featurizer) -> None:
    batch = featurizer.batch([Text("長い…ソラトが", "ソラト"), Text("長い…カゼキリが", "カゼキリ")])
    assert grams(batch, 0) == grams(batch, 1)
