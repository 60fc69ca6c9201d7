"""Taking the inbox in: groups of files, each group in one transaction with the ledger of file names.

A file is deleted only after its group is committed. Killed in between, the next owner finds the name in the ledger and only
deletes: each file counts exactly once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from store import inbox
from store.errors import BadFile
from store.files import is_full, replace_text, room, sync_folder
from store.home import Home
from store.merge import merge

#: A group ends with the file that reaches one of these; they bound memory and the length of a transaction.
GROUP_ROWS = 250_000
GROUP_FILES = 1_000
#: Files of these kinds stay until a published copy holds them, so that their readers miss nothing in between.
KEPT_UNTIL_PUBLISHED = frozenset({"review_events"})
#: Files that were deleted this long ago cannot come back; their names leave the ledger.
LEDGER_DAYS = 30


@dataclass(slots=True)
class IngestReport:
    """What one call of ingest took in. ``new`` counts what the merge found new, by table; ``rows`` what the files held, by kind."""

    files: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    new: dict[str, int] = field(default_factory=dict)
    aside: list[tuple[Path, str]] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class _Group:
    paths: list[Path] = field(default_factory=list)
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    def add(self, path: Path, table: pa.Table) -> None:
        self.paths.append(path)
        self.tables.setdefault(inbox.kind_of(path).name, []).append(table)
        self.counts[path.name] = table.num_rows


def ingest(connection: duckdb.DuckDBPyConnection, home: Home) -> IngestReport:
    """Take in every landed file. Raises what the connection raises; the group at work is then rolled back and its files stay."""
    started = time.monotonic()
    report = IngestReport()
    known = {str(name) for (name,) in connection.execute("SELECT name FROM files").fetchall()}
    waiting = []
    for path in inbox.files(home.inbox):
        if path.name not in known:
            waiting.append(path)
        elif not _kept(path):
            path.unlink(missing_ok=True)  # committed by an owner that was killed before it could delete
    for group in _groups(waiting, home, report):
        _take(connection, group, home, report)
    report.seconds = time.monotonic() - started
    return report


def clear_published(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Delete the files that waited for a published copy to hold them."""
    known = {str(name) for (name,) in connection.execute("SELECT name FROM files").fetchall()}
    _delete([path for path in inbox.files(home.inbox) if path.name in known], home)


def prune_ledger(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Forget the names of files that are long gone from the inbox."""
    here = [path.name for path in inbox.files(home.inbox)]
    connection.execute(
        "DELETE FROM files WHERE ingested_at < now()::TIMESTAMP - to_days(?) AND NOT list_contains(?::VARCHAR[], name)", [LEDGER_DAYS, here]
    )


def _kept(path: Path) -> bool:
    return path.name.split(".")[-2] in KEPT_UNTIL_PUBLISHED


def _groups(paths: list[Path], home: Home, report: IngestReport) -> Iterator[_Group]:
    group = _Group()
    for path in paths:
        try:
            table = inbox.read(path)
        except FileNotFoundError:
            continue
        except BadFile as error:
            report.aside.append((put_aside(path, error.reason, home), error.reason))
            continue
        group.add(path, table)
        if group.rows >= GROUP_ROWS or len(group.paths) >= GROUP_FILES:
            yield group
            group = _Group()
    if group.paths:
        yield group


def _take(connection: duckdb.DuckDBPyConnection, group: _Group, home: Home, report: IngestReport) -> None:
    try:
        new = _commit(connection, group)
    except duckdb.DataError as error:
        # one file says something that the tables cannot take: find which, the others go in
        if len(group.paths) == 1:
            reason = str(error).splitlines()[0]
            report.aside.append((put_aside(group.paths[0], reason, home), reason))
            return
        for path in group.paths:
            single = _Group()
            single.add(path, inbox.read(path))
            _take(connection, single, home, report)
        return
    _delete([path for path in group.paths if not _kept(path)], home)
    report.files += len(group.paths)
    for kind, tables in group.tables.items():
        report.rows[kind] = report.rows.get(kind, 0) + sum(table.num_rows for table in tables)
    for name, count in new.items():
        report.new[name] = report.new.get(name, 0) + count


def _commit(connection: duckdb.DuckDBPyConnection, group: _Group) -> dict[str, int]:
    now = datetime.now(UTC).replace(tzinfo=None)
    ledger = pa.table(
        {
            "name": list(group.counts),
            "kind": [inbox.kind_of(path).name for path in group.paths],
            "row_count": list(group.counts.values()),
            "ingested_at": pa.array([now] * len(group.counts), pa.timestamp("us")),
        }
    )
    connection.execute("BEGIN")
    try:
        new = merge(connection, {kind: pa.concat_tables(tables) for kind, tables in group.tables.items()})
        connection.register("in_files", ledger)
        connection.execute("INSERT INTO files (name, kind, row_count, ingested_at) SELECT name, kind, row_count, ingested_at FROM in_files")
        connection.unregister("in_files")
        connection.execute("COMMIT")
    except duckdb.Error as error:
        if not (is_full(error) or isinstance(error, duckdb.FatalException)):
            connection.execute("ROLLBACK")
        raise
    return new


def put_aside(path: Path, reason: str, home: Home) -> Path:
    """Move a file that cannot be taken in to the aside folder, its reason beside it, and return where it is now."""
    target = home.aside / path.name
    replace_text(target.with_name(f"{path.name}.reason.json"), json.dumps({"file": path.name, "reason": reason}, ensure_ascii=False))
    with room(home.aside):
        path.rename(target)
    sync_folder(home.aside)
    return target


def _delete(paths: list[Path], home: Home) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
    if paths:
        sync_folder(home.inbox)
