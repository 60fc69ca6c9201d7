"""Secrets in a home's ``.env``: written beside and renamed, for the owner's eyes alone, everything else in the file as it was."""

from __future__ import annotations

import io
import os
import re
import tempfile
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from monitor.errors import MonitorError
from monitor.texts import say

_PLAIN = re.compile(r"[A-Za-z0-9_./+=:@,%~-]+")


def held(file: Path) -> dict[str, str]:
    """Return the variables of ``file`` that have a value."""
    told = dotenv_values(file) if file.is_file() else {}
    return {name: value for name, value in told.items() if value}


def with_values(text: str, values: dict[str, str]) -> str:
    """Return the text of a ``.env`` in which ``values`` are set, those that were there in their old places.

    Raises:
        MonitorError: A value cannot be written so that it is read again as it is (the value is not in the message).
    """
    left = dict(values)
    parts = []
    for binding in parse_stream(io.StringIO(text)):
        said = binding.original.string
        if binding.key in values:
            if binding.key not in left:
                continue  # it stood twice: the later one would win
            gap = said[: len(said) - len(said.lstrip())]
            parts.append(gap + _line(binding.key, left.pop(binding.key)))
        else:
            parts.append(said)
    new = "".join(parts)
    if left and new and not new.endswith("\n"):
        new += "\n"
    new += "".join(_line(name, value) for name, value in left.items())
    told = dotenv_values(stream=io.StringIO(new))
    for name, value in values.items():
        if told.get(name) != value:
            raise MonitorError(say("source.odd_secret", name=name))
    return new


def put(file: Path, values: dict[str, str]) -> None:
    """Set ``values`` in the ``.env`` at ``file``, whole or not at all; from then on only its owner reads it (0600).

    Raises:
        MonitorError: As ``with_values``.
        OSError: It cannot be written.
    """
    old = file.read_text(encoding="utf-8") if file.is_file() else ""
    replace(file, with_values(old, values), 0o600)


def replace(file: Path, text: str, mode: int | None = None) -> None:
    """Write ``text`` in place of ``file``, whole or not at all; with ``mode``, or that of the file that was there.

    Raises:
        OSError: It cannot be written.
    """
    file = file.resolve()  # a link stays one
    if mode is None:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}\n"
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{quoted}'\n"
