"""A world for ``bench.collect``: five platforms, sources that post, posts whose counts grow with age. Nothing of it knows the planner.

A post gathers N·(1 − (1 + age/τ)^−β): N, τ and β are drawn for each post (N over four orders of magnitude, τ about the platform's own,
β from 0.4 to 1.4), and one post in twenty has a second wave at an age of 6 to 96 hours that is as large as the first or larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from collectors.limits import Budget

START = datetime(2026, 10, 1, tzinfo=UTC)
HORIZON = timedelta(days=30)
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: how many posts a look-up takes, when half of a post's counts are there (hours), and what limits there are.

    ``budget``: requests in any window. ``quota``: (units, days) of a fixed window that all sources share; a request costs
    ``per_request`` of it and each post that is read or looked up ``per_post``. ``naive`` is the interval of the plan it is compared with.
    """

    name: str
    batch: int
    half_life: float
    budget: Budget | None = None
    quota: tuple[float, int] | None = None
    per_request: float = 1.0
    per_post: float = 0.0


@dataclass(slots=True)
class Source:
    """A source and all posts that it will ever show: when (seconds since START, rising), and how they grow."""

    name: str
    platform: Platform
    every: timedelta
    born: list[float]
    size: list[float]
    tau: list[float]
    beta: list[float]
    second_at: list[float]
    second_size: list[float]

    def count(self, post: int, now: float) -> float:
        """Return the count of post number ``post`` at ``now`` (seconds since START)."""
        age = (now - self.born[post]) / HOUR
        first = self.size[post] * (1 - (1 + age / self.tau[post]) ** -self.beta[post])
        later = age - self.second_at[post]
        second = self.second_size[post] * (1 - (1 + later / self.tau[post]) ** -self.beta[post]) if later > 0 else 0.0
        return first + second


def sources_of(platforms: list[tuple[Platform, int]], days: int, seed: int) -> list[Source]:
    """Return the sources: one in twenty is read every half hour, five every hour, the others every four hours; posts from 30 days before START."""
    random = np.random.default_rng(seed)
    found = []
    for platform, count in platforms:
        for number in range(count):
            every = timedelta(minutes=float(random.choice([30, 60, 240], p=[0.05, 0.25, 0.7])))
            a_day = float(np.clip(random.lognormal(-0.8, 0.8), 0.1, 12))
            posts = random.poisson(a_day * (days + HORIZON.days))
            born = np.sort(random.uniform(-HORIZON.total_seconds(), days * 86400.0, posts))
            size = random.lognormal(4.5 + random.normal(0, 1), 1.5, posts)
            half = random.lognormal(np.log(platform.half_life), 0.5, posts)
            beta = random.uniform(0.4, 1.4, posts)
            tau = half / (2 ** (1 / beta) - 1)
            waves = random.random(posts) < 0.05
            second_at = np.where(waves, random.uniform(6, 96, posts), np.inf)
            second = np.where(waves, size * random.uniform(1, 8, posts), 0.0)
            drawn = (born, size, tau, beta, second_at, second)
            found.append(Source(f"{platform.name}{number}", platform, every, *(values.tolist() for values in drawn)))
    return found
