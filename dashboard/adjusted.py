"""Corrected shares beside the raw ones: what the model is known to mistake is taken out (``analysis.adjusted``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from analysis.active import is_held
from analysis.adjusted import Adjusted, Correction
from dashboard import data, html, i18n
from dashboard.i18n import number, percent, signed, t
from store.queries import Filters

MOODS = ("positive", "neutral", "negative")
LEANINGS = ("promoter", "critic", "other")
ENOUGH_LABELS = 100
"""From so many labels of its own that only measure, a brand's mistakes are told by them and not by the shipped model's card."""

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """How often each class is taken for which (rows: truth), from ``posts`` posts; ``own``: labels of this very brand."""

    moods: Matrix
    leanings: Matrix
    posts: int
    own: bool

    @property
    def source(self) -> str:
        """Where it is known from, in the reader's language."""
        return t("adjusted.from.brand" if self.own else "adjusted.from.card", n=number(self.posts))


@dataclass(frozen=True, slots=True)
class Shares:
    """The corrected shares of a period; None: not enough data for an answer."""

    positive: Adjusted | None
    negative: Adjusted | None
    nps: Adjusted | None
    known: Known


def shares(filters: Filters, totals: Any) -> Shares | None:
    """Return the corrected shares behind ``totals`` (``store.queries.mention_totals``), None where the model's mistakes are not known."""
    known = mistakes(filters.brand)
    if known is None:
        return None
    moods = tuple(float(totals[f"model_{mood}"]) for mood in MOODS)
    sides = (float(totals["model_promoters"]), float(totals["model_critics"]))
    leanings = (*sides, max(0.0, float(totals["authors"]) - sum(sides)))
    (positive, negative), nps = _mood_shares(moods, known.moods), _difference(leanings, known.leanings)
    return Shares(positive, negative, nps, known)


@lru_cache(maxsize=256)
def _mood_shares(counts: tuple[float, ...], matrix: Matrix) -> tuple[Adjusted | None, Adjusted | None]:
    found = Correction(counts, matrix)
    return found.share(MOODS.index("positive")), found.share(MOODS.index("negative"))


@lru_cache(maxsize=256)
def _difference(counts: tuple[float, ...], matrix: Matrix) -> Adjusted | None:
    """Promoters minus critics, author by author as if each had written one post (most have)."""
    return Correction(counts, matrix).difference(0, 1)


def mistakes(brand: str) -> Known | None:
    """Return how the model errs: by the brand's own labels that only measure, where there are enough; else by the model's card."""
    rows = data.ask("labelled", NO_EVENTS, brand)
    usable = rows["drawn"].astype(bool) & rows["relevant"].astype(bool) & rows["sentiment"].notna() & rows["stance"].notna()
    usable &= rows["model_sentiment"].isin(MOODS) & rows["mention_type"].isin(["personal"])
    own = rows[usable & pd.Series([is_held(brand, text) for text in rows["text"]], index=rows.index, dtype=bool)]
    if len(own) >= ENOUGH_LABELS:
        moods = _count(own["sentiment"], own["model_sentiment"], MOODS)
        leanings = _count(own["stance"].map(_leaning), own["model_stance"].map(_leaning), LEANINGS)
        return Known(moods, leanings, len(own), True)
    return of_card(data.meta().get("model_card"))


NO_EVENTS = pd.DataFrame(
    {name: pd.Series(dtype=kind) for name, kind in (
        ("event_id", "str"), ("post_key", "int64"), ("brand", "str"), ("at", "datetime64[us]"), ("actor", "str"), ("action", "str"), ("value", "str"),
    )}
)  # fmt: skip


def _leaning(stance: object) -> str:
    return str(stance) if stance in ("promoter", "critic") else "other"


def _count(truth: pd.Series, said: pd.Series, classes: tuple[str, ...]) -> Matrix:
    return tuple(tuple(float(((truth == true) & (said == taken)).sum()) for taken in classes) for true in classes)


@lru_cache(maxsize=4)
def of_card(card: str | None) -> Known | None:
    """Return what the shipped model's card says of its mistakes on held-out posts, None where it does not."""
    try:
        held = json.loads(card or "{}")["held_out"]
        moods = _of_head(held["sentiment"], {mood: mood for mood in MOODS}, MOODS)
        stances = {name: _leaning(name) for name in held["stance"]["classes"]}
        return Known(moods, _of_head(held["stance"], stances, LEANINGS), int(held["sentiment"]["n"]), False)
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _of_head(head: dict[str, Any], names: dict[str, str], classes: tuple[str, ...]) -> Matrix:
    """Return the head's confusion with its classes in our order, several of them taken together where ``names`` says so."""
    sums = {true: dict.fromkeys(classes, 0.0) for true in classes}
    for true, row in zip(head["classes"], head["confusion"], strict=True):
        for taken, count in zip(head["classes"], row, strict=False):  # the last column is "unscored"
            sums[names[true]][names[taken]] += float(count)
    return tuple(tuple(sums[true][taken] for taken in classes) for true in classes)


def text(found: Adjusted | None, nps: bool = False) -> str:
    """Return a corrected share, or score, with its interval."""
    if found is None:
        return t("adjusted.none")

    def show(value: float) -> str:
        return signed(100 * value, 0) if nps else percent(value, 0)

    return t("adjusted.value", value=show(found.value), low=show(found.low), high=show(found.high))


def explain(found: Shares | None, confirmed: int) -> None:
    """Say in a line what "adjusted" means, and how many mentions a person confirmed."""
    parts = []
    if found:
        colon = "：" if i18n.language() == "ja" else ": "
        parts.append(f"<b>{html.esc(t('adjusted.title'))}</b>{colon}{html.esc(t('adjusted.why', source=found.known.source))}")
        if not found.known.own:
            parts.append(html.esc(t("adjusted.caution")))
    if confirmed:
        parts.append(html.esc(t("adjusted.confirmed", n=number(confirmed))))
    if parts:
        html.show(f'<div class="hb-quiet">{" ".join(parts)}</div>')
