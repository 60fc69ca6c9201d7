"""Fitting: posts and labels become the weights of all heads (`build`), and the out-of-fold logits that settings and the card rest on.

Linear models (scikit-learn; one class against the rest, squared hinge loss for sentiment and stance, logistic for the other heads; margins made probabilities by
nlp.calibration) on the features of nlp.features. The settings below were chosen by cross-validation inside the training part, grouped by writer, and by sentences of
people's blogs and posts that are no part of the project (nlp.card says how many). Same corpus, same versions: same figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from nlp import storage
from nlp.calibration import best_threshold, calibrate, choose_unsure
from nlp.corpus import Post
from nlp.dataset import CLASSES, Data, prepare
from nlp.facts import TOWARD_FACTS
from nlp.features import DENSE, Batch, Featurizer
from nlp.matrix import Vocabulary, known_grams, telling, to_csr
from nlp.probabilities import sigmoid, softmax
from nlp.solving import solve

# An n-gram must occur in so many posts. (Those of two or three posts are three in five; macro-F1 with those of three and without: .787 and .787 on three writers' posts
# that were not learnt from, .849 and .850 on four others', on people's sentences .740 and .734, .728 and .725; the model is a quarter smaller without.)
MIN_POSTS = 4
NEGLIGIBLE = 0.2  # smaller weights (as stored, before an n-gram is divided by the length of its block) are zero: that changes no figure in the third place, and the file halves


@dataclass(frozen=True, slots=True)
class Setting:
    """How a head is fitted.

    `strength` is C, `hinge` whether the loss is the squared hinge (LinearSVC) or the logistic one (LogisticRegression), `blocks` the weights of the blocks of
    n-grams (word, char, meta, tag), `without` the facts it must not use, `telling` how much an n-gram counts for more where it is more frequent in the class than
    out of it, or less (`matrix.telling`), `untold` whether posts that have a brand are learnt from once more as if nobody had said which, `folds` how many models
    the out-of-fold logits come from.
    """

    strength: float
    blocks: tuple[float, float, float, float] = (1.0, 1.0, 0.0, 0.0)
    without: tuple[str, ...] = ()
    hinge: bool = False
    telling: float = 0.0
    untold: bool = False
    folds: int = 3


# Whether there are hashtags, or the brand is named, is form, too; campaign entries are told by their words.
_TAGS = ("hashtag", "hashtags3", "brand", *TOWARD_FACTS)
# Nor does it feel anything to write much: in the corpus long posts are glad more often than people's long sentences are. (A judgment of a brand does take words: without
# these facts stance is .008 of macro-F1 worse on other writers' posts that name one.)
_LENGTH = ("length", "short", "long")
SETTINGS: dict[str, Setting] = {
    "sentiment": Setting(0.3, (1.5, 1.0, 0.0, 0.0), without=(*_TAGS, *_LENGTH), hinge=True, telling=0.6, untold=True, folds=5),
    "stance": Setting(0.5, (1.5, 1.0, 0.0, 0.0), without=("hashtag", "hashtags3"), hinge=True, telling=0.4, untold=True, folds=5),
    "type": Setting(8.0, (1.0, 1.0, 0.5, 0.7), without=_TAGS),
    "phases": Setting(6.0, (1.0, 0.7, 0.0, 0.0), without=_TAGS),
    "intents": Setting(8.0, (1.0, 0.7, 0.0, 0.0), without=_TAGS),
    "irony": Setting(4.0, (1.0, 0.7, 0.0, 0.0), without=_TAGS),
}

Say = Callable[[str], None]


# The lexicon's terms as posts of little weight: a plain word must not be outvoted by what it once stood beside. (Stance: with them macro-F1 on sentences of people's blogs
# and posts .659 and .626 instead of .651 and .620, on three writers' posts that were not learnt from .825 and .825; with a weight of 0.4 .662, .629 and .824.)
LEXICON_WEIGHT = 0.1
# A post that is learnt from with and without its brand told weighs so much each time.
_TWICE_TOLD = 0.6
# Stance is asked of posts about brands; the many everyday posts that name none and judge nothing would make it silent about them, too. (Trained without three
# writers: macro-F1 on their posts that name a brand .804 with 0.5, .800 with 0.7; on sentences of people's blogs and posts .613 and .611.)
_UNJUDGED = 0.5
# Writers whose posts tell feeling by an event with a point (q r s u w x, ha to hl), or in a literary manner (t v), more often than people do: they count less. (Trained
# without three other writers: macro-F1 of sentiment on those .768 instead of .777, on sentences of people's blogs and short posts .719 instead of .714; ha to hh in
# full .784 on those three and .721 on people's sentences, at 0.4 .787 and .727, without them .770 and .735.)
_MANNER = {**dict.fromkeys("qrsuwx", 0.5), **dict.fromkeys((f"h{letter}" for letter in "abcdefghijkl"), 0.4), **dict.fromkeys("tv", 0.3)}
# Posts of one writer that count in full; see _evenness.
_AS_MUCH = 1500
# Who wrote less than so many is no writer of their own where writers count alike.
_FEW = 100


@dataclass(slots=True)
class Space:
    """The n-grams that are kept, and how much each tells (idf = ln(posts / posts with it) + 1)."""

    vocabulary: Vocabulary
    idf: npt.NDArray[np.float32]
    _designs: dict[tuple[int, Setting], sparse.csr_matrix] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Batch, rows: npt.NDArray[np.intp] | None = None) -> Space:
        """The space of a batch, or of some of its texts."""
        doc, bucket = batch.doc.astype(np.int64), batch.bucket.astype(np.int64)
        size = batch.size
        if rows is not None:
            inside = np.zeros(batch.size, bool)
            inside[rows] = True
            doc, bucket, size = doc[inside[batch.doc]], bucket[inside[batch.doc]], len(rows)
        found, counts = np.unique(np.unique(bucket * batch.size + doc) // batch.size, return_counts=True)
        kept = counts >= MIN_POSTS
        return cls(Vocabulary(found[kept].astype(np.uint32)), (np.log(size / counts[kept]) + 1).astype(np.float32))

    def matrix(self, batch: Batch, setting: Setting) -> sparse.csr_matrix:
        """Sparse n-grams and dense facts side by side, as a head sees them."""
        doc, columns, value, kept = known_grams(batch, self.vocabulary, self.idf**2)
        value = value * self.idf[columns] * np.array(setting.blocks, np.float32)[batch.block[kept]]
        seen = np.array([name not in setting.without for name in DENSE], np.float32)
        matrix = sparse.hstack([to_csr(batch, doc, columns, value, len(self.vocabulary)), sparse.csr_matrix(batch.dense * seen)]).tocsr()
        # The solver takes the square of each row from its entries.
        matrix.sum_duplicates()
        return matrix

    def design(self, data: Data, setting: Setting) -> sparse.csr_matrix:
        """The rows to learn from: posts as they are, then those with a brand once more, untold. Kept, for every fold asks for it."""
        key = id(data), replace(setting, strength=0.0, hinge=False, telling=0.0, untold=False, folds=0)
        if key not in self._designs:
            self._designs[key] = sparse.vstack([self.matrix(data.batch, setting), self.matrix(data.untold, setting)]).tocsr()
        return self._designs[key]


def fit(
    head: str, data: Data, space: Space, rows: npt.NDArray[np.intp] | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Weights (columns x classes) and bias (classes) of one head, not yet calibrated: each class against the rest, on those of `rows` (all, if None) that were asked for it."""
    setting = SETTINGS[head]
    inside = np.zeros(len(data.posts), bool)
    inside[rows if rows is not None else slice(None)] = True
    inside &= data.asked[head]
    told, again = np.flatnonzero(inside), np.flatnonzero(inside[data.untold_rows] & setting.untold)
    matrix = space.design(data, setting)[np.append(told, len(data.posts) + again)]
    order = np.append(told, data.untold_rows[again])
    labels = data.labels[head][order]
    weight = _evenness(data.posts, data.asked[head])
    if setting.untold:
        weight[data.untold_rows] *= _TWICE_TOLD
    if head in ("sentiment", "stance"):
        weight *= [_MANNER.get(post.writer, 1.0) for post in data.posts]
    if head == "stance":
        weight[[post.brand is None and post.stance == "none" for post in data.posts]] *= _UNJUDGED
    share = weight[order]
    of_posts = len(labels)
    scales = telling(matrix[:, : len(space.vocabulary)], labels, setting.telling)
    if head in data.terms:
        terms, of_terms = data.terms[head]
        matrix = sparse.vstack([matrix, space.matrix(terms, setting)]).tocsr()
        labels = np.concatenate([labels, of_terms])
        share = np.append(share, np.full(len(of_terms), LEXICON_WEIGHT))
    balanced = [_balance(labels[:, index], of_posts) * share for index in range(labels.shape[1])]
    return solve(matrix, labels, balanced, np.vstack([scales, np.ones((len(DENSE), labels.shape[1]))]), setting.strength, setting.hinge)


