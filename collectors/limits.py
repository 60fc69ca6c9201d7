"""How many requests are allowed, and when more are: what platforms say in headers, and what we keep to ourselves."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(days=1)
"""No window of a known platform is longer; a header that says more is a mistake."""

_RESET_NAMES = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset", "x-ratelimit-reset-after")
_REMAINING_NAMES = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_BUDGET = re.compile(r"\s*(\d+)\s*/\s*(\d*)\s*([smhd])\s*", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_RATELIMIT_PART = re.compile(r"\b([rt])=(\d+)", re.ASCII)
_NUMBER = re.compile(r"\d{1,16}(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Budget:
    """At most ``limit`` requests in any ``window``; written "3000/5m"."""

    limit: int
    window: timedelta

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read "3000/5m" or "100/d".

        Raises:
            ValueError: It is written in another way, or allows nothing.
        """
        match = _BUDGET.fullmatch(text)
        if not match:
            raise ValueError(text)
        limit, count = int(match[1]), int(match[2] or 1)
        if not limit or not count or count * _SECONDS[match[3]] > 31 * 86400:
            raise ValueError(text)
        return cls(limit, timedelta(seconds=count * _SECONDS[match[3]]))


def _http_date(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _moment(text: str, now: datetime) -> datetime | None:
    """Read a moment in any form that platforms use: unix seconds or milliseconds, seconds from now, ISO 8601, HTTP date."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number >= 1e11:
            number /= 1000
        try:
            return datetime.fromtimestamp(number, UTC) if number >= 1e9 else now + timedelta(seconds=number)
        except (ValueError, OverflowError, OSError):
            return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return _http_date(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def remaining_in(headers: Mapping[str, str]) -> int | None:
    """Return how many requests the answer says are left; None where it does not say."""
    for name in _REMAINING_NAMES:
        value = headers.get(name, "").strip()
        if value.isascii() and value.isdigit():
            return int(value)
    parts = dict(_RATELIMIT_PART.findall(headers.get("ratelimit", "")))
    return int(parts["r"]) if "r" in parts else None


def wait_in(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer asks us to wait; None where it does not say, or says what cannot be.

    A moment is compared with the answer's own ``Date``, so that a clock that is wrong (ours or theirs) does no harm.
    """
    theirs = _http_date(headers.get("date", "")) or now
    words = [headers.get(name, "") for name in ("retry-after", *_RESET_NAMES)]
    words += [value for name, value in _RATELIMIT_PART.findall(headers.get("ratelimit", "")) if name == "t"]
    for word in words:
        moment = _moment(word, theirs) if word.strip() else None
        if moment is not None and timedelta(0) <= moment - theirs <= LONGEST_WAIT:
            return moment - theirs
    return None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left under one key: ``left`` of ``limit`` requests. ``resets_in``: when all come back at once; None: each comes back
    ``window`` after it was used."""

    left: int
    limit: int
    window: timedelta
    resets_in: timedelta | None = None


@dataclass(slots=True)
class _Window:
    asked: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0
    said: tuple[int, float] | None = None  # so many left, until then


class Limits:
    """What is left of every budget; shared by all sources and kept from one round to the next.

    ``clock`` counts seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def wait(self, key: str, budget: Budget | None) -> float:
        """Return for how many seconds nothing may be asked under ``key``; 0 when one may go ahead."""
        window, now = self._windows.setdefault(key, _Window()), self._clock()
        wait = max(0.0, window.closed_until - now)
        if budget is not None:
            self._forget(window, budget, now)
            if len(window.asked) >= budget.limit:
                wait = max(wait, window.asked[-budget.limit] + budget.window.total_seconds() - now)
        return wait

    @staticmethod
    def _forget(window: _Window, budget: Budget, now: float) -> None:
        while window.asked and window.asked[0] <= now - budget.window.total_seconds():
            window.asked.popleft()

    def spend(self, key: str, budget: Budget | None) -> None:
        """Count one request under ``key``."""
        window = self._windows.setdefault(key, _Window())
        if budget is not None:
            window.asked.append(self._clock())
        if window.said is not None and window.said[0]:
            window.said = (window.said[0] - 1, window.said[1])

    def heard(self, key: str, remaining: int, wait: timedelta) -> None:
        """Note that the platform says: ``remaining`` requests under ``key``, and all again after ``wait``."""
        self._windows.setdefault(key, _Window()).said = (remaining, self._clock() + wait.total_seconds())

    def left(self, key: str, budget: Budget | None) -> list[Left]:
        """Return what is left under ``key``: of the budget, and of what the platform said last; nothing where neither is known."""
        window, now = self._windows.setdefault(key, _Window()), self._clock()
        found: list[Left] = []
        if budget is not None:
            self._forget(window, budget, now)
            found.append(Left(max(0, budget.limit - len(window.asked)), budget.limit, budget.window))
        if window.closed_until > now:
            rest = timedelta(seconds=window.closed_until - now)
            found.append(Left(0, 1, rest, rest))
        elif window.said is not None and window.said[1] > now:
            rest = timedelta(seconds=window.said[1] - now)
            found.append(Left(window.said[0], max(1, window.said[0]), rest, rest))
        return found

    def close(self, key: str, wait: timedelta) -> None:
        """Ask nothing under ``key`` for as long as ``wait``: the platform said so."""
        window = self._windows.setdefault(key, _Window())
        window.closed_until = max(window.closed_until, self._clock() + wait.total_seconds())
