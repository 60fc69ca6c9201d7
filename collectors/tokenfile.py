"""A token, and the file that keeps it: only its owner may read that, and it is replaced whole."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Token:
    """What lets us in. ``access`` is "" where only ``refresh`` is known yet; a time of None is not known, or there is no end."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything of it that must not be shown."""
        return tuple(secret for secret in (self.access, self.refresh) if secret)


@dataclass(frozen=True, slots=True)
class Kept:
    """A token as it is kept. ``origin`` is a mark of what the environment said; ``tried_at`` and ``trouble`` of the last renewal."""

    token: Token
    origin: str
    renews: bool = False
    tried_at: datetime | None = None
    trouble: str | None = None


def write(file: Path, kept: Kept) -> None:
    """Replace ``file`` whole, for its owner's eyes only from the first byte on.

    Raises:
        OSError: It cannot be written; the old one stays.
    """
    text = json.dumps(_plain(kept))
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    beside.unlink(missing_ok=True)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _plain(kept: Kept) -> dict[str, object]:
    token = kept.token
    return {
        "access": token.access,
        "refresh": token.refresh,
        "expires_at": _text(token.expires_at),
        "refresh_expires_at": _text(token.refresh_expires_at),
        "origin": kept.origin,
        "renews": kept.renews,
        "tried_at": _text(kept.tried_at),
        "trouble": kept.trouble,
    }


def read(file: Path) -> Kept:
    """Return what ``file`` holds.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is broken.
    """
    try:
        return _kept(json.loads(file.read_text(encoding="utf-8")))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{file.name}: {error}") from error


def _kept(raw: dict[str, str | None]) -> Kept:
    token = Token(str(raw["access"]), raw["refresh"], _time(raw["expires_at"]), _time(raw["refresh_expires_at"]))
    return Kept(token, str(raw["origin"]), bool(raw["renews"]), _time(raw["tried_at"]), raw["trouble"])


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
