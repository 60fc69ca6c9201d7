"""The inbox: what has landed and is not yet in the database.

One Parquet file per kind and call, written beside, synced and renamed. When `Inbox.land` returns, the records survive a
kill and a power cut; before, the source has to be asked again. Any number of processes may land at once.
"""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from store.arrow import KINDS, Kind, complete, to_tables
from store.author import author_key, load_key
from store.errors import BadFile
from store.files import sync_folder, write_whole
from store.home import Home
from store.records import Record

#: No file holds more rows: the owner takes a file whole, and its memory is bounded by this.
FILE_ROWS = 1_000_000
#: Files of so few rows are read once by `Inbox.pending`: somebody at work at the desk makes one with every click.
SMALL = 1000
#: Columns of few different values: only these gain by a dictionary, the others would be read half as fast.
_FEW = {"platform", "brand", "relation", "source", "kind", "lang", "outcome", "reason", "actor", "action"}


class Inbox:
    """The door for everything that enters. ``keep_authors``: keep other people's account ids and names in the clear."""

    def __init__(self, home: Home, keep_authors: bool = False) -> None:
        self._folder = home.prepare().inbox
        self._keep_authors = keep_authors
        self._hash = partial(author_key, load_key(home.author_key))
        self._counter = itertools.count()
        self._writer = f"{os.getpid()}.{secrets.token_hex(4)}"
        self._read: dict[Path, pa.Table] = {}  # small files that `pending` has read: a landed file never changes

    def land(self, records: Iterable[Record]) -> list[Path]:
        """Write the records, one file per record type, and return the files. Nothing for no records.

        Raises `DiskFull` (nothing of the failing file stays) and `BadRecord`.
        """
        return self._write(to_tables(records))

    def land_table(self, kind: str, table: pa.Table) -> list[Path]:
        """Write many rows of one kind at once; ``table`` has the fields of its record type as columns (see `store.arrow.KINDS`).

        Columns that are derived (``post_key``, ``text_norm``, ``author_key``) are made where they are missing.
        """
        return self._write({kind: table})

    def pending(self, kind: str) -> pa.Table:
        """Return what has landed of ``kind`` and may not be published yet, in the order it landed.

        Review events stay here until a published copy holds them, so that published and pending together are always all.
        """
        wanted = KINDS[kind]
        tables = []
        kept: dict[Path, pa.Table] = {}
        for path in files(self._folder, kind):
            try:
                table = self._read.get(path)
                table = read(path) if table is None else table
            except FileNotFoundError:
                continue  # ingested and published since we looked
            except BadFile:
                continue  # the owner will put it aside, with the reason
            tables.append(table)
            if table.num_rows <= SMALL:
                kept[path] = table
        self._read = kept
        return pa.concat_tables(tables) if tables else wanted.schema.empty_table()

    def _write(self, tables: dict[str, pa.Table]) -> list[Path]:
        written = []
        for name, table in tables.items():
            kind = KINDS[name]
            whole = complete(kind, table, self._hash, self._keep_authors)
            for start in range(0, whole.num_rows, FILE_ROWS):
                written.append(self._write_file(kind, whole.slice(start, FILE_ROWS)))
        if written:
            sync_folder(self._folder)
        return written

    def _write_file(self, kind: Kind, table: pa.Table) -> Path:
        path = self._folder / f"{time.time_ns():020d}.{next(self._counter):06d}.{self._writer}.{kind.name}.parquet"

        def write(beside: Path) -> None:
            pq.write_table(
                table,
                beside,
                compression="zstd",
                compression_level=1,
                write_page_checksum=True,
                use_dictionary=sorted(_FEW & set(table.column_names)),
            )

        write_whole(path, write)
        return path


def files(folder: Path, kind: str | None = None) -> list[Path]:
    """Return the landed files in the order they landed."""
    ending = ".parquet" if kind is None else f".{kind}.parquet"
    return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(ending) and not entry.name.startswith("."))


def kind_of(path: Path) -> Kind:
    """Return the kind that the file's name tells. Raises `BadFile`."""
    parts = path.name.split(".")
    if len(parts) < 3 or parts[-2] not in KINDS:
        raise BadFile(path, "unknown kind")
    return KINDS[parts[-2]]


def read(path: Path) -> pa.Table:
    """Return the file's rows with exactly the columns of its kind.

    Columns that the file does not have (an older version wrote it) are NULL; columns that this version does not know are left
    out. Raises `BadFile`, and `FileNotFoundError` as it is.
    """
    kind = kind_of(path)
    try:
        table = pq.read_table(path, page_checksum_verification=True, partitioning=None)
        arrays = []
        for field in kind.schema:
            found = table.column(field.name) if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
            if not field.nullable and found.null_count:
                raise BadFile(path, f"{field.name} is missing in {found.null_count} rows")
            arrays.append(found.cast(field.type))
        return pa.table(arrays, schema=kind.schema)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the machine failed, not the file
        raise BadFile(path, str(error).splitlines()[0]) from error
