"""`hibiki collect`: one round now; and `hibiki run`: rounds on schedule, without a dashboard."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.common import home_here, out, progress_bar, settings_of, sources_of, table_of
from monitor.errors import SourceFailed
from monitor.problems import Problem, SettingsError
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.base import SourceSettings
    from monitor.candidates import LookFor, LookUp
    from monitor.commands.owned import Finished
    from monitor.round import Part
    from monitor.settings import Settings
    from store.home import Home
    from store.owner import Owner


def collect(
    source: Annotated[list[str] | None, typer.Option("--source", help=say("option.source"))] = None,
    refresh_all: Annotated[bool, typer.Option("--refresh-all", help=say("option.refresh_all"))] = False,
    no_score: Annotated[bool, typer.Option("--no-score", help=say("option.no_score"))] = False,
) -> None:
    """Collect once; ingest, score and publish too, unless another process owns the home."""
    from monitor.candidates import published, published_unseen
    from store.errors import OwnerRunning
    from store.owner import Owner

    home = home_here()
    settings = settings_of(home)
    sources = sources_of(settings, source)
    if not sources:
        raise SettingsError([Problem(say("settings.no_sources", file=home.settings.name))])
    try:
        with Owner.open(home) as owner:
            parts, done = _with_owner(home, settings, sources, owner, not no_score, refresh_all)
        _show(parts)
        new = {name: f"{done.ingested.new.get(name, 0):,}" for name in ("posts", "metrics")}
        out().print(say("collect.done", sources=len(parts), scored=f"{done.scored:,}", **new))
    except OwnerRunning as running:
        parts = _round(home, settings, sources, published(home), published_unseen(home), refresh_all)
        _show(parts)
        out().print(say("collect.landed", pid=running.pid or "?"))
    failed = sum(part.outcome != "ok" for part in parts)
    if failed:
        raise SourceFailed(say("collect.some_fail", failed=failed))


def _with_owner(
    home: Home, settings: Settings, sources: Sequence[SourceSettings], owner: Owner, scoring: bool, refresh_all: bool
) -> tuple[list[Part], Finished]:
    from monitor.commands.owned import finish

    parts = _round(home, settings, sources, owner.refresh_candidates, owner.unseen, refresh_all)
    return parts, finish(owner, home, settings, scoring=scoring)


def _round(
    home: Home, settings: Settings, sources: Sequence[SourceSettings], look_up: LookUp, look_for: LookFor, refresh_all: bool
) -> list[Part]:
    """Run one round with a progress bar. Quiet hours do not hold: who asks now means now."""
    from monitor.candidates import candidates_of, overdue_of
    from monitor.round import Round
    from monitor.settings import secrets
    from store.inbox import Inbox

    with progress_bar() as progress:
        task = progress.add_task(say("collect.collecting"), total=len(sources))

        def note(part: Part) -> None:
            progress.update(task, advance=1 if part.outcome else 0)

        round_ = Round(
            home,
            settings,
            Inbox(home, settings.general.keep_authors),
            secrets(home),
            candidates=candidates_of(look_up, timedelta(days=settings.general.refresh_days)),
            progress=note,
            refresh_all=refresh_all,
            overdue=overdue_of(look_for, settings.sources),
        )
        return asyncio.run(round_.go(sources))


def _show(parts: Sequence[Part]) -> None:
    """Print the summary table."""
    from rich.text import Text

    table = table_of(("source", "platform", "outcome"), ("posts", "metrics", "rejects"))
    for part in parts:
        outcome = Text(say(f"outcome.{part.outcome or 'error'}"), "green" if part.outcome == "ok" else "red")
        table.add_row(Text(part.source), part.platform, outcome, f"{part.posts:,}", f"{part.metrics:,}", f"{part.rejects:,}")
    console = out()
    console.print(table)
    for part in parts:
        if part.message:
            advice = f" → {part.advice}" if part.advice else ""
            console.print(f"{part.source}: {part.message}{advice}", markup=False)


def run(
    rounds: Annotated[int | None, typer.Option("--rounds", min=1, help=say("option.rounds"))] = None,
    no_score: Annotated[bool, typer.Option("--no-score", help=say("option.no_score"))] = False,
    parent: Annotated[int | None, typer.Option("--parent", hidden=True)] = None,
) -> None:
    """Keep collecting, ingesting, scoring and publishing until Ctrl-C."""
    from monitor.commands.owned import report_round
    from monitor.logs import log_into
    from monitor.service import Service
    from store.owner import Owner

    home = home_here()
    settings = settings_of(home)
    console = out()
    with Owner.open(home) as owner:
        log_into(home)
        console.print(say("run.started", home=home.root))
        Service(home, settings, owner, rounds, parent, not no_score, report_round).run()
    console.print(say("run.stopped"))
