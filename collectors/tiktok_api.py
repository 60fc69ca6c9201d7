"""Asking TikTok: its two APIs (Display for anybody's own account, Business for business accounts), what they refuse, and new tokens.

Display: developers.tiktok.com/doc/tiktok-api-v2-video-list, …-video-query, …-error-handling. Business: business-api.tiktok.com/portal/docs,
v1.3. Both may say in an answer of HTTP 200 that something is wrong: ``error.code`` other than "ok", or ``code`` other than 0.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from collectors.answers import Answer
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Line
from collectors.jsonread import dig, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.tokens import Token

PAGE = 20
"""Videos of a page, and ids of a look-up, at most."""
LIMIT = Budget(600, timedelta(minutes=1))
"""Of each endpoint."""
_READ = (400, 401, 403, 404)
_ANEW = timedelta(minutes=1)

Bearer = Callable[[str | None], Awaitable[str]]
"""Gives the access token; its argument is one that was just refused."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the fields of a video are called."""

    ident: str
    texts: tuple[str, ...]
    views: str
    likes: str
    comments: str
    shares: str

    @property
    def all(self) -> list[str]:
        """All the fields to ask for."""
        return [self.ident, "create_time", "share_url", *self.texts, self.views, self.likes, self.comments, self.shares]


class Worn(Exception):
    """The access token is not taken any more."""


class TikTokApi(ABC):
    """One of the two APIs at ``service``."""

    names: ClassVar[Names]

    def __init__(self, line: Line, service: str, bearer: Bearer, mend: str) -> None:
        self._line = line
        self._service = service.rstrip("/")
        self._bearer = bearer
        self._mend = mend

    @abstractmethod
    async def _list(self, token: str, cursor: str | None) -> Answer:
        """Ask for a page of videos."""

    @abstractmethod
    async def _query(self, token: str, ids: Sequence[str]) -> Answer:
        """Ask for the videos of ``ids``."""

    @abstractmethod
    async def _renewal(self, client: str, secret: str, refresh: str) -> Any:
        """Ask for a new token, and return the object that holds it."""

    @abstractmethod
    def _error(self, body: Any) -> SourceError | None:
        """Return what an answer says is wrong; None where all is well.

        Raises:
            Worn: The token is not taken.
        """

    async def page(self, cursor: str | None) -> Any:
        """Return ``data`` of a page: ``videos``, ``cursor``, ``has_more``.

        Raises:
            SourceError: As ``Line.ask``, and what TikTok says is wrong.
        """
        return await self._data(lambda token: self._list(token, cursor))

    async def look_up(self, ids: Sequence[str]) -> Any:
        """Return ``data`` of a look-up: the ``videos`` of those of ``ids`` that are there.

        Raises:
            SourceError: As ``page``.
        """
        return await self._data(lambda token: self._query(token, ids))

    async def renew(self, client: str, secret: str, old: Token, now: datetime) -> Token:
        """Return the token that TikTok gives for the refresh token of ``old``, which may be void afterwards.

        Raises:
            SourceError: AccessError where TikTok does not take it.
        """
        body = await self._renewal(client, secret, old.refresh or "")
        access, refresh = text_at(body, "access_token"), text_at(body, "refresh_token")
        if not access:
            raise self._no_token(body)
        ends = _end(body, now, "refresh_expires_in", "refresh_token_expires_in")
        return Token(access, refresh or old.refresh, _end(body, now, "expires_in"), ends or old.refresh_expires_at)

    def _no_token(self, body: Any) -> SourceError:
        """Return why there is no new token: a fault that passes is no reason to authorize the app again."""
        try:
            error = self._error(body)
        except Worn:
            error = None
        if isinstance(error, BusyError):
            return error
        return self._refused(text_at(body, "error_description") or text_at(body, "error") or text_at(body, "message") or "")

    async def _data(self, ask: Callable[[str], Awaitable[Answer]]) -> Any:
        token = await self._bearer(None)
        try:
            return self._read(await ask(token))
        except Worn:
            token = await self._bearer(token)
        try:
            return self._read(await ask(token))
        except Worn as worn:
            raise self._refused(str(worn)) from None

    def _read(self, answer: Answer) -> Any:
        body = answer.json()
        error = self._error(body)
        if error is None and answer.status >= 400:
            error = FormatError(self._unclear(f"HTTP {answer.status}"), answer.text())
        if error is None and not isinstance(dig(body, "data", "videos"), list):
            error = FormatError(say("TikTok の応答に videos がありません", "TikTok's answer has no videos"), json.dumps(body))
        if error is not None:
            raise error
        return dig(body, "data")

    def _refused(self, said: str) -> AccessError:
        told = f"({self._line.http.redact(said)[:200]})" if said else ""
        return AccessError(say(f"TikTok がトークンを受け付けません{told}", f"TikTok does not take the token {told}".rstrip()), self._mend)

    def _forbidden(self, said: str) -> AccessError:
        return AccessError(
            say(f"TikTok の権限がありません({said})", f"A permission of TikTok is missing ({said})"),
            say(
                "TikTok のアプリに video.list の権限を付け、アカウントでもう一度許可してから、新しいリフレッシュトークンを .env に書いてください",
                "Give the TikTok app the scope video.list, let the account authorize it again, and write the new refresh token into .env",
            ),
        )

    @staticmethod
    def _limited() -> BusyError:
        until = datetime.now(UTC) + _ANEW
        return BusyError(say("TikTok の回数制限に達しました", "TikTok's request limit is reached"), until, limited=True)

    @staticmethod
    def _down(said: str) -> BusyError:
        return BusyError(say(f"TikTok が一時的に使えません({said})", f"TikTok is down for now ({said})"))

    @staticmethod
    def _unclear(said: str) -> str:
        return say(f"TikTok が要求を受け付けません({said})", f"TikTok does not accept the request ({said})")


