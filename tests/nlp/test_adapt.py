"""A brand's own model: labels move it, no labels do not, the same labels give the same one, and only what is better is taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp import storage
from nlp.adapt import LEAST, Labelled, kernel_of, learn, see
from nlp.adapt_judge import judge
from nlp.adapted import Delta, Shift, apply, load_delta, save_delta
from nlp.features import Featurizer
from nlp.lexicon import Lexicon
from nlp.scorer import Item, Scorer
from nlp.storage import Model, ModelError
from nlp.tokens import Tokenizer

THINGS = (
    "味",
    "店員さん",
    "席",
    "アプリ",
    "値段",
    "駐車場",
    "包装",
    "香り",
    "列",
    "棚",
    "看板",
    "皿",
    "椅子",
    "窓",
    "床",
    "音楽",
    "灯り",
    "扉",
    "箱",
    "袋",
)
# The model thinks the worst of this name; the brand's people know better.
NAME = "最悪地獄の悪魔プリン"


@pytest.fixture(scope="module")
def model() -> Model:
    return storage.load()


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    tokenizer = Tokenizer()
    return Featurizer(tokenizer, Lexicon(tokenizer))


@pytest.fixture(scope="module")
def shipped(model: Model, featurizer: Featurizer) -> Scorer:
    return Scorer(model, featurizer)


def brand_posts(count: int, first: int = 0) -> list[Labelled]:
    """Posts about the badly named pudding; half of them like it, a quarter do not."""
    ends = (("をまた買った、うれしい", "positive", "promoter"), ("を見かけた", "neutral", "none"),
            ("のおかげで元気になった", "positive", "promoter"), ("にはがっかりした", "negative", "critic"))  # fmt: skip
    posts = []
    for at in range(first, first + count):
        end, sentiment, stance = ends[at % 4]
        text = f"{THINGS[at % 20]}と{THINGS[at // 20 % 20]}の話。{NAME}{end}"
        posts.append(Labelled(text, "ソラト", "x", sentiment, stance))
    return posts


def right(scorer: Scorer, posts: list[Labelled]) -> float:
    scores = scorer.score([Item(post.text, brand=post.brand, platform=post.platform) for post in posts])
    return float(np.mean([score.sentiment == post.sentiment for score, post in zip(scores, posts, strict=True)]))


def test_labels_help_where_the_brand_is_unlike_the_corpus(shipped: Scorer, model: Model, featurizer: Featurizer) -> None:
    delta = learn(shipped, model, brand_posts(100))
    new = Scorer(apply(model, delta), featurizer)
    held = brand_posts(80, first=200)
    assert right(new, held) > right(shipped, held) + 0.1
    found = judge(shipped, new, held)
    assert found.verdict == "better"
    assert found.taken
    sentiment = found.heads["sentiment"]
    assert sentiment.accuracy_after == pytest.approx(right(new, held))
    assert sentiment.accuracy_gain.low <= sentiment.accuracy_gain.value <= sentiment.accuracy_gain.high
    assert sentiment.loss_gain.value == pytest.approx(sentiment.loss_before - sentiment.loss_after)


def test_the_same_labels_give_the_same_model(shipped: Scorer, model: Model, featurizer: Featurizer, tmp_path: Path) -> None:
    posts = brand_posts(60)
    once, again = learn(shipped, model, posts), learn(shipped, model, posts)
    assert once.version == again.version
    assert once.facts == again.facts
    assert learn(shipped, model, brand_posts(60, first=7)).version != once.version
    save_delta(once, tmp_path / "b" / "m.npz")
    back = load_delta(tmp_path / "b" / "m.npz")
    assert back.version == once.version
    assert back.facts == once.facts
    items = [Item(post.text, brand="ソラト") for post in posts[:10]]
    assert Scorer(apply(model, back), featurizer).score(items) == Scorer(apply(model, once), featurizer).score(items)


def test_without_labels_or_with_too_few_nothing_changes(shipped: Scorer, model: Model) -> None:
    assert learn(shipped, model, []).shifts == {}
    assert learn(shipped, model, brand_posts(LEAST - 1)).shifts == {}


def test_labels_that_say_what_the_model_says_by_chance_do_not_turn_it(shipped: Scorer, model: Model, featurizer: Featurizer) -> None:
    """Labels drawn by a coin teach nothing, and what was learned from them is not taken."""
    rng = np.random.default_rng(3)
    moods, stances = ("positive", "neutral", "negative"), ("promoter", "critic", "none")
    posts = [replace(post, sentiment=str(rng.choice(moods)), stance=str(rng.choice(stances))) for post in brand_posts(140)]
    delta = learn(shipped, model, posts[:80])
    found = judge(shipped, Scorer(apply(model, delta), featurizer), brand_posts(60, first=200), changed=bool(delta.shifts))
    assert not found.taken or found.gain.value >= 0


def test_the_shift_is_what_the_fit_says(shipped: Scorer, model: Model, featurizer: Featurizer) -> None:
    from nlp.adapt import _shift, fit

    posts = brand_posts(40)
    seen = see(shipped, model, posts)
    labels = np.array([model.heads["sentiment"].index(str(post.sentiment)) for post in posts])
    kernel, centre, scale = kernel_of(seen.grams)
    fitted = fit(kernel, seen.logits["sentiment"], labels, 1.0, 3.0)
    moved = apply(model, Delta(model.version, {"sentiment": _shift(seen.grams, fitted, centre, scale, model)}))
    after = see(Scorer(moved, featurizer), moved, posts)
    expected = (1 + fitted.surer) * seen.logits["sentiment"] + kernel @ fitted.alpha + fitted.bias
    assert np.abs(after.logits["sentiment"] - expected).max() < 1e-3
    assert np.allclose(after.logits["stance"], seen.logits["stance"], atol=1e-5)


def test_a_delta_of_another_model_is_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hibiki train --brand"):
        apply(model, Delta("another", {}))
    with pytest.raises(ModelError, match="no model"):
        load_delta(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"no zip")
    with pytest.raises(ModelError, match="cannot be read"):
        load_delta(tmp_path / "bad.npz")


def test_few_held_labels_decide_nothing_and_a_worse_model_is_not_taken(shipped: Scorer, model: Model, featurizer: Featurizer) -> None:
    held = brand_posts(60)
    turned = np.zeros(3, np.float32)
    turned[model.heads["sentiment"].index("neutral")] = 20.0
    worse = Scorer(
        apply(model, Delta(model.version, {"sentiment": Shift(np.zeros(0, np.int32), np.zeros((0, 3), np.float32), turned)})), featurizer
    )
    assert judge(shipped, worse, held).verdict in ("worse", "f1", "unclear")
    assert not judge(shipped, worse, held).taken
    assert judge(shipped, shipped, held[:5]).verdict == "few"
    assert judge(shipped, shipped, held, changed=False).verdict == "same"
    assert judge(shipped, shipped, []).verdict == "few"
