"""The charts. Each takes a small frame and returns an Altair chart with Japanese axes and tooltips; pages give the alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import altair as alt
import pandas as pd

from dashboard import i18n, palette
from dashboard.data import records
from dashboard.i18n import t

BAND = 0.18
"""Opacity of an interval's band."""


def _day_axis(grain: str = "day", ticks: int = 6) -> alt.Axis:
    ja = i18n.language() == "ja"
    forms = {"day": "%-m/%-d" if ja else "%-d %b", "week": "%-m/%-d" if ja else "%-d %b", "month": "%Y年%-m月" if ja else "%b %Y"}
    return alt.Axis(
        format=forms[grain], title=None, grid=False, tickCount=ticks, labelOverlap="greedy", labelSeparation=12, labelFlush=True
    )


def _finish(chart: Any, height: int) -> Any:
    return (
        chart.properties(height=height, background="transparent", padding={"left": 2, "right": 6, "top": 6, "bottom": 2})
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=palette.shade(palette.QUIET),
            titleColor=palette.shade(palette.QUIET),
            gridColor=palette.shade(palette.RULE),
            domainColor=palette.shade(palette.RULE),
            tickColor=palette.shade(palette.RULE),
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=palette.shade(palette.INK), labelFontSize=12, title=None, orient="bottom", direction="horizontal")
    )


def _stretches(rows: list[dict[str, Any]], kind: str, pair: tuple[str, str], opacity: float) -> Any:
    """Shade stretches of days (rows of ``start, end, name, when``) behind a chart."""
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_rect(color=palette.shade(pair), opacity=opacity)
        .encode(
            x=alt.X("start:T"),
            x2="end:T",
            tooltip=[alt.Tooltip("name:N", title=t(f"axis.{kind}")), alt.Tooltip("when:N", title=t("axis.day"))],
        )
    )


def background(gaps: pd.DataFrame, campaigns: pd.DataFrame, start: date, end: date) -> list[alt.Chart]:
    """Return what lies behind a chart over time: what could not be collected (grey), and campaigns (ochre), cut to the chart's days."""
    layers = []
    first, last = datetime.combine(start, time()), datetime.combine(end, time())
    grey = [
        {
            "start": max(local_naive(gap.from_at), first),
            "end": min(local_naive(gap.to_at), last),
            "name": gap.reason or "",
            "when": f"{palette.platform_name(gap.platform)}　{i18n.time_text(gap.from_at)} – {i18n.time_text(gap.to_at)}",
        }
        for gap in records(gaps)
        if local_naive(gap.from_at) < last and local_naive(gap.to_at) > first
    ]
    if grey:
        layers.append(_stretches(grey, "gap", palette.GAP, 0.75))
    ochre = [
        {
            "start": max(campaign.starts_on.to_pydatetime(), first),
            "end": min(campaign.ends_on.to_pydatetime() + timedelta(days=1), last),
            "name": campaign.name,
            "when": i18n.period_text(campaign.starts_on.date(), campaign.ends_on.date()),
        }
        for campaign in records(campaigns)
    ]
    if ochre:
        layers.append(_stretches(ochre, "campaign", palette.CAMPAIGN, 0.16))
    return layers


def local_naive(moment: datetime) -> datetime:
    """Return a moment of the store as charts take it: Japan's time, without a zone."""
    there = i18n.local(moment)
    if there is None:
        raise ValueError("a moment is missing")
    return there.replace(tzinfo=None)


def rate(frame: pd.DataFrame, layers: Sequence[alt.Chart], colour: str, height: int = 150) -> Any:
    """Return a rate over time with its band. ``frame``: ``day, value, low, high, day_text, rate_text, band_text, posts``; None breaks the line."""
    top = _top(frame)
    x = alt.X("day:T", axis=_day_axis(ticks=5))
    y = alt.Y("value:Q", axis=alt.Axis(format=".1~%", title=None, tickCount=4), scale=alt.Scale(domain=[0, top], clamp=True, nice=False))
    base = alt.Chart(frame)
    band = base.mark_area(color=colour, opacity=BAND, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=alt.Scale(domain=[0, top])), y2="high:Q"
    )
    line = base.mark_line(color=colour, strokeWidth=2).encode(x=x, y=y)
    points = (
        base.transform_filter("isValid(datum.value)")
        .mark_circle(color=colour, size=40, opacity=0)
        .encode(x=x, y=y, tooltip=_rate_tooltip())
    )
    alone = base.transform_filter("datum.alone").mark_circle(color=colour, size=22).encode(x=x, y=y)
    return _finish(alt.layer(*layers, band, line, alone, points), height)


def rates(frame: pd.DataFrame, layers: Sequence[alt.Chart], platforms: Sequence[str], height: int = 340) -> Any:
    """Return the rates of several platforms in one chart, each with its band. ``frame`` as of ``rate``, with ``platform, name``."""
    top = _top(frame)
    x = alt.X("day:T", axis=_day_axis(ticks=8))
    y = alt.Y("value:Q", axis=alt.Axis(format=".1~%", title=None), scale=alt.Scale(domain=[0, top], clamp=True, nice=False))
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=[palette.platform_name(p) for p in platforms], range=[palette.platform_colour(p) for p in platforms]),
        legend=alt.Legend(title=None, columns=3),
    )
    base = alt.Chart(frame)
    band = base.mark_area(opacity=BAND * 0.6, clip=True).encode(
        x=x, y=alt.Y("low:Q", scale=alt.Scale(domain=[0, top])), y2="high:Q", color=colour
    )
    line = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour)
    points = (
        base.transform_filter("isValid(datum.value)")
        .mark_circle(size=50, opacity=0)
        .encode(x=x, y=y, color=colour, tooltip=[alt.Tooltip("name:N", title=t("axis.platform")), *_rate_tooltip()])
    )
    return _finish(alt.layer(*layers, band, line, points), height)


