"""Backups: every table as Parquet, with what is needed to go on (author key, bookmarks, what was spent) and a manifest that comes last.

A folder without a manifest is not a backup. The bookmarks are read before the last files are taken in: restored, they ask again for
what came after, and lose nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from store.database import open_database
from store.errors import BackupError
from store.files import replace_text, room, sync_file, sync_folder
from store.home import Home
from store.migrate import migrate
from store.rebuild import beside, counts, discard, put_in_place

MANIFEST = "backup.json"


def backup(connection: duckdb.DuckDBPyConnection, home: Home, folder: Path, ingest: Callable[[], object]) -> Path:
    """Write a backup to the new or empty ``folder``, read it back, and return the manifest's path. Raises `BackupError`, `DiskFull`."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"空でないフォルダーには書き出せません: {folder}", f"The folder is not empty: {folder}")
    with room(folder):
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        for bookmark in home.sources.glob("*.json"):
            shutil.copy2(bookmark, folder / "sources" / bookmark.name)
        for file in (home.author_key, home.allowances):
            if file.exists():
                shutil.copy2(file, folder / file.name)
    ingest()
    connection.execute(f"EXPORT DATABASE '{str(folder).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)")
    rows = counts(connection)
    ((version,),) = connection.execute("SELECT max(version) FROM schema_version").fetchall()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        sync_file(path)
    manifest = {
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema": version,
        "rows": rows,
        "sha256": {path.relative_to(folder).as_posix(): _digest(path) for path in files},
    }
    _check_rows(folder, rows)
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return folder / MANIFEST


def verify(folder: Path) -> dict[str, Any]:
    """Return the manifest of the backup in ``folder`` after checking every file against it. Raises `BackupError`."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BackupError(
            f"バックアップではありません（{MANIFEST} がありません）: {folder}", f"Not a backup (no {MANIFEST}): {folder}"
        ) from error
    except ValueError as error:
        raise BackupError(f"{MANIFEST} が壊れています: {folder}", f"{MANIFEST} is broken: {folder}") from error
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.exists() or _digest(path) != digest:
            raise BackupError(
                f"バックアップのファイルが欠けているか壊れています: {path}", f"A file of the backup is missing or broken: {path}"
            )
    _check_rows(folder, manifest["rows"])
    return manifest


def restore(home: Home, folder: Path) -> Path | None:
    """Put the backup in ``folder`` in the place of the database, which nobody may have open; return where the old one was kept.

    An older backup is brought to the current schema when it is opened next. Raises `BackupError`, `DiskFull`.
    """
    manifest = verify(folder)
    new = beside(home)
    try:
        _fill(new, folder, manifest)
    except BaseException:
        discard(new)
        raise
    kept = home.data / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.duckdb" if home.database.exists() else None
    put_in_place(home, new, kept)
    with room(home.data):
        _put_back(folder / "author.key", home.author_key)
        if not home.allowances.exists():  # where it is there, what it says was used since the backup is true all the same
            _put_back(folder / home.allowances.name, home.allowances)
        for bookmark in home.sources.glob("*.json"):
            bookmark.unlink()
        for bookmark in (folder / "sources").glob("*.json"):
            _put_back(bookmark, home.sources / bookmark.name)
    sync_folder(home.sources)
    sync_folder(home.data)
    return kept


def _fill(new: Path, folder: Path, manifest: dict[str, Any]) -> None:
    with open_database(new) as connection:
        migrate(connection, new, upto=int(manifest["schema"]))
        for name in manifest["rows"]:
            source = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"DELETE FROM {name}")
            connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet('{source}')")
        if counts(connection) != manifest["rows"]:
            raise BackupError(f"復元した件数がバックアップと一致しません: {folder}", f"What was restored differs from the backup: {folder}")


def _put_back(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copy2(source, target)
        if target.name in ("author.key", "allowances.jsonl"):
            target.chmod(0o600)
        sync_file(target)


def _check_rows(folder: Path, rows: dict[str, int]) -> None:
    for name, wanted in rows.items():
        path = folder / f"{name}.parquet"
        found = pq.read_metadata(path).num_rows if path.exists() else -1
        if found != wanted:
            raise BackupError(f"バックアップの件数が合いません（{name}）: {path}", f"The backup's rows do not add up ({name}): {path}")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
