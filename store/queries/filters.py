"""What a page is asked to show, and the SQL pieces that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Definition = Literal["basic", "all"]
Grain = Literal["day", "week", "month"]
What = Literal["own", "mention", "every"]

_KNOWN = "{t}.likes IS NOT NULL OR {t}.comments IS NOT NULL"
_SUMS: dict[Definition, str] = {
    "basic": "coalesce({t}.likes, 0) + coalesce({t}.comments, 0)",
    "all": "coalesce({t}.likes, 0) + coalesce({t}.comments, 0) + coalesce({t}.shares, 0) + coalesce({t}.saves, 0)",
}

SCORED = """LEFT JOIN (
    SELECT c.post_key, coalesce(h.sentiment, c.sentiment) AS sentiment, coalesce(h.stance, c.stance) AS stance, c.p_negative,
           CASE WHEN h.sentiment IS NULL THEN c.unsure ELSE false END AS unsure, c.mention_type,
           h.post_key IS NOT NULL AS confirmed, coalesce(h.relevant, true) AS relevant,
           c.sentiment AS model_sentiment, c.stance AS model_stance
    FROM scores c LEFT JOIN labels h ON h.post_key = c.post_key AND h.brand = c.brand
    WHERE c.brand = $brand AND c.model = (SELECT value FROM meta WHERE name = 'model')
) s ON s.post_key = m.post_key"""
"""SQL that joins the current model's scores, people's labels before them, to ``mentions m`` of ``$brand``, as the view ``mention_scored``
does, without its other joins.

``RELEVANT`` leaves out what a person found not to be about the brand. The brand is named by its value and not as ``m.brand``: then only that brand's scores are read.
"""


RELEVANT = "coalesce(s.relevant, true)"


@dataclass(frozen=True, slots=True)
class Filters:
    """A brand, the days from ``start`` to ``end`` (both included, Asia/Tokyo), platforms (empty: all) and the rate's definition."""

    brand: str
    start: date
    end: date
    platforms: tuple[str, ...] = ()
    definition: Definition = "basic"

    @property
    def values(self) -> dict[str, object]:
        """The values of ``$brand``, ``$from_day``, ``$to_day`` and ``$platforms``."""
        return {"brand": self.brand, "from_day": self.start, "to_day": self.end, "platforms": list(self.platforms)}

    def reactions(self, table: str) -> str:
        """SQL for the reactions of a row of ``table``: NULL where neither likes nor comments are known, as in ``engagement_daily``."""
        return f"CASE WHEN {_KNOWN} THEN {_SUMS[self.definition]} END".format(t=table)


def on_platforms(column: str) -> str:
    """SQL that holds where ``column`` is among ``$platforms``, or everywhere if that is empty."""
    return f"(len($platforms::VARCHAR[]) = 0 OR list_contains($platforms::VARCHAR[], {column}))"


def bin_of(column: str, grain: Grain) -> str:
    """SQL for the first day of the bin that holds ``column``; weeks start on Monday."""
    return column if grain == "day" else f"CAST(date_trunc('{grain}', {column}) AS DATE)"
