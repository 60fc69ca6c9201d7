"""The bytes of a feed or a page -> its text, whatever encoding it is in, says it is in, or neither.

Feeds in Japan say "Shift_JIS" and mean Windows' superset of it (CP932: ①, ㈱, 髙), say "EUC-JP" and mean Windows' one too, or say
UTF-8 and hold a character that a program cut in half. A parser that believes them loses not a character but the whole text.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from collectors.text import cp932

_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.ASCII)
_META = re.compile(rb"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_ESCAPED = re.compile(rb"\x1b\$[@B]")
"""Where ISO-2022-JP goes over to kanji; all its bytes are ASCII, so that it would pass for UTF-8."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_DECLARATION = re.compile(r"^<\?xml[^>]{0,300}\?>")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WINDOWS = {"shift_jis": "cp932", "shift_jisx0213": "cp932", "iso2022_jp": "iso2022_jp_ext"}
_MOSTLY = 50
"""A text with less than one fault in so many characters beyond ASCII is in the encoding that it is read in."""


def text_of(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the text, and whether something in it could not be read (a replacement character stands there).

    Order: a byte order mark; UTF-8 where it is valid; what the text or ``content_type`` declares; else whichever of UTF-8, EUC-JP
    and CP932 it can be.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _loose(body, encoding)
    declared = list(dict.fromkeys(_declared(body, content_type)))
    # All bytes of ISO-2022-JP are ASCII, and so would pass for UTF-8.
    first = [name for name in declared if name.startswith("iso2022")] or (["iso2022_jp_ext"] if _ESCAPED.search(body) else [])
    for encoding in (*first, "utf-8", *declared):
        text = _strict(body, encoding)
        if text is not None:
            return text, False
    text, _ = _loose(body, "utf-8")
    faults = text.count("\ufffd")
    if faults * _MOSTLY < sum(character > "\x7f" for character in text):
        return text, True
    for encoding in ("euc_jp", "cp932"):  # in this order: almost any EUC-JP can be read as CP932, and hardly ever the reverse
        found = _strict(body, encoding)
        if found is not None:
            return found, False
    return _loose(body, next(iter(declared), "utf-8"))


def as_utf8(text: str) -> bytes:
    """Return ``text`` in UTF-8 without the declaration that told another encoding."""
    return _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n")).encode("utf-8", "replace")


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """Yield Python's names of the encodings that are declared: in the text, which was written by whoever chose it, then in the header."""
    said = [match[1] for match in (_CHARSET.search(content_type),) if match]
    inside = _DECLARED.match(body[:500]) or _META.search(body[:4096])
    for name in ([inside[1].decode("ascii")] if inside else []) + said:
        known = name.lower().replace("windows-31j", "cp932").replace("x-sjis", "cp932").replace("x-euc-jp", "euc_jp")
        try:
            python = codecs.lookup(known).name
        except LookupError:
            continue
        yield _WINDOWS.get(python, python)


def _strict(body: bytes, encoding: str) -> str | None:
    if encoding == "cp932":
        return cp932(body)
    try:
        return body.decode(encoding, _WINDOWS_EUC if encoding == "euc_jp" else "strict")
    except (UnicodeDecodeError, LookupError):
        return None


def _loose(body: bytes, encoding: str) -> tuple[str, bool]:
    text = body.decode(encoding, _WINDOWS_EUC_LOOSE if encoding == "euc_jp" else "replace")
    return text, "\ufffd" in text


def _euc_of_windows(error: UnicodeError) -> tuple[str, int]:
    """Read two bytes of EUC-JP that only Windows' variety (CP51932) knows, by way of the same place in CP932."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or not all(0xA1 <= byte <= 0xFE for byte in pair):
        raise error
    row, cell = pair[0] - 0xA0, pair[1] - 0xA0
    lead = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    trail = cell + 0x9E if row % 2 == 0 else cell + 0x3F + (cell >= 64)
    try:
        return bytes((lead, trail)).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


def _euc_or_mark(error: UnicodeError) -> tuple[str, int]:
    """As ``_euc_of_windows``; the replacement character for what is in neither."""
    try:
        return _euc_of_windows(error)
    except UnicodeDecodeError as left:
        pair = left.object[left.start : left.start + 2]
        return "\ufffd", left.start + (2 if len(pair) == 2 and min(pair) >= 0xA1 else 1)


_WINDOWS_EUC, _WINDOWS_EUC_LOOSE = "hibiki-euc-of-windows", "hibiki-euc-or-mark"
codecs.register_error(_WINDOWS_EUC, _euc_of_windows)
codecs.register_error(_WINDOWS_EUC_LOOSE, _euc_or_mark)
