"""Numbers and dates as exports, feeds and people in Japan write them. What cannot be read for certain is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Literal
from zoneinfo import ZoneInfo

from collectors.language import say

TOKYO = ZoneInfo("Asia/Tokyo")
LARGEST = 2**63 - 1
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)

DayOrder = Literal["mdy", "dmy", "unsure"]
"""How "07/08/2026" is meant: month first, day first, or (in a file that has both) nobody knows."""

_NOTHING = frozenset(("", "-", "--", "—", "–", "―", "ー", "n/a", "#n/a", "na", "null", "none", "nan", "該当なし", "なし", "不明"))
_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9, "千": 10**3, "万": 10**4, "億": 10**8, "兆": 10**12}
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([kmb千万億兆])?\s*(?:回|件|人|回以上)?", re.ASCII)
_MONTHS = {name: number for number, name in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), start=1)}

_ZONE = r"\s*(Z|UTC|GMT|JST|[+-]\d{2}:?\d{2})?"
_CLOCK = r"(?:[T\s]+(?:(午前|午後)\s*)?(\d{1,2})[:時](\d{2})(?:[:分](\d{2})(?:\.\d+)?)?[分秒]?\s*([ap]\.?m\.?)?" + _ZONE + ")?"
_WEEKDAY = r"(?:[a-z]{3,9}\.?,?\s+)?"
_DAYS = (
    (
        re.compile(
            _WEEKDAY + r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:\s*[((][月火水木金土日][))])?" + _CLOCK, re.I | re.ASCII
        ),
        "ymd",
    ),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})" + _CLOCK, re.I | re.ASCII), "mdy"),
    (re.compile(_WEEKDAY + r"([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4}),?" + _CLOCK, re.I | re.ASCII), "Mdy"),
    (re.compile(_WEEKDAY + r"(\d{1,2})[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2}),?" + _CLOCK, re.I | re.ASCII), "dMy"),
)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}(?!\d)", re.ASCII)
_REIWA = re.compile(r"令和\s*(\d{1,2}|元)(?=\s*年)", re.ASCII)


_NARROW = {0x3000: " "} | {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def narrow(text: str) -> str:
    """Return ``text`` with full-width letters, digits and signs made half-width, and nothing else (NFKC makes "10²" 102)."""
    return text.translate(_NARROW)


class NotReadable(ValueError):
    """A value that cannot be read for certain; the message says why."""


def count_of(text: str) -> int | None:
    """Read a count: "12,400", "１２４００", "1.2K", "1.2万", "12400.0". None where the cell says that there is none.

    Raises:
        NotReadable: It is no whole number of 0 or more, or could mean two things ("12.400").
    """
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    value = narrow(text).strip().lower()
    if value in _NOTHING:
        return None
    match = _COUNT.fullmatch(value)
    if not match:
        raise NotReadable(say(f"数として読めません: {_shown(text)}", f"not a count: {_shown(text)}"))
    whole, fraction, scale = match.groups()
    number = Decimal(whole.replace(",", "") + (fraction or "")) * _SCALES.get(scale or "", 1)
    if number != number.to_integral_value():
        raise NotReadable(say(f"端数のある数です: {_shown(text)}", f"not a whole number: {_shown(text)}"))
    if number > LARGEST:
        raise NotReadable(say(f"大きすぎる数です: {_shown(text)}", f"too large a number: {_shown(text)}"))
    return int(number)


_NUMBER = re.compile(
    r"([+-]?)\s*[¥$￥]?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([kmb千万億兆])?\s*(%|円|人|件|回|個|本|枚|点|kg|g|l|時間|分|秒)?", re.ASCII
)


def number_of(text: str) -> float | None:
    """Read a figure: "1,234.5", "−3", "12.3%" (0.123), "¥1,200", "1.2万". None where the cell says that there is none.

    Raises:
        NotReadable: It is no number, or too large a one.
    """
    value = narrow(text).strip().lower().replace("−", "-").replace("▲", "-").replace("△", "-")
    if value in _NOTHING:
        return None
    match = _NUMBER.fullmatch(value)
    if not match:
        raise NotReadable(say(f"数として読めません: {_shown(text)}", f"not a number: {_shown(text)}"))
    sign, whole, fraction, scale, unit = match.groups()
    number = Decimal(sign + whole.replace(",", "") + (fraction or "")) * _SCALES.get(scale or "", 1)
    if abs(number) > LARGEST:
        raise NotReadable(say(f"大きすぎる数です: {_shown(text)}", f"too large a number: {_shown(text)}"))
    return float(number / 100 if unit == "%" else number)


def day_order(dates: Iterable[str]) -> DayOrder:
    """Return how "07/08/2026" is meant among ``dates``: as those are written that can be read in one way only; Meta's way without."""
    found = [match for match in (_SLASHES.match(narrow(text).strip()) for text in dates) if match]
    day_first, month_first = (any(int(match[place]) > 12 for match in found) for place in (1, 2))
    if not day_first:
        return "mdy"
    return "unsure" if month_first else "dmy"


