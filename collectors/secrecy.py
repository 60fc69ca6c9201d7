"""Keeping secrets out of whatever is shown, logged or stored."""

from __future__ import annotations

import re

from collectors.errors import FormatError, SourceError

HIDDEN = "***"
SHORTEST = 4

_SECRET_PARTS = re.compile(
    r"(?i)((?:access_?token|app_?password|password|api_?key|secret|signature|jwt|refresh_?token|(?<![a-z])token|[?&](?:key|i|sig))[\"']?\s*[=:]\s*[\"']?|bearer\s+)[^\s\"'&,}]+"
)


class Secrets:
    """The secrets that must not be shown."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def hide(self, secret: str) -> None:
        """Never show ``secret`` from now on."""
        if len(secret) >= SHORTEST:
            self._known.add(secret)

    def redact(self, text: str) -> str:
        """Return ``text`` without the secrets that are known, and without whatever looks like one."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _SECRET_PARTS.sub(rf"\1{HIDDEN}", text)

    def clean(self, error: SourceError) -> SourceError:
        """Return ``error`` itself, with no secret in what it says and holds, and nothing behind it."""
        error.message = self.redact(error.message)
        error.args = (error.message,)
        error.advice = self.redact(error.advice) if error.advice else error.advice
        if isinstance(error, FormatError):
            error.raw = self.redact(error.raw)
        error.__context__ = None
        return error
