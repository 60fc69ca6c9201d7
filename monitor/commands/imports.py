"""`hibiki import`: files that people download."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.commands.common import err, home_here, out, progress_bar, settings_of
from monitor.errors import SourceFailed, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.files import ExportFile, Report
    from collectors.layout import Export
    from monitor.round import Landing
    from monitor.settings import Settings
    from store.home import Home

TOKYO = ZoneInfo("Asia/Tokyo")
REJECTS_SHOWN = 20


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=say("option.files"))],
    brand: Annotated[str | None, typer.Option("--brand", help=say("option.import_brand"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("option.dry_run"))] = False,
    again: Annotated[bool, typer.Option("--again", help=say("option.again"))] = False,
    table: Annotated[str | None, typer.Option("--table", help=say("option.table"))] = None,
    observed_at: Annotated[str | None, typer.Option("--observed-at", metavar="TIME", help=say("option.observed_at"))] = None,
) -> None:
    """Land what the files hold; ingest, score and publish too, unless another process owns the home."""
    from monitor.imports import kinds_of, moment_of

    home = home_here()
    settings = settings_of(home)
    about = _brand(settings, brand)
    when = moment_of(observed_at, datetime.now(UTC)) if observed_at is not None else None
    work = _Work(home, about, again, when, kinds_of(settings, table))
    if dry_run:
        for path in files:
            work.preview(path)
    else:
        _import(settings, files, work)
    if work.failed:
        raise SourceFailed(say("import.failed", count=work.failed))


def _brand(settings: Settings, asked: str | None) -> str:
    """Return the brand that was asked for; the only one of our own without."""
    ids = [brand.id for brand in settings.brands]
    if asked is not None and asked not in ids:
        raise UsageProblem(say("usage.no_brand", name=asked, known=", ".join(ids)))
    own = [brand.id for brand in settings.brands if brand.role == "own"]
    if asked is None and len(own) != 1:
        raise UsageProblem(say("usage.which_brand", known=", ".join(ids)))
    return asked or own[0]


@dataclass(slots=True)
class _Work:
    """Reads one file after another, so that only one is in memory, and counts how that went."""

    home: Home
    brand: str
    again: bool
    observed_at: datetime | None
    kinds: Sequence[Export]
    failed: int = 0
    landed: int = 0

    def preview(self, path: Path) -> None:
        """Show how the file would be read: its columns, its first posts, and what cannot be read."""
        from store.records import Kpi, Post

        file = self._open(path)
        if file is None:
            return
        for _ in file.records():
            pass  # reading it through completes the report
        self._show(file.report, dry_run=True)
        for record in file.preview():
            if isinstance(record, Post):
                out().print(f"    {_day(record.created_at)}  {' '.join(record.text.split())[:60]}", markup=False)
            elif isinstance(record, Kpi):
                out().print(f"    {record.day}  {record.name}  {record.value:,g}", markup=False)

    def land(self, path: Path, inbox: Landing) -> None:
        """Land what the file holds, unless it was imported before."""
        from monitor.imports import import_file

        file = self._open(path)
        if file is None or (not self.again and self._known(file)):
            return
        with progress_bar() as progress:
            task = progress.add_task(file.report.file, total=file.report.lines)
            report = import_file(self.home, inbox, file, self.brand, lambda report: progress.update(task, completed=report.line))
        self.landed += 1
        self._show(report)

    def _open(self, path: Path) -> ExportFile | None:
        """Return the file; None, said on standard error and counted, where it cannot be read."""
        from collectors.errors import SourceError
        from collectors.files import open_export

        try:
            return open_export(path, brand=self.brand, observed_at=self.observed_at, kinds=self.kinds)
        except SourceError as error:
            self.failed += 1
            advice = f" → {error.advice}" if error.advice else ""
            err().print(f"{error.message}{advice}", markup=False)
            return None

    def _known(self, file: ExportFile) -> bool:
        from monitor.imports import imported_at

        before = imported_at(self.home, file.report.digest, self.brand)
        if before is None:
            return False
        time = before.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
        out().print(say("import.known", file=file.report.file, time=time), markup=False)
        return True

    def _show(self, report: Report, *, dry_run: bool = False) -> None:
        """Print the report of a file that was read."""
        from monitor.imports import nothing_read

        _show(report)
        if nothing_read(report):
            self.failed += 1
            err().print(say("import.nothing", file=report.file), markup=False)
        elif report.rejects:
            out().print(say("import.would_reject" if dry_run else "import.rejected", count=len(report.rejects)), markup=False)


def _import(settings: Settings, files: list[Path], work: _Work) -> None:
    from monitor.commands.owned import finish
    from store.errors import OwnerRunning
    from store.inbox import Inbox
    from store.owner import Owner

    inbox = Inbox(work.home, settings.general.keep_authors)
    try:
        with Owner.open(work.home) as owner:
            for path in files:
                work.land(path, inbox)
            if not work.landed:
                return
            done = finish(owner, work.home, settings)
        new = done.ingested.new
        counts = {
            "posts": f"{new.get('posts', 0):,}",
            "metrics": f"{new.get('metrics', 0):,}",
            "answers": f"{new.get('surveys', 0):,}",
            "kpis": f"{new.get('kpis', 0):,}",
        }
        out().print(say("import.done", scored=f"{done.scored:,}", **counts), markup=False)
    except OwnerRunning as running:
        for path in files:
            work.land(path, inbox)
        if work.landed:
            out().print(say("collect.landed", pid=running.pid or "?"), markup=False)


def _day(moment: datetime | None) -> str:
    return moment.astimezone(TOKYO).strftime("%Y-%m-%d") if moment else "?"


def _show(report: Report) -> None:
    """Print what was found in a file."""
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
