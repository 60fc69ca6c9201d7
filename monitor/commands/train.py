"""`hibiki train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.common import err, out
from monitor.errors import MonitorError
from monitor.texts import say


def train(
    corpus: Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help=say("option.corpus"))] = None,
    folder: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=say("option.model_out"))] = None,
) -> None:
    """Train the model from the corpus; what it finds on the way goes to standard error."""
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
