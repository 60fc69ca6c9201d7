"""Where a source stands: what has landed, and what is still missing behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

JsonValue = Any
"""What ``json.dumps`` writes: None, bool, int, float, str, list, dict."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of a walk that was begun and not finished: what lies between ``from_at`` and ``to_at`` was not read yet.

    ``cursor`` is where to go on; None: from the top again.
    """

    walk: str
    from_at: datetime
    to_at: datetime
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A young post as it was yielded: a mark of the post itself, its counts (views, likes, comments, shares, saves) and of when."""

    created_at: datetime
    post: str
    counts: list[int | None] | None = None
    observed_at: datetime | None = None


@dataclass(slots=True)
class Bookmark:
    """What a collector wants to be told the next time; JSON on disk, one small file a source.

    ``covered``: walk -> everything up to this moment was read, but for ``holes``. ``notes``: whatever the collector itself keeps (an
    ETag, say), JSON values only. ``told``: marks of the items that could not be read, so that each is reported once. ``seen``: the
    youngest posts by their id, see ``collectors.shown``.
    """

    covered: dict[str, datetime] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    notes: dict[str, JsonValue] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)

    def copy(self) -> Bookmark:
        """Return a bookmark that can be changed without touching this one (the values of ``notes`` are shared)."""
        return Bookmark(dict(self.covered), list(self.holes), dict(self.notes), list(self.told), dict(self.seen))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the bookmark as values that JSON knows."""
        return {
            "covered": {walk: at.isoformat() for walk, at in self.covered.items()},
            "holes": [
                {"walk": hole.walk, "from": hole.from_at.isoformat(), "to": hole.to_at.isoformat(), "cursor": hole.cursor}
                for hole in self.holes
            ],
            "notes": self.notes,
            "told": self.told,
            "seen": {
                name: [one.created_at.isoformat(), one.post, one.counts, one.observed_at and one.observed_at.isoformat()]
                for name, one in self.seen.items()
            },
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> Bookmark:
        """Return the bookmark that ``to_json`` made ``value`` of; an empty one for None.

        Raises:
            ValueError: It is not one. To begin afresh is safe: what is known is fetched again and dropped by the merge.
        """
        if value is None:
            return cls()
        try:
            return cls(
                {str(walk): _time(at) for walk, at in value.get("covered", {}).items()},
                [Hole(str(hole["walk"]), _time(hole["from"]), _time(hole["to"]), hole.get("cursor")) for hole in value.get("holes", [])],
                _table(value.get("notes", {})),
                [str(mark) for mark in value.get("told", [])],
                {str(name): _seen(*one) for name, one in value.get("seen", {}).items()},
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not a bookmark: {error}") from error


def _time(value: object) -> datetime:
    when = datetime.fromisoformat(str(value))
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _seen(created_at: object, post: object, counts: list[int | None] | None, observed_at: object) -> Seen:
    return Seen(_time(created_at), str(post), counts, None if observed_at is None else _time(observed_at))


def _table(value: object) -> dict[str, JsonValue]:
    if not isinstance(value, Mapping):
        raise TypeError("notes must be a table")
    return dict(value)
