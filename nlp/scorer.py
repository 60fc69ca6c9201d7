"""The one door of this package: texts in, scores out.

from nlp.scorer import Item, Scorer
scorer = Scorer.load()
scorer.score([Item("高いけど買ってよかった", brand="ソラト")])[0].sentiment   # 'positive'
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from nlp import storage, why
from nlp.facts import DENSE
from nlp.features import Batch, Featurizer, Text
from nlp.lexicon import Lexicon
from nlp.matrix import Vocabulary, known_grams, to_csr
from nlp.normalize import Clean
from nlp.perbrand import part_about
from nlp.probabilities import sigmoid, softmax
from nlp.relevance.model import Relevance, facts_of, is_ambiguous
from nlp.roles import joins_next, opens_phrase
from nlp.tokens import Column, Tokenizer

UNSCORED = "unscored"
# So many texts are turned into numbers at once: enough for numpy to pay, little enough for the memory.
_BATCH = 512
_NOT_NAMED = 0.5

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Item:
    """A text to score; `brand` as the text or the settings write it, `platform` as in docs/labelling.md.

    `others` are the names of other brands: where the text names one too, the stance is toward `brand` alone (nlp.perbrand)."""

    text: str
    id: str = ""
    brand: str | None = None
    platform: str | None = None
    others: tuple[str, ...] = ()


class Score(NamedTuple):
    """What was found in one text.

    `sentiment` is "negative", "neutral", "positive", or "unscored" for a text that is empty or not Japanese (then `probabilities` is empty
    and `stance` "none"). `stance` is toward the brand of the item, or toward the thing judged where there is none. `irony` and
    `relevance` are probabilities. `why` names words with weights that add up to log(p_positive / p_negative)."""

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


@dataclass(slots=True)
class Outputs:
    """Raw outputs of the model for a batch: `logits` (texts x outputs, calibrated), and what `why` needs."""

    batch: Batch
    logits: Floats
    doc: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]
    value: Floats
    kept: npt.NDArray[np.intp]


class Scorer:
    """Scores texts. Cheap to keep, dear to load (below two seconds); one per process, threads may share it."""

    def __init__(self, model: storage.Model, featurizer: Featurizer | None = None) -> None:
        if featurizer is None:
            tokenizer = Tokenizer()
            featurizer = Featurizer(tokenizer, Lexicon(tokenizer))
        if len(model.dense) != len(DENSE):
            raise storage.ModelError(f"the model knows {len(model.dense)} facts of a text, this version {len(DENSE)}: run hibiki train")
        self._featurizer = featurizer
        self._model = model
        self._vocabulary = Vocabulary(model.buckets)
        self._opens = Column(featurizer.tokenizer.words, lambda word: int(opens_phrase(word)), np.bool_)
        self._joins = Column(featurizer.tokenizer.words, lambda word: int(joins_next(word)), np.bool_)
        self._relevance = Relevance.load()
        self._ambiguous: dict[str, bool] = {}
        self._places: dict[str, slice] = {}
        start = 0
        for head, classes in model.heads.items():
            self._places[head] = slice(start, start + len(classes))
            start += len(classes)
        sentiment = self._places["sentiment"].start
        self._negative, self._positive = (sentiment + model.heads["sentiment"].index(name) for name in ("negative", "positive"))
        self._direction = model.sparse[:, self._positive] - model.sparse[:, self._negative]
        self._dense_direction = model.dense[:, self._positive] - model.dense[:, self._negative]
        self.version = model.version

    @classmethod
    def load(cls, folder: Path = storage.MODEL_DIR) -> Scorer:
        """Load dictionary, lexicon and model from the package. Raises nlp.storage.ModelError where there is no model."""
        return cls(storage.load(folder))

    def score(self, items: Sequence[Item]) -> list[Score]:
        """Scores in the order of `items`."""
        scores: list[Score] = []
        with _Unhurried():
            for start in range(0, len(items), _BATCH):
                scores += self._score(items[start : start + _BATCH])
            self._tell_brands_apart(items, scores)
        return scores

    def _tell_brands_apart(self, items: Sequence[Item], scores: list[Score]) -> None:
        """Where a text names other brands, too, put the stance of what it says of its own one in the place of the whole's."""
        named = ((at, item.brand, item) for at, item in enumerate(items) if item.brand and item.others)
        parts = [(at, item, part) for at, brand, item in named if (part := part_about(item.text, brand, item.others))]
        if not parts:
            return
        alone = self._score([Item(part.text, brand=item.brand, platform=item.platform) for _, item, part in parts])
        for (at, _, part), score in zip(parts, alone, strict=True):
            if not score.stance_probabilities:
                continue
            stance, shares = score.stance, dict(score.stance_probabilities)
            if part.against:
                stance = {"promoter": "critic", "critic": "promoter"}.get(stance, stance)
                shares["promoter"], shares["critic"] = shares["critic"], shares["promoter"]
            scores[at] = scores[at]._replace(stance=stance, stance_probabilities=shares)

    def outputs(self, texts: Sequence[Text], cleans: Sequence[Clean] | None = None) -> Outputs:
        """Logits of all heads side by side, in the order of `model.heads`."""
        model = self._model
        batch = self._featurizer.batch(texts, cleans)
        doc, columns, value, kept = known_grams(batch, self._vocabulary, model.idf2)
        logits = to_csr(batch, doc, columns, value, len(self._vocabulary)) @ model.sparse + batch.dense @ model.dense + model.bias
        return Outputs(batch, logits, doc, columns, value, kept)

    def _score(self, items: Sequence[Item]) -> list[Score]:
        texts = [Text(item.text, item.brand, item.platform) for item in items]
        cleans = self._featurizer.clean(texts)
        scorable = [index for index, item in enumerate(cleans) if item.japanese]
        found: dict[int, Score] = {}
        if scorable:
            outputs = self.outputs([texts[index] for index in scorable], [cleans[index] for index in scorable])
            scores = self._assemble([items[index] for index in scorable], outputs)
            found = dict(zip(scorable, scores, strict=True))
        return [found[index] if index in found else _unscored(item.id) for index, item in enumerate(items)]

    def _assemble(self, items: Sequence[Item], outputs: Outputs) -> list[Score]:
        heads, facts = self._model.heads, self._model.facts
        logits = {head: outputs.logits[:, place] for head, place in self._places.items()}
        sentiment, stance, kind = (softmax(logits[head]) for head in ("sentiment", "stance", "type"))
        phases, intents, irony = (sigmoid(logits[head]) for head in ("phases", "intents", "irony"))
        unsure = self._unsure(sentiment, irony[:, 0], outputs.batch).tolist()
        reasons = self._reasons(items, outputs)
        tops = [head.argmax(axis=1).tolist() for head in (sentiment, stance, kind)]
        many = [
            _chosen(values >= np.array(facts["thresholds"][head], np.float32), heads[head])
            for head, values in (("phases", phases), ("intents", intents))
        ]
        sentiments, stances = sentiment.round(6).tolist(), stance.round(6).tolist()
        ironies = irony[:, 0].round(4).tolist()
        scores = []
        for index, item in enumerate(items):
            scores.append(
                Score(
                    id=item.id,
                    sentiment=heads["sentiment"][tops[0][index]],
                    probabilities=dict(zip(heads["sentiment"], sentiments[index], strict=True)),
                    stance=heads["stance"][tops[1][index]],
                    stance_probabilities=dict(zip(heads["stance"], stances[index], strict=True)),
                    unsure=unsure[index],
                    mention_type=heads["type"][tops[2][index]],
                    phases=many[0][index],
                    intents=many[1][index],
                    irony=ironies[index],
                    relevance=self._relevance_of(item.brand, outputs.batch, index),
                    why=reasons[index],
                )
            )
        return scores

    def _relevance_of(self, brand: str | None, batch: Batch, index: int) -> float:
        """The probability that a text is about the brand: by the words around the name, where the name is an ordinary word, too."""
        if brand is None:
            return 1.0
        if not batch.cleans[index].named:
            return _NOT_NAMED
        if brand not in self._ambiguous:
            self._ambiguous[brand] = is_ambiguous(brand, self._featurizer.tokenizer)
        if not self._ambiguous[brand]:
            return 1.0
        start, end = batch.cuts.bounds[index : index + 2]
        rows = self._featurizer.tokenizer.words.rows
        return round(self._relevance.probability(facts_of([rows[word] for word in batch.cuts.words[start:end]])), 4)

    def _unsure(self, sentiment: Floats, irony: Floats, batch: Batch) -> npt.NDArray[np.bool_]:
        limits = self._model.facts["unsure"]
        return is_unsure(sentiment, irony, batch.dense, limits["probability"], limits["irony"], limits["clash"])

    def _reasons(self, items: Sequence[Item], outputs: Outputs) -> list[tuple[tuple[str, float], ...]]:
        batch = outputs.batch
        words = batch.cuts.words
        opens = self._opens.array[words].copy()
        opens[1:] &= ~self._joins.array[words[:-1]]
        bounds = batch.cuts.bounds
        opens[bounds[:-1][bounds[:-1] < bounds[1:]]] = True
        return why.shares(
            batch,
            outputs.logits[:, self._positive] - outputs.logits[:, self._negative],
            batch.token.take(outputs.kept),
            self._direction.take(outputs.columns) * outputs.value,
            self._dense_direction,
            opens,
            [item.brand or "" for item in items],
        )


