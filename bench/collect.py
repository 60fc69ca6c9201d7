"""A month of a thousand sources on five platforms, in compressed time: what the plan of look-ups does with a budget that is short.

    python -m bench.collect

The schedule, the limits and the plan are the real ones (``monitor.schedule``, ``collectors.limits``, ``collectors.refresh``,
``collectors.spending``, ``monitor.lookups``); the world is ``bench.collect_world``. Beside it a naive plan in the same world: every post
is looked up at the same fixed interval, as short as the budget allows. The naive plan runs first; what it used becomes the limit of the
planner, so the planner never has more requests. Staleness is the time since a post's counts were read, sampled about every two hours over
a tenth of the sources; error is how much of the true count is missing in the one that is known.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import resource
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.collect_world import HORIZON, HOUR, START, Platform, Source, sources_of
from collectors.limits import Budget, Limits
from collectors.refresh import LAST_AGE, Known
from collectors.spending import Means, Spending
from monitor.lookups import Asker, Overdue, plan
from monitor.schedule import Schedule, Timing

PLATFORMS = (
    Platform("short", 100, 1.5, quota=(600.0, 30), per_request=0.0, per_post=0.005),  # USD a month for all, by the post read
    Platform("video", 50, 60.0, quota=(3_200.0, 1)),  # units a day
    Platform("photo", 1, 15.0, budget=Budget(300, timedelta(hours=1))),  # by the call, one post each
    Platform("sky", 25, 4.0, budget=Budget(85, timedelta(minutes=30))),
    Platform("server", 1, 4.0, budget=Budget(60, timedelta(minutes=15))),
)
BANDS = ((0, 1), (1, 6), (6, 24), (24, 72), (72, 168), (168, 720))
"""Ages of posts in hours."""

STEP = timedelta(minutes=2)
SAMPLED_EVERY = 61
"""Steps; no part of an hour, so that samples fall on every minute of it."""


class Purse:
    """A quota with a fixed window, as an allowance has: it refuses what would exceed it."""

    def __init__(self, limit: float, days: int) -> None:
        self.limit, self.window = limit, timedelta(days=days)
        self.spent, self.number, self.most, self.total = 0.0, 0, 0.0, 0.0

    def turn(self, now: datetime) -> None:
        """Begin a new window where the old one is over."""
        number = (now - START) // self.window
        if number != self.number:
            self.number, self.spent = number, 0.0

    def pay(self, amount: float) -> bool:
        """Pay, if there is enough."""
        if self.spent + amount > self.limit * (1 + 1e-9):
            return False
        self.spent += amount
        self.total += amount
        self.most = max(self.most, self.spent)
        return True

    def means(self, name: str, now: datetime, platform: Platform) -> Means:
        """Return what is left, as the planner is told."""
        resets_in = START + self.window * (self.number + 1) - now
        return Means(name, self.limit - self.spent, self.limit, self.window, resets_in, platform.per_request, platform.per_post)


@dataclass(slots=True)
class Tally:
    """What one platform used and how fresh its counts were."""

    collecting: int = 0
    look_ups: int = 0
    posts: int = 0
    refused: int = 0
    most: float = 0.0  # of the budget, in the worst window
    stale: dict[tuple[int, int], list[float]] = field(default_factory=lambda: {band: [] for band in BANDS})
    errors: dict[tuple[int, int], list[float]] = field(default_factory=lambda: {band: [] for band in BANDS})

    @property
    def requests(self) -> int:
        """All requests."""
        return self.collecting + self.look_ups


@dataclass(slots=True)
class Reader:
    """A source as one plan sees it: the posts that it knows, and their counts when they were read last."""

    source: Source
    known: dict[int, Known] = field(default_factory=dict)
    counts: dict[int, float] = field(default_factory=dict)
    shown: int = 0


class Watch:
    """Requests of the last window, to see that a budget was kept."""

    def __init__(self, budget: Budget) -> None:
        self.budget, self.at, self.most = budget, list[float](), 0

    def note(self, now: float) -> None:
        """Count a request."""
        self.at.append(now)
        since = now - self.budget.window.total_seconds()
        while self.at[0] <= since:
            self.at.pop(0)
        self.most = max(self.most, len(self.at))


Choose = Callable[["World", Reader, datetime, Sequence[Known], list[Means], int, int], list[Known]]


class World:
    """One run of a plan over all sources."""

    def __init__(self, sources: list[Source], days: int, choose: Choose) -> None:
        self.readers = {source.name: Reader(source) for source in sources}
        self.days, self.choose = days, choose
        self.now = START
        self.limits = Limits(lambda: (self.now - START).total_seconds())
        self.spending = Spending()
        self.sharers: dict[str, int] = {}
        for source in sources:
            self.sharers[source.platform.name] = self.sharers.get(source.platform.name, 0) + 1
        platforms = {source.platform.name: source.platform for source in sources}
        self.purses = {name: Purse(*platform.quota) for name, platform in platforms.items() if platform.quota}
        self.watches = {name: Watch(platform.budget) for name, platform in platforms.items() if platform.budget}
        self.tallies = {name: Tally() for name in platforms}
        self.random = random.Random(1)

    def run(self) -> None:
        """Go through the days, two minutes at a time."""
        first = {
            name: Timing(reader.source.every, START - reader.source.every * self.random.random()) for name, reader in self.readers.items()
        }
        schedule = Schedule(first, random_state=self.random, now=START)
        for reader in self.readers.values():
            self._settle(reader)
        for step in range(self.days * 86400 // int(STEP.total_seconds())):
            self.now = START + STEP * step
            for purse in self.purses.values():
                purse.turn(self.now)
            names = schedule.due(self.now)
            for name in names:
                self._turn(self.readers[name])
            schedule.tried(names, self.now)
            if step % SAMPLED_EVERY == 0 and self.now - START >= timedelta(days=1):
                self._sample()
        for name, watch in self.watches.items():
            self.tallies[name].most = watch.most / watch.budget.limit
        for name, purse in self.purses.items():
            self.tallies[name].most = purse.most / purse.limit

    def _settle(self, reader: Reader) -> None:
        """Know the posts of before as a plan in its stride does: each read at a random moment of the last day of its life so far."""
        source = reader.source
        reader.shown = bisect_right(source.born, 0.0)
        for post in range(reader.shown):
            self._read(reader, post, max(-86400.0, source.born[post]) * self.random.random() / 2)

    def _read(self, reader: Reader, post: int, at: float) -> None:
        born = START + timedelta(seconds=reader.source.born[post])
        count, old = reader.source.count(post, at), reader.known.get(post)
        growth, moment = None, START + timedelta(seconds=at)
        if old is not None and old.observed_at is not None and moment > old.observed_at:
            growth = (count - reader.counts[post]) * HOUR / (moment - old.observed_at).total_seconds()
        reader.known[post] = Known(str(post), born, moment, growth)
        reader.counts[post] = count

    def _pay(self, platform: Platform, posts: int) -> bool:
        """Send one request, if the platform lets us."""
        name = platform.name
        if self.limits.wait(name, platform.budget) > 0:
            return False
        if name in self.purses and not self.purses[name].pay(platform.per_request + platform.per_post * posts):
            return False
        self.limits.spend(name, platform.budget)
        if name in self.watches:
            self.watches[name].note((self.now - START).total_seconds())
        return True

    def _turn(self, reader: Reader) -> None:
        source, tally, at = reader.source, self.tallies[reader.source.platform.name], (self.now - START).total_seconds()
        platform = source.platform
        new = range(reader.shown, bisect_right(source.born, at))
        if not self._pay(platform, len(new)):
            tally.refused += 1
            return
        tally.collecting += 1
        for post in new:
            self._read(reader, post, at)
        reader.shown = new.stop
        last = self.now - LAST_AGE
        while reader.known:  # by birth, oldest first
            oldest = next(iter(reader.known))
            if reader.known[oldest].created_at > last:
                break
            del reader.known[oldest], reader.counts[oldest]
        purse = self.purses.get(platform.name)
        means = [Means(platform.name, one.left, one.limit, one.window) for one in self.limits.left(platform.name, platform.budget)]
        means += [purse.means(platform.name, self.now, platform)] if purse else []
        asked = self.choose(self, reader, self.now, list(reader.known.values()), means, 1, len(new))
        for start in range(0, len(asked), platform.batch):
            posts = asked[start : start + platform.batch]
            if not self._pay(platform, len(posts)):
                tally.refused += 1
                return
            tally.look_ups += 1
            tally.posts += len(posts)
            for known in posts:
                self._read(reader, int(known.native_id), at)

    def _sample(self) -> None:
        at = (self.now - START).total_seconds()
        for reader in list(self.readers.values())[::10]:
            tally = self.tallies[reader.source.platform.name]
            for post, known in reader.known.items():
                age = (self.now - known.created_at).total_seconds() / HOUR
                band = next((band for band in BANDS if age < band[1]), None)
                if band is None or known.observed_at is None:
                    continue
                tally.stale[band].append((self.now - known.observed_at).total_seconds() / 60)
                true = reader.source.count(post, at)
                tally.errors[band].append(1 - reader.counts[post] / true if true else 0.0)


def planned(
    world: World, reader: Reader, now: datetime, known: Sequence[Known], means: list[Means], requests: int, posts: int
) -> list[Known]:
    """Return what the real plan looks up."""
    source = reader.source
    asker = Asker(source.name, source.every, source.platform.batch, means, requests, posts, world.sharers[source.platform.name])
    return plan(world.spending, asker, known, Overdue(), now, LAST_AGE, timedelta(days=1)).posts


def fixed(intervals: dict[str, timedelta]) -> Choose:
    """Return the naive plan: every post again after its platform's interval, whatever its age."""

    def choose(
        world: World, reader: Reader, now: datetime, known: Sequence[Known], means: list[Means], requests: int, posts: int
    ) -> list[Known]:
        every = intervals[reader.source.platform.name]
        waiting = [(post.observed_at, post.native_id, post) for post in known if post.observed_at and now - post.observed_at >= every]
        return [post for _, _, post in sorted(waiting, key=lambda one: one[:2])]

    return choose


