"""Words, numbers and dates in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

from dashboard import i18n
from dashboard.catalogue import EN, JA
from dashboard.post import age_text

DASHBOARD = Path(__file__).parents[2] / "dashboard"


@pytest.fixture(params=["ja", "en"])
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    st.session_state["lang"] = request.param
    yield request.param
    st.session_state.clear()


@pytest.fixture
def ja() -> Iterator[None]:
    st.session_state["lang"] = "ja"
    yield
    st.session_state.clear()


@pytest.fixture
def en() -> Iterator[None]:
    st.session_state["lang"] = "en"
    yield
    st.session_state.clear()


def test_both_languages_say_the_same_things() -> None:
    assert JA.keys() == EN.keys()
    for key in JA:
        assert JA[key].strip(), key
        assert EN[key].strip(), key
        assert sorted(re.findall(r"{\w+}", JA[key])) == sorted(re.findall(r"{\w+}", EN[key])), key


def test_every_text_that_a_page_asks_for_is_in_the_catalogue() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in DASHBOARD.glob("*.py"))
    asked = set(re.findall(r"""\bt\(["']([\w.]+)["']""", source))
    assert len(asked) > 80
    assert asked <= JA.keys()


def test_the_japanese_texts_are_japanese() -> None:
    english = {key for key, text in JA.items() if not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)}
    assert english <= {key for key in JA if key.startswith(("platform.", "lang.en", "vs.short"))}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (987, "987"), (9_999, "9,999"), (12_345, "1.2万"), (123_000, "12.3万"), (1_234_567, "123万"), (99_999_999, "1億"), (123_456_789, "1.2億"),
     (4.2e12, "4.2兆"), (-15_000, "-1.5万"), (None, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_numbers_as_a_japanese_reader_reads_them(ja: None, value: float | None, text: str) -> None:
    assert i18n.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(987, "987"), (12_345, "12.3K"), (123_000, "123K"), (1_234_567, "1.2M"), (999_999, "1M"), (2.5e9, "2.5B")]
)
def test_numbers_in_english(en: None, value: float, text: str) -> None:
    assert i18n.number(value) == text


def test_differences_carry_a_sign(lang: str) -> None:
    assert i18n.signed(1.25, 1, "pt") == "+1.2pt"
    assert i18n.signed(-0.34, 1) == "−0.3"
    assert i18n.signed(-0.01, 1) == "±0.0"
    assert i18n.signed(None) == "–"


def test_dates_as_in_japan(ja: None) -> None:
    this_year = i18n.today().replace(month=3, day=1)
    assert re.fullmatch(r"3月1日\([月火水木金土日]\)", i18n.day_text(this_year))
    assert i18n.day_text(date(2020, 11, 22)) == "2020年11月22日(日)"


def test_moments_of_the_store_are_shown_in_japans_time(ja: None) -> None:
    assert i18n.time_text(datetime(2020, 11, 21, 20, 0)) == "2020年11月22日(日) 05:00"
    assert i18n.time_text(None) == "–"


def test_how_long_ago(ja: None) -> None:
    now = datetime.now(UTC)
    assert i18n.ago(now) == "たった今"
    assert i18n.ago(now - timedelta(minutes=3, seconds=5)) == "3分前"
    assert i18n.ago((now - timedelta(hours=2, minutes=1)).replace(tzinfo=None)) == "2時間前"
    assert i18n.ago(now - timedelta(days=5, hours=1)) == "5日前"


def test_ages(ja: None) -> None:
    assert age_text(6.02) == "6時間"
    assert age_text(72.0) == "3日"
