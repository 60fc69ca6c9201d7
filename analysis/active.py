"""Which post a person should be asked about next: what teaches most, and what keeps the figures honest.

Two pots, told apart by a hash of the brand and the text, so that nobody's choice moves a post from one to the other and copies of a text
stay together:

- **Held** (`HELD` of all posts): only for measuring. They are asked in the order of a random lot, never because a model is unsure, and no
  model learns from them; so accuracy, confusion and the interval of a comparison hold for the brand's posts at large.
- **Learning** (the rest): most are chosen for what they teach, one in `PLAIN` by lot, so that what the model is wrongly sure of comes up, too.

What a post teaches is taken as uncertainty × representativeness × novelty × balance:

- uncertainty: one minus the margin between the two likeliest classes (Scheffer, Decomain and Wrobel, IDA 2001), the mean of sentiment and stance;
- representativeness: its mean similarity (cosine of character 2- and 3-grams, tf-idf) to the pool, to the power `DENSITY`: an oddity teaches
  little about the others (information density; Settles and Craven, EMNLP 2008);
- novelty: one minus the greatest similarity to what is labelled or already chosen; near-duplicates (above `SAME`) are not asked at all;
- balance: a platform and month that was chosen more often than its share of the pool counts less.

The choice is greedy, deterministic, and made anew after each handful of labels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

HELD = 0.3
PLAIN = 8
DENSITY = 0.5
SAME = 0.8
_BITS = 16
_NOISE = re.compile(r"https?://\S+|[@＠][\w.\-]+|[\s\d]+")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ask:
    """A post to ask about: by lot ("random") or because it teaches ("asked"); ``held`` posts only measure."""

    post_key: int
    drawn: Literal["random", "asked"]
    held: bool


def is_held(brand: str, text: str) -> bool:
    """Tell whether the post only measures. Links, mentions, digits and spaces do not count, so that copies share their pot."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())
    digest = blake2b(f"{brand}\x00{plain}".encode("utf-8", "surrogatepass"), digest_size=8, person=b"hibiki-held").digest()
    return int.from_bytes(digest, "big") < HELD * 2**64


def plan(pool: pd.DataFrame, brand: str, known: Sequence[str], count: int) -> list[Ask]:
    """Return up to ``count`` posts to ask about, in order.

    ``pool`` has the columns of ``store.queries.label_pool`` (``lot`` orders by chance); ``known`` are the texts labelled so far.
    """
    if pool.empty:
        return []
    pool = pool.sort_values("lot", kind="stable").reset_index(drop=True)
    held = np.array([is_held(brand, text) for text in pool["text"]])
    labelled = pool["labelled"].to_numpy(bool)
    lots = [int(n) for n in np.flatnonzero(held & ~pool["drawn"].to_numpy(bool))]
    plain = [int(n) for n in np.flatnonzero(~held & ~labelled)]
    taught = choose(pool.loc[~held & ~labelled], known, count)
    asks: list[Ask] = []
    chosen: set[int] = set()

    def ask(rows: list[int], drawn: Literal["random", "asked"]) -> None:
        while rows:
            row = rows.pop(0)
            if row not in chosen:
                chosen.add(row)
                asks.append(Ask(int(pool["post_key"].iloc[row]), drawn, bool(held[row])))
                return

    learned = measured = 0
    while len(asks) < count and (lots or taught or plain):
        # Both pots grow side by side, whenever the person stops.
        if lots and (measured < HELD * (measured + learned + 1) or not (taught or plain)):
            ask(lots, "random")
            measured += 1
            continue
        # one in PLAIN by lot; and when one of both has run dry, the other
        by_lot = plain and (learned % PLAIN == PLAIN - 1 or not taught)
        ask(plain if by_lot else taught, "random" if by_lot else "asked")
        learned += 1
    return asks


def choose(pool: pd.DataFrame, known: Sequence[str], count: int) -> list[int]:
    """Return the index labels of the posts of ``pool`` that teach most, best first (see the module)."""
    if pool.empty or count <= 0:
        return []
    grams = _grams([*pool["text"], *known])
    own, others = grams[: len(pool)], grams[len(pool) :]
    density = np.asarray(own @ np.asarray(own.mean(axis=0)).ravel()).ravel()
    value = uncertainty(pool) * np.maximum(density, 1e-9) ** DENSITY
    nearest = np.asarray((own @ others.T).max(axis=1).toarray()).ravel() if len(known) else np.zeros(len(pool))
    cells, cell = np.unique(
        [f"{p} {pd.Timestamp(d):%Y-%m}" for p, d in zip(pool["platform"], pool["day"], strict=True)], return_inverse=True
    )
    share = np.bincount(cell, minlength=len(cells)) / len(pool)
    taken = np.zeros(len(cells))
    free = np.ones(len(pool), bool)
    order: list[int] = []
    while len(order) < min(count, len(pool)):
        worth = value * (1 - np.minimum(nearest, 1.0)) / (1 + taken[cell] / (1 + share[cell] * len(order)))
        worth[~free | (nearest > SAME)] = -1.0
        best = int(worth.argmax())
        if worth[best] < 0:
            break
        order.append(best)
        free[best] = False
        taken[cell[best]] += 1
        nearest = np.maximum(nearest, np.asarray((own @ own[best].T).toarray()).ravel())
    labels: list[Any] = pool.index.tolist()
    return [int(labels[row]) for row in order]


def uncertainty(pool: pd.DataFrame) -> Floats:
    """Return one minus the margin, the mean of sentiment and stance; an unknown probability counts as 0."""
    moods = pool[["p_negative", "p_neutral", "p_positive"]].to_numpy(float, na_value=0.0)
    stances = pool[["p_promoter", "p_critic", "p_request"]].to_numpy(float, na_value=0.0)
    stances = np.column_stack([stances, np.clip(1 - stances.sum(axis=1), 0, 1)])
    return np.asarray(1 - (_margin(moods) + _margin(stances)) / 2, float)


def _margin(probabilities: Floats) -> Floats:
    ordered = np.sort(probabilities, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2], float)


def _grams(texts: Sequence[str]) -> sparse.csr_matrix:
    """Rows of length one: character 2- and 3-grams by tf-idf, hashed into 2^16 columns."""
    plain = [_NOISE.sub("", unicodedata.normalize("NFKC", text).lower()) + "\x02" for text in texts]
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    row = np.repeat(np.arange(len(plain)), [len(text) for text in plain])
    rows, columns = [], []
    mixed = codes * np.uint64(0x9E3779B97F4A7C15)
    for span in (2, 3):
        mixed = (mixed[:-1] ^ (mixed[:-1] >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + codes[span - 1 :]
        inside = row[: len(mixed)] == row[span - 1 :]
        rows.append(row[: len(mixed)][inside])
        columns.append(((mixed * np.uint64(0x94D049BB133111EB)) >> np.uint64(64 - _BITS))[inside].astype(np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    counts = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(texts), 1 << _BITS))
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    seen = np.bincount(counts.indices, minlength=1 << _BITS)
    weighted = counts @ sparse.diags(np.log((1 + len(texts)) / (1 + seen)) + 1)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-12)) @ weighted)
