"""What the settings declare, as rows that readers can join: brands, sources, campaigns, goals, and named values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import duckdb


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand that is watched; ``position`` orders it among the others."""

    brand: str
    name: str
    role: Literal["own", "competitor"]
    position: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source that is read; ``what`` is ``own`` or ``mentions``."""

    source: str
    kind: str
    platform: str | None
    brand: str
    what: str
    every_seconds: int | None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign from ``starts_on`` to ``ends_on``, both included; its posts carry one of ``tags`` (without #)."""

    campaign: str
    brand: str
    name: str
    starts_on: date
    ends_on: date
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """A value that a measure is to reach."""

    brand: str
    measure: str
    target: float
    due_on: date | None = None


def declare(
    connection: duckdb.DuckDBPyConnection,
    brands: Sequence[Brand] | None,
    sources: Sequence[Source] | None,
    campaigns: Sequence[Campaign] | None,
    goals: Sequence[Goal] | None,
    meta: Mapping[str, str | None] | None,
) -> bool:
    """Let the tables say exactly what is given (``None``: leave the table as it is); return whether anything changed.

    ``meta`` is merged by name; a value of ``None`` takes the name out.
    """
    changed = False
    connection.execute("BEGIN")
    try:
        for table, row_type, rows in (
            ("brands", Brand, brands), ("sources", Source, sources), ("campaigns", Campaign, campaigns), ("goals", Goal, goals),
        ):  # fmt: skip
            if rows is not None:
                changed |= _replace(connection, table, row_type, rows)
        changed |= bool(meta) and _merge_meta(connection, dict(meta or {}))
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    return changed


def _replace(connection: duckdb.DuckDBPyConnection, table: str, row_type: type[Any], rows: Sequence[Any]) -> bool:
    names = [field.name for field in dataclasses.fields(row_type)]
    columns = ", ".join(names)
    wanted = [tuple(list(value) if isinstance(value, tuple) else value for value in dataclasses.astuple(row)) for row in rows]
    found = connection.execute(f"SELECT {columns} FROM {table}").fetchall()
    if sorted(map(repr, found)) == sorted(map(repr, wanted)):
        return False
    connection.execute(f"DELETE FROM {table}")
    if wanted:
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})", wanted)
    return True


def _merge_meta(connection: duckdb.DuckDBPyConnection, meta: dict[str, str | None]) -> bool:
    found: dict[str, str] = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    changes = {name: value for name, value in meta.items() if found.get(name) != value}
    for name, value in changes.items():
        connection.execute("DELETE FROM meta WHERE name = ?", [name])
        if value is not None:
            connection.execute("INSERT INTO meta (name, value) VALUES (?, ?)", [name, value])
    return bool(changes)
