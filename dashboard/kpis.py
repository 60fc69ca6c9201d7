"""The numbers on the cards of the overview: each with its change, how sure that is, and a small trend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.compare import NOTHING, Change, compare_counts, compare_nps, compare_rates, compare_shares
from analysis.rates import Rate, ratio_of_sums
from analysis.shares import Share, social_nps, wilson
from dashboard import adjusted, data, html, i18n
from dashboard.i18n import number, percent, signed, t
from dashboard.palette import platform_name
from dashboard.state import View
from store.queries import APART, Filters


@dataclass(frozen=True, slots=True)
class Kpi:
    """One card. ``good`` is the direction that is good news; ``trend`` has None where a day's value is unknown; ``adjusted``
    is the value without the model's known mistakes."""

    key: str
    value: str
    note: str
    change: Change
    change_text: str
    trend: Sequence[float | None]
    show: Callable[[float | None], str]
    good: str | None = "up"
    tag: str = ""
    adjusted: str = ""


def rate_of(row: Any) -> Rate:
    """Return the rate of a row of sums."""
    return ratio_of_sums(int(row.posts), float(row.r), float(row.v), float(row.rr), float(row.rv), float(row.vv))


def rate_text(value: float | None) -> str:
    """Return an engagement rate with the digits it deserves: 12.3%, 3.42%."""
    return percent(value, 2 if value is not None and value < 0.1 else 1)


def interval_text(low: float | None, high: float | None, text: Callable[[float | None], str]) -> str:
    """Return an interval in words, nothing where there is none."""
    return "" if low is None or high is None else t("kpi.interval", low=text(low), high=text(high))


def points_text(change: Change) -> str:
    """Return a change of a rate or share in percentage points."""
    return "" if change.difference is None else signed(100 * change.difference, 2 if abs(change.difference) < 0.01 else 1, "pt")


def relative_text(change: Change) -> str:
    """Return a change of a count in per cent."""
    return "" if change.relative is None else signed(100 * change.relative, 1, "%")


def all_kpis(view: View) -> list[Kpi]:
    """Return the cards of the overview."""
    now, before = view.filters, view.filters_before
    known, apart = _known(now, before), _apart(now)
    totals, earlier = data.ask("daily_totals", now), data.ask("daily_totals", before)
    days, days_before = data.ask("mention_daily", now), data.ask("mention_daily", before)
    mentions, mentions_before = data.first(data.ask("mention_totals", now)), data.first(data.ask("mention_totals", before))
    corrected = adjusted.shares(now, mentions)

    def without_mistakes(name: str) -> str:
        return adjusted.text(getattr(corrected, name), nps=name == "nps") if corrected else ""

    return [
        _rate(now, before, totals, apart),
        _count("reactions", totals["reactions"], earlier["reactions"], known, tag=apart),
        _count("views", totals["views"], earlier["views"], known, tag=apart),
        _count("mentions", days["mentions"], days_before["mentions"], known, good=None),
        replace(_share("positive", "up", mentions, mentions_before, days), adjusted=without_mistakes("positive")),
        replace(_share("negative", "down", mentions, mentions_before, days), adjusted=without_mistakes("negative")),
        replace(_nps(mentions, mentions_before, days), adjusted=without_mistakes("nps")),
        _voice(now, before, known),
    ]


def _known(now: Filters, before: Filters) -> bool:
    """Say whether there is data from the whole period to compare with: before the first day nothing is known, not zero."""
    first = data.ask("span", now.brand)["first_day"].iloc[0]
    return first is not None and first == first and pd.Timestamp(first).date() <= before.start


def _apart(now: Filters) -> str:
    """Say which of the brand's platforms are left out of sums over platforms, because their terms forbid to mix them."""
    shown = [name for name in data.ask("platforms", now.brand)["platform"] if not now.platforms or name in now.platforms]
    left = [name for name in shown if name in APART] if len(shown) > 1 else []
    return t("kpi.apart", platforms="、".join(map(platform_name, left))) if left else ""


def _rate(now: Filters, before: Filters, totals: pd.DataFrame, apart: str) -> Kpi:
    rate, earlier = (rate_of(data.first(data.ask("rate_total", filters))) for filters in (now, before))
    change = compare_rates(rate, earlier)
    note = interval_text(rate.low, rate.high, rate_text) or t("kpi.of_posts", n=number(rate.posts))
    return Kpi("rate", rate_text(rate.value), note, change, points_text(change), _moving(totals["r"], totals["v"]), rate_text, tag=apart)


