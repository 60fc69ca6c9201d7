"""Learning from a brand's own labels on top of the shipped model, in a second and without its corpus.

The shipped model is the prior. With z₀ the shipped (calibrated) logits of a post and x its n-grams as the model sees them,

    p(class) = softmax((1 + t) z₀ + (x − x̄) Δ + c),   minimise   − Σ log p(label) + λ/2 · |Δ|² + β/2 · |c|² + τ/2 · t²

over the brand's training labels: without labels nothing changes, and each label moves the weights of its own n-grams as far as the
penalty lets it (a maximum-a-posteriori estimate whose Gaussian prior is centred on the shipped weights; Chelba and Acero, "Adaptation
of maximum entropy capitalizer", EMNLP 2004). The constants c take up what usually parts a brand's mentions from the corpus, another
share of each class, and t how sure the shipped model may be of this brand's posts; n-grams are centred (x̄: their mean over the labels)
so that Δ is free for words.

λ and β are chosen by cross-validation within the training labels, by log-loss; "no change" is among the choices and stays unless another
one beats it by more than a standard error. Whether the outcome is used is decided by others' labels (nlp.adapt_judge). All is deterministic: same labels,
same model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

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
_TAU = 20.0
# (λ, β), from the most careful on; the first is "no change". The n-grams are scaled to mean length one, so that λ means the same everywhere.
CHOICES = (
    (_INFINITE, _INFINITE), (_INFINITE, 30.0), (_INFINITE, 10.0), (_INFINITE, 3.0), (10.0, 10.0), (3.0, 10.0), (3.0, 3.0), (1.0, 3.0), (0.3, 3.0)
)  # fmt: skip

Floats = npt.NDArray[np.float64]


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
    """The brand's delta from its training labels; heads that nothing helps are left out (a delta without heads changes nothing).

    In one thread: the matrices are small, and sums in another order give other last digits and so another version."""
    with threadpool_limits(1):
        return _learn(scorer, model, posts, facts)


def _learn(scorer: Scorer, model: Model, posts: Sequence[Labelled], facts: dict[str, object] | None) -> Delta:
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
        kernel, centre, scale = kernel_of(grams)
        choice = choose(kernel, logits, labels)
        if choice == CHOICES[0]:
            continue
        shift = _shift(grams, fit(kernel, logits, labels, *choice), centre, scale, model)
        shifts[head] = shift
        chosen[head] = {
            "labels": len(rows),
            "lambda": choice[0],
            "beta": choice[1],
            "surer": round(shift.scale, 3),
            "bias": [round(float(b), 3) for b in shift.bias],
        }
    return Delta(model.version, shifts, {"chosen": chosen, **(facts or {})})


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit in the dual: Δ = scale · (X − x̄)ᵀ α, so that only products of labelled posts are needed, however many n-grams there are."""

    alpha: Floats
    bias: Floats
    surer: float = 0.0


def kernel_of(grams: sparse.csr_matrix) -> tuple[Floats, Floats, float]:
    """Products of the centred rows, brought to mean length one: (posts x posts), the centre x̄ (n-grams), and the scale s with
    K = s² · (X − x̄)(X − x̄)ᵀ."""
    centre = np.asarray(grams.mean(axis=0)).ravel()
    products = (grams @ grams.T).toarray()
    row = products.mean(axis=1)
    products = products - row[:, None] - row[None, :] + row.mean()
    scale = 1.0 / np.sqrt(max(float(np.diag(products).mean()), 1e-9))
    return products * scale**2, centre, float(scale)


def choose(kernel: Floats, logits: Floats, labels: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The choice with the least log-loss in cross-validation; "no change" unless it is beaten by more than a standard error."""
    fold = np.random.default_rng(7).permutation(np.arange(len(labels)) % FOLDS)
    losses = np.empty((len(CHOICES), len(labels)))
    for at, choice in enumerate(CHOICES):
        for number in range(FOLDS):
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            fitted = fit(kernel[np.ix_(inside, inside)], logits[inside], labels[inside], *choice)
            moved = (1 + fitted.surer) * logits[outside] + kernel[np.ix_(outside, inside)] @ fitted.alpha + fitted.bias
            losses[at, outside] = -_log_softmax(moved)[np.arange(len(outside)), labels[outside]]
    best = int(losses.mean(axis=1).argmin())
    gain = losses[0] - losses[best]
    error = float(gain.std(ddof=1) / np.sqrt(len(gain)))
    return CHOICES[best] if gain.mean() > error else CHOICES[0]


def fit(kernel: Floats, logits: Floats, labels: npt.NDArray[np.int64], penalty: float, beta: float) -> Fitted:
    """α (posts x classes) and c (classes) that minimise the loss of the module's docstring."""
    count, width = logits.shape
    if beta >= _INFINITE:
        return Fitted(np.zeros((count, width)), np.zeros(width))
    target = np.zeros((count, width))
    target[np.arange(count), labels] = 1.0
    # In the coordinates of K's eigenvectors the penalty is a plain square, and the search takes a tenth of the steps.
    spread, axes = np.linalg.eigh(kernel) if penalty < _INFINITE else (np.zeros(0), np.zeros((count, 0)))
    kept = spread > 1e-9 * max(float(spread.max(initial=0.0)), 1e-12)
    root = np.sqrt(spread[kept])
    points = axes[:, kept] * root

    def loss(values: Floats) -> tuple[float, Floats]:
        bias, surer, gamma = values[:width], float(values[width]), values[width + 1 :].reshape(-1, width)
        log_p = _log_softmax((1 + surer) * logits + bias + points @ gamma)
        rest = np.exp(log_p) - target
        value = -float((log_p * target).sum()) + beta / 2 * float(bias @ bias) + _TAU / 2 * surer**2 + penalty / 2 * float((gamma**2).sum())
        slopes = (
            rest.sum(axis=0) + beta * bias,
            [float((rest * logits).sum()) + _TAU * surer],
            (points.T @ rest + penalty * gamma).ravel(),
        )
        return value, np.concatenate(slopes)

    start = np.zeros(width + 1 + points.shape[1] * width)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300, "maxfun": 400}).x
    alpha = (axes[:, kept] / root) @ found[width + 1 :].reshape(-1, width)
    return Fitted(alpha, found[:width], float(found[width]))


def _shift(grams: sparse.csr_matrix, fitted: Fitted, centre: Floats, scale: float, model: Model) -> Shift:
    """Δ in the model's own terms: idf folded into the weights, the centre into the constants. Rounded, so that the last digits of a machine's
    arithmetic make no other version."""
    bias, surer = fitted.bias.round(4), round(1 + fitted.surer, 4)
    if not fitted.alpha.any():
        none = np.zeros((0, len(fitted.bias)), np.float32)
        return Shift(np.zeros(0, np.int32), none, bias.astype(np.float32), surer)
    columns = np.unique(grams.indices)
    weights = scale**2 * (grams[:, columns].T @ fitted.alpha - np.outer(centre[columns], fitted.alpha.sum(axis=0)))
    folded = (weights * np.sqrt(model.idf2[columns].astype(np.float64))[:, None]).round(4)
    constant = (fitted.bias - centre[columns] @ weights).round(4)
    return Shift(columns.astype(np.int32), folded.astype(np.float32), constant.astype(np.float32), surer)


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
