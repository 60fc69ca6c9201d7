"""Reading a table of text whatever its encoding, separator and mistakes: every line is either in a row or told of."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collectors.errors import FormatError
from collectors.language import say
from collectors.text import cp932

LONGEST_ROW = 400
"""Lines that one row may span; a quotation mark that is never closed would swallow the rest of the file."""

MOST_BROKEN = 0.1
"""A file of which more than this part of the lines beyond ASCII is in no encoding is no text."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OTHER_FILES = (
    (b"PK\x03\x04", "Excel のブック(.xlsx)か ZIP", "an Excel workbook (.xlsx) or a ZIP"),
    (b"\xd0\xcf\x11\xe0", "Excel のブック(.xls)", "an Excel workbook (.xls)"),
    (b"%PDF", "PDF", "a PDF"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and the line of the file at which it begins (from 1). ``spoiled``: some of its bytes are in no encoding we read."""

    line: int
    cells: list[str]
    spoiled: bool = False


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that belongs to no row."""

    line: int
    reason: str
    raw: str


class _TooLong(Exception):
    pass


class Text:
    """The lines of a file, decoded one at a time: a file of 40 MB must not take ten times that.

    ``encoding``: "utf-8", "utf-8-sig", "utf-16", "cp932" (Excel in Japan), or "utf-8+cp932" where somebody has put two files together.
    """

    def __init__(self, lines: Sequence[bytes], encoding: str, broken: frozenset[int] = frozenset()) -> None:
        self._lines = lines
        self.encoding = encoding
        self.broken = broken
        """Indexes of the lines that are in no encoding."""

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> str:
        line = self._lines[index]
        if self.encoding == "utf-8+cp932":
            return _utf8(line) or line.decode("cp932", "replace")
        return line.decode("cp932" if self.encoding == "cp932" else "utf-8", "replace")


def decode(content: bytes, name: str) -> Text:
    """Return the lines of a file called ``name``.

    Raises:
        FormatError: It is no text; the message says what it is, or where it stops being text.
    """
    for mark, ja, en in _OTHER_FILES:
        if content.startswith(mark):
            raise _not_text(say(f"{name} は CSV ではなく、{ja} です", f"{name} is not CSV but {en}"))
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-16":
        try:
            content = content.decode(encoding).encode("utf-8")
        except UnicodeError:
            raise _not_text(say(f"{name} の文字コードが壊れています", f"{name} is broken UTF-16")) from None
    if b"\x00" in content:
        raise _not_text(say(f"{name} は CSV ではありません(文字のファイルではないようです)", f"{name} is not CSV (it does not hold text)"))
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    return _sorted_out(lines, encoding, name)


def _sorted_out(lines: list[bytes], encoding: str, name: str) -> Text:
    """Find out which encoding the lines are in. What is valid UTF-8 beyond two bytes a character is that, not CP932 by chance."""
    not_utf8 = [index for index, line in enumerate(lines) if not line.isascii() and _utf8(line) is None]
    if not not_utf8:
        return Text(lines, encoding)
    broken = frozenset(index for index in not_utf8 if cp932(lines[index]) is None)
    unsure = set(not_utf8)
    utf8 = sum(1 for index, line in enumerate(lines) if index not in unsure and any(byte >= 0xE0 for byte in line))
    if (len(broken) > MOST_BROKEN * (len(not_utf8) + utf8) and len(broken) > 1) or len(broken) == len(not_utf8) + utf8:
        first = min(broken) + 1
        raise _not_text(
            say(
                f"{name} の {first}行目の文字コードが UTF-8 でも Shift_JIS でもありません",
                f"{name}: line {first} is neither UTF-8 nor Shift_JIS",
            )
        )
    if len(broken) == len(not_utf8):
        return Text(lines, encoding, broken)
    return Text(lines, "utf-8+cp932" if utf8 else "cp932", broken)


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _not_text(message: str) -> FormatError:
    return FormatError(
        message,
        advice=say(
            "Excel で開き、「名前を付けて保存」の「CSV UTF-8」で保存し直すか、もとのファイルをもう一度書き出してください",
            "Open it in Excel and save it as “CSV UTF-8”, or export it again",
        ),
    )


def rows(text: Text, separator: str) -> Iterator[Row | BadLine]:
    """Yield the rows of ``text``, and the lines that are part of none; after a bad line, reading goes on at the next."""
    start = 0
    while start < len(text):
        feed = _Feed(text, start)
        reader = csv.reader(feed, delimiter=separator, strict=True)
        while True:
            feed.row_began()
            first = feed.at
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLong) as error:
                yield BadLine(first + 1, _reason(error), text[first].rstrip("\r\n"))
                start = first + 1
                break
            yield Row(first + 1, cells, bool(text.broken) and not text.broken.isdisjoint(range(first, feed.at)))


class _Feed:
    """Gives lines to the reader, and refuses to give one row too many of them."""

    def __init__(self, text: Text, start: int) -> None:
        self._text = text
        self._began = start
        self.at = start

    def row_began(self) -> None:
        self._began = self.at

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self.at >= len(self._text):
            raise StopIteration
        if self.at - self._began >= LONGEST_ROW:
            raise _TooLong
        self.at += 1
        return self._text[self.at - 1]


def _reason(error: Exception) -> str:
    if isinstance(error, _TooLong) or "unexpected end" in str(error):
        return say('引用符(")が閉じていません', 'a quotation mark (") is never closed')
    return say('引用符(")の使い方が正しくありません', 'quotation marks (") are used wrongly')
