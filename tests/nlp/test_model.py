from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from nlp import storage
from nlp.corpus import CORPUS_DIR, digest, read_corpus
from nlp.entries import LEXICON_DIR
from nlp.scorer import Item, Scorer
from nlp.train import train


def test_the_shipped_model_was_trained_from_the_corpus_as_it_is() -> None:
    assert storage.load().facts["corpus"] == digest([CORPUS_DIR, LEXICON_DIR]), "corpus or lexicon changed since: run hibiki train"


def test_the_card_is_of_the_shipped_model() -> None:
    card = (storage.MODEL_DIR / "CARD.md").read_text(encoding="utf-8")
    assert f"`{storage.load().version}`" in card
    assert re.search(r"\| posts \| \d{4,} \| \d{3,} \|", card)


def test_the_model_is_small_and_holds_no_objects() -> None:
    path = storage.MODEL_DIR / storage.WEIGHTS
    assert path.stat().st_size < 12_000_000
    with np.load(path, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "fui" for name in arrays.files)


def test_a_missing_or_strange_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(storage.ModelError, match="hibiki train"):
        Scorer.load(tmp_path)
    (tmp_path / storage.WEIGHTS).write_bytes((storage.MODEL_DIR / storage.WEIGHTS).read_bytes())
    (tmp_path / storage.FACTS).write_text(json.dumps({"format": 0}), encoding="utf-8")
    with pytest.raises(storage.ModelError, match="format 0"):
        Scorer.load(tmp_path)


def test_training_again_gives_the_same_model_and_it_works(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for path in sorted(CORPUS_DIR.glob("everyday-[a-d][1-4].tsv")):
        (corpus / path.name).write_bytes(path.read_bytes())
    said: list[str] = []
    first = train(corpus, tmp_path / "one", said.append, card=False)
    second = train(corpus, tmp_path / "two", said.append, card=False)
    assert first == second
    assert said
    scorer = Scorer.load(tmp_path / "one")
    assert scorer.version == first
    learnt = read_corpus(corpus)
    scores = scorer.score([Item(post.text) for post in learnt])
    assert sum(post.sentiment == score.sentiment for post, score in zip(learnt, scores, strict=True)) > 0.8 * len(learnt)
