"""Importing files: which were imported already, and landing what they hold in bounded batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.errors import UsageProblem
from monitor.files import read_json, write_json
from monitor.texts import say
from store.records import Metrics, Run

if TYPE_CHECKING:
    from collectors.files import ExportFile, Report
    from collectors.layout import Export
    from monitor.round import Landing
    from monitor.settings import Settings
    from store.home import Home

TOKYO = ZoneInfo("Asia/Tokyo")
BATCH = 5000
LEDGER = "imported-files"
"""The ledger's name among the bookmarks, so that a backup holds it too."""


def imported_at(home: Home, digest: str, brand: str) -> datetime | None:
    """Return when a file with this content was imported for ``brand``; None if it never was."""
    found = (read_json(home.bookmark(LEDGER)) or {}).get(f"{brand} {digest}")
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def nothing_read(report: Report) -> bool:
    """Tell whether a file had rows, and not one of them could be read."""
    return bool(report.rejects) and not (report.posts or report.answers or report.kpis)


def kinds_of(settings: Settings, table: str | None) -> Sequence[Export]:
    """Return what a file may be: the user's own tables before the kinds that are known, or just the one that was asked for.

    Raises:
        UsageProblem: There is no such table.
    """
    from collectors.exports import EXPORTS

    own = {one.name: one.export() for one in settings.tables}
    if table is None:
        return (*own.values(), *EXPORTS)
    if table not in own:
        raise UsageProblem(say("import.no_table", name=table, known=", ".join(own)) if own else say("import.no_tables"))
    return (own[table],)


def moment_of(said: str, now: datetime) -> datetime:
    """Return the moment that a person wrote ("2026-11-20" or "2026-11-20T09:00"), in Asia/Tokyo unless it has an offset.

    A day alone is its end, because a count shown on that day holds what came until then; today's is ``now``.

    Raises:
        UsageProblem: It is no moment, or in the future.
    """
    try:
        day = datetime.strptime(said.strip(), "%Y-%m-%d").replace(tzinfo=TOKYO)
    except ValueError:
        day = None
    try:
        moment = day or datetime.fromisoformat(said.strip())
    except ValueError:
        raise UsageProblem(say("import.no_moment", value=said)) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=TOKYO)
    if moment > now:
        raise UsageProblem(say("import.future", value=said))
    return min(moment + timedelta(days=1, seconds=-1), now) if day else moment


def import_file(home: Home, inbox: Landing, file: ExportFile, brand: str, progress: Callable[[Report], None]) -> Report:
    """Land everything that ``file`` holds and the run that tells of it, then note that it was imported; return its complete report.

    A file of which nothing could be read is not noted: a later version may be able to. Killed in between, the file is not noted and can be imported again: the merge drops what it knows.
    """
    started, metrics = datetime.now(UTC), 0
    stream = file.records()
    while records := list(islice(stream, BATCH)):
        inbox.land(records)
        metrics += sum(isinstance(record, Metrics) for record in records)
        progress(file.report)
    report = file.report
    run = Run(
        source=file.source,
        platform=report.platform,
        brand=brand,
        started_at=started,
        finished_at=datetime.now(UTC),
        outcome="format" if nothing_read(report) else "ok",
        posts=report.posts,
        metrics=metrics,
        message=say("import.run", file=report.file, rejects=len(report.rejects)) if report.rejects else report.file,
    )
    inbox.land([run])
    if nothing_read(report):
        return report
    known = read_json(home.bookmark(LEDGER)) or {}
    write_json(home.bookmark(LEDGER), {**known, f"{brand} {file.report.digest}": datetime.now(UTC).isoformat(timespec="seconds")})
    return report
