"""Nothing but the public web is gone to: not as written, not by name, not after a redirect, not when a name changes its mind."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.feeds import FeedCollector, FeedSettings
from collectors.http import Http, Line
from collectors.publicweb import PublicWeb, is_local, is_public
from tests.collectors.conftest import NOW, context_of
from tests.collectors.wire import Asked, Reply, WireServer

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)
"""What tests let through: the one address that their servers listen on."""
NEVER = (
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "2001:db8::1", "100::1", "fec0::1",
)  # fmt: skip
PRIVATE = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")]


class Site:
    """Answers with what ``replies`` holds for a path."""

    expired = None

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}

    def answer(self, asked: Asked) -> Reply:
        return self.replies.get(asked.path, Reply({"fine": True}))


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(site: Site) -> Iterator[WireServer]:
    with WireServer(site) as running:
        yield running


class Names:
    """A name server: each question takes the next answer, the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def port_of(server: WireServer) -> int:
    return int(server.url.rpartition(":")[2])


def guarded(http: Http, *ports: int) -> Line:
    line = http.of()
    line.public_only = ports
    return line


@pytest.mark.parametrize("text", NEVER)
def test_what_is_not_for_the_public_is_told(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "203.0.112.255", "172.32.0.1", "2606:4700::1111", "2400:4050::1", "64:ff9b::808:808"]
)
def test_the_public_is_let_through(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.sampled_from(PRIVATE), st.integers(min_value=0), st.sampled_from(["{}", "::ffff:{}", "::{}", "64:ff9b::{}"]))
def test_no_private_address_passes_in_any_dress(network: Any, number: int, dress: str) -> None:
    inner = network[number % network.num_addresses]
    assert not is_public(ipaddress.ip_address(dress.format(inner)))


@given(st.ip_addresses())
def test_whatever_passes_is_global_to_python_too(address: Any) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1{p}/", "http://localhost{p}/", "http://127.1{p}/", "http://2130706433{p}/", "http://0x7f.0.0.1{p}/",
        "http://017700000001{p}/", "http://[::1]{p}/", "http://[::ffff:127.0.0.1]{p}/", "http://0{p}/", "http://shop.localhost{p}/",
        "http://１２７.0.0.1{p}/", "http://name:geheim@127.0.0.1{p}/", "http://169.254.169.254/latest/meta-data/", "http://intra/",
        "http://printer.local/",
    ],
)  # fmt: skip
async def test_this_machine_is_not_read_however_it_is_written(server: WireServer, url: str) -> None:
    async with Http(patience=3.0, timeout=2.0) as http:
        with pytest.raises(AccessError) as caught:
            await guarded(http, port_of(server)).ask(url.format(p=f":{port_of(server)}"))
    assert caught.value.advice
    assert "geheim" not in caught.value.message + caught.value.advice
    assert not server.asked


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/", "http://", "http:///x", "data:text/html,x"]
)
async def test_only_the_web_is_read(url: str) -> None:
    async with Http() as http:
        with pytest.raises(AccessError):
            await guarded(http).ask(url)


async def test_a_name_that_leads_here_is_refused_before_anything_is_sent(server: WireServer) -> None:
    for answer in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.7"], ["::1"], ["fd00::5"], ["169.254.169.254"]):
        async with Http(patience=3.0, web=PublicWeb(resolve=Names(answer))) as http:
            with pytest.raises(AccessError, match=r"shop\.example"):
                await guarded(http, port_of(server)).ask(f"http://shop.example:{port_of(server)}/")
    assert not server.asked


