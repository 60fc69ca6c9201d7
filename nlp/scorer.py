"""The one door of this package: texts in, scores out.

from nlp.scorer import Item, Scorer
scorer = Scorer.load()
scorer.score([Item("高いけど買ってよかった", brand="ソラト")])[0].sentiment   # 'positive'
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.lexicon import Lexicon
from nlp.normalize import clean
from nlp.tokens import Tokenizer

SENTIMENTS = ("negative", "neutral", "positive")
STANCES = ("promoter", "critic", "request", "none")
UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Item:
    """A text to score; `brand` as the text or the settings write it, `platform` as in docs/labelling.md."""

    text: str
    id: str = ""
    brand: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What was found in one text. `sentiment` is one of SENTIMENTS or "unscored" (then `probabilities` is empty and `stance` is "none")."""

    id: str
    sentiment: str
    probabilities: dict[str, float]
    stance: str
    stance_probabilities: dict[str, float]
    unsure: bool
    mention_type: str
    phases: tuple[str, ...]
    intents: tuple[str, ...]
    irony: float
    relevance: float
    why: tuple[tuple[str, float], ...]


class Scorer:
    """Scores texts. Cheap to keep, dear to load; one per process (threads may share it)."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer()
        self._lexicon = Lexicon(self._tokenizer)
        self.version = "lexicon-0"

    @classmethod
    def load(cls) -> Scorer:
        """Load dictionary, lexicon and model from the package."""
        return cls()

    def score(self, items: Sequence[Item]) -> list[Score]:
        """Scores in the order of `items`."""
        return [self._score(item) for item in items]

    def _score(self, item: Item) -> Score:
        cleaned = clean(item.text)
        if not cleaned.japanese:
            return Score(item.id, UNSCORED, {}, "none", {}, False, "personal", (), (), 0.0, 1.0, ())
        cut = self._tokenizer.cut(cleaned.text)
        why = []
        for index, word in enumerate(cut.words):
            node = self._lexicon.trie.root.get(self._tokenizer.words.rows[word].norm)
            if node is not None and node.entry is not None and node.entry.value:
                why.append((cut.surface(index), node.entry.value))
        total = sum(weight for _, weight in why)
        odds = [math.exp(-2 * total), 1.0, math.exp(2 * total)]
        probabilities = {name: value / sum(odds) for name, value in zip(SENTIMENTS, odds, strict=True)}
        sentiment = max(SENTIMENTS, key=lambda name: probabilities[name])
        promoter, critic = probabilities["positive"], probabilities["negative"]
        stances = dict(zip(STANCES, (promoter, critic, 0.0, probabilities["neutral"]), strict=True))
        stance = max(STANCES, key=lambda name: stances[name])
        unsure = max(probabilities.values()) < 0.5
        return Score(item.id, sentiment, probabilities, stance, stances, unsure, "personal", (), (), 0.0, 1.0, tuple(why))
