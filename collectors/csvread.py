"""Reading a table of text whatever its encoding, separator and mistakes: every line is either in a row or told of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.errors import FormatError
from collectors.language import say

LONGEST_ROW = 400
"""Lines that one row may span; a quotation mark that is never closed would swallow the rest of the file."""

_ENCODINGS = ("utf-8", "cp932")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and the line of the file at which it begins (from 1)."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that belongs to no row."""

    line: int
    reason: str
    raw: str


class _TooLong(Exception):
    pass


def decode(content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding: UTF-8 or UTF-16 by their marks, UTF-8, else CP932 (Excel in Japan).

    Raises:
        FormatError: It is text in neither.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode(content, encoding), encoding
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
        break
    raise _not_text()


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise _not_text() from None


def _not_text() -> FormatError:
    return FormatError(
        say(
            "CSV として読めません(文字コードが UTF-8 でも Shift_JIS でもありません)。Excel の .xlsx は「CSV UTF-8」で保存し直してください",
            "Not a CSV file (neither UTF-8 nor Shift_JIS). Save an Excel .xlsx file as “CSV UTF-8”",
        )
    )


def rows(text: str, separator: str) -> Iterator[Row | BadLine]:
    """Yield the rows of ``text``, and the lines that are part of none; after a bad line, reading goes on at the next."""
    lines = list(io.StringIO(text, newline=""))
    start = 0
    while start < len(lines):
        feed = _Feed(lines, start)
        reader = csv.reader(feed, delimiter=separator, strict=True)
        while True:
            feed.row_began()
            first = feed.at
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLong) as error:
                yield BadLine(first + 1, _reason(error), lines[first].rstrip("\r\n"))
                start = first + 1
                break
            yield Row(first + 1, cells)


class _Feed:
    """Gives lines to the reader, and refuses to give one row too many of them."""

    def __init__(self, lines: list[str], start: int) -> None:
        self._lines = lines
        self._began = start
        self.at = start

    def row_began(self) -> None:
        self._began = self.at

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self.at >= len(self._lines):
            raise StopIteration
        if self.at - self._began >= LONGEST_ROW:
            raise _TooLong
        self.at += 1
        return self._lines[self.at - 1]


def _reason(error: Exception) -> str:
    if isinstance(error, _TooLong) or "unexpected end" in str(error):
        return say('引用符(")が閉じていません', 'a quotation mark (") is never closed')
    return say('引用符(")の使い方が正しくありません', 'quotation marks (") are used wrongly')
