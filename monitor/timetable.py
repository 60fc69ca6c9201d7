"""When each source is read next, and what a budget did not reach: ``data/schedule.json``, for the dashboard and `hibiki status`."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.files import read_json, write_json
from store.errors import DiskFull

if TYPE_CHECKING:
    from monitor.round import Part
    from monitor.schedule import Schedule
    from store.home import Home

WRITTEN_EVERY = 5.0
"""Seconds between two writes at least: with a thousand sources a round ends every second."""

log = logging.getLogger("hibiki.timetable")


class Timetable:
    """Holds what the file says and writes it. Use from one thread."""

    def __init__(self, home: Home) -> None:
        self._file = home.schedule
        self._behind: dict[str, dict[str, Any]] = {}
        self._written = float("-inf")
        self._said: dict[str, Any] | None = None

    def ended(self, parts: Sequence[Part]) -> None:
        """Note what the budget did not reach in parts of a round that ended."""
        for part in parts:
            behind = part.behind
            unseen = behind.unseen_since.isoformat(timespec="seconds") if behind.unseen_since else None
            self._behind[part.source] = {"behind_counts": behind.counts, "behind_checks": behind.checks, "unseen_since": unseen}

    def write(self, schedule: Schedule, *, at_once: bool = False) -> None:
        """Write when each source is due, if that is news and the last time was long enough ago."""
        if not at_once and time.monotonic() - self._written < WRITTEN_EVERY:
            return
        now = datetime.now(UTC)
        due = {name: schedule.at(name, now).isoformat(timespec="seconds") for name in schedule.names}
        said = {name: {"next_at": at, **self._behind.get(name, {})} for name, at in due.items()}
        self._written = time.monotonic()
        if said != self._said:
            try:
                write_json(self._file, {"sources": said})
            except DiskFull:
                log.warning("no room for the timetable")
                return
            self._said = said


def read_timetable(home: Home) -> dict[str, dict[str, Any]]:
    """Return what the file says of each source; nothing where there is none, or it holds something else."""
    sources = (read_json(home.schedule) or {}).get("sources")
    return sources if isinstance(sources, dict) else {}
