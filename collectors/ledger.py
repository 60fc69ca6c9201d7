"""The file behind the allowances: a journal of what was reserved and settled, one JSON line each, synced before the request goes out.

A lock beside it (flock, released by the system when its holder dies) lets one process at a time look and write. A line that a
killed process left half-written was never acted upon and is cut off. What is old is merged by the hour, or dropped, when the file
grows.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from secrets import token_hex
from typing import Any

from collectors.errors import AccessError, BusyError
from collectors.language import say

KEPT = timedelta(days=32)
"""How long what was used is remembered: longer than any window."""

MERGED_AFTER = timedelta(hours=1)
LARGE = 256 * 1024
"""A journal that grew by so many bytes since it was last written anew is written anew."""


HEAD = 31
"""Bytes of the first line, which no other journal shares."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was used at a moment; ``open`` while it is only reserved."""

    at: datetime
    amount: Decimal
    open: bool


@dataclass(slots=True)
class _State:
    """What the journal that begins with ``head`` said up to its byte ``size``; it was ``compact`` bytes when it was last written anew."""

    head: bytes = b""
    size: int = 0
    compact: int = 0
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)
    keys: dict[str, dict[str, datetime]] = field(default_factory=dict)


class Book:
    """The journal while it is open, and locked."""

    def __init__(self, state: _State, path: Path | None) -> None:
        self._state = state
        self._path = path

    def entries(self, name: str) -> list[Entry]:
        """Return what was used of the allowance ``name``, so far as it is remembered."""
        return list(self._state.entries.get(name, {}).values())

    def keys(self, name: str, now: datetime) -> set[str]:
        """Return the keys that were noted under ``name`` and still count at ``now``."""
        return {key for key, until in self._state.keys.get(name, {}).items() if until > now}

    def reserve(self, name: str, at: datetime, amount: Decimal, keys: Sequence[str], until: datetime) -> str:
        """Write a reservation down and return its id; ``keys`` count until ``until``."""
        ident = token_hex(8)
        self._write(_line(ident, name, at, amount, keys, until, is_open=True))
        return ident

    def settle(self, ident: str, name: str, at: datetime, amount: Decimal, keys: Sequence[str], until: datetime) -> None:
        """Put what it came to in the place of the reservation ``ident``."""
        self._write(_line(ident, name, at, amount, keys, until, is_open=False))

    def _write(self, line: dict[str, Any]) -> None:
        if self._path is not None:
            self._state.size += _append(self._path, self._state.size, _bytes(line))
        _apply(self._state, line)


