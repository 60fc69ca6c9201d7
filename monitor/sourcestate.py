"""What is remembered of a source from one round to the next: ``data/sources/<source>.json``.

The file is replaced whole, and only after the records that it speaks of have landed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.bookmark import Bookmark
from monitor.files import read_json, write_json

if TYPE_CHECKING:
    from store.home import Home


@dataclass(frozen=True, slots=True)
class SourceState:
    """``bookmark`` is the collector's own; ``tried_at`` the last try, ``not_before`` what the platform asked us to wait for."""

    bookmark: Bookmark = field(default_factory=Bookmark)
    tried_at: datetime | None = None
    not_before: datetime | None = None


def load_state(home: Home, source: str) -> SourceState:
    """Return what is remembered of ``source``; nothing where the file is missing or broken (the source is then read anew)."""
    raw = read_json(home.bookmark(source)) or {}
    try:
        bookmark = Bookmark.from_json(raw.get("bookmark"))
    except ValueError:
        bookmark = Bookmark()
    return SourceState(bookmark, _time(raw.get("tried_at")), _time(raw.get("not_before")))


def save_state(home: Home, source: str, state: SourceState) -> None:
    """Remember ``state`` of ``source``."""
    times = {"tried_at": _text(state.tried_at), "not_before": _text(state.not_before)}
    write_json(home.bookmark(source), {"bookmark": state.bookmark.to_json(), **times})


def _time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _text(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