def _rate_tooltip() -> list[alt.Tooltip]:
    fields = (("day_text", "axis.day"), ("rate_text", "axis.rate"), ("band_text", "axis.interval"), ("posts", "axis.posts"))
    return [alt.Tooltip(f"{field}:N", title=t(key)) for field, key in fields]


def _top(frame: pd.DataFrame) -> float:
    """Return the top of the axis: all values, and bands as long as they do not squeeze the line flat."""
    highest = float(frame["value"].max())
    band = float(frame["high"].max()) if frame["high"].notna().any() else highest
    return max(min(band, 1.9 * highest), 1.1 * highest) or 0.01


def moods(frame: pd.DataFrame, layers: Sequence[alt.Chart], grain: str, height: int = 230) -> Any:
    """Return stacked bars of sentiment over time. ``frame``: ``day, sentiment, name, rank, count, day_text``."""
    names = ["negative", "neutral", "positive"]
    bars = (
        alt.Chart(frame)
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X(f"{ {'day': 'yearmonthdate', 'week': 'yearweek', 'month': 'yearmonth'}[grain] }(day):T", axis=_day_axis(grain, 8))
            if grain != "week"
            else alt.X("day:T", axis=_day_axis(grain, 8)),
            y=alt.Y("count:Q", axis=alt.Axis(title=None, tickCount=5, format="~s" if i18n.language() == "en" else ",d")),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=[t(f"sentiment.{n}") for n in names], range=[palette.sentiment_colour(n) for n in names]),
                legend=alt.Legend(title=None),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("day_text:N", title=t(f"axis.{grain}")),
                alt.Tooltip("name:N", title=t("axis.sentiment")),
                alt.Tooltip("count:Q", title=t("axis.mentions"), format=","),
            ],
        )
    )
    return _finish(alt.layer(*layers, bars), height)


def curve(frame: pd.DataFrame, usual: pd.DataFrame, measure: str, colour: str, height: int = 170) -> Any:
    """Return a post's count by age, beside what its kind usually gathers. ``frame``: ``age_hours, value, age_text, value_text``."""
    ja = i18n.language() == "ja"
    label = (
        "datum.value < 24 ? datum.value + '時間' : (datum.value / 24) + '日'"
        if ja
        else "datum.value < 24 ? datum.value + 'h' : (datum.value / 24) + 'd'"
    )
    ticks = [hour for hour in (0, 6, 24, 72, 168, 336, 720) if hour <= max(float(frame["age_hours"].max()) * 1.05, 6)]
    x = alt.X(
        "age_hours:Q",
        scale=alt.Scale(type="sqrt", nice=False),
        axis=alt.Axis(title=None, values=ticks, labelExpr=label, grid=False, labelFlush=True),
    )
    number = "datum.value >= 1e8 ? format(datum.value/1e8, '~r') + '億' : datum.value >= 1e4 ? format(datum.value/1e4, '~r') + '万' : format(datum.value, ',')"
    axis = alt.Axis(title=None, tickCount=4, labelExpr=number) if ja else alt.Axis(title=None, tickCount=4, format="~s")
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(domainMin=0))
    tip = [alt.Tooltip("age_text:N", title=t("axis.age")), alt.Tooltip("value_text:N", title=t(f"axis.{measure}"))]
    own = (
        alt.Chart(frame)
        .mark_line(color=colour, strokeWidth=2.2, point=alt.OverlayMarkDef(color=colour, size=34))
        .encode(x=x, y=y, tooltip=tip)
    )
    layers = [own]
    if not usual.empty:
        layers.insert(
            0,
            alt.Chart(usual)
            .mark_line(color=palette.shade(palette.QUIET), strokeDash=[4, 4], strokeWidth=1.6)
            .encode(x=x, y=y, tooltip=tip),
        )
    return _finish(alt.layer(*layers), height)


def gap_bars(frame: pd.DataFrame, start: date, end: date, height: int) -> Any:
    """Return gaps as bars, one line a source, over the days from ``start`` to ``end``. ``frame``: ``source, start, end, when, reason``."""
    x = alt.X("start:T", axis=_day_axis(ticks=8))
    bars = (
        alt.Chart(frame)
        .mark_bar(color=palette.shade(palette.SENTIMENTS["negative"]), height=12, cornerRadius=2)
        .encode(
            x=x,
            x2="end:T",
            y=alt.Y("source:N", axis=alt.Axis(title=None, labelLimit=180)),
            tooltip=[
                alt.Tooltip("source:N", title=t("sources.source")),
                alt.Tooltip("when:N", title=t("axis.day")),
                alt.Tooltip("reason:N", title=t("axis.reason")),
            ],
        )
    )
    # Invisible marks hold the axis open from the first to the last day.
    edges = alt.Chart(pd.DataFrame({"start": [pd.Timestamp(start), pd.Timestamp(end)]})).mark_point(opacity=0).encode(x=x)
    return _finish(alt.layer(edges, bars), height)
