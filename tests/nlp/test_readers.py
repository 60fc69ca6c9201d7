"""The held-out posts by three readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.corpus import CorpusError, Post, read_corpus
from nlp.readers import COLUMNS, READERS, beside_readers, readings, settled


@pytest.fixture(scope="module")
def held() -> list[Post]:
    return [post for post in read_corpus() if post.held_out]


def test_a_label_is_what_two_of_three_say() -> None:
    assert settled(["positive", "neutral", "neutral"]) == "neutral"
    assert settled(["positive", "positive", "neutral"]) == "positive"
    assert settled(["negative", "neutral", "positive"]) == "negative"  # the writer's


@pytest.mark.parametrize("label", ["sentiment", "stance", "mention_type", "irony"])
def test_the_corpus_holds_what_the_readers_settled(held: list[Post], label: str) -> None:
    told = zip(*(readings(held)[label][reader] for reader in READERS), strict=True)
    assert [settled(three) for three in told] == [str(getattr(post, label)) for post in held]


def test_readers_agree_with_each_other_alike_both_ways(held: list[Post]) -> None:
    labels = ("sentiment", "stance", "mention_type")
    settled_ones = {label: [getattr(post, label) for post in held] for label in labels}
    rows = {str(row["name"]): row for row in beside_readers(readings(held), settled_ones)}
    assert list(rows) == [*READERS, "model"]
    for label in labels:
        writer, second = rows["writer"][label], rows["second"][label]
        assert isinstance(writer, dict)
        assert isinstance(second, dict)
        assert writer["writer"] is None
        assert writer["second"] == pytest.approx(second["writer"], abs=1e-4)
        assert 0.8 < writer["third"] < 1


def test_a_post_that_was_not_read_is_named(tmp_path: Path, held: list[Post]) -> None:
    path = tmp_path / "held_out.tsv"
    path.write_text("\t".join(COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=f"{held[0].batch}:{held[0].line}"):
        readings(held, path)


@pytest.mark.parametrize("line", ["bank-b1\tテスト", "bank-b1\tテスト\twriter\tgood\t\t\t"])
def test_a_line_that_is_no_reading_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "held_out.tsv"
    path.write_text("\t".join(COLUMNS) + f"\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"held_out\.tsv:2"):
        readings([], path)
    path.write_text("text\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="header"):
        readings([], path)
