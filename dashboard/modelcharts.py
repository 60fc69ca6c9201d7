"""Charts of the model's card: whether its probabilities can be believed, and what handing over the unsure posts is worth."""

from __future__ import annotations

import pandas as pd

from dashboard import palette
from dashboard.charts import Spec, chart_of, tooltip, values_of
from dashboard.i18n import t


def _share(field: str, key: str, low: float) -> Spec:
    axis = {"title": t(key), "format": "%", "grid": True, "tickCount": 5}
    return {"field": field, "type": "quantitative", "scale": {"domain": [low, 1], "zero": False, "clamp": True}, "axis": axis}


def reliability(frame: pd.DataFrame, height: int = 260) -> Spec:
    """Return the reliability plot. ``frame``, a row a bin: ``said, right`` (0 to 1)``, n, said_text, right_text``; a point's size is its posts."""
    line = {
        "data": {"values": [{"said": 0.3, "right": 0.3}, {"said": 1, "right": 1}]},
        "mark": {"type": "line", "color": palette.shade(palette.QUIET), "strokeDash": [4, 4]},
        "encoding": {"x": _share("said", "model.axis.said", 0.3), "y": _share("right", "model.axis.right", 0.2)},
    }
    colour = palette.shade(palette.ACCENT)
    encoding = {
        "x": _share("said", "model.axis.said", 0.3),
        "y": _share("right", "model.axis.right", 0.2),
        "tooltip": tooltip(("said_text", "model.axis.said"), ("right_text", "model.axis.right"), ("n", "model.n")),
    }
    seen = {"data": values_of(frame), "mark": {"type": "line", "color": colour, "strokeWidth": 1.5}, "encoding": encoding}
    size = {"field": "n", "type": "quantitative", "scale": {"range": [30, 300]}, "legend": None}
    points = {"data": values_of(frame), "mark": {"type": "circle", "color": colour, "opacity": 0.9}, "encoding": encoding | {"size": size}}
    return chart_of([line, seen, points], height)


def coverage(frame: pd.DataFrame, height: int = 260) -> Spec:
    """Return accuracy by the share of posts judged, surest first. ``frame``: ``share, accuracy`` (0 to 1)``, share_text, accuracy_text``."""
    colour = palette.shade(palette.ACCENT)
    encoding = {
        "x": _share("share", "model.axis.judged", 0),
        "y": _share("accuracy", "model.axis.right", 0.5),
        "tooltip": tooltip(("share_text", "model.axis.judged"), ("accuracy_text", "model.axis.right")),
    }
    mark = {"type": "line", "color": colour, "strokeWidth": 2.2, "point": {"color": colour, "size": 34}}
    return chart_of([{"data": values_of(frame), "mark": mark, "encoding": encoding}], height)
