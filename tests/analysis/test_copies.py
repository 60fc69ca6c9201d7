"""Texts that say the same are found, others are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.copies import BANDS, bands_of, heads_of, says_the_same, trigrams

SAID = "ヨモリの新茶を買ったら封が開いていて、中身が半分こぼれていた。店に言っても取り替えてくれない"
TEXTS = st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x3096), min_size=30, max_size=140)


def test_signs_addresses_and_names_make_no_difference() -> None:
    for other in (f"RT @a: {SAID}", f"{SAID} https://example.com/a?b=1", SAID.replace("、", " ") + "!!!", f"＠だれか {SAID}🍵🍵"):
        assert says_the_same(SAID, other)
        assert set(bands_of(SAID) or ()) & set(bands_of(other) or ())


def test_other_words_about_the_same_are_no_copy() -> None:
    assert not says_the_same(SAID, "ヨモリの新茶、封が開いていたのに店で取り替えてもらえなかった。がっかり")


def test_short_texts_have_no_print() -> None:
    assert bands_of("ありがとう！") is None
    assert not trigrams("ｗｗｗ")


@given(TEXTS, st.integers(0, 20))
def test_a_text_with_a_word_more_shares_a_band_or_is_no_copy(text: str, at: int) -> None:
    bands = bands_of(text)
    assert bands is not None
    assert len(bands) == BANDS
    assert bands == bands_of(f"@someone {text} https://example.com/")
    assert says_the_same(text, text)
    assert says_the_same(text, text[:at] + text[at:])


def test_families_have_their_oldest_post_as_head() -> None:
    order = {1: (3,), 2: (1,), 3: (2,), 4: (0,)}
    assert heads_of([(1, 2), (3, 1)], {}, order) == {1: 2, 3: 2}
    assert heads_of([(3, 4)], {3: 2}, order) == {3: 4, 2: 4}
    assert heads_of([], {}, {}) == {}
