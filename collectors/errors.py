"""What goes wrong between us and a source, sorted by what the caller does about it.

    SourceError
    ├── AccessError   skip the source, tell the user how to mend it (``advice``)
    ├── BusyError     try again in a later round, not before ``until``
    │   └── QuietError    our own quiet hours have begun: nothing is wrong
    └── FormatError   the answer is not what it used to be: keep ``raw`` aside, go on

A collector raises nothing else. Messages are sentences that the user reads, in the language of ``collectors.language``; none of
them ever holds a token or password.
"""

from __future__ import annotations

from datetime import datetime

from collectors.language import say

RAW_KEPT = 2000


class SourceError(Exception):
    """A source could not be read; ``message`` says what happened in one line, ``advice`` (where there is any) how to mend it."""

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class AccessError(SourceError):
    """The source refuses us or is not there; it stays so until somebody does what ``advice`` says."""

    advice: str

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message, advice)


class BusyError(SourceError):
    """The source is down or our requests are used up (``limited``); it may work again at ``until`` (None: nobody said when).

    ``advice`` only where more can be done than to wait.
    """

    def __init__(self, message: str, until: datetime | None = None, *, limited: bool = False, advice: str | None = None) -> None:
        super().__init__(message, advice)
        self.until = until
        self.limited = limited


class QuietError(BusyError):
    """The quiet hours of the settings began while the source was being read; it goes on when they end, at ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(say("静かな時間帯に入ったので、続きはあとで読みます", "The quiet hours have begun; the rest is read later"), until)


class FormatError(SourceError):
    """The answer could not be understood; ``raw`` is its beginning, at most 2,000 characters."""

    def __init__(self, message: str, raw: str = "", advice: str | None = None) -> None:
        super().__init__(message, advice)
        self.raw = raw[:RAW_KEPT]
