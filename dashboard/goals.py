"""The goals that were set in the settings, beside where the brand stands in the period shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.shares import Nps, social_nps, survey_nps, wilson
from dashboard import data, html, i18n
from dashboard.i18n import number, percent, signed, t
from dashboard.kpis import interval_text, rate_of, rate_text
from store.queries import Filters

RATES = {"er_basic": "basic", "er_all": "all"}
SHARES = {"positive_share": "positive", "negative_share": "negative"}
COUNTS = ("views", "reactions", "posts")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a measure stands: its value with an interval (None where unknown or exact), and how it is written."""

    value: float | None
    low: float | None
    high: float | None
    show: Callable[[float | None], str]

    def against(self, target: float, below: bool) -> str:
        """Say whether the goal is "reached", "missed" or, as far as the interval tells, "unclear"; "unknown" without a value.

        ``below``: it is good to be at most at the target.
        """
        if self.value is None:
            return "unknown"
        low, high = (self.value if self.low is None else self.low), (self.value if self.high is None else self.high)
        if below:
            return "reached" if high <= target else "missed" if low > target else "unclear"
        return "reached" if low >= target else "missed" if high < target else "unclear"


def show_goals(filters: Filters) -> None:
    """Show every goal of the brand; nothing where none was set."""
    found = data.ask("goals", filters.brand)
    if found.empty:
        return
    html.section(t("goals.title"), t("goals.note"))
    rows = "".join(_row(goal, standing_of(goal.measure, filters)) for goal in data.records(found))
    html.show(f'<ul class="hb-goals">{rows}</ul>')


def standing_of(measure: str, filters: Filters) -> Standing:
    """Return where ``measure`` (as in the settings) stands in the period."""
    if measure in RATES:
        rate = rate_of(data.first(data.ask("rate_total", replace(filters, definition=RATES[measure]))))  # type: ignore[arg-type]
        return Standing(rate.value, rate.low, rate.high, rate_text)
    if measure in COUNTS:
        return Standing(float(data.ask("daily_totals", filters)[measure].sum()), None, None, number)
    if measure == "nps":
        nps = nps_of(data.ask("survey_scores", filters))
        return Standing(nps.value, nps.low, nps.high, _points)
    row = data.first(data.ask("mention_totals", filters))
    if measure in SHARES:
        share = wilson(float(row[SHARES[measure]]), float(row["scored"]))
        return Standing(share.value, share.low, share.high, percent)
    if measure == "social_nps":
        score = social_nps(float(row["promoters"]), float(row["critics"]), float(row["authors"]))
        return Standing(score.value, score.low, score.high, _points)
    return Standing(float(row["mentions"]), None, None, number)


def nps_of(scores: pd.DataFrame) -> Nps:
    """Return the NPS of a survey's answers, as ``store.queries.survey_scores`` counts them."""
    return survey_nps({int(score): int(n) for score, n in zip(scores["score"], scores["answers"], strict=True)})


def _points(value: float | None) -> str:
    return signed(value, 0)


def _row(goal: Any, standing: Standing) -> str:
    below = goal.measure == "negative_share"
    verdict = standing.against(float(goal.target), below)
    mark = {"reached": "good", "missed": "bad"}.get(verdict, "")
    due = "" if pd.isna(goal.due_on) else _due(goal.due_on)
    wanted = t("goals.at_most" if below else "goals.at_least", value=standing.show(float(goal.target)))
    band = interval_text(standing.low, standing.high, standing.show)
    return (
        f'<li><b>{html.esc(t(f"goals.{goal.measure}"))}</b><span class="hb-goal-now hb-num">{html.esc(standing.show(standing.value))}</span>'
        f'<span class="hb-quiet hb-num">{html.esc(band)}</span><span class="hb-num">{html.esc(wanted)}</span>'
        f'<span class="hb-quiet">{html.esc(due)}</span><span class="hb-verdict {mark}">{html.esc(t(f"goals.{verdict}"))}</span></li>'
    )


def _due(day: Any) -> str:
    due = day.date() if isinstance(day, pd.Timestamp) else day
    left = (due - i18n.today()).days
    return t("goals.due", day=i18n.day_text(due), left=t("goals.left", n=left) if left >= 0 else t("goals.over"))
