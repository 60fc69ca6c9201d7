"""What is learnt from: which posts, and which words of the lexicon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nlp.corpus import STANCES, Post
from nlp.dataset import prepare
from nlp.entries import Entry
from nlp.features import Featurizer
from nlp.fitting import Space, fit, folds
from nlp.lexicon import Lexicon
from nlp.tokens import Tokenizer

SAID = ("ポチった", "予約した", "注文した", "買ってきた", "届いた", "飲んだ", "食べた", "見た", "聞いた", "寝た")


def post(line: int, asked: bool) -> Post:
    phases = ("purchase",) if line % 10 < 4 else ()
    text = f"ソラトの{'茶パン皿本傘'[line % 5]}を{SAID[line % 10]}"
    return Post(text, "ソラト", "x", "neutral", "none", "personal", phases, (), False, "tea", f"tea-a{line % 3}", line, asked)


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    tokenizer = Tokenizer()
    terms = [
        ("最悪", -1, "na", ""),
        ("便利", 1, "na", ""),
        ("悲しい", -1, "adj", "felt"),
        ("辛い", -1, "adj", "felt; in food からい"),
        ("仏の顔も三度", -1, "na", "saying"),
        ("中途半端", -1, "na", ""),
    ]
    entries = [Entry(term, polarity, 3, pos, "", note, "test") for term, polarity, pos, note in terms]
    return Featurizer(tokenizer, Lexicon(tokenizer, entries, []))


def test_phases_are_learnt_only_from_posts_that_were_asked_for_them(featurizer: Featurizer) -> None:
    posts = [post(line, line % 2 == 0) for line in range(200)]
    others = [one if one.journey_asked else replace(one, phases=("voice",), intents=("churn",)) for one in posts]
    data, other = prepare(posts, featurizer), prepare(others, featurizer)
    for head in ("phases", "intents"):
        for mine, theirs in zip(fit(head, data, Space.of(data.batch)), fit(head, other, Space.of(other.batch)), strict=True):
            assert np.array_equal(mine, theirs)


def test_all_posts_teach_where_all_were_asked(featurizer: Featurizer) -> None:
    posts = [post(line, True) for line in range(200)]
    data = prepare(posts, featurizer)
    weights, _ = fit("phases", data, Space.of(data.batch))
    others = prepare([replace(one, phases=()) if one.line % 2 else one for one in posts], featurizer)
    assert not np.array_equal(weights, fit("phases", others, Space.of(others.batch))[0])


def test_folds_keep_writers_apart_and_share_what_was_asked() -> None:
    # Writers a, b, c wrote 60, 30 and 30 posts; only 10 of a's were asked for, d's none.
    written = [("a", line < 10) for line in range(60)] + [(name, True) for name in "bc" for _ in range(30)] + [("d", False)] * 5
    posts = [replace(post(line, asked), batch=f"tea-{name}1") for line, (name, asked) in enumerate(written)]
    asked = np.array([one.journey_asked for one in posts])
    parts = folds(posts, 3, asked)
    assert [{posts[index].writer for index in test} for _, test in parts] == [{"b"}, {"c"}, {"a", "d"}]
    for learn, test in parts:
        assert not {posts[index].writer for index in learn} & {posts[index].writer for index in test}
        assert sorted([*learn, *test]) == list(range(len(posts)))
    assert {posts[index].writer for index in folds(posts, 3, np.ones(len(posts), bool))[0][1]} == {"a"}


def test_folds_are_of_batches_where_too_few_writers_were_asked() -> None:
    posts = [replace(post(line, line < 60), batch=f"tea-{'ab'[line >= 60]}{line % 3}") for line in range(120)]
    asked = np.array([one.journey_asked for one in posts])
    assert all(asked[test].sum() == 20 for _, test in folds(posts, 3, asked))


def test_the_lexicon_teaches_stance_what_a_thing_is_called_but_no_feeling_and_no_saying(featurizer: Featurizer) -> None:
    _, labels = prepare([post(0, True)], featurizer).terms["stance"]
    # 最悪, 便利, 悲しい, 辛い, 中途半端, each said of a brand and of a shop.
    assert [STANCES[index] for index in labels.argmax(axis=1)] == ["critic"] * 2 + ["promoter"] * 2 + ["none"] * 4 + ["critic"] * 2
