"""Publishing: a read-only copy under a name of its own, and a link that is swapped to it.

The copy is made by a child process. Copying the open database inside the owner's process would drop the lock that the database
holds on it (POSIX drops all of a process's locks on a file when any descriptor of it is closed), and the next writer could then
destroy it. Readers open what the link names at that moment: the same path opened again in one process would show the old file.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from store.errors import DiskFull, StoreError
from store.files import is_full, room, sync_folder
from store.home import Home

#: How many copies stay: the newest and the one that a reader may just be opening. A deleted copy lives on for who has it open.
KEPT = 2


def publish(connection: duckdb.DuckDBPyConnection, home: Home) -> Path:
    """Copy the database, swap the link to the copy and return the copy's path. Raises `DiskFull`."""
    connection.execute("CHECKPOINT")
    version = home.published / f"hibiki-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.duckdb"
    beside = version.with_name(f".{version.name}.tmp")
    try:
        _copy(home.database, beside)
        beside.chmod(0o444)
        beside.rename(version)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    swap(home.link, version)
    _drop_old(home, version)
    return version


def swap(link: Path, target: Path) -> None:
    """Let ``link`` name ``target`` (in the same folder), at once for everybody who looks."""
    beside = link.with_name(f".{link.name}.tmp")
    beside.unlink(missing_ok=True)
    with room(link.parent):
        beside.symlink_to(target.name)
        beside.rename(link)
    sync_folder(link.parent)


def _copy(source: Path, target: Path) -> None:
    done = subprocess.run(["cp", "--reflink=auto", "--", str(source), str(target)], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip()
        if is_full(OSError(reason)):
            raise DiskFull(target.parent)
        raise StoreError(f"公開用のコピーを作れません: {reason}", f"Cannot copy the database for publishing: {reason}")


def _drop_old(home: Home, newest: Path) -> None:
    versions = sorted(path for path in home.published.glob("hibiki-*.duckdb") if path != newest)
    for path in versions[: max(0, len(versions) - (KEPT - 1))]:
        with suppress(FileNotFoundError):
            path.unlink()
