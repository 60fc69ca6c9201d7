"""The probability that a name in a text is the brand's, from the words around it.

A linear model (logistic regression) of hashed facts: the words next to the name with their parts of speech, and the content words of the
text. It learns from `homonyms.tsv` (names that are ordinary words, in both senses), from the corpus's posts about brands, and from its posts
of everyday life in which any noun is taken for a name: what is said around ordinary nouns is not what is said around brands.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.features import BRAND_MASK
from nlp.tokens import Tokenizer, Word, hash_of

FILE = Path(__file__).with_name("model.npz")
BITS = 15
_EDGE = Word("^", "^", ("^",) * 6)
_NEAR = (("before", -1, 1.0), ("after", 1, 1.5), ("second", 2, 1.5), ("third", 3, 1.0))

Facts = list[tuple[int, float]]


def is_ambiguous(name: str, tokenizer: Tokenizer) -> bool:
    """Tell whether `name` is an ordinary word, a place or a person's name, and not a word that only the brand has."""
    words = words_of(name, tokenizer)
    if len(words) != 1:
        return False
    (word,) = words
    return word.known and word.pos[:3] != ("名詞", "固有名詞", "一般")


def facts_of(words: Sequence[Word]) -> Facts:
    """Return (bucket, value) of what stands around each masked name, and of the content words of the text."""
    found: dict[str, float] = {}
    named = [at for at, word in enumerate(words) if word.norm == BRAND_MASK]
    for at in named:
        for place, step, value in _NEAR:
            word = words[at + step] if 0 <= at + step < len(words) else _EDGE
            found[f"{place} {word.norm}"] = value
            found[f"{place} pos {'/'.join(word.pos[:2])}"] = 1.0
        pair = [words[at + step] if at + step < len(words) else _EDGE for step in (1, 2)]
        found[f"pair {pair[0].norm} {pair[1].norm}"] = 1.5
        found[f"pair pos {pair[0].norm} {pair[1].pos[0]}"] = 1.0
        found[f"first {at == 0}"] = 1.0
    found |= {f"has {word.norm}": 1.0 for word in words if word.is_content and word.norm != BRAND_MASK}
    length = sum(value * value for value in found.values()) ** 0.5 or 1.0
    return [(hash_of(name) >> (64 - BITS), value / length) for name, value in found.items()]


@dataclass(frozen=True, slots=True)
class Relevance:
    """The fitted model: `weights` (2^BITS float32) and `bias`; `figures` are those of the card."""

    weights: npt.NDArray[np.float32]
    bias: float
    figures: dict[str, float]

    @classmethod
    def load(cls, file: Path = FILE) -> Relevance:
        """Load the model that ships with the package."""
        with np.load(file) as found:
            return cls(found["weights"].astype(np.float32), float(found["bias"]), json.loads(str(found["figures"])))

    def save(self, file: Path = FILE) -> None:
        """Write the model."""
        np.savez_compressed(file, weights=self.weights.astype(np.float16), bias=np.float32(self.bias), figures=json.dumps(self.figures))

    def probability(self, facts: Facts) -> float:
        """Return the probability that the name is the brand's."""
        return float(1.0 / (1.0 + np.exp(-(self.bias + sum(self.weights[bucket] * value for bucket, value in facts)))))


def facts_of_text(text: str, name: str, tokenizer: Tokenizer) -> Facts:
    """Return the facts of a text around a name."""
    return facts_of(words_of(text.replace(name, BRAND_MASK), tokenizer))


def words_of(text: str, tokenizer: Tokenizer) -> list[Word]:
    """Return the words of a text."""
    return [tokenizer.words.rows[index] for index in tokenizer.cut([text]).words]
