"""The charts, as Vega-Lite specifications with Japanese axes and tooltips; pages give the alternative text.

They are plain dictionaries and not Altair objects: Altair checks each chart against the whole Vega-Lite schema, which took two
thirds of a page's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd

from dashboard import i18n, palette
from dashboard.data import records
from dashboard.i18n import t

Spec = dict[str, Any]
BAND = 0.18
"""Opacity of an interval's band."""


def rate(frame: pd.DataFrame, behind: Sequence[Spec], colour: str, height: int = 150) -> Spec:
    """Return a rate over time with its band.

    ``frame``: ``day, value, low, high, alone, day_text, rate_text, band_text, posts``; an unknown value breaks the line.
    """
    top = _top(frame)
    x, y = _days(5), _rate_axis(top, 4)
    mark = {"color": colour, "clip": True}
    layers: list[Spec] = [
        {"mark": {"type": "area", "opacity": BAND, **mark}, "encoding": {"x": x, "y": _rate_axis(top, 4, "low"), "y2": {"field": "high"}}},
        {"mark": {"type": "line", "strokeWidth": 2, **mark}, "encoding": {"x": x, "y": y}},
        {
            "transform": [{"filter": "datum.alone"}],
            "mark": {"type": "circle", "size": 22, "opacity": 1, **mark},
            "encoding": {"x": x, "y": y},
        },
        {"mark": {"type": "circle", "size": 50, "opacity": 0, **mark}, "encoding": {"x": x, "y": y, "tooltip": _rate_tooltip()}},
    ]
    return chart_of([*behind, {"data": values_of(frame), "layer": layers}], height)


def rates(frame: pd.DataFrame, behind: Sequence[Spec], platforms: Sequence[str], height: int = 340) -> Spec:
    """Return the rates of several platforms in one chart, each with its band. ``frame`` as of ``rate``, with ``platform, name``."""
    top = _top(frame)
    x, y = _days(8), _rate_axis(top, 6)
    colour = _colours({palette.platform_name(name): palette.platform_colour(name) for name in platforms})
    tooltip = [{"field": "name", "type": "nominal", "title": t("axis.platform")}, *_rate_tooltip()]
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "opacity": BAND * 0.5, "clip": True},
            "encoding": {"x": x, "y": _rate_axis(top, 6, "low"), "y2": {"field": "high"}, "color": colour},
        },
        {"mark": {"type": "line", "strokeWidth": 2, "clip": True}, "encoding": {"x": x, "y": y, "color": colour}},
        {
            "mark": {"type": "circle", "size": 50, "opacity": 0, "clip": True},
            "encoding": {"x": x, "y": y, "color": colour, "tooltip": tooltip},
        },
    ]
    return chart_of([*behind, {"data": values_of(frame), "layer": layers}], height)


def moods(frame: pd.DataFrame, behind: Sequence[Spec], grain: str, height: int = 230) -> Spec:
    """Return stacked bars of sentiment over time.

    ``frame``, one row a bin and sentiment: ``day, until`` (where the bar ends), ``low, high`` (its lower and upper edge), ``name, count,
    day_text``. Stacked by the caller: Vega does not stack bars that are a week wide.
    """
    names = {t(f"sentiment.{mood}"): palette.sentiment_colour(mood) for mood in ("negative", "neutral", "positive")}
    bars: Spec = {
        "data": values_of(frame),
        "mark": {"type": "rect", "stroke": palette.shade(palette.PAPER), "strokeWidth": 1},
        "encoding": {
            "x": _days(8, grain),
            "x2": {"field": "until"},
            "y": {"field": "low", "type": "quantitative", "axis": _count_axis(5)},
            "y2": {"field": "high"},
            "color": _colours(names),
            "tooltip": tooltip(("day_text", f"axis.{grain}"), ("name", "axis.sentiment"), ("count", "axis.mentions")),
        },
    }
    return chart_of([*behind, bars], height)


def figure(frame: pd.DataFrame, behind: Sequence[Spec], colour: str, height: int = 110) -> Spec:
    """Return an imported figure over time, a point a day that has one. ``frame``: ``day, value, day_text, value_text``."""
    encoding = {
        "x": _days(4),
        "y": {"field": "value", "type": "quantitative", "axis": _count_axis(3), "scale": {"zero": False, "nice": True}},
        "tooltip": tooltip(("day_text", "axis.day"), ("value_text", "axis.value")),
    }
    mark = {"type": "line", "color": colour, "strokeWidth": 2, "point": {"color": colour, "size": 18}}
    return chart_of([*behind, {"data": values_of(frame), "mark": mark, "encoding": encoding}], height)


