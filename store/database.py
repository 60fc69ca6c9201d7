"""Opening the database. Only this module and `store.home` know where the tables live."""

from __future__ import annotations

from pathlib import Path

import duckdb

from store.errors import DatabaseBusy, DiskFull
from store.files import is_full

#: Files are written so that clients from DuckDB 1.5 on can open them.
STORAGE_VERSION = "v1.5.0"


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the owner's database for writing. Raises `DatabaseBusy` and `DiskFull`."""
    try:
        connection = duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})
        return _set_up(connection)
    except duckdb.IOException as error:
        if is_full(error):
            raise DiskFull(path) from error
        if "lock" in str(error).lower():
            raise DatabaseBusy(path, str(error).splitlines()[0]) from error
        raise


def open_copy(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published copy, read-only."""
    return _set_up(duckdb.connect(str(path), read_only=True))


def _set_up(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection
