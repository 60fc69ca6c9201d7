"""The corpus as committed: format, no copies, no templates."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

import pytest

from nlp.corpus import CORPUS_DIR, JOURNEY_LIST, CorpusError, Post, digest, read_corpus, unescape
from nlp.normalize import clean

NEAR = 0.7
# Two posts that differ only in one run of characters count as made from a template when what they share is at least this long.
SHARED = 12
# Shorter posts (「体温36.4」) are alike by nature.
SHORTEST = 8


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return read_corpus()


@pytest.fixture(scope="module")
def texts(posts: list[Post]) -> list[str]:
    return [re.sub(r"[\s、。!?…ーw#]+", "", clean(post.text).text) for post in posts]


def may_be_alike(one: Post, other: Post) -> bool:
    """A headline and its repetition, or two posts set against each other on purpose: in one file, so never on both sides of a split."""
    return one.batch == other.batch and ("news" in (one.mention_type, other.mention_type) or one.sentiment != other.sentiment)


def where(post: Post) -> str:
    return f"{post.batch}:{post.line} {post.text!r}"


def test_every_line_keeps_the_rules_and_there_are_enough(posts: list[Post]) -> None:
    assert len(posts) >= 1_500
    assert len({post.industry for post in posts}) >= 10
    assert sum(post.industry == "everyday" for post in posts) >= 500


def test_held_out_parts_exist(posts: list[Post]) -> None:
    held = [post for post in posts if post.held_out]
    assert len(held) >= 300
    assert {post.sentiment for post in held} == {"positive", "neutral", "negative"}


def test_no_text_twice(posts: list[Post], texts: list[str]) -> None:
    seen: dict[str, Post] = {}
    twice = []
    for post, text in zip(posts, texts, strict=True):
        if len(text) > 5:
            if text in seen and not may_be_alike(seen[text], post):
                twice.append(f"{where(seen[text])} = {where(post)}")
            seen.setdefault(text, post)
    assert not twice, "\n".join(twice)


def near_pairs(texts: list[str]) -> list[tuple[int, int, float]]:
    """Pairs whose character trigrams overlap by at least NEAR (Jaccard). Candidates share one of the rarest trigrams of the shorter one."""
    grams = [{text[i : i + 3] for i in range(len(text) - 2)} for text in texts]
    spread = Counter(gram for found in grams for gram in found)
    index: dict[str, list[int]] = defaultdict(list)
    pairs = []
    for number, found in enumerate(grams):
        if len(texts[number]) < SHORTEST:
            continue
        ordered = sorted(found, key=lambda gram: (spread[gram], gram))
        # Two sets that overlap by NEAR share one of these (prefix filter).
        prefix = ordered[: len(ordered) - int(NEAR * len(ordered)) + 1]
        candidates = {other for gram in prefix for other in index[gram]}
        for other in candidates:
            both = len(found & grams[other])
            overlap = both / (len(found) + len(grams[other]) - both)
            if overlap >= NEAR:
                pairs.append((other, number, overlap))
        for gram in prefix:
            index[gram].append(number)
    return pairs


def test_no_near_duplicates_within_or_across_the_split(posts: list[Post], texts: list[str]) -> None:
    alike = near_pairs(texts)
    found = [pair for pair in alike if not may_be_alike(posts[pair[0]], posts[pair[1]])]
    assert len(alike) <= len(posts) // 200
    assert not found, "\n".join(f"{overlap:.2f} {where(posts[a])} ~ {where(posts[b])}" for a, b, overlap in found)


def test_near_duplicates_would_be_found() -> None:
    assert near_pairs(
        ["この店のラーメンは本当に美味しかった", "まったく違うことを言っている投稿です", "この店のラーメンは本当に美味しかったよ"]
    )


def template_pairs(texts: list[str]) -> list[tuple[int, int]]:
    """Pairs that become equal when one run of at most six characters is cut out of each, SHARED characters or more being left."""
    frames: dict[tuple[str, str], int] = {}
    pairs = []
    for number, text in enumerate(texts):
        mine = set()
        for start in range(len(text)):
            for width in range(1, 7):
                if start + width <= len(text) and len(text) - width >= SHARED:
                    mine.add((text[:start], text[start + width :]))
        for frame in mine:
            other = frames.get(frame)
            if other is not None and other != number:
                pairs.append((other, number))
            frames.setdefault(frame, number)
    return sorted(set(pairs))


def test_posts_are_not_made_from_templates(posts: list[Post], texts: list[str]) -> None:
    found = template_pairs(texts)
    assert len({number for pair in found for number in pair}) <= len(posts) // 500, "\n".join(
        f"{where(posts[a])} ~ {where(posts[b])}" for a, b in found
    )


def test_templates_would_be_found() -> None:
    assert template_pairs(["駅前のラーメン屋がとても混んでいた", "駅前のカレー屋がとても混んでいた", "夜は静かでした"])


def test_faults_are_named_with_file_and_line(tmp_path: Path) -> None:
    header = "text\tbrand\tplatform\tsentiment\tstance\ttype\tphases\tintents\tirony\n"
    (tmp_path / "tea-a1.tsv").write_text(
        header + "うまい\t\tx\tpos\tpromoter\t\t\t\t\nまずい\t\tx\tbad\t\t\t\t\t\n短い行\t\tx\n", encoding="utf-8"
    )
    with pytest.raises(CorpusError, match=r"tea-a1\.tsv:3: sentiment 'bad'.*\n.*tea-a1\.tsv:4: 3 columns"):
        read_corpus(tmp_path)


def test_only_the_batches_of_the_list_were_asked_for_the_journey(tmp_path: Path) -> None:
    header = "text\tbrand\tplatform\tsentiment\tstance\ttype\tphases\tintents\tirony\n"
    for batch in ("tea-a1", "tea-b1"):
        (tmp_path / f"{batch}.tsv").write_text(header + "うまい\t\tx\tpos\tpromoter\t\tuse\t\t\n", encoding="utf-8")
    assert [post.journey_asked for post in read_corpus(tmp_path)] == [True, True]
    (tmp_path / JOURNEY_LIST).write_text("tea-b1\n", encoding="utf-8")
    assert [post.journey_asked for post in read_corpus(tmp_path)] == [False, True]
    (tmp_path / JOURNEY_LIST).write_text("tea-b1\ntea-c1\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"journey\.txt: there is no batch tea-c1"):
        read_corpus(tmp_path)


def test_the_list_of_batches_is_part_of_what_a_model_is_made_from(tmp_path: Path) -> None:
    (tmp_path / "tea-a1.tsv").write_text("", encoding="utf-8")
    before = digest([tmp_path])
    (tmp_path / JOURNEY_LIST).write_text("tea-a1\n", encoding="utf-8")
    assert digest([tmp_path]) != before


def test_all_held_out_posts_were_asked_for_the_journey(posts: list[Post]) -> None:
    assert all(post.journey_asked for post in posts if post.held_out)
    assert 20_000 < sum(post.journey_asked for post in posts) < len(posts) / 2


def test_every_file_of_the_corpus_is_shipped() -> None:
    with (CORPUS_DIR.parents[1] / "pyproject.toml").open("rb") as file:
        shipped = tomllib.load(file)["tool"]["setuptools"]["package-data"]["nlp"]
    files = {path.relative_to(CORPUS_DIR.parent).as_posix() for path in CORPUS_DIR.rglob("*") if path.is_file()}
    assert [file for file in sorted(files) if not any(PurePosixPath(file).match(pattern) for pattern in shipped)] == []


def test_escapes_are_undone() -> None:
    assert unescape("一行目\\n二行目\\\\n") == "一行目\n二行目\\n"