def curve(frame: pd.DataFrame, usual: pd.DataFrame, gaps: pd.DataFrame, measure: str, colour: str, height: int = 170) -> Spec:
    """Return a post's count by age, beside what its kind usually gathers. Frames: ``age_hours, value, age_text, value_text``.

    ``gaps``: ``low, high`` (ages in hours), ``name, when``: when nothing could be read.
    """
    hours, days = ("時間", "日") if i18n.language() == "ja" else ("h", "d")
    ticks = [hour for hour in (0, 6, 24, 72, 168, 336, 720) if hour <= max(float(frame["age_hours"].max()) * 1.05, 6)]
    encoding: Spec = {
        "x": {
            "field": "age_hours",
            "type": "quantitative",
            "scale": {"type": "sqrt", "nice": False, "domainMin": 0},
            "axis": {
                "title": None,
                "values": ticks,
                "grid": False,
                "labelFlush": True,
                "labelExpr": f"datum.value < 24 ? datum.value + '{hours}' : (datum.value / 24) + '{days}'",
            },
        },
        "y": {"field": "value", "type": "quantitative", "scale": {"domainMin": 0}, "axis": _count_axis(4)},
        "tooltip": tooltip(("age_text", "axis.age"), ("value_text", f"axis.{measure}")),
    }
    kin = {"type": "line", "color": palette.shade(palette.QUIET), "strokeDash": [4, 4], "strokeWidth": 1.6}
    own = {"type": "line", "color": colour, "strokeWidth": 2.2, "point": {"color": colour, "size": 34}}
    layers = [{"data": values_of(usual), "mark": kin, "encoding": encoding}] if len(usual) else []
    grey = {
        "data": values_of(gaps),
        "mark": {"type": "rect", "color": palette.shade(palette.GAP), "opacity": 0.5},
        "encoding": {
            "x": encoding["x"] | {"field": "low"},
            "x2": {"field": "high"},
            "tooltip": tooltip(("name", "axis.gap"), ("when", "axis.day")),
        },
    }
    behind = [grey] if len(gaps) else []
    return chart_of([*behind, *layers, {"data": values_of(frame), "mark": own, "encoding": encoding}], height)


def gap_bars(frame: pd.DataFrame, start: date, end: date, height: int) -> Spec:
    """Return gaps as bars, one line a source, over the days from ``start`` to ``end``. ``frame``: ``source, day, until, when, reason``."""
    bars = {
        "data": values_of(frame),
        "mark": {"type": "bar", "color": palette.sentiment_colour("negative"), "height": 12, "cornerRadius": 2},
        "encoding": {
            "x": _days(8),
            "x2": {"field": "until"},
            "y": {"field": "source", "type": "nominal", "axis": {"title": None, "labelLimit": 180}},
            "tooltip": tooltip(("source", "sources.source"), ("when", "axis.day"), ("reason", "axis.reason")),
        },
    }
    # Invisible marks hold the axis open from the first to the last day.
    edges = {
        "data": {"values": [{"day": _iso(start)}, {"day": _iso(end)}]},
        "mark": {"type": "point", "opacity": 0},
        "encoding": {"x": _days(8)},
    }
    return chart_of([edges, bars], height)


def background(gaps: pd.DataFrame, campaigns: pd.DataFrame, start: date, end: date) -> list[Spec]:
    """Return what lies behind a chart over time: what could not be collected (grey), and campaigns (ochre), cut to the chart's days."""
    first, last = datetime.combine(start, time()), datetime.combine(end, time())
    grey = [
        {
            "day": _iso(max(local_naive(gap.from_at), first)),
            "until": _iso(min(local_naive(gap.to_at), last)),
            "name": gap.reason or "",
            "when": f"{palette.platform_name(gap.platform)}　{i18n.time_text(gap.from_at)} – {i18n.time_text(gap.to_at)}",
        }
        for gap in records(gaps)
        if local_naive(gap.from_at) < last and local_naive(gap.to_at) > first
    ]
    ochre = [
        {
            "day": _iso(max(campaign.starts_on.to_pydatetime(), first)),
            "until": _iso(min(campaign.ends_on.to_pydatetime() + timedelta(days=1), last)),
            "name": campaign.name,
            "when": i18n.period_text(campaign.starts_on.date(), campaign.ends_on.date()),
        }
        for campaign in records(campaigns)
    ]
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "rect", "color": palette.shade(pair), "opacity": opacity},
            "encoding": {
                "x": {"field": "day", "type": "temporal"},
                "x2": {"field": "until"},
                "tooltip": tooltip(("name", f"axis.{kind}"), ("when", "axis.day")),
            },
        }
        for rows, kind, pair, opacity in ((grey, "gap", palette.GAP, 0.5), (ochre, "campaign", palette.CAMPAIGN, 0.16))
        if rows
    ]


