"""One source more or less in hibiki.toml, and secrets in .env: all else stays as it is."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.commands.common import folded
from monitor.envfile import put, with_values
from monitor.errors import MonitorError
from monitor.sourcefile import table_text, with_source, without_source

BRAND = '[[brand]]\nid = "a"\nname = "A"\n'
NEW: dict[str, Any] = {"name": "new", "kind": "feed", "brand": "a", "url": "https://a.test/?q=1,2"}
ONE = '[[source]]\nname = "one"   # 最初の\nkind = "feed"\n'
FILES = {
    "nothing but a brand": BRAND,
    "no line break at the end": BRAND.rstrip(),
    "a comment behind": BRAND + "\n# 施策\n[[campaign]]\nid = 'c'\n",
    "a source in the middle": BRAND + "\n" + ONE + "\n# 目標\n[[goal]]\ntarget = 1\n",
    "no blank lines": BRAND + ONE + "[[goal]]\ntarget = 1\n",
    "a table of the source": BRAND + ONE + "[source.messages]\n'x' = 'y'\n[[goal]]\ntarget = 1\n",
    "sources before the brand": ONE + BRAND,
    "windows": (BRAND + "\n" + ONE + "\n[[goal]]\ntarget = 1\n").replace("\n", "\r\n"),
    "text that looks like a header": BRAND + 'aliases = [\n  "[[source]]",\n]\nnote = """\n[[source]]\n"""\n',
    "empty": "",
}


def read(text: str) -> dict[str, Any]:
    return tomllib.loads(text.replace("\r\n", "\n"))


@pytest.mark.parametrize("name", FILES)
def test_a_source_comes_behind_the_others_and_goes_again(name: str) -> None:
    text = FILES[name]
    more = with_source(text, NEW)
    assert read(more)["source"] == [*read(text).get("source", []), NEW]
    assert {key: value for key, value in read(more).items() if key != "source"} == {
        key: value for key, value in read(text).items() if key != "source"
    }
    for line in text.splitlines():
        assert line in more.splitlines()
    assert ("\r\n" in more) == ("\r\n" in text)
    assert [line for line in without_source(more, "new").splitlines() if line] == [line for line in text.splitlines() if line]
    assert more.index('"new"') > more.find('"one"')


def test_what_stands_above_the_next_table_stays_with_it() -> None:
    text = with_source(FILES["a source in the middle"], NEW)
    assert text.index('"new"') < text.index("# 目標") < text.index("[[goal]]")
    assert "# 目標\n[[goal]]" in without_source(text, "one")


def test_a_file_that_nothing_can_be_put_into_says_what_to_add() -> None:
    with pytest.raises(MonitorError, match=r"\[\[source\]\]\nname = \"new\""):
        with_source(BRAND.replace("[[brand]]", 'source = [{ name = "one", kind = "feed" }]\n[[brand]]'), NEW)
    with pytest.raises(MonitorError, match="one"):
        without_source('source = [{ name = "one", kind = "feed" }]\n' + BRAND, "one")


values = st.one_of(
    st.text(max_size=20),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.decimals(-1000, 1000, places=3),
    st.lists(st.text(max_size=8), max_size=3),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_value_is_read_again_as_it_was(table: dict[str, Any]) -> None:
    (back,) = tomllib.loads(table_text(table))["source"]
    assert back == {key: float(value) if isinstance(value, Decimal) else value for key, value in table.items()}


# --- .env


def test_secrets_take_their_old_places_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# トークン\nexport A=1\n\nB='two words' # 注\nA=again\nC=3", encoding="utf-8")
    file.chmod(0o644)
    put(file, {"A": "new", "D": 'it\'s $HOME \\ "q" #x'})
    assert dict(dotenv_values(file)) == {"A": "new", "B": "two words", "C": "3", "D": 'it\'s $HOME \\ "q" #x'}
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# トークン\n")
    assert "B='two words' # 注\n" in text
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


def test_a_value_that_would_be_read_otherwise_is_refused_and_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    file = tmp_path / ".env"
    file.write_text("A=1\n", encoding="utf-8")
    with pytest.raises(MonitorError, match="TOKEN") as refused:
        put(file, {"TOKEN": "a${HOME}b"})
    assert "HOME" not in str(refused.value)
    assert file.read_text(encoding="utf-8") == "A=1\n"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30).map(str.strip).filter(bool))
@settings(max_examples=60, deadline=None)
def test_any_plain_secret_is_read_again_as_it_was(value: str) -> None:
    try:
        text = with_values("A=1\n", {"TOKEN": value})
    except MonitorError:
        assert "${" in value  # what would be replaced by another variable's value
        return
    assert dict(dotenv_values(stream=StringIO(text))) == {"A": "1", "TOKEN": value}


@given(st.text(max_size=80), st.integers(20, 60))
@settings(max_examples=60, deadline=None)
def test_lines_are_cut_and_no_letter_is_lost(text: str, width: int) -> None:
    assert "".join("".join(folded(text, width)).split()) == "".join(text.split())
