"""Asking Meta's Graph API: one client for Instagram, Facebook Pages and Threads.

The token travels in a header. Fields and metrics that a version of the API does not know (any more) are left out and the question is put
again, so that a renaming costs one count and not the source.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from collectors.allowance import Charge
from collectors.answers import Answer, refused
from collectors.errors import FormatError, SourceError
from collectors.graph_errors import GraphError, rest_in
from collectors.http import Line
from collectors.jsonread import items_at, text_at
from collectors.language import say

IDS_A_CALL = 50
_READ = (400, 401, 403, 404)
"""Statuses that come with an error object."""
_FORMS = 6
"""How often a question is put again in another form."""
_NEXT = ("after", "until", "since", "__paging_token", "offset", "pagination_token")
_NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Mend:
    """What the user is to do: to get a new ``token``, and which ``rights`` (permissions) the source needs."""

    token: str
    rights: str


@dataclass(slots=True)
class Graph:
    """A line to one account of the Graph API at ``base`` (with the version). ``token`` gives the access token; it is told the one
    that was just refused, if any.

    ``account`` names whose limits are used. ``lost`` holds the fields that this version does not know.
    """

    line: Line
    base: str
    account: str
    token: Callable[[str | None], Awaitable[str]]
    mend: Mend
    app_secret: str | None = field(default=None, repr=False)
    lost: set[str] = field(default_factory=set)

    async def get(
        self, path: str, params: Mapping[str, Any] | None = None, *, charge: Charge | None = None, token: str | None = None
    ) -> Any:
        """Return the answer, an object. ``token`` is used in place of the account's.

        Raises:
            GraphError: The question is refused (not: the token, a limit, a passing fault).
            SourceError: Everything else, as ``Line.ask``.
        """
        held = token or await self.token(None)
        try:
            return await self._get(path, params, held, charge)
        except GraphError as error:
            if not error.ended or token is not None:
                raise
            newer = await self._newer(held)
            if newer is None:
                raise self.told(error) from None
        try:
            return await self._get(path, params, newer, charge)
        except GraphError as error:
            raise self.told(error) if error.ended else error from None

    async def _get(self, path: str, params: Mapping[str, Any] | None, token: str, charge: Charge | None) -> Any:
        proof = {"appsecret_proof": _proof(token, self.app_secret)} if self.app_secret else {}
        headers = {"authorization": f"Bearer {token}"}
        return await self.ask(f"{self.base}/{path.lstrip('/')}", {**(params or {}), **proof}, headers, charge=charge)

    async def _newer(self, worn: str) -> str | None:
        """Return a token in place of the one that was refused: another source may have renewed it meanwhile. None: there is none."""
        try:
            token = await self.token(worn)
        except SourceError:
            return None  # what the platform said of the token itself is what the user should hear
        return token if token != worn else None

    async def ask(
        self, url: str, params: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, charge: Charge | None = None
    ) -> Any:
        """Return the answer of ``url``; errors as ``get``, and GraphErrors for a token that is not taken."""
        how: dict[str, Any] = {"params": params, "headers": headers, "expect_json": True, "budget_name": self.account, "charge": charge}
        answer = await self.line.ask(url, allow=(*_READ, 500), **how)
        if answer.status == 500 and not _too_much(answer):
            answer = await self.line.ask(url, allow=_READ, **how)  # a fault that may pass
        rest = rest_in(answer.headers)
        if rest is not None:
            self._close(url, rest)
        try:
            body = answer.json()
        except FormatError:
            if answer.status < 400:
                raise
            raise refused(_host(url), answer.status, answer.text()) from None
        error = GraphError.of(body, self.line.http.redact)
        if error is None and answer.status >= 400:
            raise refused(_host(url), answer.status, answer.text())
        if error is not None:
            raise (
                error
                if error.about_the_question or error.ended
                else error.as_source_error(self.mend.token, self.mend.rights, datetime.now(UTC) + rest if rest else None)
            )
        if not isinstance(body, Mapping):
            raise FormatError(say("Meta の応答が変わりました", "Meta's answer has changed"), json.dumps(body))
        return body

    async def read(self, path: str, fields: Iterable[str], params: Mapping[str, Any] | None = None, *, charge: Charge | None = None) -> Any:
        """Return the answer with ``fields``, without those that the platform does not know.

        Raises:
            GraphError: As ``get``.
            SourceError: As ``get``.
        """
        wanted = tuple(fields)
        for _ in range(_FORMS):
            known = ",".join(name for name in wanted if _head(name) not in self.lost)
            try:
                return await self.get(path, {**(params or {}), "fields": known}, charge=charge)
            except GraphError as error:
                unknown = error.unknown_field
                if unknown is None or unknown in self.lost or unknown not in {_head(name) for name in wanted}:
                    raise
                self.lost.add(unknown)
        raise FormatError(say("Meta が項目の名前を受け付けません", "Meta does not know the fields"))

    async def many(self, ids: Sequence[str], fields: Iterable[str]) -> dict[str, Any]:
        """Return the objects of at most ``IDS_A_CALL`` ids; None for one that is not there. What is refused otherwise is left out.

        One id that is not there spoils the whole call: then each is asked for alone.

        Raises:
            SourceError: As ``get``.
        """
        wanted, found = tuple(fields), dict[str, Any]()
        if len(ids) > 1:
            with suppress(GraphError):
                answer = await self.read("", wanted, {"ids": ",".join(ids)})
                found = {one: answer[one] for one in ids if isinstance(answer.get(one), Mapping)}
        for one in ids:
            if one in found:
                continue
            try:
                found[one] = await self.read(one, wanted)
            except GraphError as error:
                if error.not_there:
                    found[one] = None
        return found

    def told(self, error: GraphError, without: str | None = None) -> SourceError:
        """Return what the user is told of ``error``; ``without`` is how the settings do without what is forbidden."""
        rights = self.mend.rights
        if without and error.forbidden:
            rights += say(f"。使わないなら、設定に {without} と書いてください", f". To do without, write {without} into the settings")
        return error.as_source_error(self.mend.token, rights)

    def _close(self, url: str, rest: timedelta) -> None:
        self.line.http.limits.close(f"{_host(url)} {self.account}", rest)


def next_cursor(answer: Any, limit: int) -> str | None:
    """Return what leads to the page after ``answer``, without any token; None on the last one.

    Graph says that there is no more by leaving ``paging.next`` out; where a platform never gives it, a page that is not full is the last.
    """
    after, url = text_at(answer, "paging", "cursors", "after"), text_at(answer, "paging", "next")
    if url is None:
        return after if after and len(items_at(answer, "data")) >= limit else None
    if after:
        return after
    try:
        keep = [(name, value) for name, value in parse_qsl(urlsplit(url).query) if name in _NEXT]
    except ValueError:
        keep = []
    return f"?{urlencode(keep)}" if keep else None


def cursor_params(cursor: str | None) -> dict[str, str]:
    """Return the parameters that lead to the page of ``cursor``."""
    if cursor is None:
        return {}
    return dict(parse_qsl(cursor[1:])) if cursor.startswith("?") else {"after": cursor}


def _too_much(answer: Answer) -> bool:
    try:
        error = GraphError.of(answer.json())
    except FormatError:
        return False
    return error is not None and error.too_much


def _head(name: str) -> str:
    found = _NAME.match(name)
    return found[0] if found else name


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _proof(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