async def test_the_connection_goes_to_the_address_that_was_looked_at(server: WireServer) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with Http(patience=3.0, web=PublicWeb(names, LOOPBACK)) as http:
        line, url = guarded(http, port_of(server)), f"http://shop.example:{port_of(server)}"
        assert (await line.json(url)) == {"fine": True}
        assert names.asked == ["shop.example"]  # once: nobody asks again when it comes to connecting
        assert server.asked[0].headers["host"] == f"shop.example:{port_of(server)}"
    async with Http(patience=3.0, web=PublicWeb(names, LOOPBACK)) as http:
        with pytest.raises(AccessError):  # it has changed its mind
            await guarded(http, port_of(server)).ask(url)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "to", ["http://127.0.0.2/", "http://169.254.169.254/latest/", "http://[::1]/", "http://other.example/", "ftp://x.example/"]
)
async def test_a_redirect_leads_nowhere_else(site: Site, server: WireServer, to: str) -> None:
    site.replies["/away"] = Reply({}, 302, {"location": to})
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with Http(patience=3.0, web=PublicWeb(names, LOOPBACK)) as http:
        with pytest.raises(AccessError):
            await guarded(http, port_of(server)).ask(f"http://shop.example:{port_of(server)}/away")
    assert [asked.path for asked in server.asked] == ["/away"]


async def test_a_redirect_within_the_public_web_is_followed_with_its_ports(site: Site, server: WireServer) -> None:
    site.replies["/away"] = Reply({}, 301, {"location": f"http://new.example:{port_of(server)}/here"})
    async with Http(patience=3.0, web=PublicWeb(Names(["127.0.0.1"]), LOOPBACK)) as http:
        answer = await guarded(http, port_of(server)).ask(f"http://shop.example:{port_of(server)}/away")
    assert answer.url == f"http://new.example:{port_of(server)}/here"


async def test_other_ports_must_be_set(server: WireServer) -> None:
    web = PublicWeb(Names(["127.0.0.1"]), LOOPBACK)
    async with Http(patience=3.0, web=web) as http:
        with pytest.raises(AccessError, match="ポート"):
            await guarded(http).ask(f"http://shop.example:{port_of(server)}/")
    assert not server.asked


async def test_a_name_that_is_not_there_may_come_back() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with Http(patience=2.0, web=PublicWeb(resolve=nowhere)) as http:
        with pytest.raises(BusyError, match="名前解決"):
            await guarded(http).ask("https://shop.example/")


async def test_a_cut_answer_is_asked_for_again_and_a_huge_one_is_refused(site: Site, server: WireServer) -> None:
    site.replies["/big"] = Reply(b"x" * 300_000)
    async with Http(patience=3.0, timeout=2.0, web=PublicWeb(Names(["127.0.0.1"]), LOOPBACK)) as http:
        line, url = guarded(http, port_of(server)), f"http://shop.example:{port_of(server)}"
        server.faults.add("cut", "/")
        assert (await line.json(url + "/")) == {"fine": True}
        assert server.count() == 2
        line.max_body = 200_000
        with pytest.raises(FormatError, match="大きすぎ"):
            await line.ask(url + "/big")


async def test_a_proxy_of_the_environment_is_no_way_around(monkeypatch: pytest.MonkeyPatch, server: WireServer) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    async with Http(patience=3.0, web=PublicWeb(Names(["127.0.0.1"]))) as http:
        for url in ("http://127.0.0.1/", "http://shop.example/"):
            with pytest.raises(AccessError):
                await guarded(http).ask(url)
        assert not server.asked
    async with Http(patience=3.0, web=PublicWeb(Names(["8.8.8.8"]))) as http:
        assert (await guarded(http).json("http://shop.example/")) == {"fine": True}


async def test_a_feed_is_read_from_the_public_web_unless_the_user_vouches_for_it(server: WireServer) -> None:
    for local in (False, True):
        settings = FeedSettings.model_validate({"name": "f", "brand": "yomori", "url": server.url + "/rss", "local": local})
        async with Http(patience=2.0) as http:
            with pytest.raises(FormatError if local else AccessError):
                await FeedCollector(settings, context_of(http, lambda: NOW)).check()
    assert server.count("/rss") == 1


@given(st.text(max_size=40))
async def test_whatever_is_written_is_judged_without_breaking(text: str) -> None:
    web = PublicWeb()
    for url in (text, f"http://{text}", f"https://{text}/x"):
        is_local(url)
        with suppress(SourceError):  # and nothing else
            web.check_url(url)


def test_an_address_of_this_network_is_known_as_it_is_written() -> None:
    assert is_local("http://192.168.0.4/feed")
    assert is_local("http://localhost:8000/")
    assert not is_local("https://shop.example/feed")
