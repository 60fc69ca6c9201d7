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
    ("楽しいもんじゃない", -1),
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
    ("買ってもいい", 0),
    ("買わなくてもいい", 0),
    ("早く寝た方がいい", 0),
    ("水で洗うといい", 0),
    ("こうすればいい", 0),
    ("書いてくれた方が嬉しかった", 0),
    ("忘れないようにする", 0),
    ("軽くていい", 1),
    ("こちらの方がいい", 1),
    ("前作の方がいい", -1),
    ("昔のほうが不便だった", 1),
    ("前の味の方が好きだった", -1),
    ("この子、可愛くないですか", 1),
    ("この味は美味しくないです", -1),
    ("元気ないですか", -1),
    ("このアプリは使えない", -1),
    ("このアプリは使わない", 0),
    ("怖いゲームではありません", 1),
    ("面白い映画じゃなかった", -1),
    ("きれいな部屋ではなかった", -1),
    ("良い店がない", -1),
    ("美味しいんじゃないかと思う", 1),
    ("とても上手ではないだろうか", 1),
    ("腹立たしいといったらない", -1),
    ("疲れたら休む", 0),
    ("気に入ったら買う", 0),
    ("嫌なら断ってもいい", 0),
    ("もう行かなきゃ", 0),
    ("良かったらどうぞ", 0),
    ("美味しければまた行きます", 1),
    ("二度と行きません", -1),
    ("意味がありません", -1),
    ("腰の痛みがすっかり取れました", 1),
    ("汚れがきれいに取れます", 1),
    ("故障が一度もない", 1),
    ("怖くて言えない", -1),
    ("辛い時に支えてくれた", 1),
    ("お気に入りの服に穴が開いた", -1),
    ("大好きな店が潰れた", -1),
    ("面白い番組が減った", -1),
    ("彼女ほど優しい人はいない", 1),
    ("最高としか言いようがない", 1),
    ("負けたくない", -1),
    ("間違えなくてよかった", 1),
    ("不安を取り除いてくれた", 1),
    ("出来は微妙だった", -1),
    ("楽だと聞いていたのに、大変な一日だった", -1),
    ("背が高い", 0),
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


def test_several_sentences_are_told_apart() -> None:
    tokenizer = Tokenizer()
    cuts = tokenizer.cut(["駅から遠い。店は最高", "味は最高", "。"])
    reading = Grammar(tokenizer, Lexicon(tokenizer)).read(cuts)
    norms = [tokenizer.words.rows[word].norm for word in cuts.words.tolist()]
    assert [norm for norm, there in zip(norms, reading.earlier, strict=True) if there] == ["駅", "から", "遠い", "。"]
    assert [norm for norm, there in zip(norms, reading.closing, strict=True) if there] == ["店", "は", "最高"]


@pytest.mark.parametrize("texts", [[""], ["", ""], []])
def test_texts_without_a_word_say_nothing(texts: list[str]) -> None:
    tokenizer = Tokenizer()
    assert not len(Grammar(tokenizer, Lexicon(tokenizer)).read(tokenizer.cut(texts)).value)
