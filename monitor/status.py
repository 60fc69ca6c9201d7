"""What the owner is doing now: ``data/status.json``, for the dashboard and ``hibiki status``."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from monitor.files import read_json, write_json
from store.errors import DiskFull

if TYPE_CHECKING:
    from store.home import Home

Phase = Literal["starting", "collecting", "ingesting", "scoring", "publishing", "waiting", "stopped"]
log = logging.getLogger("hibiki.status")

STALE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Status:
    """``done`` of ``total`` (None: unknown) in this ``phase``; ``message`` is what the user should know, ``advice`` how to mend it.

    ``settings_problem`` says what is wrong with the settings as they are now, while the service goes on with those before. Times are
    ISO 8601 in UTC. ``rounds`` counts the rounds that ended, ``collecting`` names the sources being read now.
    """

    phase: Phase
    pid: int
    started_at: str
    heartbeat_at: str
    done: int | None = None
    total: int | None = None
    rounds: int = 0
    collecting: tuple[str, ...] = ()
    next_round_at: str | None = None
    published_at: str | None = None
    model: str | None = None
    demo: bool = False
    settings_problem: str | None = None
    message: str | None = None
    advice: str | None = None


class StatusBoard:
    """Holds the status and writes it: at each change, and as a heartbeat. Safe to use from several threads."""

    def __init__(self, home: Home, *, demo: bool = False) -> None:
        now = _now()
        self._file = home.status
        self._lock = threading.Lock()
        self.now = Status("starting", os.getpid(), now, now, demo=demo)

    def say(self, **changes: Any) -> None:
        """Change the status and write it. A new phase forgets the old one's progress."""
        with self._lock:
            if changes.get("phase", self.now.phase) != self.now.phase:
                changes = {"done": None, "total": None, **changes}
            changed = replace(self.now, **changes)
            if changed != self.now:
                self.now = changed
                self._write()

    def beat(self) -> None:
        """Write the status with the time of now."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        self.now = replace(self.now, heartbeat_at=_now())
        try:
            write_json(self._file, asdict(self.now) | {"phase": self._shown()})
        except DiskFull:
            # nobody's work may end because it cannot be told; who sees no fresh heartbeat asks the log
            log.warning("no room for the status: %s", self.now)

    def _shown(self) -> Phase:
        """The owner waits, but a round is under way: that is what people want to know."""
        return "collecting" if self.now.phase == "waiting" and self.now.collecting else self.now.phase


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_status(home: Home) -> dict[str, Any] | None:
    """Return what the owner last said of itself, with ``alive`` (its heartbeat is fresh and it has not stopped); None without."""
    raw = read_json(home.status)
    if raw is None:
        return None
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(str(raw.get("heartbeat_at")))
    except (TypeError, ValueError):
        return None
    return {**raw, "alive": age < STALE and raw.get("phase") != "stopped"}
