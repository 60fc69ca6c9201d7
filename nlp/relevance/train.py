"""Training the model of relevance: ``python -m nlp.relevance.train`` writes it, with its figures."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from nlp.corpus import read_corpus
from nlp.relevance.model import BITS, FILE, Facts, Relevance, facts_of_text, words_of
from nlp.tokens import Tokenizer

HOMONYMS = Path(__file__).with_name("homonyms.tsv")
BRANDED, ORDINARY = 3000, 4000
WEIGHT = 8.0
"""What a line of homonyms.tsv counts, beside the many posts that teach what is usual."""
STRENGTH = 10.0
FOLDS = 10
SEED = 7


def homonyms() -> list[tuple[str, str, bool]]:
    """Return (text, name, whether the name is the brand's)."""
    rows = [line.split("\t") for line in HOMONYMS.read_text("utf-8").splitlines()[1:]]
    return [(text, name, relevant == "1") for text, name, relevant in rows]


def usual(tokenizer: Tokenizer) -> list[tuple[str, str, bool]]:
    """Return the corpus's training posts about brands (True), and everyday posts in which a noun is taken for a name (False)."""
    chance = random.Random(SEED)
    posts = [post for post in read_corpus() if not post.held_out and post.mention_type == "personal"]
    branded = [(post.text, post.brand, True) for post in posts if post.brand and post.brand in post.text]
    ordinary = []
    for post in posts:
        if post.industry == "everyday" and post.stance == "none":
            nouns = [
                word.norm
                for word in words_of(post.text, tokenizer)
                if word.pos[0] == "名詞" and word.is_content and len(word.norm) > 1 and word.norm in post.text
            ]
            if nouns:
                ordinary.append((post.text, chance.choice(nouns), False))
    chance.shuffle(branded)
    chance.shuffle(ordinary)
    return branded[:BRANDED] + ordinary[:ORDINARY]


def _matrix(facts: list[Facts]) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(facts)), [len(found) for found in facts])
    pairs = [pair for found in facts for pair in found]
    values = (np.array([value for _, value in pairs]), (rows, np.array([bucket for bucket, _ in pairs])))
    return sparse.csr_matrix(values, shape=(len(facts), 2**BITS))


def _fit(x: sparse.csr_matrix, y: npt.NDArray[np.bool_], weight: npt.NDArray[np.float64]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=300, solver="liblinear", random_state=0).fit(x, y, sample_weight=weight)


def train(file: Path = FILE) -> Relevance:
    """Fit the model, measure it on names that it never saw (cross-validation grouped by name), write it and return it."""
    tokenizer = Tokenizer()
    own, more = homonyms(), usual(tokenizer)
    x = _matrix([facts_of_text(text, name, tokenizer) for text, name, _ in own + more])
    y = np.array([relevant for _, _, relevant in own + more])
    weight = np.where(np.arange(len(y)) < len(own), WEIGHT, 1.0)
    names, rest = np.array([name for _, name, _ in own]), np.arange(len(own), len(y))
    guess = np.zeros(len(own))
    for known, tried in GroupKFold(FOLDS).split(names, groups=names):
        rows = np.concatenate([known, rest])
        guess[tried] = _fit(x[rows], y[rows], weight[rows]).predict_proba(x[tried])[:, 1]
    truth = y[: len(own)]
    figures = {
        "n": float(len(own)),
        "names": float(len(set(names))),
        "auc": float(roc_auc_score(truth, guess)),
        "accuracy": float(((guess >= 0.5) == truth).mean()),
        "precision": float(truth[guess >= 0.5].mean()),
        "recall": float((guess[truth] >= 0.5).mean()),
    }
    fitted = _fit(x, y, weight)
    model = Relevance(fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0]), figures)
    model.save(file)
    return model


if __name__ == "__main__":
    print(train().figures)
