"""`hibiki status`: what runs, how each source does, what is missing, sizes and the model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from monitor.commands.common import home_here, out, size, table_of
from monitor.texts import say

if TYPE_CHECKING:
    from store.home import Home

TOKYO = ZoneInfo("Asia/Tokyo")
GAPS_SINCE = timedelta(days=90)


def status(as_json: Annotated[bool, typer.Option("--json", help=say("option.json"))] = False) -> None:
    """Print the state of the home, for people or as JSON."""
    home = home_here()
    state = state_of(home, datetime.now(UTC))
    if as_json:
        import json

        typer.echo(json.dumps(state, ensure_ascii=False, indent=1, default=str))
    else:
        _show(home, state)


def state_of(home: Home, now: datetime) -> dict[str, Any]:
    """Return the state of ``home`` as plain values; times in UTC.

    Raises:
        NotPublished: There is nothing yet, and no owner that may make something.
    """
    from monitor.status import read_status
    from monitor.timetable import read_timetable
    from store import queries
    from store.owner import Owner
    from store.published import connect, newest

    with connect(home) as con:
        naive = now.replace(tzinfo=None)
        sources = queries.source_health(con, naive)
        gaps = queries.gap_timeline(con, naive - GAPS_SINCE)
        models = queries.models(con)
        sizes = queries.table_sizes(con)
    copy, upcoming = newest(home), read_timetable(home)
    return {
        "home": str(home.root),
        "owner": Owner.running(home),
        "status": read_status(home),
        "published": {"path": str(copy), "at": datetime.fromtimestamp(copy.stat().st_mtime, UTC).isoformat(timespec="seconds")},
        "sizes": {
            "published": copy.stat().st_size,
            "database": home.database.stat().st_size if home.database.exists() else 0,
            "inbox_files": _count(home.inbox, "*.parquet"),
            "aside_files": _count(home.aside, "*.parquet"),
        },
        "rows": {str(name): int(count) for name, count in sizes.itertuples(index=False)},
        "model": None if models.empty else {"version": str(models.iloc[0]["model"]), "mentions": int(models.iloc[0]["mentions"])},
        "sources": [_plain(row) | upcoming.get(str(row["source"]), {}) for row in sources.to_dict("records")],
        "gaps": [_plain(row) for row in gaps.to_dict("records")],
    }


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern)) if folder.is_dir() else 0


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a frame's row with None for what is unknown and ISO times."""
    import pandas as pd

    plain: dict[str, Any] = {}
    for name, value in row.items():
        if pd.isna(value):
            plain[str(name)] = None
        elif isinstance(value, pd.Timestamp):
            plain[str(name)] = value.tz_localize(UTC).isoformat(timespec="seconds")
        else:
            plain[str(name)] = value.item() if hasattr(value, "item") else value
    return plain


def _local(iso: str | None) -> str:
    return datetime.fromisoformat(iso).astimezone(TOKYO).strftime("%Y-%m-%d %H:%M") if iso else say("status.never")


def _show(home: Home, state: dict[str, Any]) -> None:
    console, told, sizes, rows = out(), state["status"], state["sizes"], state["rows"]
    console.print(say("status.home", home=home.root), markup=False)
    if state["owner"] is not None:
        phase = say(f"phase.{told['phase']}") if told else "?"
        console.print(say("status.running", pid=state["owner"] or "?", phase=phase), markup=False)
    else:
        console.print(say("status.not_running"))
    if told and told.get("alive") and told.get("settings_problem"):
        console.print(told["settings_problem"], markup=False)
    if told and told.get("message"):
        console.print(f"{told['message']} → {told.get('advice') or '-'}", markup=False)
    console.print(say("status.published", time=_local(state["published"]["at"]), size=size(sizes["published"])), markup=False)
    counts = {"inbox": f"{sizes['inbox_files']:,}", "aside": f"{sizes['aside_files']:,}"}
    console.print(say("status.sizes", database=size(sizes["database"]), **counts), markup=False)
    console.print(
        say("status.counts", **{name: f"{rows.get(name, 0):,}" for name in ("posts", "mentions", "metrics", "scores")}), markup=False
    )
    model = state["model"]
    console.print(say("status.model", model=model["version"]) if model else say("status.no_model"), markup=False)
    _show_sources(state)


def _show_sources(state: dict[str, Any]) -> None:
    from rich.text import Text

    console = out()
    gaps: dict[str, int] = {}
    for gap in state["gaps"]:
        gaps[gap["source"]] = gaps.get(gap["source"], 0) + 1
    table = table_of(("source", "platform", "outcome", "last_success"), ("posts_day", "gaps"))
    for row in state["sources"]:
        outcome = row["outcome"]
        shown = Text(say(f"outcome.{outcome}") if outcome else "-", "green" if outcome == "ok" else "red" if outcome else "")
        times = (_local(row["last_success"]), f"{row['posts_day']:,}", f"{gaps.get(row['source'], 0):,}")
        table.add_row(Text(row["source"]), row["platform"] or "-", shown, *times)
    console.print(table)
    for row in state["sources"]:
        if row["message"] and (row["outcome"] not in (None, "ok") or row["advice"]):
            console.print(f"{row['source']}: {row['message']}" + (f" → {row['advice']}" if row["advice"] else ""), markup=False)