def shortest_intervals(sources: list[Source]) -> dict[str, timedelta]:
    """Return for each platform the shortest fixed interval that its budget pays, new posts paid first, with a twentieth to spare."""
    found = {}
    for name in {source.platform.name for source in sources}:
        some = [source for source in sources if source.platform.name == name]
        platform = some[0].platform
        live = [len(source.born) * HORIZON / (HORIZON + timedelta(seconds=max(source.born, default=0.0))) for source in some]
        if platform.budget:
            a_day = platform.budget.limit * 86400 / platform.budget.window.total_seconds()
        else:
            assert platform.quota
            a_day = platform.quota[0] / platform.quota[1]
        new = sum(count / HORIZON.days for count in live)
        a_day = 0.95 * a_day - sum(86400 / (1.05 * s.every.total_seconds()) for s in some) * platform.per_request - new * platform.per_post
        hours = 0.25
        while True:
            # posts that are due together in a turn share requests
            turns = [max(source.every.total_seconds() / HOUR * 1.05, hours) for source in some]
            due = [count * turn / hours if turn > hours else count for count, turn in zip(live, turns, strict=True)]
            cost = sum(
                24 / turn * (platform.per_request * math.ceil(min(n, count) / platform.batch) + platform.per_post * min(n, count))
                for n, count, turn in zip(due, live, turns, strict=True)
            )
            if cost <= a_day or hours > 720:
                break
            hours *= 1.05
        found[name] = timedelta(hours=hours)
    return found


