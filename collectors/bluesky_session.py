"""Calling Bluesky's methods, and the session that some of them need.

Sessions are kept for as long as the process lives (30 logins in five minutes and 300 a day are all that an account may have), and
only in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.answers import refused
from collectors.errors import AccessError, FormatError, SourceError
from collectors.http import Line
from collectors.jsonread import text_at
from collectors.language import say

_EXPIRED = frozenset(("ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired", "AuthRequired"))
_NO_ACCOUNT = frozenset(("AccountTakedown", "AccountDeactivated", "RepoDeactivated", "RepoTakendown", "BlockedActor", "BlockedByActor"))


class XrpcRefused(Exception):
    """Bluesky refused a call; ``name`` is its word for why."""

    def __init__(self, host: str, status: int, name: str, message: str, body: str) -> None:
        super().__init__(message)
        self.host = host
        self.status = status
        self.name = name
        self.message = message
        self.body = body

    def as_source_error(self) -> SourceError:
        """Return what the user is told."""
        lost = (
            "not found" in self.message.lower()
            or "could not be resolved" in self.message.lower()
            or "valid did or a handle" in self.message
        )
        if self.name in _NO_ACCOUNT or (self.name == "InvalidRequest" and lost):
            return AccessError(
                say(
                    f"Bluesky にこのアカウントが見つかりません({self.message or self.name})",
                    f"Bluesky has no such account ({self.message or self.name})",
                ),
                say("設定の actor のつづりを確かめてください", "Check the spelling of actor in the settings"),
            )
        if self.status in (401, 403) or self.name in _EXPIRED:
            return AccessError(
                say(f"Bluesky に断られました({self.name})", f"Bluesky refuses ({self.name})"),
                say("identifier とアプリパスワードを確かめてください", "Check the identifier and the app password"),
            )
        return refused(self.host, self.status, self.body)


async def call(
    line: Line,
    service: str,
    method: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    token: str | None = None,
    post: bool = False,
) -> Any:
    """Return the answer of a method as JSON values.

    Raises:
        XrpcRefused: A status of 400, 401, 403 or 404.
        SourceError: As ``Line.ask``.
    """
    answer = await line.ask(
        f"{service.rstrip('/')}/xrpc/{method}",
        method="POST" if post else "GET",
        params=params,
        json=json,
        headers={"authorization": f"Bearer {token}"} if token else None,
        allow=(400, 401, 403, 404),
        expect_json=True,
        budget_name="login" if post else "",
    )
    if answer.status < 400:
        return answer.json()
    host = service.partition("//")[2]
    try:
        body = answer.json()
    except FormatError:
        raise refused(host, answer.status, answer.text()) from None
    raise XrpcRefused(host, answer.status, text_at(body, "error") or "", text_at(body, "message") or "", answer.text())


@dataclass(slots=True)
class _Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    did: str | None


_KNOWN: dict[tuple[str, str, bytes], _Tokens] = {}


class Session:
    """An account's session: logs in when first needed, renews itself when its token expires."""

    def __init__(self, line: Line, service: str, identifier: str, password: str) -> None:
        self._line = line
        self._service = service
        self._identifier = identifier
        self._password = password
        # A changed password is another session.
        self._key = (service, identifier, hashlib.blake2b(password.encode("utf-8", "surrogatepass"), digest_size=16).digest())

    @property
    def did(self) -> str | None:
        """The account's id, once logged in."""
        tokens = _KNOWN.get(self._key)
        return tokens.did if tokens else None

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Return the answer of a method that needs a session.

        Raises:
            SourceError: As ``Line.ask``; AccessError where the login is refused.
        """
        tokens = await self._tokens(None)
        try:
            return await call(self._line, self._service, method, params=params, token=tokens.access)
        except XrpcRefused as error:
            if error.name not in _EXPIRED:
                raise error.as_source_error() from None
        tokens = await self._tokens(tokens)
        try:
            return await call(self._line, self._service, method, params=params, token=tokens.access)
        except XrpcRefused as error:
            raise error.as_source_error() from None

    async def _tokens(self, worn: _Tokens | None) -> _Tokens:
        """Return tokens that are not ``worn``; sources that share an account log in once."""
        lock = self._line.http.locks.setdefault(f"bluesky {self._service} {self._identifier}", asyncio.Lock())
        async with lock:
            known = _KNOWN.get(self._key)
            if known is not None and known is not worn:
                return known
            fresh = (await self._renew(worn) if worn else None) or await self._log_in()
            _KNOWN[self._key] = fresh
            return fresh

    async def _renew(self, worn: _Tokens) -> _Tokens | None:
        try:
            return self._read(await call(self._line, self._service, "com.atproto.server.refreshSession", token=worn.refresh, post=True))
        except XrpcRefused:
            return None  # the renewal has expired too: a new login follows

    async def _log_in(self) -> _Tokens:
        who = {"identifier": self._identifier, "password": self._password}
        try:
            return self._read(await call(self._line, self._service, "com.atproto.server.createSession", json=who, post=True))
        except XrpcRefused as error:
            raise AccessError(
                say(f"Bluesky にログインできません({error.name})", f"Bluesky refuses the login ({error.name})"),
                say(
                    "identifier と、Bluesky の設定で作ったアプリパスワードを確かめてください",
                    "Check the identifier and the app password (made in Bluesky's settings)",
                ),
            ) from None

    def _read(self, answer: Any) -> _Tokens:
        access, refresh = text_at(answer, "accessJwt"), text_at(answer, "refreshJwt")
        if not access or not refresh:
            raise FormatError(say("Bluesky のログインの応答が変わりました", "Bluesky's answer to the login has changed"))
        for token in (access, refresh):
            self._line.http.hide(token)
        return _Tokens(access, refresh, text_at(answer, "did"))
