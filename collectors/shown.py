"""What the last rounds yielded of the newest posts, so that reading them again yields only what is new.

Every round reads the last hour again (platforms index late), which at a round a minute would be sixty observations of a post that
nobody touched. A post is yielded again when it changed; its counts when they changed, or when a look-up of a post of its age is due
anyway (``collectors.refresh``), so that ``observed_at`` is never older than the plan of look-ups allows.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import datetime

from collectors.bookmark import Bookmark, Seen
from collectors.paging import OVERLAP
from collectors.refresh import next_look
from store.records import Metrics, Post

YOUNG = 2 * OVERLAP
"""Only younger posts are remembered: older ones are not read again."""


class Shown:
    """Tells what is news; ``old`` is the bookmark that was given, ``new`` the one that is written to."""

    def __init__(self, old: Bookmark, new: Bookmark, now: datetime) -> None:
        self._old = dict(old.seen)
        self._new = new
        self._now = now
        new.seen = {name: seen for name, seen in old.seen.items() if now - seen.created_at < YOUNG}

    def is_news(self, record: Post | Metrics) -> bool:
        """Tell whether ``record`` says anything that was not said before, and remember it."""
        return self._is_new_post(record) if isinstance(record, Post) else self._are_new_counts(record)

    def _is_new_post(self, post: Post) -> bool:
        if post.created_at.tzinfo is None:  # a mistake of its collector; the store refuses it and says so
            return True
        known = self._old.get(post.native_id)
        mark = _mark(post)
        if self._now - post.created_at < YOUNG:
            counts, observed_at = (known.counts, known.observed_at) if known else (None, None)
            self._new.seen[post.native_id] = Seen(post.created_at, mark, counts, observed_at)
        return known is None or known.post != mark

    def _are_new_counts(self, metrics: Metrics) -> bool:
        known = self._old.get(metrics.native_id)
        counts = [metrics.views, metrics.likes, metrics.comments, metrics.shares, metrics.saves]
        if known is not None and known.counts == counts and known.observed_at is not None:
            due = next_look(known.created_at, known.observed_at)
            if due is None or due > self._now:
                return False
        young = self._new.seen.get(metrics.native_id)
        if young is not None:
            self._new.seen[metrics.native_id] = Seen(young.created_at, young.post, counts, metrics.observed_at)
        return True


def _mark(post: Post) -> str:
    """Return what changes when anything of the post does, but for when it was seen."""
    said = repr([getattr(post, field.name) for field in fields(post) if field.name != "seen_at"])
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