def _evenness(posts: Sequence[Post], asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The weight of each post: who wrote much (of what is `asked`) has a manner of writing that should not become everybody's, so beyond _AS_MUCH posts a writer's
    weight grows only with the root of their number."""
    return np.minimum(1.0, (_AS_MUCH / np.maximum(1, _sizes(posts, asked))) ** 0.5)


def _alike(posts: Sequence[Post], asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """What each post counts where a writer counts as much as another: how sure the model may be is asked of the next writer, not of the next post of those who wrote
    most. (On sentences of people's blogs and posts: expected calibration error .088 and .069 instead of .106 and .082.)"""
    return 1.0 / np.maximum(_FEW, _sizes(posts, asked))


def _sizes(posts: Sequence[Post], asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How many of the posts that are `asked` each post's writer wrote."""
    writers = [post.writer for post in posts]
    sizes = _asked_of(writers, asked)
    return np.array([sizes[writer] for writer in writers], float)


def _asked_of(names: Sequence[str], asked: npt.NDArray[np.bool_]) -> dict[str, int]:
    """For each name, how many of its posts are `asked`: all names, also those with none."""
    return dict.fromkeys(names, 0) | Counter(name for name, one in zip(names, asked, strict=True) if one)


def _balance(truth: npt.NDArray[np.int8], of_posts: int) -> npt.NDArray[np.float64]:
    """Weights that make both sides of a class weigh the same in all; what comes after the posts weighs one. Zeros where a side is empty."""
    positive = int(truth[:of_posts].sum())
    if not 0 < positive < of_posts:
        return np.zeros(len(truth))
    balance = np.where(truth == 1, of_posts / (2 * positive), of_posts / (2 * (of_posts - positive)))
    balance[of_posts:] = 1.0
    return balance


def folds(posts: Sequence[Post], number: int, asked: npt.NDArray[np.bool_]) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Cross-validation by writer: who wrote a fold's posts wrote none of its training part, for a writer is known again by more than what a
    post says. Writers are dealt by how much of what is `asked` they wrote, the same way each time."""
    writers = [post.writer for post in posts]
    sizes = _asked_of(writers, asked)
    if sum(size > 0 for size in sizes.values()) < number:
        writers = [post.batch for post in posts]
        sizes = _asked_of(writers, asked)
    filled = [0] * number
    fold_of: dict[str, int] = {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        least = filled.index(min(filled))
        fold_of[name] = least
        filled[least] += sizes[name]
    where = np.array([fold_of[writer] for writer in writers])
    return [(np.flatnonzero(where != fold), np.flatnonzero(where == fold)) for fold in range(number) if (where == fold).any()]


def out_of_fold(head: str, data: Data, space: Space) -> npt.NDArray[np.float64]:
    """Logits for each post from models that never saw its writer. The space (which n-grams, their idf) is of the whole training part;
    it knows no labels."""
    matrix = space.design(data, SETTINGS[head])[: len(data.posts)]
    logits = np.zeros(data.labels[head].shape)
    for learn, test in folds(data.posts, SETTINGS[head].folds, data.asked[head]):
        weights, bias = fit(head, data, space, learn)
        logits[test] = matrix[test] @ weights + bias
    return logits


@dataclass(slots=True)
class Trained:
    """A model and the out-of-fold logits (calibrated) that its settings and the card rest on."""

    model: storage.Model
    logits: dict[str, npt.NDArray[np.float64]]
    data: Data


def _thresholds(head: str, data: Data, logits: npt.NDArray[np.float64]) -> list[float]:
    """From which probability on each class of a head that takes several is said."""
    asked = data.asked[head]
    weight = _alike(data.posts, asked)[asked]
    return [
        best_threshold(column, truth, weight) for column, truth in zip(sigmoid(logits[asked]).T, data.labels[head][asked].T, strict=True)
    ]


def build(posts: Sequence[Post], featurizer: Featurizer, say: Say) -> Trained:
    """Train all heads on posts."""
    data = prepare(posts, featurizer)
    space = Space.of(data.batch)
    columns, facts = len(space.vocabulary), len(DENSE)
    width = sum(len(classes) for classes in CLASSES.values())
    weights, dense, bias = np.zeros((columns, width)), np.zeros((facts, width)), np.zeros(width)
    logits: dict[str, npt.NDArray[np.float64]] = {}
    block_of = np.zeros(columns, np.int8)
    known = space.vocabulary.columns(data.batch)
    block_of[known[known >= 0]] = data.batch.block[known >= 0]
    start = 0
    for head, classes in CLASSES.items():
        say(f"{head}: {int(data.asked[head].sum())} posts, {columns} n-grams")
        place = slice(start, start + len(classes))
        setting = SETTINGS[head]
        raw, asked = out_of_fold(head, data, space), data.asked[head]
        scale, shift = calibrate(head, raw[asked], data.labels[head][asked], _alike(posts, asked)[asked])
        logits[head] = raw * scale + shift
        fitted, constant = fit(head, data, space)
        folded = (space.idf * np.array(setting.blocks, np.float32)[block_of])[:, None] * fitted[:columns]
        folded[np.abs(folded * scale) < NEGLIGIBLE] = 0.0
        weights[:, place], dense[:, place], bias[place] = folded * scale, fitted[columns:] * scale, constant * scale + shift
        start += len(classes)
    sentiment = softmax(logits["sentiment"])
    irony = sigmoid(logits["irony"][:, 0])
    alike = _alike(posts, data.asked["sentiment"])
    model = storage.Model(
        buckets=space.vocabulary.buckets,
        sparse=storage.rounded(weights.astype(np.float32)),
        idf2=(space.idf**2).astype(np.float32),
        dense=dense.astype(np.float32),
        bias=bias.astype(np.float32),
        heads={head: list(classes) for head, classes in CLASSES.items()},
        facts={
            "thresholds": {head: _thresholds(head, data, logits[head]) for head in ("phases", "intents")},
            "unsure": choose_unsure(sentiment, irony, data.batch.dense, data.labels["sentiment"], data.labels["irony"][:, 0], alike),
        },
    )
    return Trained(model, logits, data)
