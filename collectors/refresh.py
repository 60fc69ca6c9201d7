"""When a post's counts are looked up again: often while it is young, then less often, and never after 30 days.

Pure functions of the post's age, its last observation and how it grew. What is due (``due``) is looked up where the budget allows; where
it does not, what a look-up is worth (``worth``) decides, see ``collectors.spending``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
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

MILESTONE_WORTH = 1.0
"""What reaching a milestone adds to a look-up's worth: more than any other look-up has, so milestones are kept first."""

FILLERS: tuple[tuple[timedelta, float], ...] = ((timedelta(hours=24), 0.5), (LAST_AGE, 0.75))
"""(younger than, part of the step): posts that have come so far fill up a request that has room."""

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Known:
    """A post that the store knows, as far as a look-up needs it.

    ``observed_at`` is None where its counts were never seen. ``growth``: how many views (else reactions) came in an hour between its
    last two observations; None where there were not two. ``checked_at``: when it was last seen to be there at all.
    ``kind`` is the post's (``store.records.Kind``): some platforms let us look up answers, and no other posts of other people.
    """

    native_id: str
    created_at: datetime
    observed_at: datetime | None = None
    growth: float | None = None
    checked_at: datetime | None = None
    kind: str = "post"


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts that one request looks up, and what that is worth."""

    posts: tuple[Known, ...]
    worth: float


def next_look(created_at: datetime, observed_at: datetime | None, last_age: timedelta = LAST_AGE) -> datetime | None:
    """Return when the counts of a post are due again; None when never."""
    if observed_at is None:
        return created_at
    age = observed_at - created_at
    if age >= last_age:
        return None
    due = observed_at + step_at(age)
    for stone in MILESTONES:
        if age < stone and created_at + stone < due:
            due = created_at + stone
    return due


def step_at(age: timedelta) -> timedelta:
    """Return how long after a look at this age the next one is due, milestones apart."""
    for younger, step in STEPS:
        if age < younger:
            return step
    return STEPS[-1][1]


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


def worth(post: Known, now: datetime) -> float:
    """Return what looking up ``post`` now is worth: the change of its counts to be expected, on a scale of its own.

    A post gains the part (1+a₀)^-⅓ − (1+a₁)^-⅓ of all it will ever gain between the ages a₀ (its last observation; birth without one) and
    a₁ (now), in hours: half of it in the first seven hours, which lies between fast networks (one or two) and slow ones (days). That part is weighed by the digits of its
    recent growth: 1 + ½ log₁₀(1 + growth an hour), 1½ where that is not known; so a post that spreads comes before one that does not, and
    a huge one does not starve a thousand small ones. A milestone that was reached and not looked at adds ``MILESTONE_WORTH``.
    """
    age = (now - post.created_at).total_seconds() / _HOUR
    seen = (post.observed_at - post.created_at).total_seconds() / _HOUR if post.observed_at else 0.0
    change = 1 / math.cbrt(1 + max(0.0, seen)) - 1 / math.cbrt(1 + max(0.0, age, seen))
    weight = 1.5 if post.growth is None else 1 + 0.5 * math.log10(1 + max(0.0, post.growth))
    missed = post.observed_at is not None and any(seen * _HOUR < stone.total_seconds() <= age * _HOUR for stone in MILESTONES)
    return change * weight + (MILESTONE_WORTH if missed else 0.0)


def batches(posts: Sequence[Known], now: datetime, size: int, fillers: Iterable[Known] = (), *, oldest_first: bool = False) -> list[Batch]:
    """Return ``posts`` in requests of up to ``size``, what is worth most first; ``fillers`` fill the last one up, as it costs the same.

    ``oldest_first``: for checks, of which the one is worth most whose post was not seen for longest (worth: days).
    """

    def rank(some: Iterable[Known]) -> list[tuple[float, Known]]:
        value = unseen_days if oldest_first else worth
        return sorted(((value(post, now), post) for post in some), key=lambda pair: (-pair[0], pair[1].native_id))

    ranked = rank(posts)
    room = -len(ranked) % size
    if room:
        ranked += rank(fillers)[:room]
    cuts = (ranked[at : at + size] for at in range(0, len(ranked), size))
    return [Batch(tuple(post for _, post in cut), sum(value for value, _ in cut)) for cut in cuts]


def nearly_due(posts: Iterable[Known], now: datetime) -> list[Known]:
    """Return the posts that are not due yet, but have come far enough (``FILLERS``) to ride along where a request has room."""
    found = []
    for post in posts:
        if post.observed_at is None:
            continue
        age, step = now - post.created_at, step_at(post.observed_at - post.created_at)
        part = next((part for younger, part in FILLERS if age < younger), None)
        if part is not None and step * part <= now - post.observed_at < step:
            found.append(post)
    return found


def checks_due(posts: Iterable[Known], now: datetime, every: timedelta) -> list[Known]:
    """Return the posts that nobody has seen to be there for as long as ``every``, longest unseen first."""
    return sorted((post for post in posts if now - _seen(post) >= every), key=lambda post: (_seen(post), post.native_id))


def unseen_days(post: Known, now: datetime) -> float:
    """Return for how many days nobody has seen ``post`` to be there."""
    return (now - _seen(post)).total_seconds() / 86400


def _seen(post: Known) -> datetime:
    return max(filter(None, (post.observed_at, post.checked_at)), default=post.created_at)
