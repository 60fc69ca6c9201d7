"""Putting another database in the place of the owner's: a compacted one, or one from a backup."""

from __future__ import annotations

from pathlib import Path

import duckdb

from store.database import STORAGE_VERSION
from store.errors import StoreError
from store.files import room, sync_file, sync_folder
from store.home import Home


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the tables, sorted."""
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary AND database_name = current_database() ORDER BY table_name"
    )
    return [str(name) for (name,) in found.fetchall()]


def counts(connection: duckdb.DuckDBPyConnection, catalog: str | None = None) -> dict[str, int]:
    """Return each table's number of rows; ``catalog`` names another attached database with the same tables."""
    where = "" if catalog is None else f"{catalog}.main."
    found: dict[str, int] = {}
    for name in tables(connection):
        ((found[name],),) = connection.execute(f"SELECT count(*) FROM {where}{name}").fetchall()
    return found


def beside(home: Home) -> Path:
    """Return the path at which a new database is built, free of what an earlier try left."""
    path = home.data / ".hibiki.duckdb.new.tmp"
    discard(path)
    return path


def discard(database: Path) -> None:
    """Delete a database that did not come to be, and its log."""
    for path in (database, Path(f"{database}.wal")):
        path.unlink(missing_ok=True)


def compact_to(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Copy everything to a new file, without the holes that deleted rows leave (a DuckDB file does not shrink by itself)."""
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    connection.execute("CHECKPOINT")
    connection.execute(f"ATTACH '{_quoted(target)}' AS compacted (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        connection.execute(f'COPY FROM DATABASE "{name}" TO compacted')
        connection.execute("CHECKPOINT compacted")
        same = counts(connection) == counts(connection, "compacted")
    finally:
        connection.execute("DETACH compacted")
    if not same:
        raise StoreError(
            "詰め直した結果が元と一致しないため、中止しました", "The compacted copy differs from the database; nothing was changed"
        )


def put_in_place(home: Home, new: Path, keep_old_as: Path | None = None) -> None:
    """Let ``new`` be the database. Nobody may have either open."""
    for path in (home.database, new):
        wal = Path(f"{path}.wal")
        if wal.exists():
            # closing writes everything into the file; a log that is still there belongs to it and must not meet another file
            raise StoreError(f"書き込みが終わっていません: {wal}", f"There are unfinished writes: {wal}")
    with room(home.data):
        sync_file(new)
        if keep_old_as is not None and home.database.exists():
            keep_old_as.unlink(missing_ok=True)
            keep_old_as.hardlink_to(home.database)
        new.rename(home.database)
    sync_folder(home.data)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
