"""Figures that were imported and no post bears: followers, a shop's visitors, an account's impressions; and the survey's NPS."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import charts, data, html, i18n
from dashboard.goals import nps_of
from dashboard.i18n import known, number, signed, t
from dashboard.kpis import interval_text
from dashboard.palette import ACCENT, platform_name, shade
from dashboard.rates import grid
from store.queries import Filters

MOST = 12
"""More figures than these are a table in the database, not a page."""


def show_figures(filters: Filters) -> None:
    """Show the survey's NPS and a small chart for each figure; nothing where the period has none."""
    days, scores = data.ask("kpi_days", filters), data.ask("survey_scores", filters)
    if days.empty and scores.empty:
        return
    html.section(t("figures.title"), t("figures.note"))
    if not scores.empty:
        nps = nps_of(scores)
        said = t("figures.survey", value=signed(nps.value, 0), n=number(nps.total))
        html.show(f'<div class="hb-num">{html.esc(said)} {html.esc(interval_text(nps.low, nps.high, lambda v: signed(v, 0)))}</div>')
    names = list(days["name"].unique())
    for n, (place, name) in enumerate(zip(grid(min(len(names), MOST), 3), names, strict=False)):
        with place:
            _one(f"figure_{n}", name, days[days["name"] == name], filters)
    if len(names) > MOST:
        html.show(f'<div class="hb-quiet">{html.esc(t("figures.more", n=len(names) - MOST))}</div>')


def figure_name(name: str) -> str:
    """Return a figure's name for people: "x.impressions" is known here, other names are the user's own."""
    platform, dot, measure = name.partition(".")
    word = known(f"figure.{measure}", "")
    return f"{platform_name(platform)} {word}" if dot and word else name


def _one(key: str, name: str, frame: pd.DataFrame, filters: Filters) -> None:
    title, last = figure_name(name), frame.iloc[-1]
    shown = pd.DataFrame({"day": frame["day"], "value": frame["value"].astype(float)})
    shown["day_text"] = [i18n.day_text(pd.Timestamp(day).date()) for day in frame["day"]]
    shown["value_text"] = [_text(value) for value in frame["value"]]
    layers = charts.background(data.ask("gaps", filters).iloc[:0], data.ask("campaigns", filters), filters.start, filters.end)
    alt = t("chart.figure_alt", name=title, period=i18n.period_text(filters.start, filters.end), value=_text(last["value"]))
    with st.container(border=True, key=key):
        html.show(
            f'<div class="hb-panel-head"><b>{html.esc(title)}</b><span class="hb-panel-value hb-num">{html.esc(_text(last["value"]))}</span></div>'
            f'<div class="hb-quiet">{html.esc(t("figures.of", day=i18n.day_text(pd.Timestamp(last["day"]).date())))}</div>'
        )
        html.chart(charts.figure(shown, layers, shade(ACCENT)), alt=alt)


def _text(value: float) -> str:
    return number(value) if abs(value) >= 100 or float(value).is_integer() else f"{value:,.4g}"
