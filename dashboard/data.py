"""What the pages read: one read-only connection a published file, answers kept until the next file appears."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from store import queries
from store.home import Home
from store.inbox import Inbox


def home() -> Home:
    """Return the home that HIBIKI_HOME names."""
    return Home.resolve()


def version() -> str | None:
    """Return the published file that is the newest now, or None where nothing has been published. Costs one readlink."""
    try:
        return str(home().link.resolve(strict=True))
    except FileNotFoundError:
        return None


def _close(con: duckdb.DuckDBPyConnection) -> None:
    con.close()


@st.cache_resource(max_entries=2, show_spinner=False, on_release=_close)
def _connection(path: str) -> duckdb.DuckDBPyConnection:
    """Open a published file. The two newest stay open: a page may still be reading the one before."""
    return duckdb.connect(path, read_only=True)


@st.cache_data(max_entries=500, show_spinner=False)
def _answer(path: str, query: str, arguments: tuple[Any, ...]) -> pd.DataFrame:
    with _connection(path).cursor() as cursor:
        frame: pd.DataFrame = getattr(queries, query)(cursor, *arguments)
        return frame


def shown_version() -> str:
    """Return the published file that this run of the page shows; the same from its first query to its last."""
    shown = st.session_state.get("shown_version")
    if not isinstance(shown, str):
        raise LookupError("no published file was chosen for this run")
    return shown


def ask(query: str, *arguments: Any) -> pd.DataFrame:
    """Return what ``store.queries.<query>`` answers about the file shown, from memory if it was asked before."""
    return _answer(shown_version(), query, arguments)


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the frame's rows as named tuples."""
    return iter(frame.itertuples(index=False))


def first(frame: pd.DataFrame) -> Any:
    """Return the frame's first row, its values by name."""
    return frame.iloc[0]


def ask_now(query: str, *arguments: Any) -> pd.DataFrame:
    """Return what ``store.queries.<query>`` answers, never from memory: for what changes between two published files."""
    with _connection(shown_version()).cursor() as cursor:
        frame: pd.DataFrame = getattr(queries, query)(cursor, *arguments)
        return frame


@st.cache_resource(show_spinner=False)
def inbox(root: str) -> Inbox:
    """Return the door through which the review desk writes."""
    return Inbox(Home(root))


def pending_events() -> pd.DataFrame:
    """Return the review events that have landed and may not be published yet."""
    frame: pd.DataFrame = inbox(str(home().root)).pending("review_events").to_pandas()
    return frame


def meta() -> dict[str, str]:
    """Return what the owner wrote about the file shown."""
    frame = ask("meta")
    return dict(zip(frame["name"], frame["value"], strict=True))


def status() -> dict[str, Any]:
    """Return what the owner says it is doing now; empty where it has never said anything, or is just writing it."""
    return _read(home().status)


def timetable() -> dict[str, dict[str, Any]]:
    """Return what the owner says of each source: when it is read next, and what a budget did not reach; empty where it said nothing."""
    found = _read(home().schedule).get("sources")
    return found if isinstance(found, dict) else {}


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def moment(value: object) -> datetime | None:
    """Return a time of the status file (ISO 8601, UTC) as an aware datetime, None where there is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def published_at(path: str) -> datetime:
    """Return when the published file was written, in UTC."""
    return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
