"""A hashtag or a name is no feeling: what is added or taken away around a post must not change what the model makes of it."""

from __future__ import annotations

import re

import pytest

from nlp.corpus import SENTIMENTS, Post, read_corpus
from nlp.normalize import clean
from nlp.scorer import Item, Scorer

TAGS = ["ヨモリ", "ツムギノ", "ミナヅキ堂", "Kurumio", "今日の記録"]
POSTS_EACH = 60


def posts_of(sentiment: str, branded: bool = False) -> list[Post]:
    """Personal posts of the training part, spread over its files; those that name their brand, if `branded`."""
    found = [post for post in read_corpus() if not post.held_out and post.mention_type == "personal" and post.sentiment == sentiment]
    found = [post for post in found if not branded or (post.brand and post.brand in post.text)]
    return found[:: len(found) // POSTS_EACH][:POSTS_EACH]


@pytest.mark.parametrize("sentiment", SENTIMENTS)
@pytest.mark.parametrize("named", [False, True], ids=["a tag of another name", "a tag of the brand"])
def test_a_hashtag_of_a_name_changes_hardly_a_feeling_and_makes_hardly_an_entry(scorer: Scorer, sentiment: str, named: bool) -> None:
    plain, tagged = [], []
    for index, post in enumerate(posts_of(sentiment)):
        tag = TAGS[index % len(TAGS)]
        brand = tag if named else post.brand
        plain.append(Item(post.text, brand=brand, platform=post.platform))
        tagged.append(Item(f"{post.text} #{tag}", brand=brand, platform=post.platform))
    pairs = list(zip(scorer.score(plain), scorer.score(tagged), strict=True))
    assert len(pairs) == POSTS_EACH
    assert sum(one.sentiment != other.sentiment for one, other in pairs) < 0.03 * len(pairs)
    # Of 6,000 posts 13 are taken for entries (a prize won, then a tag): at most one in 60 here.
    assert sum(one.mention_type == "personal" and other.mention_type == "campaign_entry" for one, other in pairs) <= 1


def test_taking_the_hashtags_off_changes_no_feeling(scorer: Scorer) -> None:
    found = [post for post in read_corpus() if not post.held_out and post.mention_type == "personal" and clean(post.text).tags]
    assert len(found) > 30
    tagged = scorer.score([Item(post.text, brand=post.brand, platform=post.platform) for post in found])
    bare = scorer.score([Item(re.sub(r"\s*#\w+", "", post.text), brand=post.brand, platform=post.platform) for post in found])
    changed = [
        (post.text, one.sentiment, other.sentiment)
        for post, one, other in zip(found, tagged, bare, strict=True)
        if one.sentiment != other.sentiment
    ]
    assert len(changed) < 0.03 * len(found), changed


@pytest.mark.parametrize("sentiment", SENTIMENTS)
def test_one_brand_for_another_changes_nothing(scorer: Scorer, sentiment: str) -> None:
    found = posts_of(sentiment, branded=True)
    assert len(found) == POSTS_EACH
    own = scorer.score([Item(post.text, brand=post.brand) for post in found])
    other = scorer.score([Item(post.text.replace(post.brand or "", "ヨモリ"), brand="ヨモリ") for post in found])
    assert [score.probabilities for score in own] == [score.probabilities for score in other]


def test_being_told_the_brand_turns_few_feelings(scorer: Scorer) -> None:
    found = [post for post in read_corpus() if post.held_out and post.brand and post.brand in post.text]
    assert len(found) > 400
    told = scorer.score([Item(post.text, brand=post.brand, platform=post.platform) for post in found])
    untold = scorer.score([Item(post.text, platform=post.platform) for post in found])
    assert sum(one.sentiment != other.sentiment for one, other in zip(told, untold, strict=True)) < 0.08 * len(found)


@pytest.mark.parametrize(
    ("text", "left", "tags"),
    [
        ("届いた #ソラト", "届いた", ()),
        ("届いた #ソラト #朝の一杯", "届いた", ("朝の一杯",)),
        ("#朝の一杯 届いた", "届いた", ("朝の一杯",)),
        ("今日は #カフェ に行った", "今日は カフェ に行った", ()),
        ("#カフェ に行った", "カフェ に行った", ()),
        ("#おやつ #おうちカフェ", "おやつ おうちカフェ", ()),
        ("届いた！#おやつ", "届いた!", ("おやつ",)),
    ],
)
def test_tags_around_a_sentence_are_lifted_and_those_inside_it_stay(text: str, left: str, tags: tuple[str, ...]) -> None:
    item = clean(text, "ソラト", "〓")
    assert (item.text, item.tags) == (left, tags)
    assert item.named is ("ソラト" in text)


def test_a_tag_that_praises_still_counts(scorer: Scorer) -> None:
    plain, praised = scorer.score([Item("今日の昼ごはん"), Item("今日の昼ごはん #最高")])
    assert praised.probabilities["positive"] > plain.probabilities["positive"] + 0.1
