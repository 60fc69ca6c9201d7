"""`hibiki train` for a brand: from its labels to a model of its own, judged on labels that no model learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from analysis.active import is_held
from monitor.brandmodels import BrandModels
from monitor.errors import MonitorError
from monitor.texts import say

if TYPE_CHECKING:
    import pandas as pd

    from nlp.adapt import Labelled
    from nlp.adapt_judge import Judgement
    from nlp.features import Featurizer
    from nlp.scorer import Scorer
    from store.home import Home


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of one training. ``version`` is None where the labels changed nothing; ``used`` says whether it is in use now."""

    brand: str
    version: str | None
    before: str | None
    learned: int
    held: int
    judgement: Judgement
    used: bool


def labels_of(home: Home, brand: str) -> pd.DataFrame:
    """Return the labels of ``brand``, those that are not published yet too (``store.queries.labelled``), and ``held``: whether only
    measured with. A held label counts only where the post was drawn by lot.

    Raises:
        NotPublished: There is no data yet.
    """
    from store import queries
    from store.inbox import Inbox
    from store.published import connect

    pending = Inbox(home).pending("review_events").to_pandas()
    with connect(home) as con:
        rows = queries.labelled(con, pending, brand)
    rows["held"] = [is_held(brand, text) for text in rows["text"]]
    return rows


def split(rows: pd.DataFrame, name: str) -> tuple[list[Labelled], list[Labelled]]:
    """Return the labels to learn from and those to judge by, oldest first. Posts that are not about the brand say nothing of it."""
    from nlp.adapt import Labelled

    about = rows[rows["relevant"].astype(bool)].sort_values(["labelled_at", "post_key"], kind="stable")

    def posts(part: pd.DataFrame) -> list[Labelled]:
        found: Any = part.itertuples(index=False)
        return [
            Labelled(
                row.text, name, row.platform, row.sentiment if isinstance(row.sentiment, str) else None,
                row.stance if isinstance(row.stance, str) else None,
            )
            for row in found
        ]  # fmt: skip

    held = about["held"].astype(bool)
    return posts(about[~held]), posts(about[held & about["drawn"].astype(bool)])


def train_brand(home: Home, brand: str, name: str, tell: Callable[[str], None] = lambda line: None) -> Trained:
    """Learn from the labels of ``brand`` (``name`` as texts write it), judge, keep the outcome, and use it if it is better.

    Raises:
        MonitorError: There are no labels to learn from.
        NotPublished: There is no data yet.
    """
    rows = labels_of(home, brand)
    learn_from, held = split(rows, name)
    if not learn_from:
        raise MonitorError(say("train.no_labels", brand=brand))
    tell(say("train.labels", brand=brand, learn=len(learn_from), held=len(held)))
    return _train(BrandModels(home.models), brand, learn_from, held)


def _train(models: BrandModels, brand: str, learn_from: list[Labelled], held: list[Labelled]) -> Trained:
    from nlp import storage
    from nlp.adapt import learn
    from nlp.adapt_judge import judge
    from nlp.adapted import save_delta
    from nlp.features import Featurizer
    from nlp.lexicon import Lexicon
    from nlp.scorer import Scorer
    from nlp.tokens import Tokenizer

    tokenizer = Tokenizer()
    featurizer = Featurizer(tokenizer, Lexicon(tokenizer))
    model = storage.load()
    shipped = Scorer(model, featurizer)
    delta = learn(shipped, model, learn_from)
    old, before = _in_use(models, brand, shipped, model, featurizer)
    version = delta.version if delta.shifts else None
    new = _scorer_of(delta, model, featurizer) if version else shipped
    judgement = judge(old, new, held, changed=version != before)
    if version:
        save_delta(delta, models.file(brand, version))
    facts: dict[str, Any] = {
        "version": version, "base": model.version, "before": before, "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "learned": len(learn_from), "chosen": delta.facts["chosen"], "judgement": judgement.facts(),
    }  # fmt: skip
    models.note(brand, facts, use=judgement.taken)
    return Trained(brand, version, before, len(learn_from), len(held), judgement, judgement.taken)


def _scorer_of(delta: Any, model: Any, featurizer: Featurizer) -> Scorer:
    from nlp.adapted import apply
    from nlp.scorer import Scorer

    return Scorer(apply(model, delta), featurizer)


def _in_use(models: BrandModels, brand: str, shipped: Scorer, model: Any, featurizer: Featurizer) -> tuple[Scorer, str | None]:
    """The scorer that scores the brand now, and its version; the shipped one where the brand's stands on an older model."""
    from nlp.adapted import load_delta

    used = models.active().get(brand)
    if used is None or used.base != model.version:
        return shipped, None
    return _scorer_of(load_delta(used.file), model, featurizer), used.version
