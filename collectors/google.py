"""Asking Google's APIs in somebody's name: access tokens that last an hour, and what a refusal means.

The token endpoint takes a service account's signed statement (RFC 7523) or a refresh token (RFC 6749); both are answered by
``{"access_token", "expires_in"}``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collectors.allowance import Charge
from collectors.answers import Answer, refused
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Line
from collectors.jsonread import count_at, dig, items_at, text_at
from collectors.language import say
from collectors.tokens import Token
from collectors.values import NotReadable

TOKEN_URL = "https://oauth2.googleapis.com/token"
_READ = (400, 401, 403, 404, 410)
_LIMITS = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "dailyLimitExceeded"}
_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
LONGEST = timedelta(hours=1)
"""What is believed of a token whose answer does not say how long it lasts."""


@dataclass(frozen=True, slots=True)
class Api:
    """One API: what it is called, and what to do where it refuses us (``key``: our identity, ``right``: our rights, ``name``: what we ask for)."""

    title: str
    api: str
    key: str
    right: str
    name: str


class Google:
    """One source's calls. ``token`` gives an access token; it is told the one that has just been refused."""

    def __init__(self, line: Line, api: Api, token: Callable[[str | None], Awaitable[Token]]) -> None:
        self._line = line
        self._api = api
        self._token = token

    async def get(self, url: str, params: Mapping[str, Any], charge: Callable[[], Charge] | None = None) -> Any:
        """Return the answer as JSON values; ``charge`` makes what a request is charged with.

        Raises:
            SourceError: As ``Line.ask``, and for what Google refuses.
        """
        token = await self._token(None)
        answer = await self._ask(url, params, token, charge)
        if answer.status == 401:
            token = await self._token(token.access)
            answer = await self._ask(url, params, token, charge)
        try:
            body = answer.json()
        except FormatError:
            if answer.status >= 400:
                raise refused(self._api.title, answer.status, answer.text()) from None
            raise
        if answer.status >= 400 or dig(body, "error") is not None:
            raise self._refusal(body, answer.status)
        return body

    async def _ask(self, url: str, params: Mapping[str, Any], token: Token, charge: Callable[[], Charge] | None) -> Answer:
        held = charge() if charge else None
        headers = {"authorization": f"Bearer {token.access}"}
        answer = await self._line.ask(url, params=params, headers=headers, allow=_READ, expect_json=True, charge=held)
        if held is not None:
            held.settle(1)
        return answer

    def _refusal(self, body: Any, status: int) -> SourceError:
        told = [*items_at(body, "error", "errors"), *items_at(body, "error", "details")]
        reasons = {reason for one in told if (reason := text_at(one, "reason"))} | {text_at(body, "error", "status") or ""}
        message = self._line.http.redact(text_at(body, "error", "message") or "")[:200]
        title, because = self._api.title, f"HTTP {status}" + (f": {message}" if message else "")
        try:
            code = count_at(body, "error", "code") or status
        except NotReadable:
            code = status
        if reasons & _LIMITS or code == 429:
            return BusyError(say(f"{title} の回数制限に達しました", f"The request limit of {title} is reached"), limited=True)
        if code >= 500:
            return BusyError(say(f"{title} が一時的に使えません({because})", f"{title} is down for now ({because})"))
        if reasons & _OFF:
            return AccessError(
                say(f"{self._api.api} が有効になっていません", f"{self._api.api} is not enabled"),
                say(
                    f"Google Cloud コンソールの「API とサービス」で {self._api.api} を有効にしてください",
                    f"Enable {self._api.api} in the Google Cloud console (APIs & Services)",
                ),
            )
        if code in (401, 403):
            refusal = say(f"{title} に読み取りを断られました({because})", f"{title} refuses to be read ({because})")
            return AccessError(refusal, self._api.key if code == 401 else self._api.right)
        if code in (404, 410):
            return AccessError(say(f"{title} に見つかりません({because})", f"Not found on {title} ({because})"), self._api.name)
        return FormatError(
            say(f"{title} が要求を受け付けません({because})", f"{title} does not accept the request ({because})"), json.dumps(body)
        )


async def access_token(
    line: Line, url: str, form: Mapping[str, str], now: Callable[[], datetime], title: str, mend: str, keep: str | None = None
) -> Token:
    """Return the access token that ``url`` gives for ``form``; ``keep`` is what stays the refresh token. ``mend`` tells what to do
    where the credentials are not taken.

    Raises:
        SourceError: It gives none.
    """
    answer = await line.ask(url, method="POST", data=form, allow=(400, 401, 403), expect_json=True, budget_name="token")
    body = answer.json()
    if answer.status >= 400 or dig(body, "error") is not None:
        why = ": ".join(part for part in (text_at(body, "error"), text_at(body, "error_description")) if part)[:200]
        why = line.http.redact(why) or f"HTTP {answer.status}"
        raise AccessError(say(f"{title} の認証に失敗しました({why})", f"{title} does not take the credentials ({why})"), mend)
    access = text_at(body, "access_token")
    if access is None:
        raise FormatError(say(f"{title} の認証の応答に access_token がありません", f"{title} answers without an access_token"))
    line.http.hide(access)
    try:
        seconds = count_at(body, "expires_in")
    except NotReadable:
        seconds = None
    lasts = LONGEST if seconds is None else min(timedelta(seconds=min(seconds, 86400)), LONGEST)
    return Token(access, text_at(body, "refresh_token") or keep, now() + lasts)
