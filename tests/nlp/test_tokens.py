"""Texts cut into words: numbers are one word however they are written, words have their places."""

from __future__ import annotations

import pytest

from nlp.tokens import Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def words(tokenizer: Tokenizer, *texts: str) -> list[list[str]]:
    cuts = tokenizer.cut(texts)
    norms = [tokenizer.words.rows[word].norm for word in cuts.words.tolist()]
    return [norms[start:end] for start, end in zip(cuts.bounds[:-1].tolist(), cuts.bounds[1:].tolist(), strict=True)]


@pytest.mark.parametrize("number", ["3", "12", "1,000", "3.5", "二十", "二千五百", "10,000,000"])
def test_a_number_is_one_word(tokenizer: Tokenizer, number: str) -> None:
    assert words(tokenizer, f"{number}円のお茶") == words(tokenizer, "7円のお茶")


def test_numbers_apart_stay_apart(tokenizer: Tokenizer) -> None:
    assert words(tokenizer, "2、3回")[0].count("0") == 2
    assert words(tokenizer, "12 34")[0].count("0") == 2
    assert words(tokenizer, "去年は12", "34円") == [words(tokenizer, "去年は1")[0], words(tokenizer, "3円")[0]]


def test_a_comma_that_joins_no_numbers_stays(tokenizer: Tokenizer) -> None:
    assert "," in words(tokenizer, "3,もう一度")[0]
    assert "." in words(tokenizer, "あと5.")[0]


def test_words_know_where_they_begin(tokenizer: Tokenizer) -> None:
    cuts = tokenizer.cut(["1,200円払った", "", "はい"])
    assert cuts.bounds.tolist() == [0, 4, 4, 5]
    assert [cuts.texts[0][start:] for start in cuts.starts[:4].tolist()] == ["1,200円払った", "円払った", "払った", "た"]
    assert cuts.doc.tolist() == [0, 0, 0, 0, 2]
