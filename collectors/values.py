"""Numbers and dates as exports, feeds and people in Japan write them. What cannot be read for certain is refused, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from collectors.language import say

TOKYO = ZoneInfo("Asia/Tokyo")
LARGEST = 2**63 - 1
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_NOTHING = frozenset(("", "-", "--", "—", "–", "―", "ー", "n/a", "na", "null", "none", "nan", "該当なし", "なし", "不明"))
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
    (re.compile(_WEEKDAY + r"(\d{1,2})\s+([a-z]{3,9})\.?,?\s+(\d{4}),?" + _CLOCK, re.I | re.ASCII), "dMy"),
)


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


def time_of(text: str, zone: ZoneInfo = TOKYO) -> datetime:
    """Read a date, with or without a time of day, and return it in UTC. What names no zone of its own is of ``zone``.

    Forms: ISO 8601, RFC 822, "2026/7/14 5:30", "2026年7月14日", "07/14/2026 05:30" (month first, as Meta writes), "Tue, Jul 14, 2026",
    "14 Jul 2026".

    Raises:
        NotReadable: It is none of these, or no day of the calendar.
    """
    value = narrow(text).strip()
    when = _iso(value) or _spelled(value, zone) or _rfc822(value)
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


def day_of(text: str, zone: ZoneInfo = TOKYO) -> date:
    """Read a day as ``time_of`` does, and return it as the calendar of ``zone`` has it.

    Raises:
        NotReadable: As ``time_of``.
    """
    return time_of(text, zone).astimezone(zone).date()


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


def _spelled(value: str, zone: ZoneInfo) -> datetime | None:
    for pattern, order in _DAYS:
        match = pattern.fullmatch(value)
        if not match:
            continue
        first, second, third, half, hour, minute, second_hand, ampm, named = match.groups()
        parts = dict(zip(order, (first, second, third), strict=True))
        month = _MONTHS.get(parts["M"][:3].lower()) if "M" in parts else int(parts["m"])
        if month is None:
            return None
        try:
            day = datetime(int(parts["y"]), month, int(parts["d"]), tzinfo=_zone(named, zone))
            return day.replace(hour=_hour(int(hour or 0), half or ampm), minute=int(minute or 0), second=int(second_hand or 0))
        except ValueError:
            return None
    return None


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
