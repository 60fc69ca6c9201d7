"""Labels as files, a JSON object a line: those that were made, and posts to be labelled elsewhere.

    {"post_key": "123…", "platform": "x", "native_id": "…", "url": "…", "text": "…", "sentiment": "negative", "stance": "critic",
     "relevant": true, "drawn": "asked"}

A post is named by ``post_key`` (a string: JSON readers round numbers this large), by ``platform`` and ``native_id``, or by ``url``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.texts import say
from store.labels import Label
from store.records import post_key

if TYPE_CHECKING:
    import pandas as pd

_NAMES = ("post_key", "platform", "native_id", "url", "text", "sentiment", "stance", "relevant", "drawn", "actor", "labelled_at")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: a post and its label, or the reason why it is neither."""

    number: int
    post_key: int | None = None
    label: Label | None = None
    reason: str | None = None


def read(lines: Iterable[bytes], mentions: pd.DataFrame) -> Iterator[Line]:
    """Yield every line that is not empty. ``mentions`` (``post_key, url``) are the posts that may be labelled."""
    keys = set(mentions["post_key"].tolist())
    urls = {url: int(key) for key, url in zip(mentions["post_key"], mentions["url"], strict=True) if isinstance(url, str)}
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            told = json.loads(raw.decode("utf-8-sig"))
            if not isinstance(told, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError):
            yield Line(number, reason=say("label.no_object"))
            continue
        key = _key(told, urls)
        if key is None or key not in keys:
            yield Line(number, reason=say("label.unknown_post"))
            continue
        yield _labelled(number, key, told)


def _key(told: dict[str, Any], urls: dict[str, int]) -> int | None:
    given = told.get("post_key")
    if given is not None:
        return int(given) if str(given).isascii() and str(given).isdigit() else None
    if isinstance(told.get("platform"), str) and isinstance(told.get("native_id"), str):
        return post_key(told["platform"], told["native_id"])
    return urls.get(told["url"]) if isinstance(told.get("url"), str) else None


def _labelled(number: int, key: int, told: dict[str, Any]) -> Line:
    relevant = told.get("relevant")
    if not any(isinstance(told.get(name), str) and told[name] for name in ("sentiment", "stance")) and relevant is not False:
        return Line(number, key, reason=say("label.empty"))
    try:
        label = Label(told.get("sentiment") or None, told.get("stance") or None, relevant is not False, told.get("drawn") or "file")
    except (ValueError, TypeError) as error:
        return Line(number, key, reason=say("label.bad_value", reason=error))
    return Line(number, key, label)


def write(file: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write ``rows``, a line each; return how many. Keys are strings, times ISO 8601 in UTC."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(
                json.dumps(
                    {name: _plain(row[name]) for name in _NAMES if name in row} | {"post_key": str(row["post_key"])}, ensure_ascii=False
                )
                + "\n"
            )
            count += 1
    return count


def _plain(value: Any) -> Any:
    if value is None or value != value:  # NaN and NaT are not equal to themselves
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat(timespec="seconds") + "Z"
    return value.item() if hasattr(value, "item") else value
