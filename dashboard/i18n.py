"""Words, numbers and dates in the reader's language. Japanese first; the catalogue is ``dashboard/catalogue.py``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.catalogue import EN, JA

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
TOKYO = ZoneInfo("Asia/Tokyo")
MISSING = "–"
"""What stands where a number is unknown."""

_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def language() -> Language:
    """Return the language of this session."""
    chosen = st.session_state.get("lang")
    return chosen if chosen in LANGUAGES else "ja"


def t(key: str, **values: object) -> str:
    """Return the text of ``key`` in the session's language, ``{name}`` replaced by ``values``.

    Raises:
        KeyError: if the catalogue has no such key.
    """
    text = (JA if language() == "ja" else EN)[key]
    return text.format(**values) if values else text


def known(key: str, otherwise: str) -> str:
    """Return the text of ``key``, or ``otherwise`` where the catalogue has none (a platform or rule that we do not know yet)."""
    return (JA if language() == "ja" else EN).get(key, otherwise)


def labels(prefix: str, codes: Iterable[str]) -> Callable[[str], str]:
    """Return what turns a code into its words, as a widget's ``format_func``: looked up now, so that it needs no session later."""
    return {code: t(f"{prefix}{code}") for code in codes}.__getitem__


def is_number(value: object) -> bool:
    """Say whether ``value`` is a known number: not None, NaN or NA."""
    return isinstance(value, (int, float)) and not math.isnan(value) if not hasattr(value, "item") else not math.isnan(float(value.item()))


def number(value: float | None) -> str:
    """Return a count as a person reads it: 987, 12,345 … 12.3万, 1.2億; in English 12.3K, 1.2M."""
    if value is None or not is_number(value):
        return MISSING
    size = abs(value)
    steps = ((1e12, "兆"), (1e8, "億"), (1e4, "万")) if language() == "ja" else ((1e9, "B"), (1e6, "M"), (1e4, "K"))
    for limit, unit in steps:
        # From 99,995,000 on the rounded number would read 10,000万: take the next unit.
        if size >= limit * 0.99995:
            scaled = value / (1e3 if unit == "K" else limit)
            return f"{_short(scaled)}{unit}"
    return f"{value:,.0f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}".removesuffix(".0")


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share (0.034) as a percentage (3.4%)."""
    return MISSING if value is None or not is_number(value) else f"{100 * value:.{digits}f}%"


def signed(value: float | None, digits: int = 1, unit: str = "") -> str:
    """Return a difference with its sign (+1.2, −0.3, ±0)."""
    if value is None or not is_number(value):
        return MISSING
    text = f"{abs(value):,.{digits}f}"
    sign = "±" if float(text.replace(",", "")) == 0 else "+" if value > 0 else "−"
    return f"{sign}{text}{unit}"


def size_of(size: float | None) -> str:
    """Return a number of bytes as KB, MB or GB."""
    if size is None or not is_number(size):
        return MISSING
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def now() -> datetime:
    """Return the time now, in Japan."""
    return datetime.now(TOKYO)


def today() -> date:
    """Return the day now, in Japan."""
    return now().date()


def local(moment: datetime | None) -> datetime | None:
    """Return a moment of the store (naive UTC, or aware) in Japan's time; None for None and NaT."""
    if moment is None or moment != moment:  # NaT is not equal to itself
        return None
    return (moment.replace(tzinfo=ZoneInfo("UTC")) if moment.tzinfo is None else moment).astimezone(TOKYO)


def day_text(day: date, year: bool = False) -> str:
    """Return a day as 11月22日(日) or Sun 22 Nov; with the year if asked or if it is not this year."""
    with_year = year or day.year != today().year
    weekday = _WEEKDAYS[language()][day.weekday()]
    if language() == "ja":
        return f"{f'{day.year}年' if with_year else ''}{day.month}月{day.day}日({weekday})"
    return f"{weekday} {day.day} {day:%b}{f' {day.year}' if with_year else ''}"


def time_text(moment: datetime | None) -> str:
    """Return a moment of the store as 11月22日(日) 10:15, in Japan's time."""
    there = local(moment)
    return MISSING if there is None else f"{day_text(there.date())} {there:%H:%M}"


def ago(moment: datetime | None) -> str:
    """Return how long ago a moment of the store was: 3分前, 2時間前, 5日前."""
    there = local(moment)
    if there is None:
        return MISSING
    seconds = max((now() - there) / timedelta(seconds=1), 0)
    if seconds < 60:
        return t("ago.now")
    for limit, divisor, key in ((3600, 60, "ago.minutes"), (86400, 3600, "ago.hours"), (math.inf, 86400, "ago.days")):
        if seconds < limit:
            return t(key, n=int(seconds // divisor))
    raise AssertionError("unreachable")


def period_text(start: date, end: date) -> str:
    """Return a period as 10月25日(日)〜11月21日(土)."""
    return day_text(start) if start == end else f"{day_text(start)}{'〜' if language() == 'ja' else ' – '}{day_text(end)}"
