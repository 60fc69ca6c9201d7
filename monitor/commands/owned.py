"""What the commands do while they own the home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.commands.common import out, progress_bar
from monitor.texts import say

if TYPE_CHECKING:
    from monitor.round import Part
    from monitor.settings import Settings
    from store.home import Home
    from store.ingest import IngestReport
    from store.owner import Owner


@dataclass(frozen=True, slots=True)
class Finished:
    """What ``finish`` did."""

    ingested: IngestReport
    scored: int


def finish(owner: Owner, home: Home, settings: Settings, *, scoring: bool = True) -> Finished:
    """Ingest, score, flag and publish everything, with a progress bar. Ctrl-C stops it; what is committed stays."""
    from monitor.keeper import Keeper
    from monitor.status import StatusBoard

    board = StatusBoard(home, demo=settings.general.demo)
    keeper = Keeper.of(owner, settings, board, scoring=scoring)
    try:
        with progress_bar() as progress:
            task = progress.add_task(say("collect.ingesting"), total=None)

            def note(phase: str, done: int) -> None:
                board.say(phase=phase, done=done)
                progress.update(
                    task, description=say(f"collect.{phase}"), completed=done, total=keeper.to_score if phase == "scoring" else None
                )

            report = keeper.finish(progress=note)
    finally:
        keeper.close()
        board.say(phase="stopped")
    if keeper.scoring_problem:
        out().print(f"{keeper.scoring_problem} → {say('scoring.advice')}", markup=False)
    return Finished(report, keeper.scored)


def report_round(parts: Sequence[Part]) -> None:
    """Print one line for a round, and one for each source that failed."""
    console, time = out(), datetime.now().astimezone().strftime("%H:%M:%S")
    sums = {"posts": f"{sum(part.posts for part in parts):,}", "metrics": f"{sum(part.metrics for part in parts):,}"}
    console.print(say("run.round", time=time, ok=sum(part.outcome == "ok" for part in parts), sources=len(parts), **sums), markup=False)
    for part in parts:
        if part.outcome != "ok":
            line = say("run.trouble", time=time, source=part.source, message=part.message or "", advice=part.advice or "-")
            console.print(line, markup=False)
