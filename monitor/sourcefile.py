"""Put a ``[[source]]`` into the text of hibiki.toml, or take one out; comments, order and everything else stay as they are.

What comes out is read again, and is given back only where it says the same as before but for that one source.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from monitor.errors import MonitorError
from monitor.texts import say
from monitor.tomlplace import tables

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def table_text(table: Mapping[str, Any]) -> str:
    """Return ``table`` as the text of a ``[[source]]``, a key a line."""
    return "\n".join(["[[source]]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]) + "\n"


def with_source(text: str, table: Mapping[str, Any]) -> str:
    """Return ``text`` with the source ``table`` behind the last source (where there is none: behind the last brand).

    Raises:
        MonitorError: The file is written in a way that nothing can be put into; the message holds what to add by hand.
    """
    lines = text.splitlines(keepends=True)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    at = _end_of(text, lines, "source") or _end_of(text, lines, "brand") or len(lines)
    before, after = "".join(lines[:at]), "".join(lines[at:])
    if before and not before.endswith("\n"):
        before += ending
    block = table_text(table).replace("\n", ending)
    lead = ending if before.strip() else ""
    tail = ending if after.strip() and not after.startswith(("\n", "\r\n")) else ""
    new = f"{before}{lead}{block}{tail}{after}"
    told, wanted = _read(text), _read(text)
    wanted["source"] = [*told.get("source", []), _read(table_text(table))["source"][0]]
    if _read(new, quiet=True) != wanted:
        raise MonitorError(say("source.no_place", text=table_text(table)))
    return new


def without_source(text: str, name: str) -> str:
    """Return ``text`` without the source ``name``; comments before it stay.

    Raises:
        MonitorError: The file is written in a way that it cannot be taken out of.
    """
    told = _read(text)
    sources = told.get("source", [])
    index = next(number for number, source in enumerate(sources) if source.get("name") == name)
    lines = text.splitlines(keepends=True)
    headers = list(tables(text))
    start = next((number for path, number in headers if path == ("source", index)), None)
    if start is None:
        raise MonitorError(say("source.no_removal", name=name))
    end = next((number for path, number in headers if number > start and path[:2] != ("source", index)), len(lines) + 1)
    last = _before_comments(lines, start, end - 1)
    before, after = lines[: start - 1], lines[last:]
    while before and after and not before[-1].strip() and not after[0].strip():
        after = after[1:]
    new = "".join(before + after)
    rest = [source for number, source in enumerate(sources) if number != index]
    wanted = {**told, "source": rest} if rest else {key: value for key, value in told.items() if key != "source"}
    if _read(new, quiet=True) != wanted:
        raise MonitorError(say("source.no_removal", name=name))
    return new


def _end_of(text: str, lines: list[str], key: str) -> int | None:
    """Return after how many lines the last table of ``key`` ends, with what hangs on it; None where there is none."""
    headers = list(tables(text))
    last = next((number for path, number in reversed(headers) if path[0] == key), None)
    if last is None:
        return None
    end = next((number for path, number in headers if number > last), len(lines) + 1)
    return _before_comments(lines, last, end - 1)


def _before_comments(lines: list[str], start: int, end: int) -> int:
    """Return the number of the last line of the table that begins at ``start`` and reaches ``end`` at most: comments that stand apart,
    and those right above the next table, are not its own."""
    at = end
    while at > start and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    return at


def _read(text: str, quiet: bool = False) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError:
        if quiet:
            return {}
        raise


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(value: str) -> str:
    # JSON's text is TOML's but for DEL, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal | float):
        return format(Decimal(str(value)), "f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(inner)}" for key, inner in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return _text(str(value))
