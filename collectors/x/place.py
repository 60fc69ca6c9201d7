"""Where a reading of X goes on, as a cursor that never goes stale."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading goes on: above ``since_id``, below ``oldest``, ``count`` posts from its top.

    ``token`` is X's own cursor for that, which goes with the question that it answered: posts below ``until_id``.
    """

    since_id: str = ""
    until_id: str = ""
    oldest: str = ""
    count: int = 0
    token: str = ""

    def cursor(self) -> str:
        """Return the place as text."""
        return f"{self.since_id}|{self.until_id}|{self.oldest}|{self.count}|{self.token}"

    @classmethod
    def of(cls, cursor: str) -> Place:
        """Return the place that made ``cursor``."""
        since_id, until_id, oldest, count, token = cursor.split("|", 4)
        return cls(since_id, until_id, oldest, int(count), token)
