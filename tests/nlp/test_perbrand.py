"""Two brands in a post: each has its own stance."""

from __future__ import annotations

import pytest

from nlp.perbrand import Part, part_about
from nlp.scorer import Item, Scorer

# (text, toward ソラトモ, toward カゼキリ)
TWO = [
    ("ソラトモは最高だったけど、カゼキリは最悪だった", "promoter", "critic"),
    ("ソラトモは最高だったけど、カゼキリの対応は最悪だった", "promoter", "critic"),
    ("カゼキリは店員の態度が悪くて二度と行かない。ソラトモは親切で大好き", "promoter", "critic"),
    ("ソラトモをやめてカゼキリにして大正解、快適すぎる", "critic", "promoter"),
    ("カゼキリよりソラトモのほうがおいしい", "promoter", "critic"),
    ("ソラトモもカゼキリも大好き、どっちもおすすめ", "promoter", "promoter"),
    ("ソラトモ、アプリが使いにくくてひどい。一方、カゼキリは使いやすくて最高", "critic", "promoter"),
]


@pytest.mark.parametrize(("text", "one", "other"), TWO)
def test_each_brand_gets_its_own_stance(scorer: Scorer, text: str, one: str, other: str) -> None:
    items = [Item(text, brand="ソラトモ", others=("カゼキリ",)), Item(text, brand="カゼキリ", others=("ソラトモ",))]
    first, second = scorer.score(items)
    assert (first.stance, second.stance) == (one, other)
    assert sum(first.stance_probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_other_brands_that_are_not_named_change_nothing(scorer: Scorer) -> None:
    text = "ソラトモのパン、今日も売り切れで買えなかった"
    alone, beside = scorer.score([Item(text, brand="ソラトモ"), Item(text, brand="ソラトモ", others=("カゼキリ", "ソラ"))])
    assert alone == beside


def test_clauses_belong_to_whom_they_are_about() -> None:
    text = "カゼキリは高い。量も少ない。ソラトモは安いし、量も多い"
    assert part_about(text, "ソラトモ", ["カゼキリ"]) == Part("ソラトモは安いし、量も多い")
    assert part_about(text, "カゼキリ", ["ソラトモ"]) == Part("カゼキリは高い。量も少ない。")
    assert part_about("カゼキリよりソラトモがいい", "カゼキリ", ["ソラトモ"]) == Part("カゼキリよりソラトモがいい", against=True)
    assert part_about("ソラトモがいい", "ソラトモ", ["カゼキリ"]) is None
    assert part_about("ＳＯＲＡがいい、Kazeはだめ", "sora", ["KAZE"]) == Part("soraがいい、")
