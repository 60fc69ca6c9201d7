"""Faults that the demo's server shows on request: what real platforms do on a bad day."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any, Literal, get_args

FaultKind = Literal["busy", "error", "slow", "cut", "cut_unseen", "broken_json", "html", "same_cursor", "expired", "change"]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault:
    """What happens to the next ``times`` requests whose path matches ``path`` (as in a shell), after ``skip`` that go well.

    busy        HTTP 429 with ``headers`` (none: it does not say for how long)
    error       HTTP ``status``
    slow        the answer comes after ``seconds``
    cut         the connection ends in the middle of a body whose length was told
    cut_unseen  it ends in the middle of a body whose length was not told
    broken_json the body is not JSON
    html        a page instead of JSON
    same_cursor the cursor leads to the page that was asked for; with ``status`` 1 the same page comes under new cursors
    expired     the access token is not taken any more
    change      the body is what ``change`` makes of it
    """

    kind: FaultKind
    path: str = "*"
    times: int = 1
    skip: int = 0
    status: int = 500
    seconds: float = 1.0
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind}: there are {', '.join(KINDS)}")


class Faults:
    """The faults that are switched on; each request uses up one of the first that fits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, kind: FaultKind, path: str = "*", **how: Any) -> Fault:
        """Switch a fault on, and return it."""
        fault = Fault(kind, path, **how)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()

    def take(self, path: str) -> Fault | None:
        """Return the fault for a request of ``path``, if there is one."""
        with self._lock:
            for fault in self._faults:
                if not fault.times or not fnmatch(path, fault.path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None
