"""Which words made a sentiment score, and by how much.

The decision score of a text is log(p_positive / p_negative), a sum over its n-grams and facts. Each n-gram's share goes to the word it
stands at, the lexicon's share to the words that were hit (by the size of their values), what belongs to no word (length, platform,
the bias) to the text as a whole. The shares add up to the decision score.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.features import BRAND_MASK, LEXICAL, Batch
from nlp.polarity import Reading
from nlp.tokens import Cut

WHOLE = "〔文全体〕"
TOP = 8
_EDGES = " \n、。,.!?…・「」『』()[]【】:;\"'"


def shares(
    batch: Batch,
    doc: npt.NDArray[np.int32],
    token: npt.NDArray[np.int32],
    contribution: npt.NDArray[np.float32],
    dense_weights: npt.NDArray[np.float32],
    bias: float,
    heads: npt.NDArray[np.bool_],
    brands: Sequence[str],
) -> list[tuple[tuple[str, float], ...]]:
    """(words, weight) for each text, greatest first, WHOLE last.

    `doc`, `token`, `contribution`: text, word and share of each known n-gram. `dense_weights`: one weight for each column of
    `batch.dense`. `heads[i]`: whether word i of the batch opens a phrase. `brands`: what stands
    behind the mask in each text."""
    words = len(heads)
    at_word = token >= 0
    per_word: npt.NDArray[np.float64] = np.bincount(token[at_word], weights=contribution[at_word], minlength=words).astype(np.float64)
    whole = np.bincount(doc[~at_word], weights=contribution[~at_word], minlength=batch.size) + bias
    facts = batch.dense * dense_weights
    lexical = facts[:, LEXICAL].sum(axis=1)
    whole += facts.sum(axis=1) - lexical
    out = []
    for index, (cut, reading, first) in enumerate(zip(batch.cuts, batch.readings, batch.first_token, strict=True)):
        weights = per_word[first : first + len(cut.words)]
        left = whole[index]
        if reading.hits:
            _spread(weights, reading, float(lexical[index]))
        else:
            left += lexical[index]
        out.append(_phrases(cut, weights, heads[first : first + len(cut.words)], float(left), brands[index]))
    return out


def _spread(weights: npt.NDArray[np.float64], reading: Reading, share: float) -> None:
    """Give the lexicon's share to the words that were hit, by the size of their values."""
    sizes = [abs(hit.value) + 0.01 for hit in reading.hits]
    total = sum(sizes)
    for hit, size in zip(reading.hits, sizes, strict=True):
        weights[hit.start] += share * size / total


def _phrases(
    cut: Cut, weights: npt.NDArray[np.float64], heads: npt.NDArray[np.bool_], whole: float, brand: str
) -> tuple[tuple[str, float], ...]:
    """Sum the words of each phrase, phrases that are spelt alike, and what is too small to show into the whole."""
    found: dict[str, float] = {}
    starts = np.flatnonzero(heads)
    if len(starts):
        whole += float(weights[: starts[0]].sum())
        bounds = [*starts.tolist(), len(cut.words)]
        sums = np.add.reduceat(weights, starts).tolist()
        for begin, end, weight in zip(bounds, bounds[1:], sums, strict=False):
            stop = cut.starts[end] if end < len(cut.starts) else len(cut.text)
            name = cut.text[cut.starts[begin] : stop].strip(_EDGES)
            if BRAND_MASK in name:
                name = name.replace(BRAND_MASK, brand)
            if name:
                found[name] = found.get(name, 0.0) + weight
            else:
                whole += weight
    else:
        whole += float(weights.sum())
    ordered = sorted(found.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    rest = whole + sum(weight for _, weight in ordered[TOP:])
    return (*((name, round(weight, 4)) for name, weight in ordered[:TOP]), (WHOLE, round(rest, 4)))