def capped(platform: Platform, naive: World) -> Platform:
    """Return the platform with no more requests, units or money than the naive plan used, on average."""
    if platform.budget:
        windows = naive.days * 86400 / platform.budget.window.total_seconds()
        limit = max(1, min(platform.budget.limit, int(naive.tallies[platform.name].requests / windows)))
        return replace(platform, budget=Budget(limit, platform.budget.window))
    assert platform.quota
    limit, days = platform.quota
    return replace(platform, quota=(min(limit, naive.purses[platform.name].total * days / naive.days), days))


def quantiles(values: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    return (float(np.median(values)), float(np.quantile(values, 0.95))) if values else (math.nan, math.nan)


def show(naive: World, ours: World) -> None:
    """Print the tables."""
    console = Console(width=130)
    used = Table(
        "platform", "plan", "for new posts", "look-ups", "posts looked up", "requests", "fullest window", "refused", title="Requests"
    )
    for name in naive.tallies:
        for label, world in (("naive", naive), ("planner", ours)):
            t = world.tallies[name]
            cells = (t.collecting, t.look_ups, t.posts, t.requests)
            used.add_row(name, label, *(f"{cell:,}" for cell in cells), f"{t.most:.1%}", f"{t.refused:,}")
    console.print(used)
    for title, unit, pick in (("Staleness", "min", "stale"), ("Part of the count that is not known yet", "%", "errors")):
        table = Table(
            "platform", "plan", *(f"{low}–{high} h" for low, high in BANDS), title=f"{title} ({unit}): median / 95th percentile, by age"
        )
        for name in (*naive.tallies, "all"):
            for label, world in (("naive", naive), ("planner", ours)):
                cells = []
                for band in BANDS:
                    tallies = world.tallies.values() if name == "all" else [world.tallies[name]]
                    middle, high = quantiles([value for tally in tallies for value in getattr(tally, pick)[band]])
                    scale = 1 if unit == "min" else 100
                    cells.append(f"{middle * scale:,.0f} / {high * scale:,.0f}")
                table.add_row(name, label, *cells)
        console.print(table)


def memory() -> float:
    """Return the most memory that this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run both plans in the same world, and print what they did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    share = options.sources // len(PLATFORMS)
    worlds = []
    platforms = {platform.name: platform for platform in PLATFORMS}
    for label in ("naive", "planner"):
        sources = sources_of([(platform, share) for platform in platforms.values()], options.days, options.seed)
        choose = fixed(shortest_intervals(sources)) if label == "naive" else planned
        before, started = memory(), time.process_time()
        world = World(sources, options.days, choose)
        world.run()
        worlds.append(world)
        posts = sum(len(reader.known) for reader in world.readers.values())
        assert all(tally.most <= 1 for tally in world.tallies.values()), "a budget was exceeded"
        used = f"{time.process_time() - started:.0f} s of CPU, {memory():.0f} MB ({memory() - before:+.0f})"
        print(f"{label}: {used}, {posts:,} posts known at the end, no budget exceeded", flush=True)
        if label == "naive":
            print({name: str(every).partition(".")[0] for name, every in sorted(shortest_intervals(sources).items())})
            platforms = {name: capped(platform, world) for name, platform in platforms.items()}
        gc.collect()
    show(*worlds)


if __name__ == "__main__":
    main()
