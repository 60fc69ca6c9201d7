"""The owner's lock: one process owns a home, until it ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path

from store.errors import OwnerRunning
from store.files import room

#: Somebody who merely looks whether an owner lives holds the lock for an instant; a starting owner waits this long for it.
_PATIENCE = 0.5
_held: set[int] = set()


def _close_in_child() -> None:
    # a forked child would keep the lock alive after its owner was killed
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_in_child)


def acquire(path: Path) -> int:
    """Take the lock in ``path``, write our PID into it and return its descriptor. Raises `OwnerRunning`."""
    with room(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + _PATIENCE
        while not _try(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise OwnerRunning(_read_pid(descriptor), path)
            time.sleep(0.02)
        with room(path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except BaseException:
        os.close(descriptor)
        raise
    _held.add(descriptor)
    return descriptor


def release(descriptor: int) -> None:
    """Give the lock back."""
    _held.discard(descriptor)
    os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the PID of the living owner, ``None`` where there is none (0 where it did not say)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return None if _try(descriptor, fcntl.LOCK_SH) else _read_pid(descriptor) or 0
    finally:
        os.close(descriptor)


def _try(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN):
            return False
        raise
    return True


def _read_pid(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else None
