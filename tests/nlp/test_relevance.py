"""A name that is an ordinary word, too, means the brand only where what is said around it does."""

from __future__ import annotations

import pytest

from nlp.relevance.model import Relevance
from nlp.relevance.train import homonyms
from nlp.scorer import Item, Scorer

# None of these names is in homonyms.tsv.
ABOUT = [
    ("かえで", "かえでの家電、保証が五年ついてて安心"),
    ("かえで", "かえでのアプリが重すぎて開かない"),
    ("ほのか", "ほのかのクレンジング、もう三本目"),
    ("こだち", "こだちに問い合わせたけど返事がこない"),
    ("かもめ", "かもめの店員さんがとても親切だった"),
]
NOT_ABOUT = [
    ("かえで", "公園のかえでが赤くなってきた"),
    ("かえで", "かえでちゃんのお誕生日会に行く"),
    pytest.param("ほのか", "ほのかに梅の香りがする朝", marks=pytest.mark.xfail(strict=True, reason="an adverb made of the name")),
    ("かもめ", "港でかもめが鳴いている"),
]


def relevance(scorer: Scorer, name: str, text: str) -> float:
    return scorer.score([Item(text, brand=name)])[0].relevance


@pytest.mark.parametrize(("name", "text"), ABOUT)
def test_what_is_said_of_a_shop_or_product_is_about_the_brand(scorer: Scorer, name: str, text: str) -> None:
    assert relevance(scorer, name, text) >= 0.5


@pytest.mark.parametrize(("name", "text"), NOT_ABOUT)
def test_flowers_birds_and_people_are_not(scorer: Scorer, name: str, text: str) -> None:
    assert relevance(scorer, name, text) < 0.5


def test_a_name_that_no_dictionary_has_needs_no_guess(scorer: Scorer) -> None:
    assert relevance(scorer, "ソラトモ", "ソラトモが咲いた") == 1.0
    assert scorer.score([Item("今日は晴れ")])[0].relevance == 1.0


def test_its_figures_are_of_names_that_it_never_saw() -> None:
    figures = Relevance.load().figures
    rows = homonyms()
    assert figures["n"] == len(rows) >= 450
    assert figures["names"] == len({name for _, name, _ in rows}) >= 30
    assert figures["auc"] >= 0.95
    assert all(name in text for text, name, _ in rows)
