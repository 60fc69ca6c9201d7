"""Pieces of HTML. Everything that comes from outside goes through ``esc`` first: a post's text is text, never markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any, Literal

import streamlit as st

from analysis.compare import Change
from dashboard import i18n
from dashboard.i18n import is_number, known, t
from dashboard.palette import SENTIMENTS, platform_css, platform_name


def esc(text: object) -> str:
    """Return ``text`` so that HTML shows it as it is."""
    return escape(str(text), quote=True)


def show(body: str, width: Literal["stretch", "content"] = "stretch") -> None:
    """Put HTML made by this module on the page."""
    st.html(f'<div class="hb">{body}</div>', width=width)


def chart(spec: dict[str, Any], alt: str) -> None:
    """Put a chart of ``dashboard.charts`` on the page; ``alt`` says what it shows to who cannot see it."""
    st.vega_lite_chart(spec=spec, alt=alt)


def title(text: str, note: str = "") -> None:
    """Put the page's title, with a quiet note beside it."""
    show(f'<div class="hb-head"><h1 class="hb-title">{esc(text)}</h1><span class="hb-quiet">{esc(note)}</span></div>')


def section(text: str, note: str = "") -> None:
    """Put a section's title, with a quiet note under it."""
    show(f'<h2 class="hb-section">{esc(text)}</h2>' + (f'<div class="hb-quiet">{esc(note)}</div>' if note else ""))


def empty(text: str) -> None:
    """Say that there is nothing here, and what to do."""
    show(f'<div class="hb-empty">{esc(text)}</div>')


def define(name: str, text: str) -> str:
    """Return a question mark that opens a definition."""
    return (
        f'<details class="hb-define"><summary aria-label="{esc(t("define.open", name=name))}">?</summary>'
        f'<div class="hb-define-text">{esc(text)}</div></details>'
    )


def platform(name: str) -> str:
    """Return a platform's name with its colour."""
    return (
        f'<span class="hb-platform"><span class="hb-dot" style="background:{platform_css(name)}"></span>{esc(platform_name(name))}</span>'
    )


def mood(sentiment: object, unsure: object = False, confirmed: object = False) -> str:
    """Return a sentiment as a badge; ``confirmed``: a person said so."""
    name = sentiment if isinstance(sentiment, str) and sentiment in SENTIMENTS else "none"
    doubt = f" · {t('label.confirmed')}" if confirmed is True else f" · {t('sentiment.unsure')}" if unsure is True else ""
    return f'<span class="hb-mood {name}">{esc(t(f"sentiment.{name}") + doubt)}</span>'


def verdict(change: Change, good: str | None) -> str:
    """Return a verdict as a badge; ``good`` is the direction that is good news ("up", "down", or None)."""
    arrows = {"up": "▲", "down": "▼", "unclear": "≈", "not_enough": "…"}
    mark = "" if change.verdict not in ("up", "down") or good is None else "good" if change.verdict == good else "bad"
    return (
        f'<span class="hb-verdict {mark}" title="{esc(t("verdict.help"))}"><span aria-hidden="true">{arrows[change.verdict]}</span>'
        f"{esc(t(f'verdict.{change.verdict}'))}</span>"
    )


def sparkline(values: Sequence[float | None], name: str, shown: Sequence[str]) -> str:
    """Return a small trend; unknown values leave a gap. ``shown`` are the first and last value for who cannot see it.

    Drawn with clip paths, as the page's sanitizer takes SVG out.
    """
    points = [(n, float(value)) for n, value in enumerate(values) if value is not None and is_number(value)]
    if len(points) < 2:
        return f'<div role="img" aria-label="{esc(t("kpi.no_trend", name=name))}"></div>'
    low, high = min(0.0, *(v for _, v in points)), max(v for _, v in points)
    scale = (high - low) or 1.0
    width = max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = []
    last = -2
    for n, value in points:
        if n != last + 1:
            runs.append([])
        runs[-1].append((100 * n / width, 92 - 84 * (value - low) / scale))
        last = n
    shapes = []
    for run in runs:
        over = ", ".join(f"{x:.1f}% calc({y:.1f}% - 0.9px)" for x, y in run)
        under = ", ".join(f"{x:.1f}% calc({y:.1f}% + 0.9px)" for x, y in reversed(run))
        area = ", ".join(f"{x:.1f}% {y:.1f}%" for x, y in run)
        shapes.append(f'<i class="area" style="clip-path:polygon({run[0][0]:.1f}% 100%, {area}, {run[-1][0]:.1f}% 100%)"></i>')
        shapes.append(f'<i class="line" style="clip-path:polygon({over}, {under})"></i>')
    label = t("kpi.trend", name=name, first=shown[0], last=shown[-1])
    return f'<div class="hb-spark" role="img" aria-label="{esc(label)}">{"".join(shapes)}</div>'


def chips(why: object) -> str:
    """Return the words that made a score (JSON ``[[words, weight], …]``) as chips, the strongest first.

    Words that pull to positive are blue, to negative orange; the weight stands beside them.
    """
    pairs = _why(why)
    if not pairs:
        return ""
    most = max(abs(weight) for _, weight in pairs) or 1.0
    found = []
    for words, weight in pairs:
        light, dark = SENTIMENTS["positive" if weight > 0 else "negative"]
        strength = round(8 + 26 * abs(weight) / most)
        found.append(
            f'<span class="hb-chip" style="background:color-mix(in srgb, light-dark({light}, {dark}) {strength}%, transparent)">'
            f'{esc(words)}<small class="hb-num">{i18n.signed(weight, 2)}</small></span>'
        )
    return f'<div class="hb-chips">{"".join(found)}</div>'


def _why(why: object) -> list[tuple[str, float]]:
    if not isinstance(why, str) or not why:
        return []
    pairs = [("".join(words) if isinstance(words, list) else str(words), float(weight)) for words, weight in json.loads(why)]
    return sorted((pair for pair in pairs if pair[1]), key=lambda pair: -abs(pair[1]))[:12]


def rules(text: object) -> str:
    """Return the rules that flagged a post, in words."""
    names = str(text).split(", ") if isinstance(text, str) else []
    return "、".join(known(f"rule.{name}", name) for name in names)
