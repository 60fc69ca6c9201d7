"""Which words made a sentiment score, and by how much.

The decision score of a text is log(p_positive / p_negative), a sum over its n-grams and facts. Each n-gram's share goes to the word it
stands at; a lexicon hit is worth what the score would lose without it; what belongs to no word (form, platform, what hits say only
together, the bias) goes to the text as a whole. The shares add up to the decision score.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.features import BRAND_MASK, LEXICAL, Batch, lexical_facts
from nlp.polarity import Reading
from nlp.tokens import Cut

WHOLE = "〔文全体〕"
TOP = 8
_MOST_HITS = 32
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
    whole += batch.dense @ dense_weights
    lexical_weights = dense_weights[:LEXICAL].tolist()
    lexical = (batch.dense[:, :LEXICAL] @ dense_weights[:LEXICAL]).tolist()
    out = []
    for index, (cut, reading, first) in enumerate(zip(batch.cuts, batch.readings, batch.first_token, strict=True)):
        weights = per_word[first : first + len(cut.words)]
        left = whole[index]
        for start, weight in _worth(reading, lexical_weights, lexical[index]):
            weights[start] += weight
            left -= weight
        out.append(_phrases(cut, weights, heads[first : first + len(cut.words)], float(left), brands[index]))
    return out


def _worth(reading: Reading, lexical_weights: list[float], together: float) -> list[tuple[int, float]]:
    """(word, weight) of each lexicon hit: what the score would lose without it. What the hits say only together stays with the whole."""
    found = []
    # The work grows with the square of the hits; nobody reads the reasons of the hundredth.
    for hit in reading.hits[:_MOST_HITS]:
        others = [other for other in reading.hits if other is not hit]
        facts = lexical_facts(others, reading.last_clause, reading.last_contrast, reading.content)
        without = sum(weight * fact for weight, fact in zip(lexical_weights, facts, strict=True))
        found.append((hit.start, together - without))
    return found


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