def time_of(text: str, zone: ZoneInfo = TOKYO, days: DayOrder = "mdy") -> datetime:
    """Read a date, with or without a time of day, and return it in UTC. What names no zone of its own is of ``zone``.

    Forms: ISO 8601, RFC 822, "2026/7/14 5:30", "2026年7月14日", "令和8年7月14日", "07/14/2026 05:30" (month first, as Meta writes, unless
    ``days`` says otherwise), "Tue, Jul 14, 2026", "14 Jul 2026", "14-Jul-26" (as spreadsheets write).

    Raises:
        NotReadable: It is none of these, or no day of the calendar, or nobody can know which.
    """
    value = _REIWA.sub(lambda match: str(2018 + (1 if match[1] == "元" else int(match[1]))), narrow(text).strip())
    if days == "unsure" and (slashes := _SLASHES.match(value)) and slashes[1] != slashes[2] and max(int(slashes[1]), int(slashes[2])) <= 12:
        raise NotReadable(say(f"月と日の順がわかりません: {_shown(text)}", f"day or month first? {_shown(text)}"))
    when = _iso(value) or _spelled(value, zone, days) or _rfc822(value)
    if when is None:
        raise NotReadable(say(f"日時として読めません: {_shown(text)}", f"not a date: {_shown(text)}"))
    when = when if when.tzinfo else when.replace(tzinfo=zone)
    try:
        when = when.astimezone(UTC)
    except (OverflowError, ValueError):
        raise NotReadable(say(f"ありえない日時です: {_shown(text)}", f"an impossible date: {_shown(text)}")) from None
    if not EARLIEST <= when < _LATEST:
        raise NotReadable(say(f"ありえない日時です: {_shown(text)}", f"an impossible date: {_shown(text)}"))
    return when


def day_of(text: str, zone: ZoneInfo = TOKYO, days: DayOrder = "mdy") -> date:
    """Read a day as ``time_of`` does, and return it as the calendar of ``zone`` has it.

    Raises:
        NotReadable: As ``time_of``.
    """
    return time_of(text, zone, days).astimezone(zone).date()


def _iso(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if re.match(r"\d{4}-\d\d-\d\d", value) else None
    except ValueError:
        return None


def _rfc822(value: str) -> datetime | None:
    if not re.match(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}[\s-]+[A-Za-z]{3}", value):
        return None
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _spelled(value: str, zone: ZoneInfo, days: DayOrder) -> datetime | None:
    for pattern, order in _DAYS:
        match = pattern.fullmatch(value)
        if not match:
            continue
        first, second, third, half, hour, minute, second_hand, ampm, named = match.groups()
        if order == "mdy" and (days == "dmy" or (days == "unsure" and int(first) > 12)):
            order = "dmy"
        parts = dict(zip(order, (first, second, third), strict=True))
        month = _MONTHS.get(parts["M"][:3].lower()) if "M" in parts else int(parts["m"])
        if month is None:
            return None
        try:
            day = datetime(_year(parts["y"]), month, int(parts["d"]), tzinfo=_zone(named, zone))
            return day.replace(hour=_hour(int(hour or 0), half or ampm), minute=int(minute or 0), second=int(second_hand or 0))
        except ValueError:
            return None
    return None


def _year(written: str) -> int:
    """Return the year; two digits are of this century, but for those that mail and old web servers write of the last one."""
    year = int(written)
    return year if len(written) > 2 else year + (1900 if year > 68 else 2000)


def _hour(hour: int, half: str | None) -> int:
    """Turn an hour of a 12-hour clock into one of the day; ValueError where it cannot be."""
    if half is None:
        return hour
    if hour > 12:
        raise ValueError(hour)
    afternoon = half == "午後" or half.lower().startswith("p")
    return hour % 12 + 12 * afternoon


def _zone(named: str | None, zone: ZoneInfo) -> tzinfo:
    if not named:
        return zone
    if named.upper() == "JST":
        return TOKYO
    if named.upper() in ("Z", "UTC", "GMT"):
        return ZoneInfo("UTC")
    sign = -1 if named[0] == "-" else 1
    digits = named[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _shown(text: str) -> str:
    return f"「{text[:40]}…」" if len(text) > 40 else f"「{text}」"
