"""Scoring: in a process of its own, batch by batch, and whoever stops it loses nothing that was committed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pyarrow as pa
import pytest

from monitor.scoring import ScoringError, ScoringProcess, score_pending
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Post
from tests.monitor.conftest import NOW

COUNT = 25


@pytest.fixture(scope="module")
def process() -> Iterator[ScoringProcess]:
    """One child for all: it takes a second or two to load."""
    running = ScoringProcess({"solato": "ソラト"})
    running.start()
    yield running
    running.close()


@pytest.fixture
def owner(home: Home) -> Iterator[Owner]:
    texts = ["買ってよかった", "最悪だった、二度と買わない", "今日は雨です"]
    Inbox(home).land(
        [
            Post(
                platform="x",
                native_id=str(number),
                brand="solato",
                relation="mention",
                source="test",
                text=f"ソラト{texts[number % 3]} {number}",
                created_at=NOW - timedelta(minutes=number),
                seen_at=NOW,
            )
            for number in range(COUNT)
        ]
    )
    with Owner.open(home) as opened:
        opened.ingest()
        yield opened


def test_everything_is_scored_in_batches_with_progress(owner: Owner, process: ScoringProcess) -> None:
    heard: list[int] = []
    assert score_pending(owner, process, batch=10, progress=heard.append) == COUNT
    assert heard == [10, 20, 25]
    assert owner.unscored_count(process.version) == 0
    assert score_pending(owner, process) == 0


def test_scores_say_what_the_scorer_says(owner: Owner, process: ScoringProcess) -> None:
    from nlp.scorer import Item, Scorer

    posts = owner.unscored(process.start(), 3)
    rows = process.score(posts).to_pylist()
    found = Scorer.load().score([Item(text, brand="ソラト", platform="x") for text in posts["text"].to_pylist()])
    for row, key, score in zip(rows, posts["post_key"].to_pylist(), found, strict=True):
        assert (row["post_key"], row["sentiment"], row["stance"]) == (key, score.sentiment, score.stance)
        assert row["p_negative"] == pytest.approx(score.probabilities["negative"])
        assert row["p_critic"] == pytest.approx(score.stance_probabilities["critic"])


def test_what_was_committed_before_a_stop_stays_and_the_next_run_goes_on(owner: Owner, process: ScoringProcess) -> None:
    done: list[int] = []
    assert score_pending(owner, process, batch=10, stop=lambda: len(done) == 1, progress=done.append) == 10
    assert owner.unscored_count(process.version) == COUNT - 10
    assert score_pending(owner, process, batch=10) == COUNT - 10


def test_a_killed_child_is_an_error_and_a_new_one_goes_on(owner: Owner, process: ScoringProcess) -> None:
    process.start()
    assert process._child is not None
    assert process._child.pid is not None
    os.kill(process._child.pid, signal.SIGKILL)
    process._child.join()
    with pytest.raises(ScoringError, match="評価の処理が終わって"):
        process.score(owner.unscored("none", 5))
    assert not process.alive
    assert score_pending(owner, process) == COUNT


def test_a_text_that_cannot_be_scored_has_no_probabilities(process: ScoringProcess) -> None:
    posts = pa.table({"post_key": [1], "brand": ["solato"], "platform": ["x"], "kind": ["post"], "text": ["hello"]})
    (row,) = process.score(posts).to_pylist()
    assert (row["sentiment"], row["p_positive"]) == ("unscored", None)


def test_the_owners_process_never_imports_what_only_scoring_needs() -> None:
    code = (
        "import sys, monitor.service, monitor.scoring, monitor.cli, monitor.commands.owned, monitor.keeper\n"
        "print([name for name in ('sklearn', 'sudachipy', 'streamlit', 'nlp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
