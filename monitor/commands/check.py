"""`hibiki check`: the settings, and each source tried once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.commands.common import err, folded, home_here, out, progress_bar, settings_of, sources_of, table_of
from monitor.errors import SourceFailed
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collectors.base import SourceSettings, Warn
    from collectors.errors import BusyError
    from collectors.http import Http
    from monitor.round import Round
    from store.home import Home

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Tried:
    """How one source's trial went; ``advice`` where it failed and there is something to do, ``warnings`` of what ends soon."""

    source: str
    platform: str
    well: bool
    message: str
    advice: str | None = None
    warnings: tuple[Warn, ...] = ()


def check(source: Annotated[list[str] | None, typer.Option("--source", help=say("option.source"))] = None) -> None:
    """Read the settings, try each source once, and say how to mend what is wrong."""
    from monitor.round import Round
    from monitor.settings import secrets
    from store.inbox import Inbox

    home, console = home_here(), out()
    settings = settings_of(home)
    chosen = sources_of(settings, source)
    counts = {"brands": len(settings.brands), "sources": len(settings.sources), "campaigns": len(settings.campaigns)}
    console.print(say("check.settings", file=home.settings.name, **counts))
    _look_at_env(home)
    if not settings.sources:
        console.print(say("settings.no_sources", file=home.settings.name))
        return
    round_ = Round(home, settings, Inbox(home), secrets(home))
    with progress_bar() as progress:
        task = progress.add_task(say("check.trying"), total=len(chosen))

        def done(name: str) -> None:
            progress.update(task, advance=1, description=say("check.tried", name=name))

        results = asyncio.run(try_sources(round_, chosen, done))
    show_tried(results)
    show_allowances(round_)
    failed = sum(not result.well for result in results)
    soon = sum(bool(result.warnings) for result in results)
    if soon:
        console.print(say("check.some_soon", soon=soon))
    if failed:
        raise SourceFailed(say("check.some_fail", failed=failed, all=len(results)))
    console.print(say("check.all_well"))


def show_tried(results: Sequence[Tried]) -> None:
    """Show how each source's trial went: what was found, or what is wrong and how to mend it, and what ends soon."""
    from rich.cells import cell_len
    from rich.text import Text

    console, table = out(), table_of(("source", "platform", "found"), ())
    table.columns[-1].no_wrap = False
    names = max((cell_len(result.source) for result in results), default=0) + 2
    platforms = max((cell_len(result.platform) for result in results), default=0)
    width = max(20, console.width - max(names, cell_len(say("word.source"))) - max(platforms, cell_len(say("word.platform"))) - 4)
    for result in results:
        mark = Text("✓ ", "green") if result.well else Text("✗ ", "red")
        said = Text("\n").join(Text(line) for line in folded(result.message, width))
        if result.advice:
            said.append("".join("\n" + line for line in folded(say("check.advice", advice=result.advice), width)))
        for warning in result.warnings:
            lines = folded(f"! {warning.message} {say('check.advice', advice=warning.advice)}", width)
            said.append("".join("\n" + line for line in lines), "yellow")
        table.add_row(mark.append(result.source, "default"), Text(result.platform), said)
    console.print(table)


async def try_sources(round_: Round, sources: Sequence[SourceSettings], done: Callable[[str], None]) -> list[Tried]:
    """Try all ``sources`` at once, and return how each went, in their order; ``done`` is told the name of each that ended."""
    from collectors.http import Http

    async with Http(patience=20.0) as http:
        return list(await asyncio.gather(*(_try(round_, source, http, done) for source in sources)))


async def _try(round_: Round, source: SourceSettings, http: Http, done: Callable[[str], None]) -> Tried:
    from collectors.errors import AccessError, BusyError, SourceError
    from collectors.registry import make

    platform = source.kind
    try:
        collector = make(source, round_.context(source, http))
        platform = collector.source_platform
        round_.drawn.note(collector)
        return Tried(source.name, platform, True, await collector.check(), warnings=tuple(collector.warnings))
    except AccessError as error:
        return Tried(source.name, platform, False, error.message, error.advice)
    except BusyError as error:
        return Tried(source.name, platform, False, error.message, _when(error))
    except SourceError as error:
        return Tried(source.name, platform, False, error.message, error.advice)
    finally:
        done(source.name)


def show_allowances(round_: Round) -> None:
    """Say how far each allowance is used, and where it is going."""
    from collectors.allowance import Rolling
    from collectors.errors import SourceError

    try:
        standings = round_.drawn.standings()
    except SourceError as error:
        out().print(error.message, markup=False)
        return
    for _, standing in standings:
        allowance, forecast = standing.allowance, standing.forecast
        values = {
            "title": allowance.title or allowance.name,
            "spent": _amount(standing.spent, allowance.unit),
            "allowed": _amount(Decimal(allowance.limit), allowance.unit),
            "unit": say(f"unit.{allowance.unit}"),
            "reset": (standing.resets_at + timedelta(seconds=59)).astimezone(TOKYO).strftime("%Y-%m-%d %H:%M"),
        }
        short = not standing.left or (forecast is not None and forecast > allowance.limit)
        out().print(f"[{'yellow' if short else 'green'}]{'!' if short else '✓'}[/] ", end="")
        if not standing.spent and isinstance(allowance.window, Rolling):  # nothing is used: there is nothing to begin anew
            out().print(say("check.untouched", **values), markup=False)
        elif forecast is None:
            out().print(say("check.allowance", **values), markup=False)
        else:
            out().print(say("check.forecast", forecast=_amount(forecast, allowance.unit), **values), markup=False)
        if short:
            out().print(
                "    " + say("check.advice", advice=say("check.short.USD" if allowance.unit == "USD" else "check.short.other")),
                markup=False,
            )


def _amount(amount: Decimal, unit: str) -> str:
    return f"{amount:,.2f}" if unit == "USD" else f"{round(amount):,}"


def _when(error: BusyError) -> str:
    """Say what to do about a source that is busy: wait, until when if that is known; look at the network only where that may be it."""
    if error.until is not None:
        # to the minute, and never before the time
        later = (error.until + timedelta(seconds=59)).astimezone(TOKYO)
        wait = say("check.busy_until", time=later.strftime("%Y-%m-%d %H:%M"))
        return f"{wait} {error.advice}" if error.advice else wait
    return say("check.limited" if error.limited else "check.busy")


def _look_at_env(home: Home) -> None:
    if home.env.is_file() and home.env.stat().st_mode & 0o044:
        err().print(say("check.env_open", file=home.env))
