"""`hibiki sql`: one query on the published database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.common import err, home_here, out
from monitor.errors import MonitorError, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("table", "csv", "json")
CHUNK = 10_000


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help=say("option.query"))],
    form: Annotated[str, typer.Option("--format", metavar="table|csv|json", help=say("option.format"))] = "table",
) -> None:
    """Run one query on the published database, read-only."""
    if form not in FORMATS:
        raise UsageProblem(say("usage.format"))
    import duckdb

    from store.published import connect

    text = sys.stdin.read() if query == "-" else query
    with connect(home_here()) as connection:
        try:
            cursor = connection.execute(text)
            names = [column[0] for column in cursor.description or ()]
            {"table": _table, "csv": _csv, "json": _json}[form](names, cursor)
        except duckdb.Error as error:
            raise MonitorError(say("sql.failed", reason=str(error).splitlines()[0])) from error


def _chunks(cursor: Any) -> Any:
    while rows := cursor.fetchmany(CHUNK):
        yield rows


def _table(names: Sequence[str], cursor: Any) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = [row for chunk in _chunks(cursor) for row in chunk]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(names):
        numeric = any(isinstance(row[at], int | float) for row in rows[:20])
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    out().print(table)
    err().print(say("sql.rows", rows=f"{len(rows):,}"))


def _csv(names: Sequence[str], cursor: Any) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for rows in _chunks(cursor):
        writer.writerows(rows)


def _json(names: Sequence[str], cursor: Any) -> None:
    """Write a JSON list of objects, row by row, so that its size does not matter."""
    import json

    first = True
    sys.stdout.write("[")
    for rows in _chunks(cursor):
        for row in rows:
            sys.stdout.write("" if first else ",")
            sys.stdout.write("\n" + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str))
            first = False
    sys.stdout.write("\n]\n")
