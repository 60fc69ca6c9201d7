"""Access tokens that expire: kept from round to round, renewed once for all who share them, and never shown.

A token begins with what the environment holds. What a platform gives in its place is written to ``data/tokens`` (files 0600 in a folder
0700), and counts until the environment says something else: then a person has put in a new one, and what was stored is void.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collectors.errors import AccessError, BusyError, SourceError
from collectors.language import say
from collectors.tokenfile import Kept, Token, read, write

__all__ = ["Expiry", "Renew", "Token", "Tokens"]

WARN_BEFORE = timedelta(days=7)
RETRY_AFTER = timedelta(hours=6)
"""A renewal that failed is not tried again sooner, for as long as the token still works."""
RETRY_UNKNOWN = timedelta(days=1)
"""A token whose end not even its renewal told is renewed this often."""
_PATIENCE = 60.0
_SHORT_PATIENCE = 15.0
"""So long we wait for somebody else's renewal while the old token works: a platform may end that one with the renewal."""
_POLL = 0.05

log = logging.getLogger("hibiki.tokens")


Renew = Callable[[Token], Awaitable[Token]]
"""Asks the platform for a new token in place of the given one; raises ``SourceError``s only."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """A token that will end, and that nothing renews by itself. ``trouble`` says why the renewal fails, where it was tried."""

    name: str
    at: datetime
    trouble: str | None = None

    def message(self) -> str:
        """Return the sentence for the user."""
        day = self.at.astimezone(UTC) + timedelta(hours=9)
        text = say(f"トークンは {day:%Y-%m-%d %H:%M}(日本時間)に切れます", f"The token ends at {day:%Y-%m-%d %H:%M} (Japan time)")
        return f"{text}: {self.trouble}" if self.trouble else text


class _Taken(Exception):
    """Somebody else has the lock."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Tokens:
    """The tokens of a home; of this process's memory alone where ``folder`` is None.

    ``name`` is the account's: whoever shares an account uses the same one (a platform and the name of an environment variable, say).
    """

    def __init__(self, folder: Path | None = None, now: Callable[[], datetime] = _utc_now) -> None:
        self._folder = folder
        self._now = now
        self._memory: dict[str, Kept] = {}
        self._busy: set[str] = set()

    def __repr__(self) -> str:
        return f"Tokens({self._folder})"

    def get(self, name: str, env: Token | str | None = None) -> Token | None:
        """Return the token of ``name``: the stored one, unless ``env`` (what the environment holds now) is not what it began with."""
        kept = self._kept(name, _token(env))
        return kept.token if kept else None

    def save(self, name: str, token: Token, env: Token | str | None = None) -> None:
        """Keep ``token``. ``env`` is what the environment holds now; without it, what it held before."""
        known = self._load(name)
        origin = _mark(_token(env)) if env is not None else known.origin if known else ""
        self._store(name, Kept(token, origin, known.renews if known else False))

    async def fresh(
        self, name: str, renew: Renew | None, margin: timedelta, *, env: Token | str | None = None, worn: str | None = None
    ) -> Token:
        """Return a token that works for ``margin`` more, renewed where need be: once, whoever else asks at the same time.

        ``worn`` is an access token that the platform has just refused. Where the end of a token is not known, a renewal is tried, as
        its answer says when the new one ends. A renewal that fails is no error for as long as the old token works.

        Raises:
            AccessError: There is no token, or it has ended and cannot be renewed.
            SourceError: What ``renew`` raised, where the old token does not work any more.
        """
        begin = _token(env)
        kept = self._kept(name, begin)
        if kept is not None and not self._needs(kept, renew, margin, worn):
            return kept.token
        works = kept is not None and self._works(kept.token, worn)
        try:
            async with self._alone(name, _SHORT_PATIENCE if works else _PATIENCE):
                return await self._locked_renewal(name, begin, renew, margin, worn)
        except _Taken:
            if kept is not None and works:
                return kept.token  # somebody else is still renewing it, and it is good until then
            raise BusyError(say("ほかの処理がトークンを更新しています", "Another process is renewing the token")) from None

    async def _locked_renewal(self, name: str, begin: Token | None, renew: Renew | None, margin: timedelta, worn: str | None) -> Token:
        kept = self._kept(name, begin)
        if kept is None or not kept.token.secrets:
            raise AccessError(
                say("トークンがありません", "There is no token"), say(".env にトークンを書いてください", "Write the token into .env")
            )
        if not self._needs(kept, renew, margin, worn):
            return kept.token
        return await self._renewed(name, kept, renew, worn)

    def _works(self, token: Token, worn: str | None) -> bool:
        return bool(token.access) and token.access != worn and (token.expires_at is None or token.expires_at > self._now())

    def expiry(self, name: str, within: timedelta = WARN_BEFORE, *, env: Token | str | None = None) -> Expiry | None:
        """Return when the token of ``name`` ends, where that is ``within`` so long and nothing renews it by itself."""
        kept = self._kept(name, _token(env))
        if kept is None:
            return None
        ends = kept.token.refresh_expires_at if kept.renews and not kept.trouble else kept.token.expires_at
        return Expiry(name, ends, kept.trouble) if ends is not None and ends - self._now() <= within else None

    def _needs(self, kept: Kept, renew: Renew | None, margin: timedelta, worn: str | None) -> bool:
        """Tell whether ``kept`` has to be renewed (or refused) now."""
        token, now = kept.token, self._now()
        if not self._works(token, worn):
            return True
        if renew is None or (kept.tried_at is not None and kept.trouble and now - kept.tried_at < RETRY_AFTER):
            return False
        if token.expires_at is None:
            return kept.tried_at is None or now - kept.tried_at >= RETRY_UNKNOWN
        if kept.tried_at is not None and not kept.trouble:
            # one that is given for less than twice the margin is kept for half of its life
            margin = min(margin, (token.expires_at - kept.tried_at) / 2)
        return token.expires_at - now <= margin

    async def _renewed(self, name: str, kept: Kept, renew: Renew | None, worn: str | None) -> Token:
        now, old = self._now(), kept.token
        if renew is None:
            raise AccessError(
                say("トークンの期限が切れました", "The token has expired"),
                say("新しいトークンを作って .env に書いてください", "Make a new token and write it into .env"),
            )
        try:
            new = await renew(old)
        except SourceError as error:
            self._store(name, replace(kept, renews=True, tried_at=now, trouble=error.message))
            if not self._works(old, worn):
                raise
            log.warning("token %s: the renewal failed and is tried again later", name)
            return old
        if new.refresh is None and old.refresh is not None:
            # many platforms give the refresh token once, and only leave it out when it still holds
            new = replace(new, refresh=old.refresh, refresh_expires_at=new.refresh_expires_at or old.refresh_expires_at)
        self._store(name, Kept(new, kept.origin, True, now, None))
        return new

    def _kept(self, name: str, begin: Token | None) -> Kept | None:
        """Return what is kept under ``name``, or what the environment says where that is something new."""
        kept = self._load(name)
        if begin is None or (kept is not None and kept.origin == _mark(begin)):
            return kept
        return Kept(begin, _mark(begin))

    def _load(self, name: str) -> Kept | None:
        if name in self._memory or self._folder is None:
            return self._memory.get(name)
        try:
            return read(self._file(name))
        except FileNotFoundError:
            return None
        except ValueError:
            log.warning("token %s: its file is broken; what the environment holds counts again", name)
            return None

    def _store(self, name: str, kept: Kept) -> None:
        if self._folder is None:
            self._memory[name] = kept
            return
        try:
            write(self._file(name), kept)
        except OSError as error:
            # A token that was given once must not be lost with a full disk: this process goes on with it.
            log.error("token %s cannot be saved: %s", name, error.strerror)
            self._memory[name] = kept
        else:
            self._memory.pop(name, None)

    def _file(self, name: str, ending: str = "json") -> Path:
        assert self._folder is not None
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        readable = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:60]
        return self._folder / f"{readable}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}.{ending}"

    @asynccontextmanager
    async def _alone(self, name: str, patience: float) -> AsyncIterator[None]:
        """Hold the account's lock against the others of this process and of other processes; ``_Taken`` where one has it for longer."""
        until = time.monotonic() + patience
        while name in self._busy:
            await _pause(until)
        self._busy.add(name)
        descriptor: int | None = None
        try:
            if self._folder is not None:
                descriptor = os.open(self._file(name, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                while not _locked(descriptor):
                    await _pause(until)
            yield
        finally:
            self._busy.discard(name)
            if descriptor is not None:
                os.close(descriptor)


async def _pause(until: float) -> None:
    if time.monotonic() >= until:
        raise _Taken
    await asyncio.sleep(_POLL)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _token(env: Token | str | None) -> Token | None:
    return Token(env) if isinstance(env, str) else env


def _mark(token: Token | None) -> str:
    if token is None:
        return ""
    return hashlib.blake2b(f"{token.access}\x00{token.refresh or ''}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
