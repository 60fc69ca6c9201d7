"""One HTTP client for all sources: polite to hosts, patient with faults, silent about secrets.

What goes wrong leaves here as one of the three errors of ``collectors.errors``. A request takes at most ``patience`` seconds in
all, waits included; what needs a longer wait becomes a BusyError that says until when.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import stamina

from collectors.allowance import Charge
from collectors.answers import Answer, bad_redirect, bad_url, moved, refused, unreachable, used_up, wait_told
from collectors.errors import AccessError, BusyError, FormatError, QuietError, SourceError
from collectors.language import say
from collectors.limits import Budget, Limits, remaining_in
from collectors.publicweb import PORTS_KEY, PublicTransport, PublicWeb
from collectors.secrecy import Secrets

USER_AGENT = "Hibiki/0.1 (+social media monitor; local)"
PER_HOST = 4
PATIENCE = 45.0
MAX_BODY = 20 * 1024 * 1024
ATTEMPTS = 4
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})

_KEYS = frozenset(("x-goog-api-key", "access-token"))
"""Headers that hold a secret and that redirects would carry on to whatever host (httpx takes ``authorization`` alone away)."""

JSON_REPEATS = 1
"""How often an answer that is broken JSON is asked for again: its body may have been cut off without the wire noticing."""


class _Again(Exception):
    """A fault that may pass; ``final`` is what to raise when it does not, ``wait`` the seconds that the platform asked for."""

    def __init__(self, final: SourceError, wait: float | None = None) -> None:
        super().__init__(final.message)
        self.final = final
        self.wait = wait


def _holds_key(headers: Mapping[str, str]) -> bool:
    return any(name.lower() in _KEYS for name in headers)


@cache
def _certificates() -> ssl.SSLContext:
    """Return whom we trust; reading all certificates takes 40 ms, so once is enough."""
    return httpx.create_ssl_context()


def _host(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(url)
    return parts.netloc.rpartition("@")[2].lower()


class Http:
    """The shared client; an async context manager, one for each round.

    ``per_host`` requests at once go to one host. ``limits`` holds the budgets; pass the same one each round, so that what a platform
    said in the last round is still known in this one. ``locks`` are for collectors that share something (a login); ``transport`` replaces the network in tests.
    ``web`` says where lines that are ``public_only`` may go.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        per_host: int = PER_HOST,
        patience: float = PATIENCE,
        max_body: int = MAX_BODY,
        timeout: float = 20.0,
        transport: httpx.AsyncBaseTransport | None = None,
        web: PublicWeb | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.patience = patience
        self.locks: dict[str, asyncio.Lock] = {}
        self._per_host = per_host
        self._max_body = max_body
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._secrets = Secrets()
        # A proxy of the environment is for the outside world, never for this machine.
        local = {f"all://{name}": None for name in ("127.0.0.1", "localhost", "[::1]")}
        shared: dict[str, Any] = {
            "headers": {"user-agent": USER_AGENT, "accept-language": "ja, en;q=0.5"},
            "timeout": httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            "follow_redirects": True,
            "max_redirects": 5,
        }
        self._client = httpx.AsyncClient(
            **shared,
            limits=httpx.Limits(max_connections=128, max_keepalive_connections=64),
            transport=transport,
            verify=_certificates(),
            mounts=None if transport else local,
        )
        self._public = httpx.AsyncClient(**shared, transport=PublicTransport(web or PublicWeb(), _certificates(), transport))

    async def __aenter__(self) -> Http:
        return self

    async def __aexit__(self, *args: object) -> None:
        await self._client.aclose()
        await self._public.aclose()

    def hide(self, secret: str) -> None:
        """Never show ``secret`` in an error from now on."""
        self._secrets.hide(secret)

    def redact(self, text: str) -> str:
        """Return ``text`` without secrets: those that were told to ``hide``, and whatever looks like one."""
        return self._secrets.redact(text)

    def of(self, budget: Budget | None = None, headers: Mapping[str, str] | None = None) -> Line:
        """Return one source's own line to the shared client, which counts its requests."""
        return Line(self, budget, dict(headers or {}))

    async def send(self, request: _Request) -> Answer:
        """Send, and again where that may help. See ``Line.ask`` for the arguments and errors."""
        started = time.monotonic()

        def again(error: Exception) -> bool | float:
            if not isinstance(error, _Again):
                return False
            if error.wait is None:
                return True
            # Jitter, so that sources which were refused together do not come back together.
            wait = max(0.01, error.wait * random.uniform(1.0, 1.1))
            return wait if time.monotonic() - started + wait <= self.patience else False

        retries = stamina.retry_context(
            on=again, attempts=ATTEMPTS, timeout=self.patience, wait_initial=0.25, wait_max=8.0, wait_jitter=0.5
        )
        try:
            async for attempt in retries:
                with attempt:
                    return await self._once(request, started)
        except _Again as error:
            raise self._secrets.clean(error.final) from None
        except SourceError as error:
            raise self._secrets.clean(error) from None
        raise AssertionError("the loop above returns or raises")

    async def _once(self, request: _Request, started: float) -> Answer:
        key, budget = request.key, request.budget
        gate = self._gates.setdefault(request.host, asyncio.Semaphore(self._per_host))
        while True:
            async with gate:
                wait = self.limits.wait(key, budget)
                if not wait:
                    self.limits.spend(key, budget)
                    if request.charge is not None:
                        request.charge.sending()
                    request.line.requests += 1
                    return await self._exchange(request, max(1.0, started + self.patience - time.monotonic()))
            # Others may use the host's place while we wait.
            if time.monotonic() - started + wait > self.patience:
                raise used_up(request.host, wait)
            await asyncio.sleep(wait)

    async def _exchange(self, request: _Request, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds), self._stream(request) as response:
                body = await self._body(response, min(self._max_body, request.line.max_body))
                answer = Answer(str(response.url), response.status_code, response.headers, body)
                if request.charge is not None:
                    request.charge.answered(answer.status)
        except httpx.UnsupportedProtocol:  # of a redirect: the scheme of our own URL was looked at before
            raise bad_redirect(request.host) from None
        except (httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError):
            raise bad_url(request.url) from None
        except httpx.TooManyRedirects:
            raise AccessError(
                say(f"{request.host} の転送が終わりません", f"{request.host} redirects for ever"),
                say("URL が正しいか確かめてください", "Check the URL"),
            ) from None
        except (httpx.TimeoutException, TimeoutError):
            raise _Again(BusyError(say(f"{request.host} が時間内に応答しませんでした", f"{request.host} did not answer in time"))) from None
        except (httpx.NetworkError, httpx.ProxyError) as error:
            if request.charge is not None and isinstance(error, httpx.ConnectError):
                request.charge.answered(None)
            reason = unreachable(request.host, error)
            raise (_Again(reason) if isinstance(reason, BusyError) else reason) from None
        except (httpx.TransportError, httpx.DecodingError, httpx.StreamError):
            raise _Again(BusyError(say(f"{request.host} の応答が途中で切れました", f"The answer of {request.host} was cut off"))) from None
        self._heed(request, answer)
        return self._judge(request, answer)

    @asynccontextmanager
    async def _stream(self, request: _Request) -> AsyncIterator[httpx.Response]:
        ports = request.line.public_only
        async with (self._client if ports is None else self._public).stream(
            request.method,
            request.url,
            params=request.params,
            headers=request.headers,
            json=request.json,
            data=request.data,
            extensions=None if ports is None else {PORTS_KEY: tuple(ports)},
            follow_redirects=not _holds_key(request.headers),
        ) as response:
            yield response

    async def _body(self, response: httpx.Response, most: int) -> bytes:
        parts = bytearray()
        async for part in response.aiter_bytes():
            parts += part
            if len(parts) > most:
                size = most // (1024 * 1024)
                raise FormatError(
                    say(f"応答が大きすぎます(上限 {size} MB)", f"The answer is too large (more than {size} MB)"),
                    advice=say(
                        "新しいものだけを返す、もっと小さい URL を使ってください", "Use a smaller address, one that gives only what is new"
                    ),
                )
        return bytes(parts)

    def _heed(self, request: _Request, answer: Answer) -> None:
        """Note what the answer says is left, and close the budget where that is nothing."""
        remaining, used_up = remaining_in(answer.headers), answer.status == 429
        if remaining is None and not used_up:
            return
        wait = wait_told(answer, datetime.now(UTC))
        if wait is None:
            return
        if remaining == 0 or used_up:
            self.limits.close(request.key, wait)
        elif remaining is not None:
            self.limits.heard(request.key, remaining, wait)

    def _judge(self, request: _Request, answer: Answer) -> Answer:
        status, host = answer.status, request.host
        if status in (301, 302, 303, 307, 308) and _holds_key(request.headers):
            raise moved(host)
        if status < 400 or status in request.allow:
            if request.expect_json and status < 400 and status not in (204, 304):
                self._check_json(request, answer)
            return answer
        if status in _RETRIED:
            wait = wait_told(answer, datetime.now(UTC)) if status in (429, 503) else None
            until = datetime.now(UTC) + wait if wait is not None else None
            if status == 429:
                final = BusyError(say(f"{host} の回数制限に達しました", f"The request limit of {host} is reached"), until, limited=True)
            else:
                final = BusyError(say(f"{host} が一時的に使えません(HTTP {status})", f"{host} is down for now (HTTP {status})"), until)
            raise _Again(final, wait.total_seconds() if wait is not None else None)
        raise refused(host, status, answer.text())

    def _check_json(self, request: _Request, answer: Answer) -> None:
        try:
            answer.json()
        except FormatError as error:
            if answer.body.lstrip()[:1] == b"<" or request.broken >= JSON_REPEATS:
                raise
            request.broken += 1
            raise _Again(error) from None


