"""The scorers of a home: the shipped one, and one for each brand with a model of its own. Held by the scoring process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from nlp.scorer import Item, Score, Scorer


class Scorers:
    """The shipped scorer, and one for each brand that has a model of its own; they share the dictionary, the costly part.

    ``version`` names all of them together. A brand's model that stands on another shipped model is left out: its labels have to
    be learned anew.
    """

    def __init__(self, shipped: Scorer, of_brands: Mapping[str, Scorer], version: str) -> None:
        self.shipped = shipped
        self.of_brands = dict(of_brands)
        self.version = version

    @classmethod
    def load(cls, models: Path | None = None) -> Scorers:
        """Load what is in use. Raises ``nlp.storage.ModelError`` where a file cannot be read."""
        from monitor.brandmodels import BrandModels, version_of
        from nlp import storage
        from nlp.adapted import apply, load_delta
        from nlp.features import Featurizer
        from nlp.lexicon import Lexicon
        from nlp.scorer import Scorer
        from nlp.tokens import Tokenizer

        tokenizer = Tokenizer()
        featurizer = Featurizer(tokenizer, Lexicon(tokenizer))
        model = storage.load()
        used = {brand: one for brand, one in (BrandModels(models).active() if models else {}).items() if one.base == model.version}
        of_brands = {brand: Scorer(apply(model, load_delta(one.file)), featurizer) for brand, one in used.items()}
        version = version_of(model.version, {brand: one.version for brand, one in used.items()})
        return cls(Scorer(model, featurizer), of_brands, version)

    def of(self, brand: str) -> Scorer:
        """Return the scorer of a brand."""
        return self.of_brands.get(brand, self.shipped)


def score_brands(scorers: Scorers, brands: list[str], items: list[Item]) -> list[Score]:
    """Return the scores of ``items``, each by the scorer of its brand, in order."""
    own = {brand: [at for at, name in enumerate(brands) if name == brand] for brand in scorers.of_brands}
    rest = [at for at, name in enumerate(brands) if name not in own]
    found: dict[int, Score] = {}
    for scorer, places in [(scorers.shipped, rest), *((scorers.of_brands[brand], places) for brand, places in own.items())]:
        if places:
            found |= zip(places, _score(scorer, [items[at] for at in places]), strict=True)
    return [found[at] for at in range(len(items))]


def _score(scorer: Scorer, items: list[Item]) -> list[Score]:
    """Return the scores of ``items``. One text that breaks the scorer counts as one that cannot be scored, and stops no other.

    Raises:
        Exception: The scorer's own, where it fails at every text.
    """
    from nlp.scorer import UNSCORED, Score

    try:
        return scorer.score(items)
    except Exception:
        if len(items) == 1:
            raise
    scores: list[Score | None] = []
    trouble: Exception | None = None
    for item in items:
        try:
            scores += scorer.score([item])
        except Exception as error:  # kept, and raised below unless some text could be scored
            trouble = error
            scores.append(None)
    if trouble is not None and not any(scores):
        raise trouble
    none = Score("", UNSCORED, {}, "none", {}, False, "personal", (), (), 0.0, 1.0, ())
    return [score or none for score in scores]
