"""Which posts say the same: reposts without a mark, pasted texts, press releases. So that spread is seen without counting a voice twice.

Texts are compared by their character trigrams, addresses, names, hashtag signs, spaces and punctuation left out. MinHash (Broder, 1997)
finds candidates among millions: two texts with a Jaccard similarity s share one of ``BANDS`` bands of ``ROWS`` values with probability
1 - (1 - s^ROWS)^BANDS, which is .99 at s = .85 and .19 at s = .4. What it finds is then compared for certain.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from datasketch import MinHash  # type: ignore[import-untyped]

BANDS, ROWS = 8, 4
SAME = 0.8
"""Jaccard similarity of trigrams from which two texts are the same."""
SHORTEST = 15
"""Shorter texts (「ありがとう」) are alike without one being a copy of the other."""

_OUT = re.compile(r"https?://\S+|[@＠][\w.\-@]+|\bRT\b|[\W_]+", re.UNICODE)
_EMPTY = MinHash(num_perm=BANDS * ROWS, hashfunc=zlib.crc32)


def trigrams(text: str) -> frozenset[str]:
    """Return the trigrams by which ``text`` is compared; none where it is too short to be told from others."""
    bare = _OUT.sub("", unicodedata.normalize("NFKC", text).casefold())
    return frozenset(bare[at : at + 3] for at in range(len(bare) - 2)) if len(bare) >= SHORTEST else frozenset()


def bands_of(text: str) -> list[int] | None:
    """Return the ``BANDS`` signed 64-bit numbers of which a text that says the same shares at least one; None for a short text."""
    grams = trigrams(text)
    if not grams:
        return None
    sketch = _EMPTY.copy()
    sketch.update_batch([gram.encode("utf-8", "replace") for gram in grams])
    values = np.asarray(sketch.hashvalues, np.uint64).reshape(BANDS, ROWS)
    mixed = np.zeros(BANDS, np.uint64)
    for row in range(ROWS):
        mixed = (mixed ^ values[:, row]) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(row)
    # A band is only compared with the same band of others.
    found: list[int] = (mixed ^ np.arange(BANDS, dtype=np.uint64)).view(np.int64).tolist()
    return found


def says_the_same(one: str, other: str) -> bool:
    """Tell whether two texts have a Jaccard similarity of at least ``SAME``."""
    a, b = trigrams(one), trigrams(other)
    return bool(a and b) and len(a & b) >= SAME * len(a | b)


def heads_of(pairs: Iterable[tuple[int, int]], known: Mapping[int, int], order: Mapping[int, Sequence[object]]) -> dict[int, int]:
    """Return post -> the first post of its family, for every post that is in a family and is not its first.

    ``pairs`` say the same; ``known`` are the heads so far of posts in ``pairs`` (and of nobody else); ``order`` sorts posts by age.
    """
    parent: dict[int, int] = {}

    def root(post: int) -> int:
        while parent.setdefault(post, post) != post:
            parent[post] = parent[parent[post]]
            post = parent[post]
        return post

    for one, other in (*pairs, *known.items()):
        first, second = sorted((root(one), root(other)), key=lambda post: (order[post], post))
        parent[second] = first
    return {post: root(post) for post in parent if root(post) != post}
