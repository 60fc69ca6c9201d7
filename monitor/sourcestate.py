"""What is remembered of a source from one round to the next: ``data/sources/<source>.json``.

The file is replaced whole, and only after the records that it speaks of have landed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.files import read_json, write_json

if TYPE_CHECKING:
    from store.home import Home


@dataclass(frozen=True, slots=True)
class SourceState:
    """``bookmark`` is the collector's own; ``read_until`` is up to when everything has been read without a hole.

    ``tried_at`` is the last try, ``not_before`` what the platform asked us to wait for.
    """

    bookmark: Mapping[str, Any] = field(default_factory=dict)
    read_until: datetime | None = None
    tried_at: datetime | None = None
    not_before: datetime | None = None


def load_state(home: Home, source: str) -> SourceState:
    """Return what is remembered of ``source``; nothing where the file is missing or broken (the source is then read anew)."""
    raw = read_json(home.bookmark(source)) or {}
    bookmark = raw.get("bookmark")
    return SourceState(
        bookmark=bookmark if isinstance(bookmark, dict) else {},
        read_until=_time(raw.get("read_until")),
        tried_at=_time(raw.get("tried_at")),
        not_before=_time(raw.get("not_before")),
    )


def save_state(home: Home, source: str, state: SourceState) -> None:
    """Remember ``state`` of ``source``."""
    write_json(
        home.bookmark(source),
        {
            "bookmark": dict(state.bookmark),
            "read_until": _text(state.read_until),
            "tried_at": _text(state.tried_at),
            "not_before": _text(state.not_before),
        },
    )


def _time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _text(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
