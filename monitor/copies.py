"""Grouping mentions into families: the owner's mentions through ``analysis.copies``, a batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from analysis.copies import bands_of, heads_of, says_the_same

if TYPE_CHECKING:
    from store.owner import Owner

BATCH = 4000


def group(owner: Owner, limit: int = BATCH) -> int:
    """Compare up to ``limit`` mentions that were not compared yet with those that were; return how many. 0: none is left."""
    posts = owner.unprinted(limit)
    if posts.num_rows == 0:
        return 0
    bands = pa.array([bands_of(text) for text in posts.column("text").to_pylist()], pa.list_(pa.int64()))
    alike = _alike(owner.save_prints(pa.table({"post_key": posts.column("post_key"), "bands": bands})))
    if alike:
        order: dict[int, tuple[object, ...]] = {}
        for row in alike:
            order[row["post_key"]], order[row["other_key"]] = (row["at"],), (row["other_at"],)
        known = owner.heads(pa.array(order, pa.int64())).to_pylist()
        order |= {row["post_key"]: (row["at"],) for row in known} | {row["head_key"]: (row["head_at"],) for row in known}
        pairs = [(row["post_key"], row["other_key"]) for row in alike]
        found = heads_of(pairs, {row["post_key"]: row["head_key"] for row in known}, order)
        owner.save_heads(pa.table({"post_key": pa.array(found.keys(), pa.int64()), "head_key": pa.array(found.values(), pa.int64())}))
    return int(posts.num_rows)


def _alike(candidates: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = candidates.to_pylist()
    return [row for row in rows if says_the_same(row["text"], row["other_text"])]
