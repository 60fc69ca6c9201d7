from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collectors.text import plain
from collectors.words import BrandWords, hashtags


def test_a_brand_is_found_in_any_width_and_case_but_not_inside_another_word() -> None:
    words = BrandWords("sol", ("Sol", "ソル"))
    assert words.about("SOLのラテ")
    assert words.about("今日はｓｏｌ！")
    assert words.about("ｿﾙ行った")
    assert not words.about("solar panel")
    assert not words.about("console")


def test_a_word_that_means_something_else_rules_a_text_out() -> None:
    words = BrandWords("hinata", ("ひなた",), ("ひなたぼっこ",))
    assert words.about("ひなたの新作")
    assert not words.about("ひなたの新作を持ってひなたぼっこ")


def test_a_brand_without_spellings_rules_nothing_out() -> None:
    assert BrandWords("x").about("何でも")


def test_hashtags_end_where_a_platform_ends_them() -> None:
    assert hashtags("新発売 #抹茶ラテ、#Yomori! ＃限定 #1 foo#bar https://a.example/#top") == ("抹茶ラテ", "Yomori", "限定")


def test_html_becomes_what_a_person_reads() -> None:
    markup = (
        "<p>新商品&nbsp;&amp;<br>お知らせ</p><script>alert(1)</script><ul><li>一</li><li>二</li></ul><img src=x alt='写真'><!-- 内緒 -->"
    )
    assert plain(markup) == "新商品 &\nお知らせ\n一\n二\n写真"


def test_text_that_only_looks_like_markup_stays() -> None:
    assert plain("3 < 5 で ok") == "3 < 5 で ok"
    assert plain("AT&amp;T") == "AT&T"
    assert plain("<?xml version='1.0'?><b>太字</b>") == "太字"
    assert plain("https://example.com/a<b>c</b>") == "https://example.com/ac"


@given(st.text(st.characters(codec=None), max_size=200))
def test_no_markup_breaks_the_reading_and_what_comes_out_can_be_stored(markup: str) -> None:
    for text in (markup, f"<p>{markup}</p>"):
        plain(text).encode("utf-8")


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_word_breaks_the_search_for_a_brand(word: str, text: str) -> None:
    BrandWords("b", (word,), (text,)).about(text)
    hashtags(text)
