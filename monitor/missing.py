"""What a source has not read yet, as gaps: recorded when it becomes known, closed when it was read after all.

A gap begins where the last round that read everything began, and grows as long as rounds fail (an outage, a limit, a budget that is used
up). Holes of the bookmark, stretches of a long walk that the next rounds go on with, are gaps until they are read. What a collector
itself finds to be lost for good it records itself; that is never closed here, because it is recorded by the very reading that would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.texts import say
from store.records import Gap, GapFilled

if TYPE_CHECKING:
    from collectors.bookmark import Bookmark
    from monitor.round import Part

Span = tuple[datetime, datetime]
"""From, to."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is to be recorded, and what is to be remembered: up to when everything was read, and which stretches were not."""

    records: list[Gap | GapFilled]
    read_at: datetime | None
    spans: tuple[Span, ...]


def settle(part: Part, bookmark: Bookmark, read_at: datetime | None, spans: Sequence[Span], since: datetime) -> Missing:
    """Compare what is missing after ``part`` with what was (``spans``). ``read_at``: when the last whole reading began.

    A source that never could be read is missing from its first try on: what was before nobody has asked for yet.
    """
    if part.outcome in (None, "skipped") and not part.read:  # quiet hours, or a stop: the next round goes on
        return Missing([], read_at, tuple(spans))
    begun = part.started_at
    holes = [(max(hole.from_at, since), hole.to_at) for hole in bookmark.holes]
    missing = [span for span in holes if span[0] < span[1]]
    if part.read:
        read_at = begun
    else:
        read_at = read_at or min(bookmark.covered.values(), default=begun)
        missing.append((max(read_at, since), begun))
    now = joined(missing)
    # what lies further back than we reach was not read after all: it stays a gap for good
    spans = [(max(start, since), end) for start, end in spans if end > since]
    reason = _reason(part)
    identity = {"source": part.source, "platform": part.platform, "brand": part.brand}
    found: list[Gap | GapFilled] = []
    found += [Gap(**identity, from_at=a, to_at=b, reason=reason, recorded_at=begun) for a, b in without(now, spans)]
    found += [GapFilled(**identity, from_at=a, to_at=b, filled_at=begun) for a, b in without(spans, now)]
    return Missing(found, read_at, tuple(now))


def _reason(part: Part) -> str:
    if part.read:
        return say("gap.unfinished")
    return say(f"gap.{'limit' if part.limited else part.outcome}")


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that touch as one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what is in ``spans`` and not in ``taken``."""
    left = joined(spans)
    for low, high in joined(taken):
        cut = ((start, min(end, low)) for start, end in left), ((max(start, high), end) for start, end in left)
        left = joined(span for side in cut for span in side)
    return left
