"""Agreement of two readings, by worked examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.agreement import agreement, journey_pairs, pairs
from nlp.corpus import CorpusError, Post, read_corpus


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return read_corpus()


def test_kappa_by_hand() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed 0.70, expected 0.5·0.6 + 0.5·0.4 = 0.50, so κ = 0.40.
    told = agreement([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15)
    assert told.share == pytest.approx(0.70)
    assert told.kappa == pytest.approx(0.40)
    assert told.low < 0.40 < told.high
    assert told.confused[0] == (("n", "y"), 10)


def test_chance_is_no_agreement() -> None:
    told = agreement([("y", "y"), ("y", "n"), ("n", "y"), ("n", "n")] * 25)
    assert told.kappa == pytest.approx(0.0)


def test_nothing_read_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="read twice"):
        agreement([])


def test_the_second_reading_is_of_posts_that_the_corpus_holds(posts: list[Post]) -> None:
    read_twice = pairs(posts)
    assert len(read_twice["sentiment"]) == 30953  # tenths of what there was when they were drawn
    assert agreement(read_twice["sentiment"], rounds=50).kappa > 0.6


def test_phases_and_intents_were_read_twice_by_one_rule(posts: list[Post]) -> None:
    read_twice = journey_pairs(posts)
    assert len(read_twice["phase use"]) > 1000
    assert agreement(read_twice["phase use"], rounds=50).kappa > 0.6
    assert agreement(read_twice["intent complaint"], rounds=50).kappa > 0.6


def test_a_post_that_is_not_there_is_named(tmp_path: Path, posts: list[Post]) -> None:
    second = tmp_path / "labels.tsv"
    second.write_text("batch\ttext\tsentiment\tstance\ttype\tirony\neveryday-a1\tどこにもない\tpos\t\t\t\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"labels.tsv:2"):
        pairs(posts, second)
    journey = tmp_path / "journey.tsv"
    journey.write_text("batch\ttext\treader\tphases\tintents\neveryday-a1\tどこにもない\tsecond\tuse\t\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"journey.tsv:2: everyday-a1 has no such post"):
        journey_pairs(posts, journey)


@pytest.mark.parametrize(("reader", "phases"), [("second", "first-use"), ("third", "use")])
def test_what_is_no_reading_is_named(tmp_path: Path, posts: list[Post], reader: str, phases: str) -> None:
    post = next(post for post in posts if post.journey_asked and "\n" not in post.text)
    journey = tmp_path / "journey.tsv"
    journey.write_text(f"batch\ttext\treader\tphases\tintents\n{post.batch}\t{post.text}\t{reader}\t{phases}\t\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"journey.tsv:2: not a reading"):
        journey_pairs([post], journey)


def test_a_first_reading_stands_before_what_the_corpus_holds(tmp_path: Path, posts: list[Post]) -> None:
    post = next(post for post in posts if post.journey_asked and post.phases == ("use",) and "\n" not in post.text)
    journey = tmp_path / "journey.tsv"
    lines = [f"{post.batch}\t{post.text}\tfirst\tpurchase\t", f"{post.batch}\t{post.text}\tsecond\tuse\tpurchase"]
    journey.write_text("\n".join(["batch\ttext\treader\tphases\tintents", *lines, ""]), encoding="utf-8")
    found = journey_pairs([post], journey)
    assert found["phase purchase"] == [("yes", "no")]
    assert found["phase use"] == [("no", "yes")]
    assert found["intent purchase"] == [("no", "yes")]
