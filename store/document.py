"""Write docs/data.md from the comments in the schema: ``python -m store.document [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from store.migrate import migrate

PAGE = Path(__file__).parent.parent / "docs" / "data.md"

_HEAD = """\
# The data

<!-- Made by `python -m store.document` from the comments in store/schema. Do not edit. -->

Open `data/published/hibiki.duckdb` read-only with any DuckDB client, while everything else runs:

    duckdb -readonly data/published/hibiki.duckdb

The link names the newest copy; whoever opened an earlier one keeps it. Times are UTC; a `day` is a day in Asia/Tokyo. NULL means unknown, never 0.
The same comments are in the file: `SELECT view_name, comment FROM duckdb_views() WHERE NOT internal`.
"""


def page() -> str:
    """Return the page for the current schema."""
    with duckdb.connect() as connection:
        migrate(connection, Path(":memory:"))
        views = connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY view_name").fetchall()
        tables = connection.execute("SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal ORDER BY table_oid").fetchall()
        parts = [_HEAD, "## Views: start here\n"]
        parts += [_section(connection, name, comment) for name, comment in views]
        parts.append("## Tables\n")
        parts += [_section(connection, name, comment) for name, comment in tables]
    return "\n".join(parts)


def _section(connection: duckdb.DuckDBPyConnection, name: str, comment: str | None) -> str:
    columns = connection.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? AND NOT internal ORDER BY column_index", [name]
    ).fetchall()
    lines = [f"### {name}\n", f"{comment or ''}\n", "| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{column}` | {kind} | {(meaning or '').replace('|', chr(92) + '|')} |" for column, kind, meaning in columns]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page to the file that the command line names, else to docs/data.md."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    target.write_text(page(), encoding="utf-8")
    print(f"{target}: {len(page().splitlines())} lines")


if __name__ == "__main__":
    main()
