"""Training: the corpus becomes the model in nlp/model/, and its card. `hibiki train` calls `train()`.

The held-out part is looked at once, at the end, for the card. Same corpus, same versions: same figures.
"""

from __future__ import annotations

from importlib.metadata import version as version_of
from pathlib import Path

from threadpoolctl import threadpool_limits

from nlp import storage, terms
from nlp.card import write_card
from nlp.corpus import CORPUS_DIR, digest, read_corpus
from nlp.entries import LEXICON_DIR
from nlp.features import BITS, Featurizer
from nlp.figures import measure
from nlp.fitting import Say, build
from nlp.lexicon import Lexicon
from nlp.readers import FILE, readings
from nlp.tokens import Tokenizer

_LIBRARIES = ("scikit-learn", "numpy", "scipy", "sudachipy", "sudachidict-core")


def train(corpus: Path = CORPUS_DIR, folder: Path = storage.MODEL_DIR, say: Say = print, card: bool = True) -> str:
    """Train on the corpus and write the model into `folder`; returns its version. Raises CorpusError, LexiconError.

    `say` is told what is being done, line by line; `card` also writes card.json and CARD.md with all figures (about twice the time)."""
    learnt_from = digest([corpus, LEXICON_DIR])
    posts = read_corpus(corpus)
    learn = [post for post in posts if not post.held_out]
    of_people = readings([post for post in posts if post.held_out], corpus / FILE) if (corpus / FILE).exists() else None
    tokenizer = Tokenizer()
    if terms.read(LEXICON_DIR) is None:
        terms.write(LEXICON_DIR, *Lexicon(tokenizer).cut(tokenizer))
    featurizer = Featurizer(tokenizer, Lexicon(tokenizer))
    # One thread: sums in another order give other last digits.
    with threadpool_limits(1):
        trained = build(learn, featurizer, say)
        trained.model.facts |= {
            "corpus": learnt_from,
            "posts": len(learn),
            "held_out": len(posts) - len(learn),
            "bits": BITS,
            "libraries": {name: version_of(name) for name in _LIBRARIES},
        }
        version = storage.save(trained.model, folder)
        trained.model.facts["version"] = version
        say(f"model {version} written to {folder}")
        if card:
            write_card(measure(trained, posts, featurizer, say, of_people), folder)
            say(f"card written to {folder / 'CARD.md'}")
    return version


if __name__ == "__main__":
    train()