def local_naive(moment: datetime) -> datetime:
    """Return a moment of the store as charts take it: Japan's time, without a zone."""
    there = i18n.local(moment)
    if there is None:
        raise ValueError("a moment is missing")
    return there.replace(tzinfo=None)


def chart_of(layers: list[Spec], height: int) -> Spec:
    """Return a chart of ``layers`` in the page's own colours."""
    quiet, rule = palette.shade(palette.QUIET), palette.shade(palette.RULE)
    axis = {"labelColor": quiet, "gridColor": rule, "domainColor": rule, "tickColor": rule, "labelFontSize": 11}
    legend = {
        "labelColor": palette.shade(palette.INK),
        "labelFontSize": 12,
        "title": None,
        "orient": "bottom",
        "direction": "horizontal",
        "symbolOpacity": 1,
    }
    for layer in layers:
        _silence(layer)
    return {
        "layer": layers,
        "height": height,
        "background": "transparent",
        "padding": {"left": 2, "right": 6, "top": 6, "bottom": 2},
        "config": {"view": {"stroke": None}, "axis": axis, "legend": legend},
    }


def _silence(layer: Spec) -> None:
    """Hide the marks from screen readers: the chart's alternative text speaks for them, each mark alone would say nothing."""
    for inner in layer.get("layer", ()):
        _silence(inner)
    if "mark" in layer:
        layer["mark"]["aria"] = False
        if "point" in layer["mark"]:
            layer["mark"]["point"]["aria"] = False


def _iso(moment: date) -> str:
    """Return a day or moment as Vega reads it in the reader's own clock: always with a time, never with a zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def values_of(frame: pd.DataFrame) -> Spec:
    """Return a frame's rows as inline data; what is unknown becomes null."""
    columns = {name: [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return {"values": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]}


def _plain(value: Any) -> Any:
    return None if value is None or value != value else _iso(value) if isinstance(value, date) else value


def _days(ticks: int, grain: str = "day") -> Spec:
    ja = i18n.language() == "ja"
    form = ("%Y年%-m月" if ja else "%b %Y") if grain == "month" else "%-m/%-d" if ja else "%-d %b"
    labels = {"labelOverlap": "greedy", "labelSeparation": 12, "labelFlush": True}
    return {"field": "day", "type": "temporal", "axis": {"format": form, "title": None, "grid": False, "tickCount": ticks, **labels}}


def _rate_axis(top: float, ticks: int, field: str = "value") -> Spec:
    scale = {"domain": [0, top], "clamp": True, "nice": False}
    return {"field": field, "type": "quantitative", "axis": {"format": ".1~%", "title": None, "tickCount": ticks}, "scale": scale}


def _count_axis(ticks: int) -> Spec:
    if i18n.language() == "en":
        return {"title": None, "tickCount": ticks, "format": "~s"}
    number = "datum.value >= 1e8 ? format(datum.value / 1e8, '~r') + '億' : datum.value >= 1e4 ? format(datum.value / 1e4, '~r') + '万'"
    return {"title": None, "tickCount": ticks, "labelExpr": f"{number} : format(datum.value, ',')"}


def _colours(names: dict[str, str]) -> Spec:
    scale = {"domain": list(names), "range": list(names.values())}
    return {"field": "name", "type": "nominal", "scale": scale, "legend": {"title": None, "columns": 3}}


def tooltip(*fields: tuple[str, str]) -> list[Spec]:
    """Return the lines of a tooltip: (field, key of its title)."""
    return [{"field": field, "type": "nominal", "title": t(key)} for field, key in fields]


def _rate_tooltip() -> list[Spec]:
    return tooltip(("day_text", "axis.day"), ("rate_text", "axis.rate"), ("band_text", "axis.interval"), ("posts", "axis.posts"))


def _top(frame: pd.DataFrame) -> float:
    """Return the top of the axis: all values, and bands as long as they do not squeeze the line flat."""
    highest = _most(frame["value"].tolist())
    band = _most(frame["high"].tolist()) or highest
    return max(min(band, 1.9 * highest), 1.1 * highest) or 0.01


def _most(values: Iterable[float | None]) -> float:
    return max((float(value) for value in values if value is not None and i18n.is_number(value)), default=0.0)
