"""Scoring in a process of its own: the owner never imports scikit-learn or SudachiPy, and a stop never waits for a model to load.

The parent sends a table of unscored posts through a pipe and gets a table of scores back, batch by batch. Each batch is committed
before the next is asked for, so whoever stops the work loses at most one batch of it, and the next run goes on where this one was.
"""

from __future__ import annotations

import json
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from monitor.errors import MonitorError
from monitor.texts import say

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    import pyarrow as pa


BATCH = 1000
COLUMNS = (
    "post_key",
    "brand",
    "model",
    "sentiment",
    "p_negative",
    "p_neutral",
    "p_positive",
    "stance",
    "p_promoter",
    "p_critic",
    "p_request",
    "unsure",
    "mention_type",
    "phases",
    "intents",
    "irony",
    "relevance",
    "why",
    "scored_at",
)


class ScoringError(MonitorError):
    """The scorer could not be started, or its process died."""


class ScoreStore(Protocol):
    """What scoring needs of the owner."""

    def unscored(self, model: str, limit: int) -> pa.Table:
        """Return at most ``limit`` posts without a score of ``model``: post_key, brand, platform, kind, text."""

    def save_scores(self, scores: pa.Table) -> int:
        """Commit the scores."""


class ScoringProcess:
    """A child process that holds a loaded scorer. Use from one thread at a time.

    ``start`` is needed once; ``close`` ends the child, and so does the end of this process. ``names`` maps a brand's id to its name,
    as texts write it. ``models`` is the folder of the brands' own models (``monitor.brandmodels``); the child takes those that are in use when it starts.
    """

    def __init__(self, names: Mapping[str, str] | None = None, models: Path | None = None) -> None:
        self._names = dict(names or {})
        self._models = models
        self._child: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self.version = ""

    def rename(self, names: Mapping[str, str]) -> None:
        """Let the next child know the brands by ``names``."""
        if dict(names) != self._names:
            self.close()
            self._names = dict(names)

    @property
    def alive(self) -> bool:
        """Whether the child is there to work."""
        return self._child is not None and self._child.is_alive()

    def start(self) -> str:
        """Start the child unless it runs already, and return the version of its model.

        Raises:
            ScoringError: The model cannot be loaded.
        """
        if self.alive:
            return self.version
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._child = context.Process(target=_serve, args=(theirs, self._names, self._models), name="hibiki-scoring", daemon=True)
        # Ctrl-C goes to the whole process group; the child is to end when we close the pipe, not in the middle of an import.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._child.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        theirs.close()
        self.version = str(self._ask(None))
        return self.version

    def score(self, posts: pa.Table) -> pa.Table:
        """Return the scores of ``posts`` (columns as ``ScoreStore.unscored`` gives them) as rows of the table ``scores``.

        Raises:
            ScoringError: The child died.
        """
        return self._ask(posts)

    def _ask(self, question: object) -> Any:
        if self._pipe is None:
            raise ScoringError(say("scoring.died", reason=""))
        try:
            if question is not None:
                self._pipe.send(question)
            word, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            code = self._child.exitcode if self._child else None
            self.close()
            raise ScoringError(say("scoring.died", reason=f" (exit {code})" if code else "")) from error
        if word == "failed":
            self.close()
            raise ScoringError(say("scoring.failed", reason=answer))
        return answer

    def close(self) -> None:
        """End the child."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._child is not None:
            self._child.join(timeout=2)
            if self._child.is_alive():
                self._child.kill()
                self._child.join()
            self._child = None


def score_pending(
    store: ScoreStore,
    process: ScoringProcess,
    *,
    batch: int = BATCH,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Score everything that has no score of the current model; return how many were scored.

    Each batch is committed by itself; ``stop`` is asked between batches, ``progress`` hears the sum so far.
    """
    model = process.start()
    done = 0
    while not stop():
        posts = store.unscored(model, batch)
        if posts.num_rows == 0:
            break
        store.save_scores(process.score(posts))
        done += posts.num_rows
        progress(done)
    return done


def _serve(pipe: Connection, names: Mapping[str, str], models: Path | None) -> None:
    """Be the child: load the scorers, then answer tables with tables until the pipe is closed."""
    from monitor.scorers import Scorers, score_brands
    from nlp.scorer import Item

    try:
        scorers = Scorers.load(models)
    except (OSError, ValueError, RuntimeError) as error:
        pipe.send(("failed", " ".join(str(error).split())))
        return
    pipe.send(("ready", scorers.version))
    while True:
        try:
            posts = pipe.recv()
        except EOFError:
            return
        others = {brand: tuple(name for other, name in names.items() if other != brand) for brand in names}
        items = [
            Item(text=text or "", id=str(at), brand=names.get(brand, brand), platform=platform, others=others.get(brand, ()))
            for at, (text, brand, platform) in enumerate(
                zip(posts["text"].to_pylist(), posts["brand"].to_pylist(), posts["platform"].to_pylist(), strict=True)
            )
        ]
        keys, brands = posts["post_key"].to_pylist(), posts["brand"].to_pylist()
        answer: tuple[str, Any]
        try:
            answer = ("scored", table_of(zip(keys, brands, score_brands(scorers, brands, items), strict=True), scorers.version))
        except Exception as error:  # the last door of this process: the parent hears the reason instead of a closed pipe
            answer = ("failed", f"{type(error).__name__}: {' '.join(str(error).split())}")
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return


def table_of(scored: Iterable[tuple[int, str, Any]], model: str) -> pa.Table:
    """Return (post key, brand, ``nlp.scorer.Score``) triples as rows of the table ``scores``."""
    import pyarrow as pa

    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {
            "post_key": key,
            "brand": brand,
            "model": model,
            "sentiment": score.sentiment,
            **{f"p_{name}": score.probabilities.get(name) for name in ("negative", "neutral", "positive")},
            "stance": score.stance,
            **{f"p_{name}": score.stance_probabilities.get(name) for name in ("promoter", "critic", "request")},
            "unsure": score.unsure,
            "mention_type": score.mention_type,
            "phases": list(score.phases),
            "intents": list(score.intents),
            "irony": score.irony,
            "relevance": score.relevance,
            "why": json.dumps([[words, round(weight, 4)] for words, weight in score.why], ensure_ascii=False),
            "scored_at": now,
        }
        for key, brand, score in scored
    ]
    return pa.Table.from_pylist(rows, schema=_schema())


def _schema() -> pa.Schema:
    import pyarrow as pa

    types: dict[str, Any] = {name: pa.string() for name in COLUMNS}
    types |= {name: pa.float64() for name in COLUMNS if name.startswith("p_")} | {"irony": pa.float64(), "relevance": pa.float64()}
    types |= {"post_key": pa.int64(), "unsure": pa.bool_(), "phases": pa.list_(pa.string()), "intents": pa.list_(pa.string())}
    types["scored_at"] = pa.timestamp("us")
    return pa.schema([(name, types[name]) for name in COLUMNS])
