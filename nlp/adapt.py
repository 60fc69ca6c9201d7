"""Learning from a brand's own labels on top of the shipped model, in a second and without its corpus.

The shipped model is the prior. With z₀ the shipped (calibrated) logits of a post and x its n-grams as the model sees them,

    p(class) = softmax(z₀ + (x − x̄) Δ + c),   minimise   − Σ log p(label) + λ/2 · |Δ|² + β/2 · |c|²

over the brand's training labels: without labels nothing changes, and each label moves the weights of its own n-grams as far as the
penalty lets it (a maximum-a-posteriori estimate whose Gaussian prior is centred on the shipped weights; Chelba and Acero, "Adaptation
of maximum entropy capitalizer", EMNLP 2004). The constants c take up what usually parts a brand's mentions from the corpus, another
share of each class; n-grams are centred (x̄: their mean over the labels) so that Δ is free for words.

λ and β are chosen by cross-validation within the training labels, by log-loss; "no change" is among the choices and stays unless another
one beats it by more than half a standard error. Whether the outcome is used is decided by others' labels (nlp.adapt_judge). All is deterministic: same labels,
same model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from nlp.adapted import Delta, Shift
from nlp.features import Text
from nlp.matrix import to_csr
from nlp.scorer import Scorer
from nlp.storage import Model

HEADS = ("sentiment", "stance")
LEAST = 20
"""Fewest training labels from which a head learns."""
FOLDS = 5
_INFINITE = 1e6
# (λ, β), from the most careful on; the first is "no change". The n-grams are scaled to mean length one, so that λ means the same everywhere.
CHOICES = (
    (_INFINITE, _INFINITE), (_INFINITE, 30.0), (_INFINITE, 10.0), (_INFINITE, 3.0), (10.0, 10.0), (3.0, 10.0), (3.0, 3.0), (1.0, 3.0), (0.3, 3.0)
)  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post with what a person said of it; None: not said. `brand` as texts write it."""

    text: str
    brand: str | None = None
    platform: str | None = None
    sentiment: str | None = None
    stance: str | None = None


@dataclass(slots=True)
class Seen:
    """Posts as the shipped model sees them: its n-grams (posts x n-grams, idf in) and its logits, head by head."""

    grams: sparse.csr_matrix
    logits: dict[str, Floats]


def see(scorer: Scorer, model: Model, posts: Sequence[Labelled]) -> Seen:
    """What `model`, which `scorer` holds, sees in posts."""
    outputs = scorer.outputs([Text(post.text, post.brand, post.platform) for post in posts])
    width = len(model.buckets)
    grams = to_csr(outputs.batch, outputs.doc, outputs.columns, outputs.value, width) @ sparse.diags(np.sqrt(model.idf2.astype(np.float64)))
    logits, start = {}, 0
    for head, classes in model.heads.items():
        logits[head] = outputs.logits[:, start : start + len(classes)].astype(np.float64)
        start += len(classes)
    return Seen(grams.tocsr(), logits)


def learn(scorer: Scorer, model: Model, posts: Sequence[Labelled], facts: dict[str, object] | None = None) -> Delta:
    """The brand's delta from its training labels; heads that nothing helps are left out (a delta without heads changes nothing)."""
    seen = see(scorer, model, posts) if posts else None
    shifts: dict[str, Shift] = {}
    chosen: dict[str, object] = {}
    for head in HEADS:
        classes = model.heads[head]
        said = [getattr(post, head) for post in posts]
        rows = np.flatnonzero([value in classes for value in said])
        if seen is None or len(rows) < LEAST or len({said[row] for row in rows}) < 2:
            continue
        labels = np.array([classes.index(said[row]) for row in rows])
        grams, logits = seen.grams[rows], seen.logits[head][rows]
        choice = choose(grams, logits, labels)
        if choice == CHOICES[0]:
            continue
        shift = _shift(grams, *fit(grams, logits, labels, *choice), model)
        shifts[head] = shift
        chosen[head] = {"labels": len(rows), "lambda": choice[0], "beta": choice[1], "bias": [round(float(b), 3) for b in shift.bias]}
    return Delta(model.version, shifts, {"chosen": chosen, **(facts or {})})


def choose(grams: sparse.csr_matrix, logits: Floats, labels: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The choice with the least log-loss in cross-validation; "no change" unless it is beaten by more than half a standard error."""
    fold = np.arange(len(labels)) % FOLDS
    fold = fold[np.random.default_rng(7).permutation(len(labels))]
    losses = np.empty((len(CHOICES), len(labels)))
    for at, choice in enumerate(CHOICES):
        for number in range(FOLDS):
            inside, outside = fold != number, fold == number
            weights, mean, bias = fit(grams[inside], logits[inside], labels[inside], *choice)
            moved = logits[outside] + grams[outside] @ weights - mean @ weights + bias
            losses[at, outside] = -_log_softmax(moved)[np.arange(outside.sum()), labels[outside]]
    best = int(losses.mean(axis=1).argmin())
    gain = losses[0] - losses[best]
    error = float(gain.std(ddof=1) / np.sqrt(len(gain)))
    return CHOICES[best] if gain.mean() > 0.5 * error else CHOICES[0]


def fit(
    grams: sparse.csr_matrix, logits: Floats, labels: npt.NDArray[np.int64], penalty: float, beta: float
) -> tuple[Floats, Floats, Floats]:
    """Δ (n-grams x classes), x̄ (n-grams) and c (classes) that minimise the loss of the module's docstring."""
    count, width = logits.shape
    weights, mean = np.zeros((grams.shape[1], width)), np.zeros(grams.shape[1])
    if beta >= _INFINITE:
        return weights, mean, np.zeros(width)
    used = np.unique(grams.indices) if penalty < _INFINITE else np.zeros(0, np.intp)
    small = grams[:, used]
    centre = np.asarray(small.mean(axis=0)).ravel()
    # The mean squared length of the centred rows becomes one.
    scale = 1.0
    if len(used):
        scale = 1.0 / np.sqrt(max(float(small.multiply(small).sum()) / count - float(centre @ centre), 1e-9))
    target = np.zeros((count, width))
    target[np.arange(count), labels] = 1.0
    turned = small.T.tocsr()

    def loss(values: Floats) -> tuple[float, Floats]:
        delta, bias = values[:-width].reshape(-1, width), values[-width:]
        moved = logits + bias + scale * (small @ delta - centre @ delta)
        log_p = _log_softmax(moved)
        rest = np.exp(log_p) - target
        slope = scale * (turned @ rest - np.outer(centre, rest.sum(axis=0))) + penalty * delta
        value = -float((log_p * target).sum()) + penalty / 2 * float((delta * delta).sum()) + beta / 2 * float(bias @ bias)
        return value, np.concatenate([slope.ravel(), rest.sum(axis=0) + beta * bias])

    found = minimize(loss, np.zeros(len(used) * width + width), jac=True, method="L-BFGS-B", options={"maxiter": 300, "maxfun": 400}).x
    weights[used] = scale * found[:-width].reshape(-1, width)
    mean[used] = centre
    return weights, mean, found[-width:]


def _shift(grams: sparse.csr_matrix, weights: Floats, mean: Floats, bias: Floats, model: Model) -> Shift:
    """Δ in the model's own terms: idf folded into the weights, the centre into the constants."""
    columns = np.unique(grams.indices) if weights.any() else np.zeros(0, np.intp)
    folded = weights[columns] * np.sqrt(model.idf2[columns].astype(np.float64))[:, None]
    return Shift(columns.astype(np.int32), folded.astype(np.float32), (bias - mean @ weights).astype(np.float32))


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
