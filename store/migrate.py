"""Numbered SQL files bring a database from any earlier structure to this version's, each in a transaction, each recorded."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import duckdb

from store.errors import DatabaseTooNew, SchemaChanged

SCHEMA = Path(__file__).parent / "schema"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of ``store/schema``: ``NNNN_what.sql``."""

    version: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """What the file said when it was applied: an applied file must not change any more."""
        return sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = SCHEMA) -> list[Migration]:
    """Return the migrations in ``folder`` by number. Numbers start at 1 and have no holes."""
    found = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    numbered = [Migration(int(path.name[:4]), path.stem, path.read_text(encoding="utf-8")) for path in found]
    if [m.version for m in numbered] != list(range(1, len(numbered) + 1)):
        raise ValueError(f"migrations are not numbered 1 to {len(numbered)}: {[m.name for m in numbered]}")
    return numbered


def migrate(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path = SCHEMA, upto: int | None = None) -> list[str]:
    """Apply what is missing, up to the number ``upto``, and return the names. ``path`` is named in errors: `DatabaseTooNew`, `SchemaChanged`."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER, name VARCHAR, digest VARCHAR, applied_at TIMESTAMP)")
    applied = dict(connection.execute("SELECT version, digest FROM schema_version").fetchall())
    known = migrations(folder)
    if applied and max(applied) > len(known):
        raise DatabaseTooNew(path, max(applied), len(known))
    done = []
    for migration in known[:upto]:
        if migration.version in applied:
            if applied[migration.version] != migration.digest:
                raise SchemaChanged(path, migration.name)
            continue
        connection.execute("BEGIN")
        try:
            connection.execute(migration.sql)
            connection.execute(
                "INSERT INTO schema_version VALUES (?, ?, ?, now()::TIMESTAMP)", [migration.version, migration.name, migration.digest]
            )
            connection.execute("COMMIT")
        except duckdb.Error:
            connection.execute("ROLLBACK")
            raise
        done.append(migration.name)
    return done
