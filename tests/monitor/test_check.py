"""What `hibiki check` advises."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer
from store.home import Home
from tests.monitor.conftest import BRAND, Hibiki, channel, feed

TOKYO = timezone(timedelta(hours=9))


def test_a_limit_that_is_reached_says_until_when(settled: Home, server: DemoServer, hibiki: Hibiki) -> None:
    server.faults.add("busy", "/feeds/blog.rss", times=9, headers={"Retry-After": "7200"})
    before = datetime.now(UTC)
    ran = hibiki(settled, "check")
    assert ran.code == 6
    told = re.search(r"→ (\d{4}-\d\d-\d\d \d\d:\d\d)\(日本時間\)", ran.out)
    assert told, ran.out
    until = datetime.strptime(told[1], "%Y-%m-%d %H:%M").replace(tzinfo=TOKYO)
    assert timedelta(hours=2) <= until - before < timedelta(hours=2, minutes=3)
    assert "ネットワーク" not in ran.out


def test_a_limit_without_a_time_says_to_wait(settled: Home, server: DemoServer, hibiki: Hibiki) -> None:
    server.faults.add("busy", "/feeds/blog.rss", times=9)
    ran = hibiki(settled, "check")
    assert ran.code == 6
    assert "回数制限" in ran.out
    assert "待って" in ran.out
    assert "ネットワーク" not in ran.out


def test_a_budget_of_our_own_that_is_used_up_says_until_when(
    home: Home, network: MemoryNetwork, server: DemoServer, hibiki: Hibiki
) -> None:
    network.channels |= {"one": channel(1), "two": channel(1)}
    home.settings.write_text(BRAND + feed(server, "one", requests="1/1h") + feed(server, "two", requests="1/1h"), encoding="utf-8")
    ran = hibiki(home, "check")
    assert ran.code == 6
    assert "使える回数を使い切りました" in ran.out
    assert "を過ぎてから" in ran.out
    assert "ネットワーク" not in ran.out


def test_a_host_that_cannot_be_reached_says_to_look_at_the_network(settled: Home, hibiki: Hibiki) -> None:
    with socket.socket() as unused:  # bound but not listening: nobody else takes the port, and nobody answers
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/feed.xml"
        settled.settings.write_text(
            BRAND + f'[[source]]\nname = "dead"\nkind = "feed"\nbrand = "solato"\nurl = "{url}"\nlocal = true\n', encoding="utf-8"
        )
        ran = hibiki(settled, "check")
    assert ran.code == 6
    assert "ネットワークと URL を確かめ" in ran.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[brand]\nid = "a"\nname = "A"\n', "hibiki.toml:1行目 brand … [[brand]] と"),
        ('brand = ["a"]\n', "hibiki.toml:1行目 brand … [[brand]] と"),
        (BRAND + '[source]\nname = "x"\nkind = "feed"\n', "hibiki.toml:7行目 source … [[source]] と"),
        (BRAND + '[campaign]\nid = "x"\n', "hibiki.toml:7行目 campaign … [[campaign]] と"),
        (BRAND + "[[dashboard]]\nport = 8600\n", "hibiki.toml:7行目 [[dashboard]] #1 … [dashboard] という"),
        ('general = "ja"\n' + BRAND, "hibiki.toml:1行目 general … [general] という"),
    ],
)
def test_the_wrong_brackets_get_the_right_advice_and_no_other(home: Home, hibiki: Hibiki, text: str, said: str) -> None:
    home.settings.write_text(text, encoding="utf-8")
    ran = hibiki(home, "check")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(said)
    assert len(ran.err.splitlines()) == 1
