from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nlp.lexicon import LEXICON_DIR, LexiconError, read_entries, read_shifters


def test_the_lexicon_is_large_enough_and_complete() -> None:
    entries = read_entries()
    assert len({entry.term for entry in entries}) >= 2_000
    assert all(entry.term and entry.pos for entry in entries), [entry.where for entry in entries if not entry.pos]
    assert {entry.polarity for entry in entries} >= {1, -1}
    assert {"emoji", "kaomoji", "slang"} <= {entry.pos for entry in entries}


def test_no_term_twice_in_the_same_domain() -> None:
    counted = Counter((entry.term, entry.domain) for entry in read_entries())
    assert not [key for key, times in counted.items() if times > 1]


def test_no_shifter_twice_of_the_same_kind() -> None:
    shifters = read_shifters()
    assert len(shifters) > 100
    assert not [key for key, times in Counter((shifter.term, shifter.kind) for shifter in shifters).items() if times > 1]


def test_files_are_clean() -> None:
    for path in LEXICON_DIR.glob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n"), path.name
        assert "\r" not in text, path.name


def test_faults_are_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("term\tpolarity\tstrength\tpos\tdomain\tnote\nよい\t+\t2\tadj\nわるい\t?\t2\tadj\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"a\.tsv:3"):
        read_entries(tmp_path)
    (tmp_path / "shifters.tsv").write_text("term\tkind\tweight\tnote\nない\tnegation\tviel\t\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"shifters\.tsv:2"):
        read_shifters(tmp_path)
