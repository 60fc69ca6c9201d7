"""A home that the live checks fill with the real ``hibiki`` command, and what its published file says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FACTS = """
select p.native_id, p.text, p.gone_at is not null as gone, p.own_brand, array_to_string(p.tags, ' ') as tags,
       l.views, l.likes, l.comments, l.shares, l.saves
from posts p join post_latest l using (post_key) order by p.native_id
"""


def hibiki(home: Path, *arguments: str) -> str:
    """Return what the command printed. Code 6 (a source failed) is expected where one is locked out on purpose."""
    program = Path(sys.executable).with_name("hibiki")
    done = subprocess.run([program, "--home", str(home), *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 6):
        raise AssertionError(f"hibiki {arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def sql(home: Path, query: str) -> list[dict[str, Any]]:
    """Return the rows that the published file answers."""
    rows: list[dict[str, Any]] = json.loads(hibiki(home, "sql", "--format", "json", query))
    return rows


def facts(home: Path) -> dict[str, dict[str, Any]]:
    """Return every post of the published file with its newest counts, by its id."""
    return {row["native_id"]: row for row in sql(home, FACTS)}


def differences(when: str, rows: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any] | None]) -> list[str]:
    """Return how the published file differs from what the server says.

    ``wanted`` gives what the server says of each post that should be known (text, views, likes, …); None: it is gone, and its text must be
    gone from the file too. A post that is in the file and not in ``wanted`` is a difference as well.
    """
    wrong: list[str] = []
    for uri, theirs in wanted.items():
        row = rows.get(uri)
        if theirs is None:
            if row is not None and (not row["gone"] or row["text"] is not None):
                wrong.append(f"{when}: {uri} is deleted there and not here: {row}")
            continue
        if row is None:
            wrong.append(f"{when}: {uri} is missing")
            continue
        told = {**theirs, "gone": False}
        wrong += [f"{when}: {uri} {name}: {row[name]!r} here, {value!r} there" for name, value in told.items() if row[name] != value]
    wrong += [f"{when}: {uri} is nobody's" for uri in rows if uri not in wanted]
    alive = sum(theirs is not None for theirs in wanted.values())
    print(f"{when}: {len(rows)} posts in the published file, {alive} alive on the server, {len(wrong)} differences", flush=True)
    return wrong
