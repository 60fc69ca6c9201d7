"""Which words made a sentiment score, and by how much.

The decision score of a text is log(p_positive / p_negative), a sum over its n-grams and facts. Each n-gram's share goes to the word it
stands at; a lexicon hit is worth what the score would lose without it; what belongs to no word (form, platform, what hits say only
together, the bias) goes to the text as a whole. The shares add up to the decision score.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.features import BRAND_MASK, LEXICAL, Batch

WHOLE = "〔文全体〕"
TOP = 8
# More than any share is: keeps texts apart where phrases are put in order by one number.
_APART = 1e4
_EDGES = " \n、。,.!?…・「」『』()[]【】:;\"'"

Reasons = tuple[tuple[str, float], ...]


def shares(
    batch: Batch,
    decision: npt.NDArray[np.float32],
    token: npt.NDArray[np.int64],
    contribution: npt.NDArray[np.float32],
    dense_weights: npt.NDArray[np.float32],
    heads: npt.NDArray[np.bool_],
    brands: Sequence[str],
) -> list[Reasons]:
    """(words, weight) for each text, greatest first, WHOLE last.

    `decision`: the decision score of each text. `token`, `contribution`: word (-1: none) and share of each known n-gram. `dense_weights`: one weight for each column of
    `batch.dense`. `heads[i]`: whether word i of the batch opens a phrase. `brands`: what stands
    behind the mask in each text."""
    cuts, hits = batch.cuts, batch.hits
    lexical = dense_weights[:LEXICAL].astype(np.float64)
    # What a hit is worth: what the score would lose without it. What the hits say only together stays with the whole.
    worth = (batch.dense[:, :LEXICAL] @ lexical)[hits.reading.text] - hits.facts_without() @ lexical
    per_word = np.bincount(token + 1, weights=contribution, minlength=len(heads) + 1)[1:]
    per_word += np.bincount(hits.reading.start, weights=worth, minlength=len(heads))
    opens = np.flatnonzero(heads)
    weights = np.round(np.add.reduceat(per_word, opens), 4) if len(opens) else np.zeros(0)
    owner = cuts.doc[opens]
    begins = cuts.starts[opens]
    lengths = np.array([len(text) for text in cuts.texts], np.int64)
    stops = np.append(begins[1:], 0)
    closes = np.append(owner[1:] != owner[:-1], True)
    stops[closes] = lengths[owner[closes]]
    # The heaviest TOP of each text, in order.
    order = np.argsort(_APART * owner - np.abs(weights), kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(owner, np.arange(batch.size))[owner[order]]
    order = order[rank < TOP]
    bounds = np.searchsorted(owner[order], np.arange(batch.size + 1)).tolist()
    phrases = list(zip(begins[order].tolist(), stops[order].tolist(), weights[order].tolist(), strict=True))
    return [
        _named(text, phrases[bounds[index] : bounds[index + 1]], left, brands[index])
        for index, (text, left) in enumerate(zip(cuts.texts, decision.tolist(), strict=True))
    ]


def _named(text: str, phrases: list[tuple[int, int, float]], total: float, brand: str) -> Reasons:
    """The phrases as the text writes them, those spelt alike as one; all that is not shown goes to the whole."""
    found: dict[str, float] = {}
    for begin, end, weight in phrases:
        name = text[begin:end].strip(_EDGES)
        if brand and BRAND_MASK in name:
            name = name.replace(BRAND_MASK, brand)
        if name in found:
            weight = round(found[name] + weight, 4)
        found[name] = weight
    found.pop("", None)
    return (*found.items(), (WHOLE, round(total - sum(found.values()), 4)))