def is_unsure(sentiment: Floats, irony: Floats, dense: Floats, probability: float, ironic: float, clash: float) -> npt.NDArray[np.bool_]:
    """Whether a person should look: the top probability is below `probability`, irony is at least `ironic`, or the lexicon's verdict
    (the column `total`) is at least `clash` strong and the model says the opposite. Classes in the order negative, neutral, positive."""
    total = dense[:, DENSE.index("total")]
    top = sentiment.argmax(axis=1)
    clashes = ((total >= clash) & (top == 0)) | ((total <= -clash) & (top == 2))
    unsure: npt.NDArray[np.bool_] = (sentiment.max(axis=1) < probability) | (irony >= ironic) | clashes
    return unsure


def _chosen(mask: npt.NDArray[np.bool_], names: list[str]) -> list[tuple[str, ...]]:
    """The names that each row of the mask takes; rows alike share a tuple."""
    codes = (mask @ (1 << np.arange(len(names)))).tolist()
    known = {code: tuple(name for bit, name in enumerate(names) if code >> bit & 1) for code in set(codes)}
    return [known[code] for code in codes]


class _Unhurried:
    """Holds back two things while a batch is scored. The collection of garbage: thousands of small objects are made and none of them in a ring, and each round
    of the collector would walk the whole table of words. And the threads of the linear algebra library: its products are so small here that they only wait for
    each other, and take the other processors from whoever has work for them."""

    _lock = threading.Lock()
    _inside = 0
    _was_on = False
    _libraries: ThreadpoolController | None = None
    _limits: Any = None

    def __enter__(self) -> None:
        with _Unhurried._lock:
            if not _Unhurried._inside:
                _Unhurried._was_on = gc.isenabled()
                gc.disable()
                if _Unhurried._libraries is None:  # looked for once, for it takes as long as scoring some posts
                    _Unhurried._libraries = ThreadpoolController()
                _Unhurried._limits = _Unhurried._libraries.limit(limits=1, user_api="blas")
            _Unhurried._inside += 1

    def __exit__(self, *_: object) -> None:
        with _Unhurried._lock:
            _Unhurried._inside -= 1
            if not _Unhurried._inside:
                _Unhurried._limits.restore_original_limits()
                if _Unhurried._was_on:
                    gc.enable()


def _unscored(identifier: str) -> Score:
    return Score(identifier, UNSCORED, {}, "none", {}, False, "personal", (), (), 0.0, 1.0, ())
