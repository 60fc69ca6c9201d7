from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp import terms
from nlp.entries import LEXICON_DIR, LexiconError, read_entries, read_shifters
from nlp.lexicon import Lexicon
from nlp.tokens import Tokenizer


def test_the_lexicon_is_large_enough_and_complete() -> None:
    entries = read_entries()
    assert len({entry.term for entry in entries}) >= 9_500
    assert all(entry.term and entry.pos for entry in entries), [entry.where for entry in entries if not entry.pos]
    assert {entry.polarity for entry in entries} >= {1, -1}
    assert {"emoji", "kaomoji", "slang"} <= {entry.pos for entry in entries}


def test_no_term_twice_in_the_same_domain() -> None:
    counted = Counter((entry.term, entry.domain) for entry in read_entries())
    assert not [key for key, times in counted.items() if times > 1]


def test_no_shifter_twice_of_the_same_kind() -> None:
    shifters = read_shifters()
    assert len(shifters) > 100
    assert not [key for key, times in Counter((shifter.term, shifter.kind, shifter.after) for shifter in shifters).items() if times > 1]


def test_files_are_clean() -> None:
    for path in LEXICON_DIR.glob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n"), path.name
        assert "\r" not in text, path.name


def test_faults_are_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("term\tpolarity\tstrength\tpos\tdomain\tnote\nよい\t+\t2\tadj\nわるい\t?\t2\tadj\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"a\.tsv:3"):
        read_entries(tmp_path)
    (tmp_path / "shifters.tsv").write_text("term\tkind\tweight\tafter\tnote\nない\tnegation\tviel\t\t\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"shifters\.tsv:2"):
        read_shifters(tmp_path)


@pytest.fixture(scope="module")
def found_in() -> Callable[[str], list[str]]:
    tokenizer = Tokenizer()
    lexicon = Lexicon(tokenizer)

    def find(text: str) -> list[str]:
        return [entry.term for term in lexicon.find(tokenizer.cut([text])).term if (entry := lexicon.terms[term].entry) is not None]

    return find


@pytest.mark.parametrize("text", ["財布忘れた", "財布を忘れた", "財布も忘れて", "お財布、忘れました", "また財布は忘れるし"])
def test_an_event_is_found_whatever_stands_between_its_words(found_in: Callable[[str], list[str]], text: str) -> None:
    assert "財布忘れる" in found_in(text)


@pytest.mark.parametrize("text", ["電話がつながらない", "電話つながりません", "電話は繋がらなかった", "電話つながらへん"])
def test_an_event_that_did_not_happen_is_found_in_every_way_to_say_not(found_in: Callable[[str], list[str]], text: str) -> None:
    assert "電話つながらない" in found_in(text) or "電話繋がらない" in found_in(text)


def test_a_term_that_runs_into_another_word_is_not_found_by_what_is_left_of_it(found_in: Callable[[str], list[str]]) -> None:
    assert not {"ぶっ刺さる", "ぶっ刺さった"} & set(found_in("指に棘が刺さった"))


def test_texts_side_by_side_are_read_apart() -> None:
    tokenizer = Tokenizer()
    lexicon = Lexicon(tokenizer)
    cuts = tokenizer.cut(["今日は財布", "忘れた", "", "財布を忘れた"])
    matches = lexicon.find(cuts)
    events = [place for place, term in enumerate(matches.term) if (entry := lexicon.terms[term].entry) and entry.term == "財布忘れる"]
    assert [int(cuts.doc[matches.start[place]]) for place in events] == [3]


def test_terms_kept_on_disk_are_those_the_tokenizer_cuts() -> None:
    tokenizer = Tokenizer()
    assert terms.read(LEXICON_DIR) == Lexicon(tokenizer).cut(tokenizer)


def test_terms_kept_for_another_lexicon_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("うまい\n", encoding="utf-8")
    terms.write(tmp_path, [("旨い",), ()], [("画面", "割れる")])
    assert terms.read(tmp_path) == ([("旨い",), ()], [("画面", "割れる")])
    (tmp_path / "words.tsv").write_text("うまい\nまずい\n", encoding="utf-8")
    assert terms.read(tmp_path) is None
    (tmp_path / terms.FILE).write_text("破れた", encoding="utf-8")
    assert terms.read(tmp_path) is None
