"""What the owner does with what has landed: ingest, score, flag, publish. The service and the one-shot commands both use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from monitor.brandmodels import BrandModels
from monitor.copies import group
from monitor.declare import declare, facts_of_models
from monitor.scoring import BATCH, ScoringError, ScoringProcess
from monitor.texts import say

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.status import StatusBoard
    from store.ingest import IngestReport
    from store.owner import Owner

SCORING_REST = 60.0
"""Seconds without scoring after the scorer failed."""

IDLE = 300.0
"""Seconds without anything to score after which the scoring process ends: it holds some 300 MB."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class Keeper:
    """The owner's work, in steps. Use from one thread.

    ``scored`` counts what this keeper scored, ``to_score`` what it will have scored when nothing is left (None: not known yet). ``scoring_problem`` says why nothing is scored, where that is so.
    """

    owner: Owner
    settings: Settings
    board: StatusBoard
    process: ScoringProcess
    scoring: bool = True
    scored: int = 0
    to_score: int | None = None
    scoring_problem: str | None = None
    _changed: bool = field(default=True, init=False)
    _published: float = field(default=0.0, init=False)
    _copies: int = field(default=0, init=False)
    _rest_until: float = field(default=0.0, init=False)
    _pending: bool = field(default=True, init=False)
    _ungrouped: bool = field(default=True, init=False)
    _scored_at: float = field(default_factory=time.monotonic, init=False)
    _models: tuple[tuple[str, int], ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._models = self._brand_models.stamp()
        self._say_models()

    @property
    def _brand_models(self) -> BrandModels:
        return BrandModels(self.owner.home.models)

    def _say_models(self) -> None:
        """Let readers know the brands' models, and how the shipped one does."""
        self._changed |= self.owner.declare(meta=facts_of_models(self._brand_models))

    def watch_models(self) -> bool:
        """Notice that a brand's model was trained or taken back since the last look: then everything is scored anew."""
        stamp = self._brand_models.stamp()
        if stamp == self._models:
            return False
        self._models = stamp
        self.process.close()
        self.process.version = ""
        self._pending, self.to_score, self._rest_until = True, None, 0.0
        self._say_models()
        return True

    @classmethod
    def of(cls, owner: Owner, settings: Settings, board: StatusBoard, *, scoring: bool = True) -> Keeper:
        """Return the keeper of ``owner``, with the settings declared to the database."""
        declare(owner, settings)
        names = {brand.id: brand.name for brand in settings.brands}
        return cls(owner, settings, board, ScoringProcess(names, owner.home.models), scoring=scoring)

    def change(self, settings: Settings) -> None:
        """Go on with other settings."""
        self.settings = settings
        self._changed |= declare(self.owner, settings)
        self.process.rename({brand.id: brand.name for brand in settings.brands})

    def ingest(self) -> IngestReport:
        """Take in what has landed."""
        report = self.owner.ingest()
        if report.files:
            self._changed = self._pending = self._ungrouped = True
            self.to_score = None
        return report

    def group_batch(self) -> int:
        """Find out which of the new mentions repeat others, a batch of them; return how many were looked at."""
        if not self._ungrouped:
            return 0
        looked_at = group(self.owner)
        self._ungrouped = looked_at > 0
        self._changed |= looked_at > 0
        return looked_at

    def score_batch(self, batch: int = BATCH) -> int:
        """Score one batch of what has no score of the current model; return how many. 0: nothing is left, or the scorer failed."""
        if not self.scoring or not self._pending or time.monotonic() < self._rest_until:
            return 0
        # the version of a scorer that ended is known; of one that never ran not: then it matters whether there is anything at all
        if not self.process.alive and not self.owner.unscored_count(self.process.version):
            self._pending = False
            return 0
        try:
            model = self.process.start()
            if self.to_score is None:
                self.to_score = self.scored + self.owner.unscored_count(model)
            posts = self.owner.unscored(model, batch)
            if posts.num_rows == 0:
                self._all_scored(model)
                return 0
            scores = self.process.score(posts)
        except ScoringError as error:
            self._rest_until = time.monotonic() + SCORING_REST
            self.scoring_problem = str(error)
            self.board.say(message=str(error), advice=say("scoring.advice"))
            return 0
        self.owner.save_scores(scores)
        count = int(posts.num_rows)
        self.scored += count
        self._changed, self._scored_at = True, time.monotonic()
        if self.scoring_problem or self.board.now.model != model:
            self.scoring_problem = None
            self.board.say(model=model, message=None, advice=None)
        return count

    def _all_scored(self, model: str) -> None:
        """Let readers see the scores of ``model``: before all are there, those of the model before it are the fuller picture."""
        self._pending, self.to_score = False, None
        self._changed |= self.owner.declare(None, None, None, None, {"model": model})

    def publish(self) -> None:
        """Flag, and publish a copy."""
        self.board.say(phase="publishing")
        self.owner.flag()
        self.owner.publish()
        self._changed, self._published = False, time.monotonic()
        self._copies += 1
        self.board.say(published_at=datetime.now(UTC).isoformat(timespec="seconds"))

    def may_publish(self, *, idle: bool) -> bool:
        """Tell whether a copy should be published now: something changed, and the last one is ``publish_every`` old.

        The first two do not wait: one when the first data is there, so that the dashboard opens soon, and one when it is scored.
        """
        if not self._changed:
            return False
        if self._copies == 0 or (self._copies == 1 and idle):
            return True
        return time.monotonic() - self._published >= self.settings.general.publish_every.total_seconds()

    def step(self) -> bool:
        """Do a little of everything that is to be done; return whether there was anything."""
        if any(self.owner.home.inbox.glob("*.parquet")):
            self.board.say(phase="ingesting")
        report = self.ingest()
        if report.files and self.may_publish(idle=False):
            self.publish()
        self.watch_models()
        grouped = self.group_batch()
        scored = self.score_batch()
        if scored:
            self.board.say(phase="scoring", done=self.scored, total=self.to_score)
        busy = bool(report.files or grouped or scored)
        if self.may_publish(idle=not busy):
            self.publish()
        if not busy:
            self.board.say(phase="waiting")
            if self.process.alive and time.monotonic() - self._scored_at > IDLE:
                self.process.close()
        return busy

    def finish(self, *, stop: Callable[[], bool] = _never, progress: Callable[[str, int], None] = lambda phase, done: None) -> IngestReport:
        """Ingest, score everything unless ``stop`` says so, and publish what changed. ``progress`` hears (phase, how many so far)."""
        report = self.ingest()
        progress("ingesting", sum(report.rows.values()))
        while not stop() and self.group_batch():
            pass
        while not stop() and self.score_batch():
            progress("scoring", self.scored)
        if self._changed:
            progress("publishing", 0)
            self.publish()
        return report

    def close(self) -> None:
        """End the scoring process."""
        self.process.close()
