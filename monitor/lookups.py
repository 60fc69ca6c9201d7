"""What a source looks up again in a round: the counts that are due, and the posts that nobody has seen to be there lately."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.refresh import Known, batches, checks_due, due, nearly_due
from collectors.spending import Means, Spending, Turn
from monitor.texts import say
from store.records import Checked, Metrics

if TYPE_CHECKING:
    from collectors.base import Collector
    from monitor.round import Round
    from store.records import Record


@dataclass(frozen=True, slots=True)
class Overdue:
    """Posts that nobody has seen to be there for too long, longest unseen first; ``waiting`` is how many there are in all."""

    posts: Sequence[Known] = ()
    waiting: int = 0


FindOverdue = Callable[[Any, str, timedelta], Awaitable[Overdue]]
"""(source settings, platform, unseen for how long) -> the posts whose text is held and that the source should look for."""


async def none_overdue(source: Any, platform: str, unseen_for: timedelta) -> Overdue:
    """Know of no posts that must be looked for."""
    return Overdue()


@dataclass(frozen=True, slots=True)
class Behind:
    """What a budget did not reach: counts that are due, and checks with the moment when the longest unseen post was last seen."""

    counts: int = 0
    checks: int = 0
    unseen_since: datetime | None = None

    def remark(self, now: datetime) -> str | None:
        """Return a sentence for the user; None where nothing is behind."""
        if self.checks and self.unseen_since is not None:
            days = (now - self.unseen_since) / timedelta(days=1)
            return say("round.behind_checks", checks=f"{self.checks:,}", days=f"{days:.1f}")
        return say("round.behind_counts", counts=f"{self.counts:,}") if self.counts else None


@dataclass(frozen=True, slots=True)
class LookUps:
    """``posts`` are looked up now; what is found of ``only_checked`` is that they are there, their counts are not followed any more."""

    posts: list[Known]
    only_checked: frozenset[str] = frozenset()
    behind: Behind = Behind()

    def record(self, found: Record) -> Record:
        """Return what is to be kept of ``found``."""
        if isinstance(found, Metrics) and found.native_id in self.only_checked:
            return Checked(platform=found.platform, native_id=found.native_id, checked_at=found.observed_at)
        return found


@dataclass(frozen=True, slots=True)
class Asker:
    """The source whose turn it is: what it draws on, how many posts a request looks up, and what reading new posts cost it this time.

    ``sharers``: how many sources draw on the same means, as far as the settings tell.
    """

    source: str
    every: timedelta
    batch: int
    means: Sequence[Means]
    requests: int = 1
    posts: int = 0
    sharers: int = 1


async def look_ups(round_: Round, collector: Collector[Any], platform: str) -> LookUps:
    """Return what ``collector`` should look up now, as far as its budgets and allowances reach."""
    general, source, now = round_.settings.general, collector.settings, round_.now()
    known = list(await round_.candidates(source, platform)) if general.refresh_days else []
    known = [post for post in known if collector.looks_up(post)]
    if round_.refresh_all:
        return LookUps(known)
    overdue = await round_.overdue(source, platform, general.recheck) if collector.must_recheck else Overdue()
    asker = Asker(
        source.name,
        source.cron.interval(now) if source.cron else source.every,
        max(1, collector.refresh_batch),
        collector.means(round_.spending.paths.get(source.name)),
        collector.requests,
        collector.yielded,
        sum(1 for one in round_.settings.sources if one.kind == source.kind),
    )
    last_age = timedelta(days=general.refresh_days)
    free = collector.free_now(known)
    given = due([post for post in known if post.native_id in free], now, last_age)
    seen = {post.native_id for post in given}
    held = Overdue([post for post in overdue.posts if collector.looks_up(post) and post.native_id not in seen], overdue.waiting)
    paid = [post for post in known if post.native_id not in free]
    planned = plan(round_.spending, asker, paid, held, now, last_age, general.recheck)
    return replace(planned, posts=[*given, *planned.posts])


def plan(
    spending: Spending, asker: Asker, known: Sequence[Known], overdue: Overdue, now: datetime, last_age: timedelta, recheck: timedelta
) -> LookUps:
    """Return what ``asker`` should look up of ``known`` (counts, where due) and ``overdue`` (whether they are there at all)."""
    counts = due(known, now, last_age)
    followed = {post.native_id for post in counts}
    checks = [post for post in checks_due(overdue.posts, now, recheck) if post.native_id not in followed]
    # Where a request costs the same however many it asks for, posts that are nearly due ride along.
    cheap = asker.batch > 1 and not any(one.per_post for one in asker.means)
    spare = [post for post in nearly_due(known, now) if post.native_id not in followed] if cheap else []
    asked_for = batches(counts, now, asker.batch, spare), batches(checks, now, asker.batch, oldest_first=True)
    chosen = spending.choose(Turn(asker.source, asker.every, now, asker.means, *asked_for, asker.requests, asker.posts, asker.sharers))
    asked = [post for batch in (*chosen.counts, *chosen.checks) for post in batch.posts]
    return LookUps(asked, _only_checked(chosen.checks, now, last_age), _behind(counts, checks, asked, overdue, now, recheck))


def _only_checked(checks: Sequence[Any], now: datetime, last_age: timedelta) -> frozenset[str]:
    return frozenset(post.native_id for batch in checks for post in batch.posts if now - post.created_at >= last_age)


def _behind(
    counts: Sequence[Known], checks: Sequence[Known], asked: Sequence[Known], overdue: Overdue, now: datetime, recheck: timedelta
) -> Behind:
    """Say what was left. A check is late once its post was not seen for a quarter longer than it should be: a round now and then is missed."""
    names = {post.native_id for post in asked}
    left = [post for post in checks if post.native_id not in names]
    late = checks_due(left, now, recheck * 1.25)
    more = max(0, overdue.waiting - len(overdue.posts)) if late else 0
    oldest = min((post.checked_at or post.observed_at or post.created_at for post in late), default=None)
    return Behind(sum(1 for post in counts if post.native_id not in names), len(late) + more, oldest)
