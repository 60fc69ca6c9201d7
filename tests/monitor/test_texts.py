"""The sentences of the command line: each in both languages, each used, none missing."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.texts import CATALOGUE, language_asked, say, set_language

MONITOR = Path(__file__).parents[2] / "monitor"


def _asked() -> Iterator[tuple[str, bool]]:
    """Every key that the code asks for, and whether it is whole (False: the beginning of keys that are made)."""
    for file in [*MONITOR.glob("*.py"), *MONITOR.glob("commands/*.py")]:
        if file.name.startswith("texts_"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant) and "." in str(node.values[0].value):
                yield str(node.values[0].value), False
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                yield node.value, True


def test_every_sentence_is_used_and_every_key_is_there() -> None:
    asked = set(_asked())
    whole = {key for key, is_whole in asked if is_whole}
    begun = tuple(key for key, is_whole in asked if not is_whole and key.endswith("."))
    assert [key for key in CATALOGUE if key not in whole and not key.startswith(begun)] == []
    areas = {key.partition(".")[0] for key in CATALOGUE}
    like_keys = {
        key
        for key in whole
        if not key.endswith(".") and key.partition(".")[0] in areas and key.replace(".", "").replace("_", "").isalpha() and key.islower()
    }
    # module and file names look like keys too
    assert {key for key in like_keys if key not in CATALOGUE and not key.endswith((".json", ".toml", ".py", ".log", ".md"))} == set()


@pytest.mark.parametrize("key", list(CATALOGUE))
def test_both_languages_say_the_same_values(key: str) -> None:
    japanese, english = CATALOGUE[key]
    assert japanese
    assert english
    if key != "score.no_text":  # it shows JSON, and is said without values
        fields = [sorted(field for _, field, _, _ in string.Formatter().parse(text) if field) for text in (japanese, english)]
        assert fields[0] == fields[1]


def test_the_language_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIBIKI_LANG", "en")
    assert language_asked(["status"]) == "en"
    assert language_asked(["status", "--lang", "ja"]) == "ja"
    assert language_asked(["--lang=ja"]) == "ja"
    assert language_asked(["score", "--", "--lang", "ja"]) == "en"
    monkeypatch.delenv("HIBIKI_LANG")
    assert language_asked([]) is None
    with pytest.raises(ValueError, match="fr"):
        set_language("fr")
    set_language("en")
    assert say("run.stopped") == "Stopped"
