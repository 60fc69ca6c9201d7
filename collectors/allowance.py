"""Allowances: what a platform lets us use in a month, a day or any stretch of time: money, quota units, calls, hashtags.

They outlive the process. What a request may cost at most is written down **before** it is sent and settled afterwards, so an allowance
is never exceeded: not by several processes at once, and not by one that is killed between the two (its reservation stays counted).

    budget = Allowance("x", Decimal("30"), "USD", Month(), say("X の予算", "X budget"))
    held = context.allowances.reserve(budget, Decimal("0.50"))     # BusyError(until=…) where it would be exceeded
    …                                                              # the request
    context.allowances.settle(held, Decimal("0.035"))              # what it did cost

``Charge`` does this for each attempt of a request when it is given to ``Line.ask`` as ``charge``. What is counted once however often it
is used (30 unique hashtags a week) is drawn with ``reserve_each``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Literal

from collectors.errors import BusyError
from collectors.language import say
from collectors.ledger import Entry, Ledger
from collectors.windows import PACIFIC_DAY, Day, Month, Rolling, Window

__all__ = [
    "PACIFIC_DAY",
    "Allowance",
    "Allowances",
    "Amount",
    "Charge",
    "Day",
    "Month",
    "Reservation",
    "Rolling",
    "Standing",
    "Unit",
    "Window",
]

Unit = Literal["USD", "units", "calls", "hashtags"]
Amount = Decimal | int

GRACE = timedelta(minutes=10)
"""A request on its way across the end of a window counts in the next one too: nobody knows in which the platform books it."""

UNDER_WAY = timedelta(minutes=1)
"""So long it takes at most until a request that is under way is settled."""

HISTORY = timedelta(days=7)
"""A forecast goes by what was used in so many days."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most ``limit`` of ``unit`` in a ``window``. Sources that give the same ``name`` draw on the same one; ``title`` is for people."""

    name: str
    limit: Amount
    unit: Unit
    window: Window
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was written down before a request, and which keys that was for; to be settled after it."""

    allowance: Allowance
    id: str
    amount: Decimal
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an allowance stands. ``forecast`` is what will have been used when the window ends; None where nobody can know yet."""

    allowance: Allowance
    spent: Decimal
    left: Decimal
    resets_at: datetime
    forecast: Decimal | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Allowances:
    """What was used of every allowance, kept in the file ``path`` (None: in memory, for tests). Any number of processes may share it."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = _utc_now) -> None:
        self._ledger = Ledger(path)
        self._now = now

    def reserve(self, allowance: Allowance, amount: Amount) -> Reservation:
        """Set ``amount`` aside, safe from a crash when this returns; call it before the request is sent.

        Raises:
            BusyError: It would exceed the allowance (``limited``; ``until``: when there is room), or it cannot be written down.
        """
        return self._reserve(allowance, Decimal(amount), ())

    def reserve_each(self, allowance: Allowance, keys: Collection[str], each: Amount = 1) -> Reservation:
        """Set ``each`` aside for those of ``keys`` that were not used in the allowance's window so far, and note them.

        Raises:
            BusyError: As ``reserve``.
        """
        return self._reserve(allowance, Decimal(each), tuple(dict.fromkeys(keys)), by_key=True)

    def _reserve(self, allowance: Allowance, amount: Decimal, keys: tuple[str, ...], by_key: bool = False) -> Reservation:
        if amount < 0:
            raise ValueError(f"an amount below 0: {amount}")
        now, window = self._now(), allowance.window
        with self._ledger.opened(now) as book:
            known = book.keys(allowance.name, now)
            new = [key for key in keys if key not in known]
            wanted = amount * len(new) if by_key else amount
            if not wanted:
                return Reservation(allowance, "", Decimal(0))
            if self._spent(allowance, book.entries(allowance.name), now) + wanted > Decimal(allowance.limit):
                raise self._used_up(allowance, book.entries(allowance.name), wanted, now)
            return Reservation(allowance, book.reserve(allowance.name, now, wanted, new, window.end(now)), wanted, tuple(new))

    def settle(self, reservation: Reservation, actual: Amount | None = None) -> None:
        """Write down what a request did cost (0: nothing, as for one that was refused, and its keys are new again; None: all of it)."""
        amount = reservation.amount if actual is None else Decimal(actual)
        if not reservation.id:
            return
        now = self._now()
        with self._ledger.opened(now) as book:
            book.settle(reservation.id, reservation.allowance.name, now, amount, () if amount else reservation.keys, now)

    def settle_each(self, reservation: Reservation, costs: Mapping[str, Amount], once: Window) -> Decimal:
        """Write down the ``costs`` of those keys that were not charged in the window ``once`` so far; return what that makes."""
        now, name = self._now(), reservation.allowance.name
        with self._ledger.opened(now) as book:
            known = book.keys(name, now)
            new = [key for key in costs if key not in known]
            actual = sum((Decimal(costs[key]) for key in new), Decimal(0))
            if reservation.id or actual:
                book.settle(reservation.id or token_hex(8), name, now, actual, new, once.end(now))
            return actual

    def charged(self, allowance: Allowance, keys: Collection[str]) -> set[str]:
        """Return those of ``keys`` that cost nothing for the next ten minutes, because they were charged in their window already."""
        now = self._now()
        with self._ledger.opened(now) as book:
            return set(keys) & book.keys(allowance.name, now + GRACE)

    def spent(self, allowance: Allowance, *, under_way: bool = True) -> Decimal:
        """Return what was used in the window, with what is set aside for requests that are ``under_way``."""
        now = self._now()
        with self._ledger.opened(now) as book:
            entries = book.entries(allowance.name)
            return self._spent(allowance, entries if under_way else [one for one in entries if not _is_under_way(one, now)], now)

    def left(self, allowance: Allowance) -> Decimal:
        """Return what may still be used; never below 0."""
        return max(Decimal(0), Decimal(allowance.limit) - self.spent(allowance))

    def resets_at(self, allowance: Allowance) -> datetime:
        """Return when the window ends; of a rolling one, when the first of what was used stops counting (now, where nothing was)."""
        now = self._now()
        with self._ledger.opened(now) as book:
            return self._resets_at(allowance, book.entries(allowance.name), now)

    def standing(self, allowance: Allowance) -> Standing:
        """Return where the allowance stands and where it is going."""
        now = self._now()
        with self._ledger.opened(now) as book:
            entries = book.entries(allowance.name)
            spent = self._spent(allowance, entries, now)
            left = max(Decimal(0), Decimal(allowance.limit) - spent)
            return Standing(allowance, spent, left, self._resets_at(allowance, entries, now), _forecast(allowance, entries, spent, now))

    def _spent(self, allowance: Allowance, entries: Collection[Entry], now: datetime) -> Decimal:
        return sum((entry.amount for entry in entries if _counts(allowance, entry, now)), Decimal(0))

    def _resets_at(self, allowance: Allowance, entries: Collection[Entry], now: datetime) -> datetime:
        if not isinstance(allowance.window, Rolling):
            return allowance.window.end(now)
        return min(
            (entry.at + allowance.window.length for entry in entries if entry.amount and _counts(allowance, entry, now)), default=now
        )

    def _used_up(self, allowance: Allowance, entries: Collection[Entry], wanted: Decimal, now: datetime) -> BusyError:
        until = allowance.window.end(now)
        spent = self._spent(allowance, entries, now)
        under_way = sum((entry.amount for entry in entries if _is_under_way(entry, now)), Decimal(0))
        if spent - under_way + wanted <= Decimal(allowance.limit):
            until = min(until, now + UNDER_WAY)  # others have set more aside than they will need
        elif isinstance(allowance.window, Rolling):
            freed = Decimal(0)
            for entry in sorted((one for one in entries if _counts(allowance, one, now)), key=lambda one: one.at):
                freed += entry.amount
                if spent - freed + wanted <= Decimal(allowance.limit):
                    until = entry.at + allowance.window.length
                    break
        title = allowance.title or allowance.name
        used = f"{_plain(spent)} / {_plain(Decimal(allowance.limit))} {allowance.unit}"
        advice = more_money() if allowance.unit == "USD" else None
        return BusyError(say(f"{title}を使い切りました({used})", f"The {title} is used up ({used})"), until, limited=True, advice=advice)


def more_money() -> str:
    """Return what can be done where a budget does not reach."""
    return say(
        "期限が来れば自動で再開します。もっと読むには、設定の予算を増やすか、検索する言葉を減らしてください",
        "It goes on by itself when the time comes. To read more, raise the budget in the settings or search for fewer words",
    )


def _counts(allowance: Allowance, entry: Entry, now: datetime) -> bool:
    return entry.at >= allowance.window.start(now) or _is_under_way(entry, now)


def _is_under_way(entry: Entry, now: datetime) -> bool:
    return entry.open and entry.at >= now - GRACE


def _forecast(allowance: Allowance, entries: Collection[Entry], spent: Decimal, now: datetime) -> Decimal | None:
    """Go on as in the last seven days (or as many as are known, a day at least) until the window ends."""
    if not entries:
        return None
    known = now - min(entry.at for entry in entries)
    if known < timedelta(days=1):
        return None
    span = min(known, HISTORY)
    recent = sum((entry.amount for entry in entries if entry.at > now - span), Decimal(0))
    rate = recent / Decimal(span.total_seconds())
    if isinstance(allowance.window, Rolling):
        return rate * Decimal(allowance.window.length.total_seconds())
    return spent + rate * Decimal((allowance.window.end(now) - now).total_seconds())


def _plain(number: Decimal) -> str:
    """Return ``number`` for people: no exponent, no idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Charge:
    """What one request draws on an allowance, attempt by attempt; give it to ``Line.ask`` as ``charge`` and settle it with the answer.

    ``at_most`` is the most that one attempt can cost. An attempt that was refused (a status of 400 and more) or never left costs nothing
    unless ``refused_costs``; one of which nobody knows whether it was booked (a timeout, an answer cut off) stays at the most, unless
    ``repeats_free`` (the platform books the same things once) and a later attempt brings them.
    """

    def __init__(
        self, allowances: Allowances, allowance: Allowance, at_most: Amount, *, refused_costs: bool = False, repeats_free: bool = False
    ) -> None:
        self._allowances = allowances
        self._allowance = allowance
        self._at_most = at_most
        self._refused_costs = refused_costs
        self._repeats_free = repeats_free
        self._held: Reservation | None = None
        self._unknown: list[Reservation] = []

    def sending(self) -> None:
        """Reserve for the attempt that is about to be sent (BusyError where it would be too much)."""
        if self._held is not None:
            self._unknown.append(self._held)
            self._held = None
        self._held = self._allowances.reserve(self._allowance, self._at_most)

    def answered(self, status: int | None) -> None:
        """Note that the attempt was answered whole; ``status`` None: it never left this machine."""
        if self._held is not None and (status is None or (status >= 400 and not self._refused_costs)):
            self._allowances.settle(self._held, 0)
            self._held = None

    def settle(self, actual: Amount) -> None:
        """Write down what the answered attempt did cost."""
        if self._held is not None:
            self._allowances.settle(self._held, actual)
            self._done()

    def settle_each(self, costs: Mapping[str, Amount], once: Window) -> Decimal:
        """Write down the ``costs`` of those keys that were not charged in ``once``; return what that makes."""
        if self._held is None:
            return Decimal(0)
        actual = self._allowances.settle_each(self._held, costs, once)
        self._done()
        return actual

    def _done(self) -> None:
        for earlier in self._unknown if self._repeats_free else ():
            self._allowances.settle(earlier, 0)
        self._held, self._unknown = None, []
