from __future__ import annotations

import math
import threading

import pytest

from nlp.features import BRAND_MASK
from nlp.scorer import Item, Scorer

TEXTS = [
    "高いけど買ってよかった、美味しい😭",
    "最悪。二度と行かない",
    "明日の営業時間を教えてください",
    "この店の餃子(*´ω｀*)また行くｗｗｗ",
    "アプリが落ちる。直してほしい #困った https://example.com/a",
    "ソラトのココア、染みる〜",
]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "😭😭😭",
        "(´；ω；｀)",
        "https://example.com/a?b=c",
        "@somebody @other_1",
        "This is a really great product, I love it!",
        "이 가게 정말 맛있어요",
        "這個很好吃，謝謝",
        "这个产品太好了",
        "12345 67",
        "ｗｗｗｗ",
        "!!!???",
        "\u200b\ufe0f",
        "\x00",
    ],
)
def test_what_has_no_japanese_words_is_unscored_never_negative(scorer: Scorer, text: str) -> None:
    score = scorer.score([Item(text, id="a")])[0]
    assert (score.sentiment, score.stance, score.probabilities, score.unsure, score.why) == ("unscored", "none", {}, False, ())
    assert score.id == "a"


@pytest.mark.parametrize(
    "text", ["最高", "草", "うま", "神対応", "感謝", "給料日", "申請没", "iPhone 15 Pro Max すごい", "ｽｺﾞｲ", "Good! でも高い", "了解です👍"]
)
def test_short_and_mixed_japanese_is_scored(scorer: Scorer, text: str) -> None:
    assert scorer.score([Item(text)])[0].sentiment != "unscored"


def test_order_and_ids_are_kept_with_unscored_ones_between(scorer: Scorer) -> None:
    items = [Item(text, id=str(index)) for index, text in enumerate([*TEXTS, "", "hello there", *TEXTS] * 60)]
    scores = scorer.score(items)
    assert [score.id for score in scores] == [item.id for item in items]
    by_text: dict[str, str] = {}
    for item, score in zip(items, scores, strict=True):
        assert by_text.setdefault(item.text, score.sentiment) == score.sentiment


def test_a_text_gets_the_same_score_alone_and_in_a_crowd(scorer: Scorer) -> None:
    together = scorer.score([Item(text) for text in TEXTS])
    alone = [scorer.score([Item(text)])[0] for text in TEXTS]
    for one, other in zip(together, alone, strict=True):
        assert one.sentiment == other.sentiment
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)


def test_another_scorer_gives_the_same_scores(scorer: Scorer) -> None:
    again = Scorer.load()
    again.score([Item("先に別の文を読んでおく")])
    items = [Item(text, brand="ソラト", platform="x") for text in TEXTS]
    assert again.version == scorer.version
    assert [score._replace(why=()) for score in again.score(items)] == [score._replace(why=()) for score in scorer.score(items)]


def test_probabilities_are_probabilities(scorer: Scorer) -> None:
    for score in scorer.score([Item(text) for text in TEXTS]):
        assert set(score.probabilities) == {"negative", "neutral", "positive"}
        assert set(score.stance_probabilities) == {"promoter", "critic", "request", "none"}
        for found, label in ((score.probabilities, score.sentiment), (score.stance_probabilities, score.stance)):
            assert sum(found.values()) == pytest.approx(1, abs=1e-4)
            assert label == max(found, key=lambda name: found[name])
        assert 0 <= score.irony <= 1
        assert 0 <= score.relevance <= 1


def test_the_reasons_add_up_to_the_log_odds_of_positive_against_negative(scorer: Scorer) -> None:
    for score in scorer.score([Item(text) for text in TEXTS]):
        glad, sad = score.probabilities["positive"], score.probabilities["negative"]
        # Probabilities come rounded to six digits, which moves the odds of the surest most.
        rounding = 0.5e-6 / glad + 0.5e-6 / sad
        assert sum(weight for _, weight in score.why) == pytest.approx(math.log(glad / sad), abs=0.01 + rounding)


def test_the_reasons_name_words_of_the_text_with_their_sign(scorer: Scorer) -> None:
    for text, word, sign in (
        ("料理は美味しかった", "美味しかった", 1),
        ("店員の態度が最悪", "最悪", -1),
        ("とても満足しています", "満足しています", 1),
    ):
        weights = dict(scorer.score([Item(text)])[0].why)
        assert weights[word] * sign > 0.3
        assert all(name in text for name in weights if not name.startswith("〔"))


def test_a_brand_is_shown_as_the_caller_writes_it(scorer: Scorer) -> None:
    score = scorer.score([Item("ソラトのココアに救われた", brand="ソラト")])[0]
    assert any("ソラト" in name for name, _ in score.why)
    assert not any(BRAND_MASK in name for name, _ in score.why)


def test_relevance_is_one_without_a_brand_or_with_the_brand_named(scorer: Scorer) -> None:
    named, unnamed, free = scorer.score([Item("ソラト最高", brand="ソラト"), Item("ここ最高", brand="ソラト"), Item("ここ最高")])
    assert named.relevance == free.relevance == 1.0
    assert unnamed.relevance < 1.0


def test_very_long_texts_are_scored(scorer: Scorer) -> None:
    for text in (
        "美味しかった。" * 20_000,
        "あ" * 200_000,
        "𠮷野家" * 30_000,
        "😭あ" * 30_000,
        "(" * 7_000 + "あ",
        "^" * 7_000 + "うまい",
    ):
        assert scorer.score([Item(text)])[0].sentiment in ("negative", "neutral", "positive")


def test_halves_of_characters_do_no_harm(scorer: Scorer) -> None:
    broken, whole = scorer.score([Item("\ud83d最高でした"), Item("最高でした")])
    assert broken.sentiment == whole.sentiment == "positive"


def test_no_items_no_scores(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_threads_may_share_a_scorer(scorer: Scorer) -> None:
    expected = [score.sentiment for score in scorer.score([Item(text) for text in TEXTS])]
    found: list[list[str]] = []

    def work() -> None:
        for turn in range(10):
            scores = scorer.score([Item(text) for text in [*TEXTS, f"新しい単語を覚えるゾゾゾ{turn}丸"]])
            found.append([score.sentiment for score in scores[: len(TEXTS)]])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 40


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("フォロー＆リポストで抽選10名様に当たる！応募は8/31まで #プレゼントキャンペーン", "official"),
        ("応募します！当たりますように🙏 #プレゼントキャンペーン", "campaign_entry"),
        ("ソラト、ココアなど12品目を来月1日から値上げ", "news"),
        ("今日のココアも美味しかった", "personal"),
    ],
)
def test_mention_types(scorer: Scorer, text: str, kind: str) -> None:
    assert scorer.score([Item(text, brand="ソラト")])[0].mention_type == kind


def test_a_question_and_a_complaint_are_told_apart(scorer: Scorer) -> None:
    asks, complains = scorer.score([Item("ここって何時まで開いてますか？"), Item("アプリが何度も落ちる。返金してほしい")])
    assert "question" in asks.intents
    assert "complaint" in complains.intents
