"""What `hibiki init` makes of the answers: settings that `hibiki check` always takes."""

from __future__ import annotations

import io
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.monitor.conftest import Hibiki


class Person(io.StringIO):
    """Standard input with somebody at the keyboard."""

    def isatty(self) -> bool:
        return True


def told(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "hibiki.toml").read_text(encoding="utf-8"))


def test_one_option_may_hold_several_words(tmp_path: Path, hibiki: Hibiki) -> None:
    ran = hibiki(
        tmp_path, "init", "--brand", " ソラト ", "--id", "solato", "--alias", "Solato , そらと、Sola To，ソラト公式", "--alias", "SLT",
        "--must-not", "ソラトブ、 空と", "--competitor", "ライバル社, Other Co", "--feed", "https://a.test/x?b=1,2, https://b.test/", "-y",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    brand, *others = told(tmp_path)["brand"]
    assert brand["name"] == "ソラト"
    assert brand["aliases"] == ["Solato", "そらと", "Sola To", "ソラト公式", "SLT"]
    assert brand["must_not"] == ["ソラトブ", "空と"]
    assert [(other["id"], other["name"]) for other in others] == [("brand2", "ライバル社"), ("other-co", "Other Co")]
    assert [source["url"] for source in told(tmp_path)["source"]] == ["https://a.test/x?b=1,2", "https://b.test/"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--id", "so la to!"], "例: so-la-to"),
        (["--id", "!?"], "例: brand1"),
        (["--id", ""], "例: brand1"),
        (["--id", "a" * 65], "64 文字まで"),
        (["--feed", "b.test/feed"], "「b.test/feed」は使えません。http:// か https://"),
        (["--brand", "  "], "--brand"),
        (["--alias", "a\x7fb"], "何も書いていません"),
    ],
)
def test_what_check_would_refuse_is_refused_at_once_and_nothing_is_written(
    tmp_path: Path, hibiki: Hibiki, options: list[str], said: str
) -> None:
    ran = hibiki(tmp_path, "init", "--brand", "ソラト", *options, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.splitlines()[0]
    assert not (tmp_path / "hibiki.toml").exists()


@pytest.mark.parametrize("name", ["ソラト", "Ab " * 60, "---", "Ａｂｃ", 'x"y\\z'])
def test_the_id_that_we_suggest_is_always_taken(tmp_path: Path, hibiki: Hibiki, name: str) -> None:
    assert hibiki(tmp_path, "init", "--brand", name, "--competitor", name, "--yes").code == 0
    ran = hibiki(tmp_path, "check")
    assert ran.code == 0, ran.err
    ids = [brand["id"] for brand in told(tmp_path)["brand"]]
    assert len(set(ids)) == 2


def test_a_wrong_answer_is_asked_for_again(tmp_path: Path, hibiki: Hibiki, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["ソラト", "ソラト 公式!", "solato", "そら と、Solato", "", "", "b.test/feed", "https://b.test/feed", "", "n"]
    monkeypatch.setattr(sys, "stdin", Person("\n".join(typed) + "\n"))
    ran = hibiki(tmp_path, "init")
    assert ran.code == 0, ran.err
    assert "id「ソラト 公式!」は使えません" in ran.out
    assert "フィード「b.test/feed」は使えません" in ran.out
    assert (told(tmp_path)["brand"][0]["id"], told(tmp_path)["brand"][0]["aliases"]) == ("solato", ["そら と", "Solato"])
    assert told(tmp_path)["source"][0]["url"] == "https://b.test/feed"