def _count(key: str, values: pd.Series, before: pd.Series, known: bool, good: str | None = "up", tag: str = "") -> Kpi:
    change = compare_counts(values.tolist(), before.tolist()) if known else NOTHING
    note = t("kpi.per_day", n=number(float(values.mean()))) if len(values) > 1 else ""
    return Kpi(key, number(float(values.sum())), note, change, relative_text(change), _binned(values.tolist()), number, good, tag)


def _share(key: str, good: str, now: Any, before: Any, days: pd.DataFrame) -> Kpi:
    share, earlier = (wilson(float(row[key]), float(row["scored"])) for row in (now, before))
    change = compare_shares(share, earlier)
    note = interval_text(share.low, share.high, percent) or t("kpi.of_mentions", n=number(share.total))
    return Kpi(key, percent(share.value), note, change, points_text(change), _moving(days[key], days["scored"]), percent, good)


def _nps(now: Any, before: Any, days: pd.DataFrame) -> Kpi:
    score, earlier = (social_nps(float(r["promoters"]), float(r["critics"]), float(r["authors"])) for r in (now, before))
    change = compare_nps(score, earlier)
    note = interval_text(score.low, score.high, lambda v: signed(v, 0)) or t("kpi.of_authors", n=number(score.total))
    trend = [None if v is None else 100 * v for v in _moving(days["promoters"] - days["critics"], days["scored"])]
    return Kpi(
        "nps",
        signed(score.value, 0),
        note,
        change,
        "" if change.difference is None else signed(change.difference, 1),
        trend,
        lambda v: signed(v, 0),
        tag=t("kpi.nps.tag"),
    )


def _voice(now: Filters, before: Filters, known: bool) -> Kpi:
    def share(filters: Filters) -> tuple[Share, int]:
        frame = data.ask("share_of_voice", filters)
        mine = float(frame.loc[frame["brand"] == filters.brand, "mentions"].sum())
        return wilson(mine, float(frame["mentions"].sum())), len(frame)

    (voice, brands), (earlier, _) = share(now), share(before)
    change = compare_shares(voice, earlier) if known else NOTHING
    return Kpi("voice", percent(voice.value), t("kpi.of_brands", n=brands), change, points_text(change), [], percent)


WINDOW = 7
"""Days of the moving window behind a trend of a rate or share."""
_MOST_BINS = 62


def _moving(parts: pd.Series, wholes: pd.Series) -> list[float | None]:
    """Return parts ÷ wholes over moving windows, None where there is nothing to divide by."""
    top, bottom = parts.fillna(0).tolist(), wholes.fillna(0).tolist()
    width = min(WINDOW, max(1, len(top) // 3))
    sums = ((sum(top[max(0, n - width + 1) : n + 1]), sum(bottom[max(0, n - width + 1) : n + 1])) for n in range(len(top)))
    shares = [a / b if b else None for a, b in sums]
    step = -(-len(shares) // _MOST_BINS)
    return shares[(len(shares) - 1) % step :: step]


def _binned(values: list[float]) -> list[float | None]:
    """Return a series of at most ``_MOST_BINS`` sums of equally many days."""
    width = -(-len(values) // _MOST_BINS)
    start = len(values) % width
    return [float(sum(values[n : n + width])) for n in range(start, len(values), width)]


def card(kpi: Kpi, comparison: str) -> str:
    """Return a card as HTML."""
    name = t(f"kpi.{kpi.key}")
    ends = [value for value in kpi.trend if value is not None]
    spark = html.sparkline(kpi.trend, name, [kpi.show(value) for value in ends] or [i18n.MISSING]) if kpi.trend else ""
    tag = f'<span class="hb-tag">{html.esc(kpi.tag)}</span>' if kpi.tag else ""
    change = f'<span class="hb-num">{html.esc(comparison)} {html.esc(kpi.change_text)}</span>' if kpi.change_text else html.esc(comparison)
    corrected = f'<div class="hb-kpi-sub hb-num hb-adjusted">{html.esc(kpi.adjusted)}</div>' if kpi.adjusted else ""
    return (
        f'<section class="hb-kpi" aria-label="{html.esc(name)}"><div class="hb-kpi-label"><span>{html.esc(name)}</span>'
        f'{html.define(name, t(f"define.{kpi.key}"))}</div><div class="hb-kpi-value hb-num">{html.esc(kpi.value)}</div>'
        f'<div class="hb-kpi-sub hb-num">{tag} {html.esc(kpi.note)}</div>{corrected}'
        f'<div class="hb-kpi-change">{change}{html.verdict(kpi.change, kpi.good)}</div>'
        f'<div class="hb-kpi-spark">{spark}</div></section>'
    )
