"""The engagement rate over time, platform by platform, with how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st

from analysis.compare import NOTHING, compare_rates
from analysis.periods import Period
from dashboard import charts, data, html, i18n, kpis, palette
from dashboard.i18n import number, t
from dashboard.state import View

MODES = ("each", "together")


def show_rates(view: View) -> None:
    """Show one small chart a platform, or all in one."""
    filters = view.charted
    window, step = (7, 1) if Period(filters.start, filters.end).days <= 62 else (28, 7)
    html.section(t("rate.title"), t("rate.note", days=window, definition=t(f"rate.{filters.definition}")))
    totals = data.ask("rate_by_platform", view.filters)
    series = _with_rates(data.ask("rate_series", filters, window, step))
    if series["value"].notna().sum() == 0:
        html.empty(t("rate.none"))
        return
    mode = st.segmented_control(
        t("rate.mode"),
        MODES,
        default="each",
        required=True,
        format_func=i18n.labels("rate.mode.", MODES),
        label_visibility="collapsed",
        key="rate_mode",
    )
    drawn = series.loc[series["value"].notna(), "platform"].unique()
    charted = totals[totals["platform"].isin(drawn)]
    if mode == "together":
        _together(view, charted, series)
    else:
        before = data.ask("rate_by_platform", view.filters_before).set_index("platform")
        for place, (_, total) in zip(grid(len(charted), 3), charted.iterrows(), strict=True):
            with place:
                _one(view, total, series, before)
    silent = [
        t("rate.no_views.one", platform=palette.platform_name(total.platform), n=number(total.every_post))
        for total in data.records(totals[~totals["platform"].isin(drawn)])
    ]
    if silent:
        html.show(f'<div class="hb-quiet">{html.esc(t("rate.no_views", platforms="、".join(silent)))}</div>')


def grid(count: int, width: int) -> Iterator[Any]:
    """Return ``count`` places, ``width`` a row; row by row, so that a phone stacks them in their order."""
    for start in range(0, count, width):
        yield from st.columns(width, gap="small")[: count - start]


def _together(view: View, totals: pd.DataFrame, series: pd.DataFrame) -> None:
    filters = view.charted
    platforms = totals["platform"].tolist()
    shown = series[series["platform"].isin(platforms)]
    shown = shown.assign(name=shown["platform"].map(palette.platform_name))
    layers = charts.background(data.ask("gaps", filters), data.ask("campaigns", filters), filters.start, filters.end)
    alt = t("chart.together_alt", period=i18n.period_text(filters.start, filters.end))
    html.chart(charts.rates(shown, layers, platforms), alt=alt)


def _one(view: View, total: Any, series: pd.DataFrame, before: pd.DataFrame) -> None:
    """Show one platform: its rate over the period, how that changed, and the rate over time."""
    filters, platform = view.charted, str(total["platform"])
    name, rate = palette.platform_name(platform), kpis.rate_of(total)
    change = compare_rates(rate, kpis.rate_of(before.loc[platform])) if platform in before.index else NOTHING
    gaps = data.ask("gaps", filters)
    layers = charts.background(gaps[gaps["platform"] == platform], data.ask("campaigns", filters), filters.start, filters.end)
    alt = t("chart.rate_alt", platform=name, period=i18n.period_text(filters.start, filters.end), value=kpis.rate_text(rate.value))
    with st.container(border=True, key=f"panel_{platform}"):
        html.show(
            f'<div class="hb-panel-head">{html.platform(platform)}<span class="hb-panel-value hb-num">{kpis.rate_text(rate.value)}</span></div>'
            f'<div class="hb-panel-head hb-quiet"><span>{html.esc(t("kpi.of_posts", n=number(total["every_post"])))}</span>'
            f"<span>{html.esc(kpis.points_text(change))} {html.verdict(change, 'up')}</span></div>"
        )
        html.chart(charts.rate(series[series["platform"] == platform], layers, palette.platform_colour(platform)), alt=alt)


def _with_rates(series: pd.DataFrame) -> pd.DataFrame:
    """Add the rate, its interval and the words of the tooltip to rows of sums."""
    rates = [kpis.rate_of(row) for row in data.records(series)]
    frame = series[["platform", "day", "posts"]].copy()
    frame["value"] = [rate.value for rate in rates]
    frame["low"] = [rate.low for rate in rates]
    frame["high"] = [rate.high for rate in rates]
    frame["day_text"] = [i18n.day_text(day.date()) for day in series["day"]]
    frame["rate_text"] = [kpis.rate_text(rate.value) for rate in rates]
    frame["band_text"] = [
        i18n.MISSING if r.low is None or r.high is None else f"{kpis.rate_text(r.low)} – {kpis.rate_text(r.high)}" for r in rates
    ]
    grouped = frame.groupby("platform")["value"]
    frame["alone"] = frame["value"].notna() & grouped.shift(1).isna() & grouped.shift(-1).isna()
    return frame
