"""Who may look up how much: one plan for all sources that draw on the same budget, kept from round to round.

Where a budget is enough, everything that is due is looked up. Where it is not, each source would in its turn either take what the others
need, or leave what nobody else wants. So every source tells in its turn what it could use and what that is worth; the plan knows what all
of them told last, and sets the bar so high that what lies above it can be paid from what is left until the budget is full again. A source
then takes what is above the bar. What reading new posts costs is set aside first, and what must be looked up to see whether it is still
there (``checks``) has a share of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from collectors.limits import Budget
from collectors.refresh import Batch

CHECK_SHARE = 0.25
"""Of what look-ups may cost, so much goes to checks that are overdue, if there are any."""

SLACK = 0.05
"""Of a budget that comes back bit by bit, so much is planned for nobody: rounds come unevenly, and a plan knows only the past."""

RECKONED_EVERY = timedelta(minutes=15)
FORGOTTEN_AFTER = 3
"""A source that has not come for so many of its intervals needs nothing any more."""


if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Rows: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Means:
    """What look-ups draw on: requests of a budget, or money or units of an allowance; who gives the same ``name`` shares it.

    ``left`` of ``limit`` may be used now. ``resets_in``: when all of it is there again; None: what was used comes back after ``window``.
    ``per_request`` and ``per_post`` are what a look-up costs.
    """

    name: str
    left: float
    limit: float
    window: timedelta
    resets_in: timedelta | None = None
    per_request: float = 1.0
    per_post: float = 0.0

    def cost(self, posts: int) -> float:
        """Return what a request for so many posts costs."""
        return self.per_request + self.per_post * posts

    @property
    def pace(self) -> float:
        """What may be used a second so that it lasts."""
        if self.resets_in is None:
            return self.limit * (1 - SLACK) / self.window.total_seconds()
        return self.left / max(1.0, self.resets_in.total_seconds())


@dataclass(frozen=True, slots=True)
class Turn:
    """What a source says when it comes: how often it comes, what it could use, and what reading new posts cost it this time.

    ``sharers``: how many sources there are that draw on the same means, known to the plan or not.
    """

    source: str
    every: timedelta
    now: datetime
    means: Sequence[Means]
    counts: Sequence[Batch]
    checks: Sequence[Batch] = ()
    requests: int = 1
    posts: int = 0
    sharers: int = 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a source may look up now."""

    counts: list[Batch]
    checks: list[Batch]


@dataclass(slots=True)
class _Told:
    at: datetime
    seconds: float
    collecting: float
    dearest: float
    counts: Rows
    checks: Rows


