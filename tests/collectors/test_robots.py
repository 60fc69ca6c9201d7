from __future__ import annotations

import httpx
import pytest

from collectors.errors import AccessError, BusyError
from collectors.http import Http
from collectors.robots import Robots

RULES = "User-agent: *\nDisallow: /api/*\nCrawl-delay: 2\n"


def _http(status: int, text: str = "") -> tuple[Http, list[str]]:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status, text=text)

    return Http(transport=httpx.MockTransport(answer)), asked


async def test_what_a_host_forbids_is_not_read_and_its_rules_are_asked_once() -> None:
    http, asked = _http(200, RULES)
    async with http:
        robots, line = Robots(), http.of()
        assert await robots.check(line, "https://note.example/yomori") == 2.0
        with pytest.raises(AccessError, match=r"robots\.txt"):
            await robots.check(line, "https://note.example/api/v2/x")
    assert asked == ["/robots.txt"]


async def test_no_rules_allow_everything() -> None:
    http, _ = _http(404)
    async with http:
        assert await Robots().check(http.of(), "https://a.example/x") == 0.0


async def test_rules_that_cannot_be_read_allow_nothing_for_now() -> None:
    http, _ = _http(500)
    async with http:
        with pytest.raises(BusyError):
            await Robots().check(http.of(), "https://a.example/x")
