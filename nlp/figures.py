"""Every figure of the model card, as one dictionary of plain values (nlp/model/card.json; `nlp.card` says what is where)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.corpus import HELD_OUT_BATCHES, HELD_OUT_INDUSTRIES, SENTIMENTS, STANCES, TYPES, Post
from nlp.dataset import prepare
from nlp.evaluate import as_dict, compare, expected_calibration_error, figure_as_dict
from nlp.features import Featurizer
from nlp.fitting import SETTINGS, Say, Space, Trained, fit
from nlp.phenomena import phenomena
from nlp.probabilities import sigmoid, softmax
from nlp.readers import Readings, beside_readers
from nlp.scorer import Item, Score, Scorer, is_unsure

FORMAT = 1
# name in the card -> head of the model, classes
HEADS = {"sentiment": ("sentiment", SENTIMENTS), "stance": ("stance", STANCES), "mention_type": ("type", TYPES)}
_CURVE = (1250, 2500, 5000, 10000, 20000, 40000)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_EXAMPLES = 24
_LEAST = 4  # a slice of fewer posts says nothing

Labels = Sequence[str]
Floats = npt.NDArray[np.float64]


def measure(trained: Trained, posts: Sequence[Post], featurizer: Featurizer, say: Say, of_people: Readings | None = None) -> dict[str, Any]:
    """All figures of a model: on the held-out posts (also beside `of_people`, who read them), and cross-validated in the training part."""
    learn = [post for post in posts if not post.held_out]
    held = [post for post in posts if post.held_out]
    card: dict[str, Any] = {"format": FORMAT, "model": trained.model.version, "data": _data(learn, held)}
    across = {name: [HEADS[name][1][index] for index in trained.logits[HEADS[name][0]].argmax(axis=1)] for name in HEADS}
    groups = [post.batch for post in learn]
    card["cross_validation"] = {name: as_dict(compare(_truth(learn, name), across[name], HEADS[name][1], groups)) for name in HEADS}
    scores: list[Score] = []
    if held:
        say(f"measuring on {len(held)} held-out posts")
        scores = Scorer(trained.model, featurizer).score([Item(post.text, brand=post.brand, platform=post.platform) for post in held])
        found = {name: [getattr(score, name) for score in scores] for name in HEADS}
        card["held_out"] = {name: as_dict(compare(_truth(held, name), found[name], HEADS[name][1])) for name in HEADS}
        if of_people:
            card["readers"] = beside_readers(of_people, found)
        card["parts"] = _parts(held, found["sentiment"])
        card["phases"] = _several(held, scores, "phases")
        card["intents"] = _several(held, scores, "intents")
    card["phenomena"] = _phenomena(posts, held, scores, learn, across)
    card["calibration"], card["abstention"] = _calibration(trained, learn, held, scores)
    card["learning_curve"] = _learning_curve(trained, held, card.get("held_out"), featurizer, say)
    card["wrong"] = _wrong(held, scores)
    return card


def _truth(posts: Sequence[Post], name: str) -> list[str]:
    return [getattr(post, name) for post in posts]


def _data(learn: Sequence[Post], held: Sequence[Post]) -> dict[str, Any]:
    def part(posts: Sequence[Post]) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "posts": len(posts),
            "files": len({post.batch for post in posts}),
            "industries": len({post.industry for post in posts}),
            "everyday": sum(post.industry == "everyday" for post in posts),
            "ironic": sum(post.irony for post in posts),
        }
        return facts | {name: dict(Counter(_truth(posts, name)).most_common()) for name in HEADS}

    return {
        "training": part(learn),
        "held_out": part(held),
        "held_out_industries": sorted(HELD_OUT_INDUSTRIES),
        "held_out_batches": sorted(HELD_OUT_BATCHES),
    }


def _slice(truth: Labels, found: Labels, classes: Labels) -> dict[str, Any] | None:
    if len(truth) < _LEAST:
        return None
    result = compare(truth, found, classes)
    return {"n": result.n, "accuracy": figure_as_dict(result.accuracy), "macro_f1": figure_as_dict(result.macro_f1)}


def _parts(held: Sequence[Post], found: Labels) -> list[dict[str, Any]]:
    rules: list[tuple[str, Callable[[Post], bool]]] = [
        (name, lambda post, name=name: post.industry == name)  # type: ignore[misc]
        for name in sorted({post.industry for post in held})
    ]
    rules += [("naming a brand", lambda post: post.brand is not None), ("naming none", lambda post: post.brand is None)]
    rules += [("to 15 characters", lambda post: len(post.text) <= 15), ("over 60 characters", lambda post: len(post.text) > 60)]
    parts = []
    for name, rule in rules:
        inside = [(post.sentiment, label) for post, label in zip(held, found, strict=True) if rule(post)]
        figures = _slice([pair[0] for pair in inside], [pair[1] for pair in inside], SENTIMENTS)
        if figures:
            parts.append({"part": name, **figures})
    return parts


def _several(held: Sequence[Post], scores: Sequence[Score], field: str) -> list[dict[str, Any]]:
    rows = []
    pairs = [(getattr(post, field), getattr(score, field)) for post, score in zip(held, scores, strict=True) if post.journey_asked]
    for name in sorted({value for given, _ in pairs for value in given}):
        truth = np.array([name in given for given, _ in pairs])
        taken = np.array([name in said for _, said in pairs])
        right, there, said = int((truth & taken).sum()), int(truth.sum()), int(taken.sum())
        figures = {"precision": right / max(1, said), "recall": right / max(1, there), "f1": 2 * right / max(1, said + there)}
        rows.append({"name": name, **{key: round(value, 4) for key, value in figures.items()}, "n": there})
    return rows


def _phenomena(
    posts: Sequence[Post], held: Sequence[Post], scores: Sequence[Score], learn: Sequence[Post], across: dict[str, list[str]]
) -> list[dict[str, Any]]:
    rows = []
    of_held = {name: [getattr(score, name) for score in scores] for name in HEADS}
    for phenomenon in phenomena(posts):
        row: dict[str, Any] = {key: getattr(phenomenon, key) for key in ("name", "title", "japanese", "rule")}
        for part, there, found in (("held_out", held, of_held), ("cross_validation", learn, across)):
            inside = [index for index, post in enumerate(there) if phenomenon.holds(post)]
            row[part] = {
                name: _slice([getattr(there[index], name) for index in inside], [found[name][index] for index in inside], HEADS[name][1])
                for name in ("sentiment", "stance")
            } | {"n": len(inside)}
        rows.append(row)
    return rows


def _calibration(
    trained: Trained, learn: Sequence[Post], held: Sequence[Post], scores: Sequence[Score]
) -> tuple[dict[str, Any], dict[str, Any]]:
    limits = trained.model.facts["unsure"]
    across = softmax(trained.logits["sentiment"])
    irony = sigmoid(trained.logits["irony"][:, 0])
    right = across.argmax(axis=1) == np.array([SENTIMENTS.index(post.sentiment) for post in learn])
    unsure = is_unsure(
        across.astype(np.float32),
        irony.astype(np.float32),
        trained.data.batch.dense,
        limits["probability"],
        limits["irony"],
        limits["clash"],
    )
    calibration = {"cross_validation": _reliability(across.max(axis=1), right)}
    abstention = {"limits": limits, "cross_validation": _coverage(across.max(axis=1), right, ~unsure)}
    pairs = [(post, score) for post, score in zip(held, scores, strict=True) if score.probabilities]
    if pairs:
        top = np.array([max(score.probabilities.values()) for _, score in pairs])
        correct = np.array([post.sentiment == score.sentiment for post, score in pairs])
        calibration["held_out"] = _reliability(top, correct)
        abstention["held_out"] = _coverage(top, correct, np.array([not score.unsure for _, score in pairs]))
    return calibration, abstention


def _reliability(top: Floats, right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    bins = []
    for low in range(3, 10):
        inside = (top >= low / 10) & ((top < (low + 1) / 10) | (low == 9))
        if inside.any():
            mean, accuracy = float(top[inside].mean()), float(right[inside].mean())
            bins.append(
                {"low": low / 10, "high": (low + 1) / 10, "n": int(inside.sum()), "mean": round(mean, 4), "accuracy": round(accuracy, 4)}
            )
    return {"n": len(top), "ece": round(expected_calibration_error(top, right), 4), "bins": bins}


def _coverage(top: Floats, right: npt.NDArray[np.bool_], sure: npt.NDArray[np.bool_]) -> dict[str, Any]:
    order = np.argsort(-top, kind="stable")
    curve = [{"share": share, "accuracy": round(float(right[order[: max(1, round(share * len(order)))]].mean()), 4)} for share in _SHARES]
    return {
        "n": len(top),
        "left": round(float(1 - sure.mean()), 4),
        "accuracy_of_the_rest": round(float(right[sure].mean()), 4) if sure.any() else None,
        "accuracy_of_all": round(float(right.mean()), 4),
        "curve": curve,
    }


def _learning_curve(
    trained: Trained, held: Sequence[Post], held_out: dict[str, Any] | None, featurizer: Featurizer, say: Say
) -> list[dict[str, Any]]:
    """Macro-F1 on the held-out part against the size of the training part (posts drawn at random)."""
    if held_out is None:
        return []
    data, test = trained.data, prepare(held, featurizer)
    rows = []
    for size in (size for size in _CURVE if size < len(data.posts)):
        say(f"learning curve: {size} posts")
        row: dict[str, Any] = {"posts": size}
        drawn = np.sort(np.random.default_rng(0).permutation(len(data.posts))[:size])
        space = Space.of(data.batch, drawn)
        for name, (head, classes) in HEADS.items():
            weights, bias = fit(head, data, space, drawn)
            logits = space.matrix(test.batch, SETTINGS[head]) @ weights + bias
            found = [classes[index] for index in logits.argmax(axis=1)]
            row[name] = round(compare(_truth(held, name), found, classes, resamples=1).macro_f1.value, 4)
        rows.append(row)
    return [*rows, {"posts": len(data.posts), **{name: held_out[name]["macro_f1"]["value"] for name in HEADS}}]


def _wrong(held: Sequence[Post], scores: Sequence[Score]) -> dict[str, Any]:
    """What is wrong on the held-out posts: examples from the surest error to the least sure, evenly drawn."""
    wrong = [(max(score.probabilities.values()), post, score) for post, score in zip(held, scores, strict=True) if score.probabilities]
    wrong = [triple for triple in wrong if triple[1].sentiment != triple[2].sentiment]
    wrong.sort(key=lambda triple: (-triple[0], triple[1].batch, triple[1].line))
    flips = sum({post.sentiment, score.sentiment} == {"positive", "negative"} for _, post, score in wrong)
    step = max(1, len(wrong) // _EXAMPLES)
    examples = [
        {"text": post.text, "reader": post.sentiment, "model": score.sentiment, "probability": round(p, 4), "irony": post.irony}
        for p, post, score in wrong[::step][:_EXAMPLES]
    ]
    return {"n": len(held), "wrong": len(wrong), "flips": flips, "examples": examples}
