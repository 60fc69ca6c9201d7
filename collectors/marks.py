"""Noticing an edit where the platform does not tell of one: a mark of each post's text, kept in the bookmark."""

from __future__ import annotations

import hashlib
from itertools import islice

from collectors.bookmark import Bookmark

KEPT = 5000
"""Posts whose marks are remembered, newest first to stay: about 200 kB of bookmark."""
_NAME = "marks"


class Marks:
    """The marks of the posts that a source yielded; they live in ``bookmark.notes``."""

    def __init__(self, bookmark: Bookmark) -> None:
        self._bookmark = bookmark

    @property
    def _known(self) -> dict[str, str]:
        known = self._bookmark.notes.get(_NAME)
        return known if isinstance(known, dict) else {}

    def remember(self, ident: str, text: str) -> None:
        """Note what the post ``ident`` says now."""
        known = dict(self._known)  # the old one may be on its way to the disk
        known.pop(ident, None)
        known[ident] = _mark(text)
        if len(known) > KEPT:
            known = dict(islice(known.items(), len(known) - KEPT, None))
        self._bookmark.notes = {**self._bookmark.notes, _NAME: known}

    def knows(self, ident: str) -> bool:
        """Tell whether the post ``ident`` was noted."""
        return ident in self._known

    def changed(self, ident: str, text: str) -> bool:
        """Tell whether the post ``ident`` said something else when it was noted; False where it was not."""
        known = self._known.get(ident)
        return known is not None and known != _mark(text)


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
