"""Shares and net promoter scores with intervals that hold for small numbers too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``total`` as a share (0 to 1) with its interval; all None where ``total`` is 0."""

    value: float | None
    low: float | None
    high: float | None
    hits: float
    total: float


@dataclass(frozen=True, slots=True)
class Nps:
    """A net promoter score in points (−100 to 100) with its interval; None where nobody was counted."""

    value: float | None
    low: float | None
    high: float | None
    promoters: float
    critics: float
    total: float
    error: float | None = None


def normal_quantile(level: float) -> float:
    """Return the two-sided standard normal quantile at ``level`` (1.96 at 0.95)."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(hits: float, total: float, level: float = 0.95) -> Share:
    """Return the share with Wilson's score interval (Wilson, *J. Am. Stat. Assoc.* 22, 1927).

    It takes each unit as independent: count authors, or posts of which an author has few.

    Raises:
        ValueError: if not 0 ≤ hits ≤ total.
    """
    if not 0 <= hits <= total:
        raise ValueError("hits must lie between 0 and total")
    if total == 0:
        return Share(None, None, None, hits, total)
    z = normal_quantile(level)
    p = hits / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    return Share(p, max(0.0, middle - reach), min(1.0, middle + reach), hits, total)


def net_promoter_score(promoters: float, critics: float, total: float, level: float = 0.95) -> Nps:
    """Return 100 · (promoters − critics) ÷ total with an adjusted Wald interval.

    ¾ is added to promoters and critics and 1½ to the rest before the interval is taken, which holds its level from about ten
    answers on (Rocks, "Interval Estimation for the 'Net Promoter Score'", *The American Statistician* 70, 2016). The value
    itself is not adjusted.

    Raises:
        ValueError: if a count is negative or promoters and critics are more than total.
    """
    if min(promoters, critics) < 0 or promoters + critics > total:
        raise ValueError("promoters and critics must be counts within total")
    if total == 0:
        return Nps(None, None, None, promoters, critics, total)
    n = total + 3
    p, q = (promoters + 0.75) / n, (critics + 0.75) / n
    error = 100 * math.sqrt((p + q - (p - q) ** 2) / n)
    middle, reach = 100 * (p - q), normal_quantile(level) * error
    return Nps(
        value=100 * (promoters - critics) / total,
        low=max(-100.0, middle - reach),
        high=min(100.0, middle + reach),
        promoters=promoters,
        critics=critics,
        total=total,
        error=error,
    )


def survey_nps(scores: dict[int, int], level: float = 0.95) -> Nps:
    """Return the NPS of survey answers, ``scores`` = how often each of 0 … 10 was given: % of 9–10 minus % of 0–6.

    Raises:
        ValueError: if a score is outside 0 … 10.
    """
    if any(score not in range(11) for score in scores):
        raise ValueError("survey scores run from 0 to 10")
    promoters = sum(count for score, count in scores.items() if score >= 9)
    critics = sum(count for score, count in scores.items() if score <= 6)
    return net_promoter_score(promoters, critics, sum(scores.values()), level)


def social_nps(promoters: float, critics: float, total: float, level: float = 0.95) -> Nps:
    """Return the net score of authors of personal posts: % promoters − % critics.

    Not a survey's NPS: who posts is not who buys, and the stance is a classifier's. Callers show it apart and call it uncalibrated.
    """
    return net_promoter_score(promoters, critics, total, level)