@dataclass(slots=True)
class _Request:
    line: Line
    method: str
    url: str
    host: str
    key: str
    budget: Budget | None
    params: Mapping[str, Any] | None
    headers: Mapping[str, str]
    json: Any
    data: Mapping[str, str] | None
    allow: Collection[int]
    expect_json: bool
    charge: Charge | None = None
    broken: int = 0


class Line:
    """One source's line to the shared client. ``requests`` counts what was sent, repeats included; ``keys`` what under which budget.

    ``rest`` tells until when nothing may be asked now (None: ask). ``per_credential``: the platform counts requests for each credential
    (the ``authorization`` header), not for the host as a whole. ``public_only``: the addresses come from a user, a page or a feed, so
    only the public web may be gone to (``collectors.publicweb``), at ports 80 and 443 and these; None: the address is ours, or the user
    vouches for it. ``max_body``: the size in bytes of the largest answer.
    """

    def __init__(self, http: Http, budget: Budget | None, headers: dict[str, str]) -> None:
        self.http = http
        self.budget = budget
        self.headers = headers
        self.requests = 0
        self.keys: dict[str, tuple[Budget | None, int]] = {}
        self.rest: Callable[[], datetime | None] = lambda: None
        self.per_credential = False
        self.public_only: Collection[int] | None = None
        self.max_body = MAX_BODY

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
        expect_json: bool = False,
        budget: Budget | None = None,
        budget_name: str = "",
        charge: Charge | None = None,
    ) -> Answer:
        """Return the answer, whole.

        Secrets belong into ``headers`` or the body, never into the URL. ``allow`` names statuses of 400 and more that the caller
        reads itself. ``budget`` (or else the line's own) is shared by all who ask the same host under the same ``budget_name``.
        ``charge`` is what each attempt costs.

        Raises:
            AccessError: The URL cannot be, or the host refuses (401, 403, 404, 410, 451).
            BusyError: 429, 5xx, timeouts and cut answers that did not pass, or a budget that is used up for longer than we wait.
            FormatError: Any other status of 400 and more, an answer too large, or (with ``expect_json``) one that is not JSON.
        """
        try:
            host = _host(url)
        except ValueError:
            raise bad_url(self.http.redact(url)) from None
        if until := self.rest():
            raise QuietError(until)
        every = {**self.headers, **(headers or {})}
        key, spent = self._key(host, budget_name, every), budget or self.budget
        self.keys[key] = (spent, self.keys.get(key, (None, 0))[1] + 1)
        return await self.http.send(
            _Request(
                self,
                method,
                url,
                host,
                key,
                spent,
                params,
                every,
                json,
                data,
                allow,
                expect_json,
                charge,
            )
        )

    def _key(self, host: str, budget_name: str, headers: Mapping[str, str]) -> str:
        """Return under what the request is counted; of a credential only a digest is in it."""
        bearer = next((value for name, value in headers.items() if name.lower() == "authorization"), "") if self.per_credential else ""
        whose = hashlib.blake2b(bearer.encode("utf-8", "replace"), digest_size=6).hexdigest() if bearer else ""
        return " ".join(part for part in (host, whose, budget_name) if part)

    async def json(self, url: str, **how: Any) -> Any:
        """Return the answer read as JSON; arguments and errors as ``ask``."""
        return (await self.ask(url, expect_json=True, **how)).json()
