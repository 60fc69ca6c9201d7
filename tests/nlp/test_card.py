"""The model card: every figure in card.json, the same for people in CARD.md, its slices by written rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp import storage
from nlp.card import CARD, keep_outside, read_figures, render, write_card
from nlp.corpus import Post, read_corpus
from nlp.evaluate import compare
from nlp.phenomena import phenomena


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return read_figures()


def post(text: str, **labels: Any) -> Post:
    facts: dict[str, Any] = {
        "brand": None,
        "platform": "x",
        "sentiment": "neutral",
        "stance": "none",
        "mention_type": "personal",
        "phases": (),
        "intents": (),
        "irony": False,
        "industry": "cafe",
        "batch": "cafe-x1",
        "line": 2,
    }
    return Post(text, **facts | labels)


def slices(one: Post, *others: Post) -> set[str]:
    return {phenomenon.name for phenomenon in phenomena([one, *others]) if phenomenon.holds(one)}


def test_both_forms_are_of_the_shipped_model(figures: dict[str, Any]) -> None:
    assert figures["model"] == storage.load().version
    assert (storage.MODEL_DIR / CARD).read_text(encoding="utf-8") == render(figures)


def test_the_figures_fit_together(figures: dict[str, Any]) -> None:
    assert figures["data"]["training"]["posts"] == storage.load().facts["posts"]
    held = figures["held_out"]["sentiment"]
    assert sum(map(sum, held["confusion"])) == held["n"] == figures["data"]["held_out"]["posts"]
    assert held["macro_f1"]["low"] < held["macro_f1"]["value"] < held["macro_f1"]["high"]
    assert sum(row["n"] for row in figures["calibration"]["held_out"]["bins"]) == figures["calibration"]["held_out"]["n"]
    shares = [point["share"] for point in figures["abstention"]["held_out"]["curve"]]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [row["posts"] for row in figures["learning_curve"]][-1] == figures["data"]["training"]["posts"]


def test_every_phenomenon_has_a_slice_of_its_own(figures: dict[str, Any]) -> None:
    rules = [(phenomenon.name, phenomenon.rule) for phenomenon in phenomena(read_corpus())]
    assert [(row["name"], row["rule"]) for row in figures["phenomena"]] == rules
    assert len(rules) == 15
    assert all(row["cross_validation"]["n"] >= 20 and row["cross_validation"]["sentiment"] for row in figures["phenomena"])


@pytest.mark.parametrize(
    ("text", "labels", "name"),
    [
        ("さすがですね（白目）", {"irony": True}, "irony"),
        ("行きたくないわけじゃない", {}, "double_negation"),
        ("高いけど買う", {}, "turn"),
        ("この香り、たまらない", {"sentiment": "positive"}, "praising_negation"),
        ("この新作やばい", {}, "slang"),
        ("前の店よりこっちのほうが早い", {"brand": "ソラト"}, "comparison"),
        ("台風で飛ばない", {"sentiment": "negative"}, "weather"),
        ("なんで毎回レジ1台なの", {"intents": ("complaint",)}, "complaint_question"),
        ("店員さんは親切、でも料理が来ない", {"sentiment": "negative"}, "staff_praise"),
        ("値上げのニュース見た", {}, "quoted_news"),
        ("黒も出してほしい", {}, "hope"),
        ("解約した", {"intents": ("churn",)}, "churn"),
        ("またアプリ落ちた", {"sentiment": "negative", "stance": "critic"}, "second_complaint"),
        ("店長からお詫びの電話", {}, "apology"),
    ],
)
def test_the_rules_find_what_they_say(text: str, labels: dict[str, Any], name: str) -> None:
    assert name in slices(post(text, **labels))
    assert name not in slices(post("昼は牛丼を食べた", brand="ソラト"))


@pytest.mark.parametrize(
    ("text", "intent", "name"), [("なんで毎回レジ1台なの", "complaint", "complaint_question"), ("解約した", "churn", "churn")]
)
def test_intents_that_nobody_was_asked_for_make_no_slice(text: str, intent: str, name: str) -> None:
    assert name in slices(post(text, intents=(intent,)))
    assert name not in slices(post(text, intents=(intent,), journey_asked=False))


def test_a_brands_name_in_its_ordinary_sense_is_found_by_the_other_posts() -> None:
    bird = post("コマドリの声で起きた")
    assert "homonym" in slices(bird, post("コマドリ最高", brand="コマドリ"))
    assert "homonym" not in slices(bird)


def test_an_outside_yardstick_is_kept_and_shown(tmp_path: Path, figures: dict[str, Any]) -> None:
    write_card(figures, tmp_path)
    result = compare(["positive", "negative", "neutral"] * 4, ["positive", "negative", "positive"] * 4, ("negative", "neutral", "positive"))
    for _ in range(2):
        keep_outside("物差し", "abc", {"sentiment": result, "stance": None}, tmp_path)
    row = json.loads((tmp_path / "outside.json").read_text(encoding="utf-8"))[0]
    assert (row["name"], row["model"], row["looks"]) == ("物差し", "abc", 2)
    card = (tmp_path / CARD).read_text(encoding="utf-8")
    assert "### 物差し" in card
    assert "earlier model, `abc`" in card
