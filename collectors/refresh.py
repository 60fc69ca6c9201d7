"""When a post's counts are looked up again: often while it is young, then less often, and never after 30 days.

Pure functions of the post's age and its last observation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LAST_AGE = timedelta(days=30)

STEPS: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(hours=6), timedelta(minutes=30)),
    (timedelta(hours=24), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=6)),
    (timedelta(days=7), timedelta(hours=12)),
    (LAST_AGE, timedelta(days=1)),
)
"""(younger than, every): 69 look-ups in a post's life where every round comes in time."""

MILESTONES = (timedelta(hours=24), timedelta(days=7))
"""The ages at which posts are compared: a look-up is due as soon as one is reached."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post that the store knows, as far as a look-up needs it. ``observed_at`` is None where its counts were never seen."""

    native_id: str
    created_at: datetime
    observed_at: datetime | None = None


def next_look(created_at: datetime, observed_at: datetime | None, last_age: timedelta = LAST_AGE) -> datetime | None:
    """Return when the counts of a post are due again; None when never."""
    if observed_at is None:
        return created_at
    age = observed_at - created_at
    if age >= last_age:
        return None
    every = next((step for younger, step in STEPS if age < younger), STEPS[-1][1])
    due = observed_at + every
    return min([due, *(created_at + stone for stone in MILESTONES if age < stone)])


def due(posts: Iterable[Known], now: datetime, last_age: timedelta = LAST_AGE) -> list[Known]:
    """Return those of ``posts`` whose counts should be looked up now, longest overdue first."""
    waiting: list[tuple[datetime, str, Known]] = []
    for post in posts:
        if now - post.created_at >= last_age:
            continue
        at = next_look(post.created_at, post.observed_at, last_age)
        if at is not None and at <= now:
            waiting.append((at, post.native_id, post))
    return [post for _, _, post in sorted(waiting, key=lambda entry: entry[:2])]
