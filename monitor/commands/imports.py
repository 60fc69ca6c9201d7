"""`hibiki import`: files that people download."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.commands.common import err, home_here, out, progress_bar, settings_of
from monitor.errors import SourceFailed, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from datetime import datetime

    from collectors.files import ExportFile, Report
    from monitor.settings import Settings
    from store.home import Home

TOKYO = ZoneInfo("Asia/Tokyo")
REJECTS_SHOWN = 20


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=say("option.files"))],
    brand: Annotated[str | None, typer.Option("--brand", help=say("option.import_brand"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("option.dry_run"))] = False,
    again: Annotated[bool, typer.Option("--again", help=say("option.again"))] = False,
) -> None:
    """Land what the files hold; ingest, score and publish too, unless another process owns the home."""
    home = home_here()
    settings = settings_of(home)
    about = _brand(settings, brand)
    opened, failed = _open(files, about)
    if dry_run:
        for file in opened:
            _preview(file)
    else:
        _import(home, settings, [file for file in opened if again or not _known(home, file, about)], about)
    if failed:
        raise SourceFailed(say("import.failed", count=failed))


def _brand(settings: Settings, asked: str | None) -> str:
    """Return the brand that was asked for; the only one of our own without."""
    ids = [brand.id for brand in settings.brands]
    if asked is not None and asked not in ids:
        raise UsageProblem(say("usage.no_brand", name=asked, known=", ".join(ids)))
    own = [brand.id for brand in settings.brands if brand.role == "own"]
    if asked is None and len(own) != 1:
        raise UsageProblem(say("usage.which_brand", known=", ".join(ids)))
    return asked or own[0]


def _open(files: list[Path], brand: str) -> tuple[list[ExportFile], int]:
    """Return the files that can be read, and how many cannot; each of those is named on standard error."""
    from collectors.errors import SourceError
    from collectors.files import open_export

    opened, failed = [], 0
    for path in files:
        try:
            opened.append(open_export(path, brand=brand))
        except SourceError as error:
            failed += 1
            advice = f" → {error.advice}" if error.advice else ""
            err().print(f"{error.message}{advice}", markup=False)
    return opened, failed


def _known(home: Home, file: ExportFile, brand: str) -> bool:
    from monitor.imports import imported_at

    before = imported_at(home, file.report.digest, brand)
    if before is None:
        return False
    out().print(say("import.known", file=file.report.file, time=before.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")), markup=False)
    return True


def _import(home: Home, settings: Settings, files: list[ExportFile], brand: str) -> None:
    from monitor.commands.owned import finish
    from store.errors import OwnerRunning
    from store.owner import Owner

    if not files:
        return
    try:
        with Owner.open(home) as owner:
            _land(home, settings, files, brand)
            done = finish(owner, home, settings)
        new = done.ingested.new
        counts = {"posts": f"{new.get('posts', 0):,}", "metrics": f"{new.get('metrics', 0):,}", "answers": f"{new.get('surveys', 0):,}"}
        out().print(say("import.done", scored=f"{done.scored:,}", **counts), markup=False)
    except OwnerRunning as running:
        _land(home, settings, files, brand)
        out().print(say("collect.landed", pid=running.pid or "?"), markup=False)


def _land(home: Home, settings: Settings, files: list[ExportFile], brand: str) -> None:
    from monitor.imports import import_file
    from store.inbox import Inbox

    inbox = Inbox(home, settings.general.keep_authors)
    for file in files:
        with progress_bar() as progress:
            task = progress.add_task(file.report.file, total=file.report.lines)
            report = import_file(home, inbox, file, brand, lambda report: progress.update(task, completed=report.line))  # noqa: B023
        _show(report)


def _preview(file: ExportFile) -> None:
    """Show how the file would be read: its columns, its first posts, and what cannot be read."""
    from store.records import Post

    for _ in file.records():
        pass  # reading it through completes the report
    _show(file.report)
    for record in file.preview():
        if isinstance(record, Post):
            out().print(f"    {_day(record.created_at)}  {' '.join(record.text.split())[:60]}", markup=False)


def _day(moment: datetime | None) -> str:
    return moment.astimezone(TOKYO).strftime("%Y-%m-%d") if moment else "?"


def _show(report: Report) -> None:
    """Print the report of a file that was read."""
    console = out()
    sums = {"rows": f"{report.rows:,}", "rejects": f"{len(report.rejects):,}"}
    console.print(say("import.preview", file=report.file, what=report.title, **sums), markup=False)
    if report.from_at:
        console.print(say("import.period", first=_day(report.from_at), last=_day(report.to_at)), markup=False)
    console.print(say("import.columns", columns=", ".join(report.fields.values())), markup=False)
    if report.unused:
        console.print(say("import.ignored", columns=", ".join(report.unused)), markup=False)
    for reject in report.rejects[:REJECTS_SHOWN]:
        console.print(f"  {reject.place}: {reject.reason}", markup=False)
    if len(report.rejects) > REJECTS_SHOWN:
        console.print(say("import.more_rejects", count=len(report.rejects) - REJECTS_SHOWN), markup=False)
    if report.rejects:
        console.print(say("import.rejected", count=len(report.rejects)), markup=False)
