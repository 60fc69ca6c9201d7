"""What is remembered of a source from one round to the next: ``data/sources/<source>.json``.

The file is replaced whole, and only after the records that it speaks of have landed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.bookmark import Bookmark
from monitor.files import read_json, write_json
from monitor.missing import Span

if TYPE_CHECKING:
    from store.home import Home


@dataclass(frozen=True, slots=True)
class SourceState:
    """``bookmark`` is the collector's own; ``tried_at`` the last try, ``not_before`` what the platform asked us to wait for.

    ``read_at`` is when the last round began that read everything, ``missing`` the stretches that were recorded as gaps and not read since.
    """

    bookmark: Bookmark = field(default_factory=Bookmark)
    tried_at: datetime | None = None
    not_before: datetime | None = None
    read_at: datetime | None = None
    missing: tuple[Span, ...] = ()


def load_state(home: Home, source: str) -> SourceState:
    """Return what is remembered of ``source``; nothing where the file is missing or broken (the source is then read anew)."""
    raw = read_json(home.bookmark(source)) or {}
    try:
        bookmark = Bookmark.from_json(raw.get("bookmark"))
    except ValueError:
        bookmark = Bookmark()
    spans = [(_time(start), _time(end)) for start, end in raw.get("missing") or ()]
    missing = tuple((start, end) for start, end in spans if start and end)
    tried_at, not_before, read_at = (_time(raw.get(name)) for name in ("tried_at", "not_before", "read_at"))
    return SourceState(bookmark, tried_at, not_before, read_at, missing)


def save_state(home: Home, source: str, state: SourceState) -> None:
    """Remember ``state`` of ``source``."""
    times = {name: _text(getattr(state, name)) for name in ("tried_at", "not_before", "read_at")}
    missing = [[_text(start), _text(end)] for start, end in state.missing]
    write_json(home.bookmark(source), {"bookmark": state.bookmark.to_json(), **times, "missing": missing})


def _time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _text(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
