"""One period against another: how much it changed, how sure that is, and "not enough data" as a possible answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from analysis.rates import Rate, quantile
from analysis.shares import Nps, Share, normal_quantile

Verdict = Literal["up", "down", "unclear", "not_enough"]

ENOUGH_UNITS = 10
"""Fewest authors, mentions or answers on either side for a verdict."""
ENOUGH_DAYS = 3
"""Fewest days on either side for a verdict on counts."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change from before to now.

    ``difference`` is now − before in the measure's own unit, with ``low`` and ``high`` its interval; ``relative`` is
    now ÷ before − 1 (0.1 = +10 %), None where before is 0 or the measure may be negative. ``verdict`` is "up" or "down" only
    where the interval excludes no change.
    """

    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    verdict: Verdict


NOTHING = Change(None, None, None, None, "not_enough")


def compare_rates(now: Rate, before: Rate, level: float = 0.95) -> Change:
    """Compare two rates of different posts through the ratio now ÷ before on the log scale (see ``analysis.rates``)."""
    if now.value is None or before.value is None:
        return NOTHING
    difference = now.value - before.value
    relative = now.value / before.value - 1 if before.value > 0 else None
    if now.log_error is None or before.log_error is None:
        return Change(difference, None, None, relative, "not_enough")
    variance = now.log_error**2 + before.log_error**2
    freedom = _welch([(now.log_error**2, now.effective_posts - 1), (before.log_error**2, before.effective_posts - 1)])
    reach = quantile(freedom, level) * math.sqrt(variance)
    if reach > 20:  # e^20: an interval that says nothing
        return Change(difference, None, None, relative, "not_enough")
    ratio = now.value / before.value
    low, high = before.value * (ratio * math.exp(-reach) - 1), before.value * (ratio * math.exp(reach) - 1)
    enough = now.enough and before.enough
    return Change(difference, low, high, relative, _verdict(low, high, enough))


def compare_shares(now: Share, before: Share) -> Change:
    """Compare two independent shares by Newcombe's hybrid score interval (*Statistics in Medicine* 17, 1998, method 10)."""
    if now.value is None or before.value is None:
        return NOTHING
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return NOTHING
    difference = now.value - before.value
    low = difference - math.hypot(now.value - now.low, before.high - before.value)
    high = difference + math.hypot(now.high - now.value, before.value - before.low)
    relative = now.value / before.value - 1 if before.value > 0 else None
    return Change(difference, low, high, relative, _verdict(low, high, min(now.total, before.total) >= ENOUGH_UNITS))


def compare_nps(now: Nps, before: Nps, level: float = 0.95) -> Change:
    """Compare two net promoter scores of different people, in points; a score may be negative, so there is no relative change."""
    if now.value is None or before.value is None or now.error is None or before.error is None:
        return NOTHING
    difference = now.value - before.value
    reach = normal_quantile(level) * math.hypot(now.error, before.error)
    low, high = difference - reach, difference + reach
    return Change(difference, low, high, None, _verdict(low, high, min(now.total, before.total) >= ENOUGH_UNITS))


def compare_counts(now: Sequence[float], before: Sequence[float], level: float = 0.95) -> Change:
    """Compare the daily means of two series of daily counts.

    Counts of posts are overdispersed and one day resembles the next, so the error of each mean comes from the days' own spread,
    widened by their lag-1 correlation (effective days = n · (1 − ρ) ÷ (1 + ρ)), never from √count; it is at least the Poisson
    error. ``difference`` is per day.
    """
    if not now or not before:
        return NOTHING
    mean_now, mean_before = _mean(now), _mean(before)
    difference = mean_now - mean_before
    relative = mean_now / mean_before - 1 if mean_before > 0 else None
    if min(len(now), len(before)) < ENOUGH_DAYS:
        return Change(difference, None, None, relative, "not_enough")
    parts = [_mean_variance(now), _mean_variance(before)]
    reach = quantile(_welch(parts), level) * math.sqrt(sum(variance for variance, _ in parts))
    low, high = difference - reach, difference + reach
    return Change(difference, low, high, relative, _verdict(low, high, sum(now) + sum(before) >= ENOUGH_UNITS))


def _verdict(low: float, high: float, enough: bool) -> Verdict:
    if not enough:
        return "not_enough"
    if low > 0:
        return "up"
    return "down" if high < 0 else "unclear"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mean_variance(values: Sequence[float]) -> tuple[float, float]:
    """Return the variance of the mean of a daily series, and its degrees of freedom."""
    n, mean = len(values), _mean(values)
    deviations = [value - mean for value in values]
    total = sum(d * d for d in deviations)
    lagged = sum(a * b for a, b in pairwise(deviations))
    measured = lagged / total if total > 0 else 0.0
    # A short series shows less correlation than it has: Kendall's first-order remedy (Biometrika 41, 1954).
    correlation = min(max(measured + (1 + 3 * measured) / n, 0.0), 0.9)
    effective = max(n * (1 - correlation) / (1 + correlation), 2.0)
    return max(total / (n - 1) / effective, mean / n), effective - 1


def _welch(parts: Sequence[tuple[float, float]]) -> float:
    """Return the Welch–Satterthwaite degrees of freedom of a sum of variances given as (variance, degrees of freedom)."""
    total = sum(variance for variance, _ in parts)
    weight = sum(variance**2 / max(freedom, 1.0) for variance, freedom in parts)
    return total**2 / weight if weight > 0 else 1.0