class DisplayApi(TikTokApi):
    """open.tiktokapis.com: the account that authorized the app. Tokens last two hours."""

    names = Names("id", ("video_description", "title"), "view_count", "like_count", "comment_count", "share_count")

    async def _list(self, token: str, cursor: str | None) -> Answer:
        return await self._post("video/list", token, {"max_count": PAGE, **({"cursor": int(cursor)} if cursor else {})})

    async def _query(self, token: str, ids: Sequence[str]) -> Answer:
        return await self._post("video/query", token, {"filters": {"video_ids": list(ids)}})

    async def _post(self, endpoint: str, token: str, body: Any) -> Answer:
        return await self._line.ask(
            f"{self._service}/v2/{endpoint}/",
            method="POST",
            params={"fields": ",".join(self.names.all)},
            headers={"authorization": f"Bearer {token}"},
            json=body,
            allow=_READ,
            expect_json=True,
            budget=LIMIT,
            budget_name=endpoint,
        )

    async def _renewal(self, client: str, secret: str, refresh: str) -> Any:
        form = {"client_key": client, "client_secret": secret, "grant_type": "refresh_token", "refresh_token": refresh}
        url = f"{self._service}/v2/oauth/token/"
        return (await self._line.ask(url, method="POST", data=form, allow=_READ, expect_json=True, budget_name="token")).json()

    def _error(self, body: Any) -> SourceError | None:
        code = text_at(body, "error", "code") or text_at(body, "code")
        said = f"{code}: {self._line.http.redact(text_at(body, 'error', 'message') or text_at(body, 'message') or '')[:200]}"
        if code == "ok":
            return None
        if code == "access_token_invalid":
            raise Worn(said)
        if code in ("scope_not_authorized", "scope_permission_missed"):
            return self._forbidden(said)
        if code == "rate_limit_exceeded":
            return self._limited()
        if code in ("internal_error", "timeout"):
            return self._down(said)
        return FormatError(self._unclear(said if code else "?"), json.dumps(body))


class BusinessApi(TikTokApi):
    """business-api.tiktok.com: a business account (``account`` is its ``business_id``). Tokens last a day."""

    names = Names("item_id", ("caption",), "video_views", "likes", "comments", "shares")

    def __init__(self, line: Line, service: str, bearer: Bearer, mend: str, account: str) -> None:
        super().__init__(line, service, bearer, mend)
        self._account = account

    async def _list(self, token: str, cursor: str | None) -> Answer:
        return await self._get(token, {"max_count": PAGE, **({"cursor": cursor} if cursor else {})})

    async def _query(self, token: str, ids: Sequence[str]) -> Answer:
        return await self._get(token, {"filters": json.dumps({"video_ids": list(ids)}), "max_count": PAGE})

    async def _get(self, token: str, params: dict[str, Any]) -> Answer:
        return await self._line.ask(
            f"{self._service}/open_api/v1.3/business/video/list/",
            params={"business_id": self._account, "fields": json.dumps(self.names.all), **params},
            headers={"access-token": token},
            allow=_READ,
            expect_json=True,
            budget=LIMIT,
            budget_name="business/video/list",
        )

    async def _renewal(self, client: str, secret: str, refresh: str) -> Any:
        told = {"client_id": client, "client_secret": secret, "grant_type": "refresh_token", "refresh_token": refresh}
        url = f"{self._service}/open_api/v1.3/tt_user/oauth2/refresh_token/"
        body = (await self._line.ask(url, method="POST", json=told, allow=_READ, expect_json=True, budget_name="token")).json()
        return dig(body, "data") if text_at(body, "data", "access_token") else body

    def _error(self, body: Any) -> SourceError | None:
        code = dig(body, "code")
        if isinstance(code, bool) or not isinstance(code, int):
            return FormatError(say("TikTok の応答が変わりました", "TikTok's answer has changed"), json.dumps(body))
        message = self._line.http.redact(text_at(body, "message") or "")[:200]
        said = f"{code}: {message}"
        if code == 0:
            return None
        if code in (40102, 40104, 40105) or (code == 40100 and "token" in message.lower()):
            raise Worn(said)
        if code == 40100:
            return self._limited()
        if code == 40001:
            return self._forbidden(said)
        if 50000 <= code < 70000:
            return self._down(said)
        return FormatError(self._unclear(said), json.dumps(body))


def _end(body: Any, now: datetime, *names: str) -> datetime | None:
    seconds = next((found for name in names if (found := dig(body, name)) is not None), None)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < 10**9:
        return None
    return now + timedelta(seconds=seconds)
