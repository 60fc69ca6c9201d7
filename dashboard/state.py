"""What the reader chose. It lives in the URL, so that a view can be shared, and follows the reader from page to page.

The URL carries stable codes (``period=28d``), never words of a language, and only what differs from the default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeVar, cast, get_args

import streamlit as st

from analysis.periods import Period, last_days, month_of
from dashboard import i18n
from store.queries import Definition, Filters

Preset = Literal["today", "7d", "28d", "90d", "month", "last_month", "365d", "custom"]
Comparison = Literal["before", "month", "year"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
DEFINITIONS: tuple[Definition, ...] = get_args(Definition)

T = TypeVar("T", bound=str)

SHARED: dict[str, str] = {
    "lang": "ja",
    "brand": "",
    "period": "28d",
    "from": "",
    "to": "",
    "on": "",
    "rate": "basic",
    "vs": "before",
    "me": "",
}
"""What every page shares, and its default."""
PAGE: dict[str, str] = {"of": "own", "q": "", "mood": "", "sort": "", "look": "", "page": "1", "post": "", "state": "open"}
"""What belongs to one page and is dropped when the reader leaves it."""
_ALL = SHARED | PAGE
_RESTART = frozenset(_ALL) - {"lang", "me", "page", "post", "look"}
"""Choices after which a list is another list: it starts on its first page, with nothing chosen."""


def get(name: str) -> str:
    """Return the choice ``name`` as the URL writes it."""
    return str(st.session_state.get(f"url.{name}", _ALL[name]))


def put(name: str, value: str) -> None:
    """Remember the choice ``name``; the URL follows at the end of the run."""
    if name not in _ALL:
        raise KeyError(name)
    st.session_state[f"url.{name}"] = value


def adopt() -> None:
    """Take over what the URL says, if the reader opened a link or went back. First thing of a run.

    A quick reader's second click may still carry the URL from before the first, and what this module wrote arrives back a
    little later. Neither is a wish of the reader's, so only a URL that is new and not our own counts.
    """
    said = {name: value for name, value in st.query_params.to_dict().items() if name in _ALL}
    if said == st.session_state.get("url_seen", {}):
        return
    st.session_state["url_seen"] = said
    sent = st.session_state.get("url_sent", [])
    if said in sent:
        st.session_state["url_sent"] = sent[sent.index(said) + 1 :]
        return
    st.session_state["url_sent"] = []
    for name, default in _ALL.items():
        st.session_state[f"url.{name}"] = said.get(name, default)
    st.session_state["lang"] = get("lang")
    _forget_widgets()


def enter(page: str) -> None:
    """Drop what belonged to the page before, if the reader came from another one."""
    before = st.session_state.get("page")
    st.session_state["page"] = page
    if before is None or before == page:
        return
    said = st.query_params.to_dict()
    for name, default in PAGE.items():
        st.session_state[f"url.{name}"] = said.get(name, default)
    _forget_widgets()


def _forget_widgets() -> None:
    """Let every widget start from the choices again."""
    for key in [key for key in st.session_state if str(key).startswith("w.")]:
        del st.session_state[key]


def write() -> None:
    """Make the URL say what was chosen. Last thing of a run."""
    st.session_state["lang"] = get("lang")
    wanted = {name: get(name) for name, default in _ALL.items() if get(name) != default}
    sent = st.session_state.get("url_sent", [])
    if wanted != (sent[-1] if sent else st.session_state.get("url_seen", {})):
        st.query_params.from_dict(wanted)
        st.session_state["url_sent"] = [*sent, wanted]


def shared(**choices: str) -> dict[str, str]:
    """Return what a link to another page carries: what all pages share, and ``choices`` of that page."""
    return {name: get(name) for name, default in SHARED.items() if get(name) != default} | choices


def seeded(name: str, value: Any, encode: Callable[[Any], str] = str) -> dict[str, Any]:
    """Return ``key`` and ``on_change`` of a widget that shows the choice ``name``: it starts at ``value`` and keeps the URL in step."""
    key = f"w.{name}"
    if key not in st.session_state:
        st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state[key]
        put(name, "" if chosen is None else encode(chosen))
        if name in _RESTART:
            put("page", "1")
            put("post", "")
        if name == "lang":
            st.session_state["lang"] = get("lang")

    return {"key": key, "on_change": changed}


def one_of(name: str, options: tuple[T, ...]) -> T:
    """Return the choice ``name`` if it is among ``options``, else the first."""
    return cast(T, get(name)) if get(name) in options else options[0]


SHORTEST = 14
"""Below this many days a chart over time shows the four weeks up to the period's end."""


@dataclass(frozen=True, slots=True)
class View:
    """What a page is to show: filters, and the period to compare with."""

    filters: Filters
    period: Period
    before: Period
    preset: Preset
    comparison: Comparison

    @property
    def filters_before(self) -> Filters:
        """The same filters over the period to compare with."""
        f = self.filters
        return Filters(f.brand, self.before.start, self.before.end, f.platforms, f.definition)

    @property
    def charted(self) -> Filters:
        """The filters of charts over time: a short period is shown within the four weeks up to its end."""
        f = self.filters
        start = f.start if self.period.days >= SHORTEST else f.end - timedelta(days=27)
        return Filters(f.brand, start, f.end, f.platforms, f.definition)


def preset_period(preset: Preset, today: date) -> Period:
    """Return the days of a preset; a custom one falls back to the days that the URL names, or 28."""
    if preset == "today":
        return Period(today, today)
    if preset == "month":
        return Period(today.replace(day=1), today)
    if preset == "last_month":
        return month_of(today.replace(day=1) - timedelta(days=1))
    if preset == "custom":
        return custom_period(today) or last_days(today, 28)
    return last_days(today, int(preset.removesuffix("d")))


def custom_period(today: date) -> Period | None:
    """Return the days from ``from`` to ``to`` of the URL, None where they are missing or cannot be."""
    try:
        return Period(date.fromisoformat(get("from")), min(date.fromisoformat(get("to")), today))
    except ValueError:
        return None


def view(brands: tuple[str, ...]) -> View:
    """Return what the URL asks for, with what is missing or wrong in it replaced by defaults."""
    today = i18n.today()
    preset = one_of("period", ("28d", *PRESETS))
    period = preset_period(preset, today)
    comparison = one_of("vs", COMPARISONS)
    before = {"before": period.before, "month": period.month_before, "year": period.year_before}[comparison]()
    platforms = tuple(sorted(name for name in get("on").split(",") if name))
    filters = Filters(one_of("brand", brands), period.start, period.end, platforms, one_of("rate", DEFINITIONS))
    return View(filters, period, before, preset, comparison)


def reset() -> None:
    """Put the filters back to their defaults; brand, period and language stay."""
    for name in ("on", "rate", "vs"):
        put(name, _ALL[name])
        st.session_state.pop(f"w.{name}", None)
