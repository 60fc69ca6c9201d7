"""Short ways to say records, and to look at what was published."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from store import published
from store.home import Home
from store.owner import Owner
from store.records import Gone, Metrics, Post

START = datetime(2026, 3, 1, tzinfo=UTC)


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        Owner.open(home).close()
        return home.database.read_bytes()


def new_home(root: Path) -> Home:
    """A home with an empty database, without making its tables anew each time."""
    home = Home(root).prepare()
    home.database.write_bytes(_empty_database())
    return home


def at(hours: float) -> datetime:
    """START and so many hours."""
    return START + timedelta(hours=hours)


def post(native_id: str = "1", **said: Any) -> Post:
    given: dict[str, Any] = {
        "platform": "x", "native_id": native_id, "brand": "sorato", "relation": "mention", "source": "x-search",
        "text": f"ソラトのココア {native_id}", "created_at": START, "seen_at": at(1),
    }  # fmt: skip
    return Post(**given | said)


def own(native_id: str = "1", **said: Any) -> Post:
    return post(native_id, **{"relation": "own", "source": "x-own"} | said)


def counts(native_id: str = "1", hours: float = 1, **said: Any) -> Metrics:
    return Metrics(platform="x", native_id=native_id, observed_at=at(hours), **said)


def gone(native_id: str = "1", hours: float = 2) -> Gone:
    return Gone(platform="x", native_id=native_id, seen_at=at(hours))


def rows(owner: Owner, query: str) -> list[tuple[Any, ...]]:
    """Publish, and ask the published copy as a reader would."""
    owner.publish()
    with published.connect(owner.home) as connection:
        return connection.execute(query).fetchall()


def one(owner: Owner, query: str) -> Any:
    (row,) = rows(owner, query)
    return row[0] if len(row) == 1 else row


def scores(*said: dict[str, Any]) -> pa.Table:
    """A table of scores by model m1 for posts about sorato; each says at least ``post``."""
    full = [{"brand": "sorato", "model": "m1", "post_key": said_one["post"].key} | said_one for said_one in said]
    for row in full:
        del row["post"]
    names = {name for row in full for name in row}
    return pa.table({name: [row.get(name) for row in full] for name in sorted(names)})
