"""`hibiki score`: one text for people, lines for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.monitor.conftest import Hibiki, Ran

REQUIRED = ["id", "sentiment", "probabilities", "stance"]
ALSO = ["unsure", "mention_type", "phases", "intents", "irony", "relevance"]


def jsonl(text: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "monitor.cli", "score", "--jsonl"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=False, env={**os.environ, "HIBIKI_LANG": "ja"})


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_a_text_gets_its_label_probabilities_and_words(tmp_path: Path, hibiki: Hibiki) -> None:
    ran = hibiki(tmp_path, "score", "最悪だった。二度と買わない")
    assert ran.code == 0
    assert "感情: 否定的" in ran.out
    assert "%" in ran.out
    assert "決め手になった語" in ran.out
    assert "最悪" in ran.out


def test_lines_are_answered_in_order_with_exactly_the_promised_keys() -> None:
    texts = ["買ってよかった", "最悪だった", "今日は雨です", "hello", ""] * 130
    done = jsonl("".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts)))
    assert (done.returncode, done.stderr) == (0, b"")
    found = answers(done)
    assert [answer["id"] for answer in found] == list(range(len(texts)))
    for answer in found:
        assert list(answer) == REQUIRED + ALSO
        assert list(answer["probabilities"]) == ["negative", "neutral", "positive"]
        assert answer["sentiment"] in ("negative", "neutral", "positive", "unscored")
        if answer["sentiment"] == "unscored":
            assert set(answer["probabilities"].values()) == {None}
        else:
            assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert [answer["sentiment"] for answer in found[:2]] == ["positive", "negative"]
    assert found[3]["sentiment"] == "unscored"


def test_bad_lines_are_named_and_the_others_answered(tmp_path: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        b'{"id":"a","text":"x"}',
        b"not json",
        b'{"id":"b"}',
        b"",
        b'["text"]',
        b'{"id":"c","text":"\x83\x84"}',
        '{"id":"d","text":"良い"}'.encode(),
    ]
    ran = told(tmp_path, hibiki, monkeypatch, b"\r\n".join(lines))
    assert ran.code == 1
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == ["a", "d"]
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == ["2行目", "3行目", "5行目", "6行目"]


def test_nothing_in_nothing_out(tmp_path: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = told(tmp_path, hibiki, monkeypatch, b"")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def told(folder: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch, content: bytes) -> Ran:
    """Run `hibiki score --jsonl` here, with ``content`` on standard input."""
    (folder / "in").write_bytes(content)
    with (folder / "in").open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        return hibiki(folder, "score", "--jsonl")


def test_who_writes_one_line_and_waits_gets_the_answer() -> None:
    command = [sys.executable, "-m", "monitor.cli", "score", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(2):
            process.stdin.write(json.dumps({"id": number, "text": "良い"}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(20) == 0


def test_two_brands_in_a_line_have_a_stance_each() -> None:
    text = "カゼキリ、アプリが使いにくくてひどい。一方、ソラトモは使いやすくて最高"
    lines = [{"text": text, "brand": "ソラトモ", "others": ["カゼキリ"]}, {"text": text, "brand": "カゼキリ", "others": ["ソラトモ"]}]
    done = jsonl("".join(json.dumps(line) + "\n" for line in [*lines, {"text": text, "others": "カゼキリ"}]))
    assert [answer["stance"] for answer in answers(done)] == ["promoter", "critic"]
    assert "3" in done.stderr.decode()
