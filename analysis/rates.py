"""Engagement rates with intervals that know that a post's reactions are not independent coin tosses.

A rate over a period is a ratio of sums, R = Σr ÷ Σv, over the posts of the period. Readers of one post react together (the
post is good or it is not), so the post is the unit that varies, not the view: a binomial interval over the pooled views is
far too narrow. The variance here is the linearised one of a ratio estimator with posts as clusters (Cochran, *Sampling
Techniques*, 3rd ed., 1977, ch. 6.3):

    Var(R) ≈ n ÷ (n − 1) · Σ(rᵢ − R·vᵢ)² ÷ (Σv)²,   Σ(r − Rv)² = Σr² − 2R·Σrv + R²·Σv²

so five sums per day are enough for any period. Where few posts draw most of the views, that formula alone is too bold, as each
post pulls R toward itself. Both remedies here rest on the effective number of posts n* = (Σv)² ÷ Σv² (Kish, *Survey Sampling*,
1965, ch. 11.7): the error is divided by 1 − 1/n*, an approximation of the jackknife's leverage correction that needs sums
only, and the t quantile has n* − 1 degrees of freedom. The interval is made on the log scale, which keeps it above 0 and
follows the long right tail. `tests/analysis/test_rates.py` simulates the coverage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtrit

ENOUGH_POSTS = 5
"""Below this effective number of posts a rate is shown without a verdict: one good post would decide it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of reactions per view (0.012 = 1.2 %) and how sure it is.

    ``value`` is None where no post with known views is in the period (unknown, not 0). ``low`` and ``high`` are None where the
    posts do not allow an interval. ``effective_posts`` is Kish's effective number of posts; ``log_error`` the standard error of
    ln R. ``enough`` says whether a comparison may be drawn from it.
    """

    value: float | None
    low: float | None
    high: float | None
    posts: int
    reactions: float
    views: float
    effective_posts: float = 0.0
    log_error: float | None = None
    enough: bool = False


def ratio_of_sums(posts: int, r: float, v: float, rr: float, rv: float, vv: float, level: float = 0.95) -> Rate:
    """Return the rate Σr ÷ Σv of ``posts`` posts with its interval at ``level``.

    Args:
        posts: number of posts whose views and reactions are known.
        r, v: sums of reactions and of views.
        rr, rv, vv: sums over posts of r², r·v and v².
        level: confidence level of the interval.

    Raises:
        ValueError: if a sum is negative, or ``level`` is not between 0 and 1.
    """
    if min(posts, r, v, rr, rv, vv) < 0 or not 0 < level < 1:
        raise ValueError("sums must not be negative and level must lie between 0 and 1")
    if posts == 0 or v == 0:
        return Rate(None, None, None, int(posts), r, v)
    value = r / v
    effective = v * v / vv if vv > 0 else 0.0
    if posts < 2 or r == 0:
        return Rate(value, None, None, int(posts), r, v, effective)
    leverage = max(1 - 1 / effective, 0.05)
    residual = max(rr - 2 * value * rv + value * value * vv, 0.0)
    log_error = math.sqrt(posts / (posts - 1) * residual) / v / value / leverage
    reach = quantile(effective - 1, level) * log_error
    if not math.isfinite(reach) or reach > 20:  # e^20: an interval that says nothing
        return Rate(value, None, None, int(posts), r, v, effective, log_error)
    return Rate(
        value=value,
        low=value * math.exp(-reach),
        high=value * math.exp(reach),
        posts=int(posts),
        reactions=r,
        views=v,
        effective_posts=effective,
        log_error=log_error,
        enough=effective >= ENOUGH_POSTS,
    )


def quantile(degrees_of_freedom: float, level: float = 0.95) -> float:
    """Return the two-sided Student t quantile; at least one degree of freedom is assumed."""
    return float(stdtrit(max(degrees_of_freedom, 1.0), 0.5 + level / 2))