@dataclass(slots=True)
class _Pool:
    """All that is known of one means."""

    told: dict[str, _Told] = field(default_factory=dict)
    bars: tuple[float, float] = (0.0, 0.0)
    credit: float | None = None
    pace: float = 0.0  # for look-ups, a second
    collecting: float = 0.0  # for new posts, a second
    most: float = 0.0
    reckoned_at: datetime | None = None
    reckoned_with: int = 0

    def hear(self, turn: Turn, means: Means) -> None:
        """Note what ``turn`` could use, and set the bars anew where they are old."""
        seconds = max(1.0, turn.every.total_seconds())
        collecting = turn.requests * means.per_request + turn.posts * means.per_post
        told = self.told.get(turn.source)
        if told is not None:  # what one round brought is no rule
            collecting = 0.3 * collecting + 0.7 * told.collecting
        counts, checks = (_rows(batches, means, seconds) for batches in (turn.counts, turn.checks))
        dearest = max((means.cost(len(batch.posts)) for batch in (*turn.counts, *turn.checks)), default=0.0)
        self.told[turn.source] = _Told(turn.now, seconds, collecting, dearest, counts, checks)
        old = self.reckoned_at is None or turn.now - self.reckoned_at >= RECKONED_EVERY
        if old or len(self.told) > 1.1 * self.reckoned_with:
            self._reckon(turn, means)

    def _reckon(self, turn: Turn, means: Means) -> None:
        import numpy as np  # here, because every command imports the collectors and few plan anything

        now, last = turn.now, self.reckoned_at
        for name in [name for name, one in self.told.items() if (now - one.at).total_seconds() > FORGOTTEN_AFTER * one.seconds + 3600]:
            del self.told[name]
        scale = max(1.0, turn.sharers / len(self.told))
        self.collecting = scale * sum(one.collecting / one.seconds for one in self.told.values())
        self.pace = max(0.0, means.pace - self.collecting)
        horizon = max(one.seconds for one in self.told.values())
        self.most = max(2 * self.pace * horizon, *(one.dearest for one in self.told.values()))
        if self.credit is None or last is None:
            self.credit = self.most / 2
        self.credit = min(self.most, self.credit + self.pace * (now - last).total_seconds() if last else self.credit)
        # Credit that runs out raises the bars. They are set for a tenth less than there is: else who comes late in a window finds it empty,
        # and waits for its next turn with what is worth most.
        pace = self.pace * (0.5 + 0.4 * (self.credit / self.most if self.most else 0.5)) / scale
        checks = np.concatenate([one.checks for one in self.told.values()])
        counts_bar, used = _bar(np.concatenate([one.counts for one in self.told.values()]), pace * (1 - CHECK_SHARE * bool(len(checks))))
        checks_bar, _ = _bar(checks, pace - used)
        self.bars, self.reckoned_at, self.reckoned_with = (counts_bar, checks_bar), now, len(self.told)

    def allowed(self, means: Means) -> float:
        """Return what a turn may use: the credit, but never what new posts will cost until the budget is full again."""
        coming = self.collecting * (means.window if means.resets_in is None else means.resets_in).total_seconds()
        # What comes back bit by bit need not be there now, but for the sources that happen to come at once.
        kept = (0.0 if means.resets_in is None else coming) + math.sqrt(coming)
        return max(0.0, min(self.credit or 0.0, means.left - kept))


def _rows(batches: Sequence[Batch], means: Means, seconds: float) -> Rows:
    """Return a row for each batch: its worth per cost, and its cost a second."""
    import numpy as np

    costs = [means.cost(len(batch.posts)) for batch in batches]
    rows = [(batch.worth / cost if cost else np.inf, cost / seconds) for batch, cost in zip(batches, costs, strict=True)]
    return np.array(rows, dtype=float).reshape(-1, 2)


def _bar(rows: Rows, pace: float) -> tuple[float, float]:
    """Return the worth per cost above which everything together costs at most ``pace`` a second, and what that is."""
    import numpy as np

    ranked = rows[np.argsort(-rows[:, 0], kind="stable")]
    used = np.cumsum(ranked[:, 1])
    if not len(used) or used[-1] <= pace:
        return 0.0, float(used[-1]) if len(used) else 0.0
    return float(ranked[int(np.searchsorted(used, pace, side="right")), 0]), pace


class Spending:
    """The plan; one for all rounds of a process. Not for several threads."""

    def __init__(self) -> None:
        self._pools: dict[str, _Pool] = {}
        self.paths: dict[str, dict[str, Budget | None]] = {}
        """source -> the keys of the budgets that its look-ups drew on the last time (see ``Line.keys``), and the budgets."""

    def choose(self, turn: Turn) -> Chosen:
        """Return what ``turn`` may look up now, what is worth most first; it counts as used."""
        purses = [(means, self._pools.setdefault(means.name, _Pool())) for means in turn.means]
        for means, pool in purses:
            pool.hear(turn, means)
        allowed = [pool.allowed(means) for means, pool in purses]
        taken = [0.0] * len(purses)

        def take(batches: Sequence[Batch], kind: int) -> list[Batch]:
            chosen = []
            for batch in batches:
                costs = [means.cost(len(batch.posts)) for means, _ in purses]
                worthy = all(batch.worth >= pool.bars[kind] * cost for cost, (_, pool) in zip(costs, purses, strict=True))
                if worthy and all(used + cost <= most for used, cost, most in zip(taken, costs, allowed, strict=True)):
                    chosen.append(batch)
                    taken[:] = [used + cost for used, cost in zip(taken, costs, strict=True)]
            return chosen

        found = Chosen(take(turn.counts, 0), take(turn.checks, 1))
        for used, (_, pool) in zip(taken, purses, strict=True):
            pool.credit = (pool.credit or 0.0) - used
        return found
