"""The server that the other tests and the demo rely on."""

from __future__ import annotations

import subprocess
import sys

import httpx

from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer

PROFILE = "/xrpc/app.bsky.actor.getProfile?actor=brand.test"


def test_faults_are_switched_over_http_and_fade_by_themselves(network: MemoryNetwork, server: DemoServer) -> None:
    network.add_account("brand.test")
    fault = {"kind": "busy", "path": "/xrpc/*", "times": 2, "headers": {"retry-after": "7"}}
    assert httpx.post(server.url + "/_faults", json=fault).status_code == 200
    answers = [httpx.get(server.url + PROFILE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert httpx.post(server.url + "/_faults", json={"kind": "plague"}).status_code == 400
    httpx.post(server.url + "/_faults", json=fault)
    httpx.delete(server.url + "/_faults")
    assert httpx.get(server.url + PROFILE).status_code == 200
    assert server.count("getProfile") == 4


def test_it_refuses_what_the_platform_refuses(server: DemoServer) -> None:
    ask = server.url + "/xrpc/app.bsky.feed."
    assert httpx.get(ask + "searchPosts?q=x").json()["error"] == "AuthMissing"
    assert httpx.get(ask + "getAuthorFeed?actor=nobody").json()["message"] == "Profile not found"
    assert httpx.get(ask + "getPosts?" + "&".join(f"uris=at://a/b/{n}" for n in range(26))).status_code == 400
    assert httpx.get(ask + "getNothing").status_code == 501
    assert httpx.get(server.url + "/feeds/none.rss").status_code == 404


def test_it_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "monitor.demo.server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        try:
            assert len(httpx.get(url).json()["feed"]) == 5
        finally:
            process.terminate()
