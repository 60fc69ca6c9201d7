"""Adjusted shares beside the raw ones, and the model's card."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.active import is_held
from dashboard.adjusted import MOODS, of_card
from store.home import Home
from store.inbox import Inbox
from store.labels import Label, label_event
from store.owner import Owner
from store.published import connect
from store.queries import label_pool
from tests.dashboard.conftest import visit, words


def head(classes: list[str], confusion: list[list[int]]) -> dict[str, Any]:
    figure = {"value": 0.72, "low": 0.7, "high": 0.74}
    per_class = {name: {"precision": 0.7, "recall": 0.71, "f1": 0.7, "n": sum(row)} for name, row in zip(classes, confusion, strict=True)}
    n = sum(map(sum, confusion))
    return {"n": n, "accuracy": figure, "macro_f1": figure, "classes": classes, "per_class": per_class, "confusion": confusion}


CARD = {
    "format": 1,
    "model": "model-1",
    "held_out": {
        "sentiment": head(["negative", "neutral", "positive"], [[330, 68, 61, 0], [70, 320, 43, 0], [88, 45, 349, 0]]),
        "stance": head(
            ["promoter", "critic", "request", "none"], [[200, 46, 3, 55, 0], [37, 186, 5, 64, 0], [2, 4, 50, 8, 0], [63, 53, 2, 595, 0]]
        ),
    },
}


@pytest.fixture
def carded(home: Home) -> Home:
    with Owner.open(home) as owner:
        owner.declare(meta={"model_card": json.dumps(CARD)})
        owner.publish()
    return home


def test_without_a_card_there_is_nothing_to_adjust_by(home: Home) -> None:
    assert "調整後" not in words(visit())


def test_adjusted_shares_stand_beside_the_raw_ones(carded: Home) -> None:
    said = words(visit(period="90d"))
    assert said.count("調整後 ") == 3  # positive, negative, social NPS
    assert "同梱モデルの評価用の投稿1,374件" in said
    assert "Adjusted shares" in words(visit(period="90d", lang="en"))


def test_too_few_mentions_are_said_to_be_too_few(carded: Home) -> None:
    assert "調整後：データ不足" in words(visit(period="7d", brand="mikazuki"))


def test_the_cards_confusion_is_read_in_our_order() -> None:
    known = of_card(json.dumps(CARD))
    assert known is not None
    assert known.moods[MOODS.index("positive")] == (349.0, 45.0, 88.0)
    assert known.leanings[0] == (200.0, 46.0, 58.0)
    assert known.leanings[2] == (65.0, 57.0, 655.0)  # requests and none together
    assert of_card(None) is None
    assert of_card('{"held_out": {}}') is None
    assert of_card("no json") is None


def test_a_brands_own_held_labels_take_the_cards_place(carded: Home) -> None:
    with connect(carded) as con:
        import pandas as pd

        none = pd.DataFrame({name: [] for name in ("event_id", "post_key", "brand", "at", "actor", "action", "value")})
        none = none.astype({"post_key": "int64", "at": "datetime64[us]"})
        pool = label_pool(con, none, "soramame", (), 5000)
    # The invented world says the same things over and over: whole texts fall on one side.
    held = pool[[is_held("soramame", text) for text in pool["text"]]]
    assert len(held) > 40
    for drawn, source in (("desk", "同梱モデル"), ("random", "このブランドの評価用ラベル" if len(held) >= 100 else "同梱モデル")):
        label = Label("neutral", "none", drawn=drawn)  # type: ignore[arg-type]
        Inbox(carded).land([label_event(int(key), "soramame", "佐藤", label) for key in held["post_key"]])
        with Owner.open(carded) as owner:
            owner.ingest()
            owner.publish()
        assert source in words(visit(period="90d"))


def test_the_card_is_drawn_and_what_it_lacks_is_left_out(carded: Home) -> None:
    app = visit("model")
    said = words(app)
    assert "マクロF1" in said
    assert "[0.70–0.74]" in said
    assert "適合率" in said
    assert "まちがえた例" not in said  # this card has none
    assert "段階と意図の成績" not in said  # nor these
    assert "まだありません。ラベル付けをして" in said
    assert "Model card" in words(visit("model", lang="en"))


def test_without_a_card_the_page_says_how_to_get_one(home: Home) -> None:
    assert "モデルの成績の記録がまだありません" in words(visit("model"))


def test_a_whole_card_and_a_brands_trainings_are_drawn(home: Home) -> None:
    part = {"n": 40, "accuracy": {"value": 0.55, "low": 0.4, "high": 0.7}, "macro_f1": {"value": 0.5, "low": 0.4, "high": 0.6}}
    bins = [
        {"low": 0.3, "high": 0.4, "n": 0, "mean": None, "accuracy": None},
        {"low": 0.5, "high": 0.6, "n": 9, "mean": 0.55, "accuracy": 0.6},
    ]
    agreed = {"second": 0.94, "third": None}
    readers = [{"name": "third", "sentiment": agreed}, {"name": "model", "sentiment": {"second": 0.81, "third": 0.79}}]
    more = {
        "readers": readers,
        "phenomena": [{"name": "irony", "title": "irony", "japanese": "皮肉", "held_out": {"n": 40, "sentiment": part, "stance": None}}],
        "calibration": {"held_out": {"n": 9, "ece": 0.05, "bins": bins}},
        "abstention": {"held_out": {"curve": [{"share": 0.5, "accuracy": 0.9}, {"share": 1.0, "accuracy": 0.7}]}},
        "outside": [
            {"name": "ブログ文", "model": "earlier", "sentiment": part, "stance": None},
            {"name": "日記文", "model": CARD["model"], "sentiment": part, "stance": None},
        ],
        "peers": [{"name": "ほかの道具", "version": "1", "data": "評価用", "n": 40, "sentiment": part}],
        "phases": [{"name": "voice", "precision": 0.71, "recall": 0.38, "f1": 0.5, "n": 26}],
        "intents": [{"name": "churn", "precision": 0.36, "recall": 0.56, "f1": 0.43, "n": 18}],
        "wrong": {"examples": [{"text": "<b>罠</b>", "reader": "neutral", "model": "negative", "probability": 0.98, "irony": False}]},
    }
    gain = {"value": 0.05, "low": -0.01, "high": 0.1}
    figures = {"n": 60, "accuracy_before": 0.7, "accuracy_after": 0.75, "accuracy_gain": gain}
    trial = {"version": "v1", "base": "model-1", "at": "2026-11-22T04:43:38+00:00", "learned": 140}
    judged = {"held": 60, "verdict": "likely", "taken": True, "heads": {"sentiment": figures}}
    state = {"soramame": {"active": "v1", "trials": [trial | {"judgement": judged}]}}
    with Owner.open(home) as owner:
        owner.declare(meta={"model_card": json.dumps(CARD | more), "brand_models": json.dumps(state)})
        owner.publish()
    said = words(visit("model"))
    assert "読み手3人との一致 0.79–0.81（読み手どうし 0.94–0.94）" in said
    for expected in (
        "皮肉",
        "確率は信じられるか",
        "ブログ文（以前のモデルで測定）",
        "日記文 · ",
        "ほかの道具 1",
        "薦める・警告する",
        "離反",
        "&lt;b&gt;罠&lt;/b&gt;",
        "70.0% → 75.0%（+5.0pt",
        "良い見込みなので採用",
        "使用中",
    ):
        assert expected in said, expected