class Ledger:
    """A journal in ``path``; in memory where that is None."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._state = _State()
        self._thread = threading.Lock()

    @contextmanager
    def opened(self, now: datetime) -> Iterator[Book]:
        """Hold the lock, and give the journal as it stands.

        Raises:
            BusyError: The file cannot be read or written (no room, say): nothing may be spent that cannot be written down.
            AccessError: It holds something that we did not write.
        """
        with self._thread:
            if self._path is None:
                yield Book(self._state, None)
                return
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with _locked(self._path.with_name(f"{self._path.name}.lock")):
                    self._read(self._path)
                    yield Book(self._state, self._path)
                    if self._state.size > 2 * self._state.compact + LARGE:
                        self._state = _rewrite(self._path, self._state, now)
            except OSError as error:
                self._state = _State()
                why = f"{self._path}: {error.strerror or error}"
                raise BusyError(say(f"使った量を記録できません({why})", f"What is used cannot be written down ({why})")) from error

    def _read(self, path: Path) -> None:
        """Take in what other processes wrote since we last looked, and cut off a line that was never finished."""
        with _descriptor(path, os.O_RDWR | os.O_CREAT) as file:
            end = os.fstat(file).st_size
            head = os.pread(file, HEAD, 0)
            if len(head) < HEAD:  # new, or its maker was killed at once
                os.ftruncate(file, 0)
                head = _head()
                end = _write_all(file, head, 0)
            if head != self._state.head or end < self._state.size:
                self._state = _State(head, HEAD)
            news = os.pread(file, end - self._state.size, self._state.size)
            whole = news[: news.rfind(b"\n") + 1]
            if len(whole) < len(news):
                os.ftruncate(file, self._state.size + len(whole))
            try:
                for line in whole.splitlines():
                    _apply(self._state, json.loads(line))
            except (ValueError, KeyError, TypeError, InvalidOperation):
                self._state = _State()
                raise AccessError(
                    say(f"使った量の記録が壊れています: {path}", f"The record of what was used is broken: {path}"),
                    say(
                        "ファイルを別の場所に移すと、使った量は 0 から数え直しになります(予算を確かめてから動かしてください)",
                        "Move the file away to count from 0 again (look at what the platform has charged first)",
                    ),
                ) from None
            self._state.size += len(whole)


def _head() -> bytes:
    return f'{{"journal":"{token_hex(8)}"}}\n'.encode("ascii")


def _line(ident: str, name: str, at: datetime, amount: Decimal, keys: Sequence[str], until: datetime, *, is_open: bool) -> dict[str, Any]:
    line: dict[str, Any] = {"id": ident, "name": name, "at": at.astimezone(UTC).isoformat(), "amount": str(amount), "open": is_open}
    return {**line, "keys": list(keys), "until": until.astimezone(UTC).isoformat()} if keys else line


def _bytes(line: dict[str, Any]) -> bytes:
    return (json.dumps(line, separators=(",", ":")) + "\n").encode("ascii")


def _apply(state: _State, line: dict[str, Any]) -> None:
    name = str(line["name"])
    amount = Decimal(line["amount"])
    if not amount.is_finite():
        raise ValueError(line["amount"])
    entry = Entry(datetime.fromisoformat(line["at"]), amount, line["open"] is True)
    state.entries.setdefault(name, {})[str(line["id"])] = entry
    if line.get("keys"):
        until = datetime.fromisoformat(line["until"])
        state.keys.setdefault(name, {}).update((str(key), until) for key in line["keys"])


@contextmanager
def _descriptor(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _descriptor(path, os.O_RDWR | os.O_CREAT) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _append(path: Path, end: int, content: bytes) -> int:
    """Write ``content`` at ``end``, safe from a power cut when this returns; on failure nothing of it stays."""
    with _descriptor(path, os.O_WRONLY) as file:
        try:
            return _write_all(file, content, end)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, end)
            raise


def _write_all(file: int, content: bytes, at: int) -> int:
    if os.pwrite(file, content, at) != len(content):
        raise OSError("the disk took only a part of it")
    os.fsync(file)
    return len(content)


def _rewrite(path: Path, state: _State, now: datetime) -> _State:
    """Write the journal anew beside, without what is forgotten and with old entries merged, and put it in the old one's place."""
    lines = list(_merged(state, now))
    head = _head()
    content = head + b"".join(map(_bytes, lines))
    beside = path.with_name(f".{path.name}.tmp")
    with _descriptor(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
        _write_all(file, content, 0)
    beside.replace(path)
    with _descriptor(path.parent, os.O_RDONLY | os.O_DIRECTORY) as folder:
        os.fsync(folder)
    fresh = _State(head, len(content), len(content))
    for line in lines:
        _apply(fresh, line)
    return fresh


def _merged(state: _State, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the lines that say what still matters: one an hour and allowance for what is old, at the hour's latest moment."""
    for name, entries in state.entries.items():
        hours: dict[datetime, Entry] = {}
        for ident, entry in entries.items():
            if entry.at < now - KEPT:
                continue
            if entry.open or entry.at > now - MERGED_AFTER:
                yield _line(ident, name, entry.at, entry.amount, (), now, is_open=entry.open)
                continue
            hour = entry.at.replace(minute=0, second=0, microsecond=0)
            known = hours.get(hour, Entry(entry.at, Decimal(0), False))
            hours[hour] = Entry(max(known.at, entry.at), known.amount + entry.amount, False)
        for entry in hours.values():
            yield _line(token_hex(8), name, entry.at, entry.amount, (), now, is_open=False)
    for name, keys in state.keys.items():
        by_end: dict[datetime, list[str]] = {}
        for key, until in keys.items():
            if until > now:
                by_end.setdefault(until, []).append(key)
        for until, some in by_end.items():
            yield _line(token_hex(8), name, now, Decimal(0), some, until, is_open=False)
