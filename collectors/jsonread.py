"""Reading values out of JSON that may have changed: what is missing is None, what is wrong is noted, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.language import say
from collectors.values import LARGEST, NotReadable

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)


def storable(text: str) -> str:
    """Return ``text`` without what UTF-8 cannot hold (halves of surrogate pairs) and without NUL."""
    return _UNSTORABLE.sub("", text)


def dig(value: Any, *path: str) -> Any:
    """Return what lies at ``path`` in nested objects; None where any part of the way is missing."""
    for part in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def text_at(value: Any, *path: str) -> str | None:
    """Return the text at ``path``, storable; None where there is none, or none but blanks."""
    found = dig(value, *path)
    return (storable(found).strip() or None) if isinstance(found, str) else None


def items_at(value: Any, *path: str) -> list[Any]:
    """Return the list at ``path``; empty where there is none."""
    found = dig(value, *path)
    return found if isinstance(found, list) else []


def moment_at(value: Any, *path: str) -> datetime | None:
    """Return the ISO 8601 time at ``path`` in UTC (one without a zone is in UTC); None where there is none.

    Raises:
        NotReadable: There is something else.
    """
    found = dig(value, *path)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
        moment = moment and (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not 1990 <= moment.year < 2200:
        raise NotReadable(f"{'.'.join(path)}: " + say("日時として読めません", "not a time"))
    return moment


def unix_at(value: Any, *path: str) -> datetime | None:
    """Return the time at ``path``, given as unix seconds (a number or its digits), in UTC; None where there is none.

    Raises:
        NotReadable: There is something else.
    """
    seconds = count_at(value, *path)
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC) if seconds < 2**33 else None
    if moment is None or not 1990 <= moment.year < 2200:
        raise NotReadable(f"{'.'.join(path)}: " + say("日時として読めません", "not a time"))
    return moment


def count_at(value: Any, *path: str) -> int | None:
    """Return the count at ``path``, given as a number or as its digits; None where the platform does not say.

    Raises:
        NotReadable: There is something else: a wrong number is worse than none.
    """
    found = dig(value, *path)
    if found is None:
        return None
    number: int | None = None
    if isinstance(found, str):
        number = int(found) if _DIGITS.fullmatch(found.strip()) else None
    elif isinstance(found, float):
        number = int(found) if found.is_integer() and found < 2**53 else None
    elif isinstance(found, int) and not isinstance(found, bool):
        number = found
    if number is None or not 0 <= number <= LARGEST:
        raise NotReadable(f"{'.'.join(path)}: " + say("数として読めません", "not a count"))
    return number


class Counts:
    """Reads the counts of one item. One that cannot be read becomes None and is told in ``faults``; the others stay."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self.faults: list[str] = []

    def get(self, *path: str) -> int | None:
        """Return the count at ``path``."""
        try:
            return count_at(self._value, *path)
        except NotReadable as error:
            self.faults.append(str(error))
            return None

    def sum(self, *names: str) -> int | None:
        """Return the sum of those of the counts that are given; None where none is, or one of them cannot be read."""
        before = len(self.faults)
        given = [count for count in (self.get(name) for name in names) if count is not None]
        return sum(given) if given and len(self.faults) == before and sum(given) <= LARGEST else None
