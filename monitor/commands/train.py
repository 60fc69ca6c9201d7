"""`hibiki train`: a brand's own model from its labels, or the shipped model from the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.common import err, home_here, out, settings_of
from monitor.errors import MonitorError, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from monitor.adaptation import Trained
    from monitor.settings import Settings
    from store.home import Home


def train(
    brand: Annotated[str | None, typer.Option("--brand", metavar="ID", help=say("option.train_brand"))] = None,
    back: Annotated[bool, typer.Option("--back", help=say("option.train_back"))] = False,
    shipped: Annotated[bool, typer.Option("--shipped", help=say("option.train_shipped"))] = False,
    corpus: Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help=say("option.corpus"))] = None,
    folder: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=say("option.model_out"))] = None,
) -> None:
    """Train; what it finds on the way goes to standard error."""
    from_corpus = shipped or corpus is not None or folder is not None
    if from_corpus and (brand is not None or back):
        raise UsageProblem(say("usage.train_either"))
    home = home_here()
    if not from_corpus and (brand is not None or back or home.settings.is_file()):
        settings = settings_of(home)
        brands = _brands(home, settings, brand, back)
        if back:
            _go_back(home, brands[0])
            return
        if brands:
            for one in brands:
                _of_brand(home, settings, one)
            return
    _of_corpus(corpus, folder)


def _brands(home: Home, settings: Settings, brand: str | None, back: bool) -> list[str]:
    """The brand that was asked for; else every brand with labels."""
    from monitor.adaptation import labels_of
    from store.errors import NotPublished

    known = [one.id for one in settings.brands]
    if brand is not None:
        if brand not in known:
            raise UsageProblem(say("usage.no_brand", name=brand, known=", ".join(known)))
        return [brand]
    if back:
        if len(known) == 1:
            return known
        raise UsageProblem(say("usage.back_brand", known=", ".join(known)))
    try:
        return [one for one in known if len(labels_of(home, one))]
    except NotPublished:
        return []


def _go_back(home: Home, brand: str) -> None:
    from monitor.brandmodels import BrandModels

    try:
        version = BrandModels(home.models).back(brand)
    except LookupError:
        raise MonitorError(say("train.no_back", brand=brand)) from None
    out().print(say("train.back", brand=brand, version=version or say("train.shipped")), markup=False)
    _say_when(home)


def _of_brand(home: Home, settings: Settings, brand: str) -> None:
    from monitor.adaptation import train_brand

    console = err()
    _report(train_brand(home, brand, settings.brand(brand).name, lambda line: console.print(line, markup=False)), home)


def _report(trained: Trained, home: Home) -> None:
    console, judgement = out(), trained.judgement
    for head, found in judgement.heads.items():
        figures = {
            "before": f"{found.accuracy_before:.3f}", "after": f"{found.accuracy_after:.3f}", "gain": f"{found.accuracy_gain.value:+.3f} "
            f"[{found.accuracy_gain.low:+.3f}, {found.accuracy_gain.high:+.3f}]", "f1_before": f"{found.f1_before:.3f}", "f1_after": f"{found.f1_after:.3f}",
        }  # fmt: skip
        console.print(say("train.head", head=say(f"train.head.{head}"), n=found.n, **figures), markup=False)
    key = f"train.verdict.{judgement.verdict}"
    values = {"brand": trained.brand}
    if trained.used:
        values |= {"version": trained.version or say("train.shipped")}
    if judgement.verdict == "likely":
        values |= {"likely": f"{judgement.likely:.0%}"}
    console.print(say(key, **values), markup=False)
    if trained.used:
        _say_when(home)


def _say_when(home: Home) -> None:
    from store.owner import Owner

    if Owner.running(home) is None:
        out().print(say("train.next_run"), markup=False)


def _of_corpus(corpus: Path | None, folder: Path | None) -> None:
    from nlp.corpus import CORPUS_DIR, CorpusError
    from nlp.storage import MODEL_DIR
    from nlp.train import train as fit

    console = err()
    console.print(say("train.training"))
    try:
        model = fit(corpus or CORPUS_DIR, folder or MODEL_DIR, lambda line: console.print(line, markup=False))
    except CorpusError as error:
        raise MonitorError(str(error)) from error
    out().print(say("train.done", model=model), markup=False)
