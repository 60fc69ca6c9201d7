"""What a page is asked to show, and the SQL pieces that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Definition = Literal["basic", "all"]
Grain = Literal["day", "week", "month"]
What = Literal["own", "mention", "every"]

REACTIONS: dict[Definition, str] = {
    "basic": "CASE WHEN {t}.likes IS NULL AND {t}.comments IS NULL THEN NULL ELSE coalesce({t}.likes, 0) + coalesce({t}.comments, 0) END",
    "all": "CASE WHEN {t}.likes IS NULL AND {t}.comments IS NULL AND {t}.shares IS NULL AND {t}.saves IS NULL THEN NULL "
    "ELSE coalesce({t}.likes, 0) + coalesce({t}.comments, 0) + coalesce({t}.shares, 0) + coalesce({t}.saves, 0) END",
}
"""The reactions of one row of counts aliased ``{t}``: the sum of those the platform gave, NULL where it gave none."""


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
        """SQL for the reactions of a row of ``table`` under the definition."""
        return REACTIONS[self.definition].format(t=table)


def on_platforms(column: str) -> str:
    """SQL that holds where ``column`` is among ``$platforms``, or everywhere if that is empty."""
    return f"(len($platforms::VARCHAR[]) = 0 OR list_contains($platforms::VARCHAR[], {column}))"


def bin_of(column: str, grain: Grain) -> str:
    """SQL for the first day of the bin that holds ``column``; weeks start on Monday."""
    return column if grain == "day" else f"CAST(date_trunc('{grain}', {column}) AS DATE)"
