"""Find the line on which a value stands in a TOML text, so that an error can name it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[|\[)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#|[\[\]{}]')


def _parts(dotted: str) -> list[str]:
    """Split ``a."b c".d`` into its names."""
    return [match.group(0).strip("\"'") for match in re.finditer(r"\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+", dotted)]


def _scan(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Return the bracket depth and the open triple quote after ``line``."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return depth, quote
            at, quote = end + 3, ""
            continue
        match = _TOKEN.search(line, at)
        if match is None or match.group(0) == "#":
            break
        at, token = match.end(), match.group(0)
        if token in ('"""', "'''"):
            quote = token
        elif token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
    return depth, quote


def tables(text: str) -> Iterator[tuple[Path, int]]:
    """Yield (path, line number from 1) of every table header: ``("source", 1)`` is the second ``[[source]]``."""
    for path, number, is_header in _places(text):
        if is_header:
            yield path, number


def _places(text: str) -> Iterator[tuple[Path, int, bool]]:
    """Yield (path, line number from 1, whether it is a header) of every table header and key."""
    table: Path = ()
    counts: dict[Path, int] = {}
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if depth == 0 and not quote:
            header = _HEADER.match(line)
            if header and not _KEY.match(line):
                names: Path = tuple(_parts(header.group(2)))
                table = _resolve(names[:-1], counts)
                if header.group(1) == "[[":
                    index = counts.get((*table, names[-1]), -1) + 1
                    counts[(*table, names[-1])] = index
                    table = (*table, names[-1], index)
                else:
                    table = (*table, names[-1])
                yield table, number, True
                continue
            key = _KEY.match(line)
            if key:
                yield (*table, *_parts(key.group(1))), number, False
                line = line[key.end() :]
        depth, quote = _scan(line, depth, quote)


def _resolve(names: Path, counts: dict[Path, int]) -> Path:
    """Return ``names`` with the index of the newest element after each name that is an array of tables."""
    path: Path = ()
    for name in names:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return path


def line_of(text: str, path: Path) -> int | None:
    """Return the line (from 1) of the value at ``path``; of its nearest table where it does not stand itself.

    ``path`` is a chain of keys and list positions, such as ``("source", 2, "every")``.
    """
    found = dict[Path, int]()
    for place, number, _ in _places(text):
        found.setdefault(place, number)
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None


def syntax_line(error: tomllib.TOMLDecodeError) -> int | None:
    """Return the line that a TOML syntax error names, or None (at the end of the document)."""
    match = re.search(r"at line (\d+)", str(error))
    return int(match.group(1)) if match else None
