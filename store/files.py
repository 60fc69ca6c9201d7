"""Writing files so that they are there whole or not at all, and survive a power cut."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from store.errors import DiskFull

_FULL = {errno.ENOSPC, errno.EDQUOT}


def is_full(error: BaseException) -> bool:
    """Tell whether ``error`` means that the disk has no room left, whichever library raised it."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    text = str(error).lower()
    return "no space left" in text or "disk quota" in text or "not enough space" in text


@contextmanager
def room(path: Path) -> Iterator[None]:
    """Turn a full disk, as the system or a library reports it, into `DiskFull`."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(path) from error
        raise


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of ``path`` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file beside ``path``, sync it and rename it. The folder is left to the caller to sync."""
    beside = path.with_name(f".{path.name}.tmp")
    try:
        with room(path.parent):
            write(beside)
            sync_file(beside)
            beside.rename(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def replace_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` whole, and sync the folder too."""

    def write(beside: Path) -> None:
        beside.write_text(text, encoding="utf-8")

    write_whole(path, write)
    sync_folder(path.parent)


def sweep(folder: Path, older_than: float = 3600.0) -> int:
    """Delete what killed writers left half-written in ``folder``; return how many files.

    Only files untouched for ``older_than`` seconds: another process may be writing its file right now.
    """
    found = 0
    for litter in folder.glob(".*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - litter.stat().st_mtime >= older_than:
                litter.unlink()
                found += 1
    return found
