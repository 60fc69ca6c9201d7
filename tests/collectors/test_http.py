"""The shared client against a server that misbehaves in every way that platforms do."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import stamina

from collectors.errors import AccessError, BusyError, FormatError, QuietError
from collectors.http import Http
from collectors.limits import Budget, Limits
from monitor.demo.server import DemoServer

PROFILE = "/xrpc/app.bsky.actor.getProfile?actor=brand.test"


@pytest.fixture(autouse=True)
def _account(server: DemoServer) -> None:
    server.network.add_account("brand.test")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("busy", {}),
        ("busy", {"headers": {"retry-after": "1"}}),
        ("error", {"status": 500}),
        ("error", {"status": 503}),
        ("slow", {"seconds": 3.0}),
        ("cut", {}),
        ("cut_unseen", {}),
        ("broken_json", {}),
    ],
)
async def test_a_fault_that_passes_is_not_noticed(server: DemoServer, kind: str, how: dict[str, object]) -> None:
    server.faults.add(kind, **how)  # type: ignore[arg-type]
    async with Http(timeout=0.5, patience=10) as http:
        line = http.of()
        assert (await line.json(server.url + PROFILE))["handle"] == "brand.test"
    assert line.requests == server.count("getProfile") == 2


@pytest.mark.parametrize(
    ("kind", "how", "error", "tries"),
    [
        ("busy", {}, BusyError, 4),
        ("error", {"status": 502}, BusyError, 4),
        ("cut", {}, BusyError, 4),
        ("broken_json", {}, FormatError, 2),
        ("html", {}, FormatError, 1),
        ("error", {"status": 403}, AccessError, 1),
        ("error", {"status": 404}, AccessError, 1),
        ("error", {"status": 401}, AccessError, 1),
        ("error", {"status": 418}, FormatError, 1),
    ],
)
async def test_a_fault_that_stays_ends_in_one_of_three_errors(
    server: DemoServer, http: Http, kind: str, how: dict[str, object], error: type[Exception], tries: int
) -> None:
    server.faults.add(kind, times=99, **how)  # type: ignore[arg-type]
    with pytest.raises(error):
        await http.of().json(server.url + PROFILE)
    assert server.count("getProfile") == tries


async def test_a_platform_that_asks_for_a_long_wait_is_left_alone(server: DemoServer, http: Http) -> None:
    server.faults.add("busy", headers={"retry-after": "600"})
    before = datetime.now(UTC)
    for _ in range(3):  # the later two do not even ask
        with pytest.raises(BusyError) as caught:
            await http.of().json(server.url + PROFILE)
        assert caught.value.until is not None
        assert timedelta(minutes=9) < caught.value.until - before < timedelta(minutes=12)
    assert server.count("getProfile") == 1


async def test_what_a_platform_said_is_known_in_the_next_round(server: DemoServer) -> None:
    limits = Limits()
    server.faults.add("busy", headers={"ratelimit-reset": "600", "ratelimit-remaining": "0"})
    for _ in range(2):
        async with Http(limits=limits) as http:
            with pytest.raises(BusyError):
                await http.of().json(server.url + PROFILE)
    assert server.count("getProfile") == 1


async def test_an_answer_that_says_it_was_the_last_one_is_heeded() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={}, headers={"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) + 900)})

    async with Http(transport=httpx.MockTransport(answer)) as http:
        await http.of().json("https://api.example/1")
        await http.of().json("https://other.example/1")
        with pytest.raises(BusyError, match=r"api\.example"):
            await http.of().json("https://api.example/2")


async def test_where_a_platform_counts_by_credential_one_account_does_not_close_the_other() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        left = "0" if request.headers["authorization"] == "Bearer first" else "70"
        return httpx.Response(200, json={}, headers={"x-rate-limit-remaining": left, "x-rate-limit-reset": str(int(time.time()) + 900)})

    async with Http(transport=httpx.MockTransport(answer)) as http:
        first, second, whole = (http.of(headers={"Authorization": f"Bearer {name}"}) for name in ("first", "second", "first"))
        first.per_credential = second.per_credential = True
        await first.json("https://api.example/1")
        await second.json("https://api.example/1")
        await second.json("https://api.example/2")
        with pytest.raises(BusyError):
            await first.json("https://api.example/2")
        ((key, (budget, asked)),) = second.keys.items()
        assert (budget, asked, "second" in key) == (None, 2, False)
        assert [left.left for left in http.limits.left(key, None)] == [70]
        await whole.json("https://api.example/1")  # counted for the host as a whole, which nobody closed
        with pytest.raises(BusyError):
            await whole.json("https://api.example/2")


async def test_nothing_is_asked_in_quiet_hours() -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    async with Http(transport=httpx.MockTransport(lambda request: httpx.Response(200, json={}))) as http:
        line = http.of()
        await line.json("https://api.example/1")
        line.rest = lambda: until
        with pytest.raises(QuietError) as caught:
            await line.json("https://api.example/1")
    assert (caught.value.until, line.requests) == (until, 1)


async def test_a_short_wait_is_waited_for(server: DemoServer) -> None:
    server.faults.add("busy", headers={"retry-after": "0.3"})
    async with Http(patience=5) as http:
        started = time.monotonic()
        await http.of().json(server.url + PROFILE)
    assert time.monotonic() - started >= 0.3


async def test_the_sum_of_all_waits_is_bounded(server: DemoServer) -> None:
    stamina.set_testing(False)
    server.faults.add("busy", times=99)
    async with Http(patience=0.8) as http:
        started = time.monotonic()
        with pytest.raises(BusyError):
            await http.of().json(server.url + PROFILE)
    assert time.monotonic() - started < 4


async def test_no_more_requests_than_allowed_go_to_one_host_at_once(server: DemoServer) -> None:
    server.delay = 0.05
    async with Http(per_host=3) as http:
        await asyncio.gather(*(http.of().json(server.url + PROFILE) for _ in range(15)))
    assert server.most_at_once == 3
    assert server.count("getProfile") == 15


async def test_a_budget_is_shared_by_all_sources_of_a_host(server: DemoServer) -> None:
    budget = Budget(4, timedelta(hours=1))
    async with Http() as http:
        results = await asyncio.gather(*(http.of(budget).json(server.url + PROFILE) for _ in range(7)), return_exceptions=True)
    assert sum(isinstance(result, BusyError) for result in results) == 3
    assert server.count("getProfile") == 4


async def test_an_answer_too_large_is_not_read_to_its_end() -> None:
    bomb = gzip.compress(b"0" * 5_000_000)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=bomb, headers={"content-encoding": "gzip"})

    async with Http(transport=httpx.MockTransport(answer), max_body=1_000_000) as http:
        with pytest.raises(FormatError, match="大きすぎ"):
            await http.of().ask("https://api.example/")


@pytest.mark.parametrize("url", ["", "feed.example/rss", "ftp://a.example/", "file:///etc/passwd", "http://", "https://[::1"])
async def test_what_is_no_url_is_said_so(http: Http, url: str) -> None:
    with pytest.raises(AccessError) as caught:
        await http.of().ask(url)
    assert "http" in caught.value.advice


async def test_a_host_that_is_not_there_is_busy(http: Http) -> None:
    with pytest.raises(BusyError, match="つながりません"):
        await http.of().ask("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("cause", "error", "said"),
    [
        (ssl.SSLCertVerificationError("self-signed"), AccessError, "証明書"),
        (socket.gaierror(-2, "Name or service not known"), BusyError, "名前解決"),
        (ConnectionRefusedError(), BusyError, "つながりません"),
    ],
)
async def test_why_nothing_answers_is_said(cause: Exception, error: type[Exception], said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("failed") from cause

    async with Http(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(error, match=said):
            await http.of().ask("https://api.example/")


async def test_redirects_that_never_end_are_refused() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": str(request.url.copy_merge_params({"n": "1"}))})

    async with Http(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(AccessError, match="転送"):
            await http.of().ask("https://api.example/")


@pytest.mark.parametrize("name", ["x-goog-api-key", "Access-Token"])
async def test_a_key_does_not_follow_a_redirect(name: str) -> None:
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(302, headers={"location": "https://elsewhere.example/"})

    async with Http(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(AccessError, match="転送"):
            await http.of().json("https://api.example/", headers={name: "s3cr3t-value"})
    assert hosts == ["api.example"]


def _echo(status: int) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        words = f"token=XYZsecretXYZ {request.headers.get('authorization', '')} {request.url}"
        return httpx.Response(status, text=words)

    return answer


async def test_no_secret_gets_into_an_error() -> None:
    async with Http(transport=httpx.MockTransport(_echo(422))) as http:
        http.hide("s3cr3t-value")
        with pytest.raises(FormatError) as caught:
            await http.of().ask("https://api.example/?access_token=AAAA1111", headers={"authorization": "Bearer s3cr3t-value"})
    said = f"{caught.value!r} {caught.value} {caught.value.raw}"
    for secret in ("s3cr3t-value", "AAAA1111", "XYZsecretXYZ"):
        assert secret not in said
    assert "***" in caught.value.raw
