"""What the lexicon's terms say where they stand: the rules of nlp.polarity, one plain sentence each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.lexicon import Lexicon
from nlp.polarity import Grammar
from nlp.tokens import Tokenizer

SENTENCES = [
    ("態度が良くありません", -1),
    ("味は美味しくありませんでした", -1),
    ("そんなに悪くありませんでした", 1),
    ("飽きることなく読めた", 1),
    ("飽きることもない", 1),
    ("困ったことがない", 1),
    ("不満は特にありません", 1),
    ("面白さが伝わってこない", -1),
    ("悪いところが見当たらない", 1),
    ("美味しいと思ったことがない", -1),
    ("満足しているとは言えない", -1),
    ("楽しいわけがない", -1),
    ("嬉しくないわけがない", 1),
    ("良くないこともない", 1),
    ("安いもんじゃない", -1),
    ("うまく話すことができない", -1),
    ("快適に使えない", -1),
    ("きれいに映らない", -1),
    ("ストレスが少ない", 1),
    ("不満が減った", 1),
    ("疲れも吹き飛びました", 1),
    ("痛みが取れた", 1),
    ("やる気が消えた", -1),
    ("楽しみが減った", -1),
    ("イライラすることもなくなった", 1),
    ("休まなければよかった", -1),
    ("買うんじゃなかった", -1),
    ("行かなきゃよかった", -1),
    ("楽しみにしていたのに", -1),
    ("味はいい。でもまずい店員", -1),
    ("高いけど美味しい", 1),
    ("暑くてたまらない", -1),
    ("楽しくて仕方がない", 1),
    ("残念でならない", -1),
    ("机の上に本がある", 0),
    ("琵琶湖に来た", 0),
    ("値段は3,000円から4,000円です", 0),
    ("コンビニでも買える", 0),
]


@pytest.fixture(scope="module")
def total_of() -> Callable[[str], float]:
    tokenizer = Tokenizer()
    grammar = Grammar(tokenizer, Lexicon(tokenizer))
    return lambda text: float(grammar.read(tokenizer.cut([text])).value.sum())


@pytest.mark.parametrize(("text", "sign"), SENTENCES)
def test_a_sentence_says(total_of: Callable[[str], float], text: str, sign: int) -> None:
    total = total_of(text)
    assert (total > 0.15) - (total < -0.15) == sign, total


def test_a_text_is_read_by_itself() -> None:
    tokenizer = Tokenizer()
    grammar = Grammar(tokenizer, Lexicon(tokenizer))
    reading = grammar.read(tokenizer.cut(["味はいい。", "でもまずい。", "楽しみにしていたのに", "汚い犬がいる", ""]))
    alone = [
        grammar.read(tokenizer.cut([text])).value.tolist()
        for text in ["味はいい。", "でもまずい。", "楽しみにしていたのに", "汚い犬がいる"]
    ]
    assert reading.value.tolist() == [value for values in alone for value in values]
    assert reading.attributive.tolist() == [False, False, False, True]
    assert reading.final.tolist() == [True, True, True, False]
