"""A home in a temporary folder, a server on this machine that speaks feeds and Bluesky, and the `hibiki` command in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina

from monitor import cli
from monitor.demo.network import Article, Channel, MemoryNetwork
from monitor.demo.server import DemoServer
from monitor.texts import set_language
from store.home import Home

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Japanese, no home of somebody else's, no waits between repeats, and what a test said is forgotten after it."""
    monkeypatch.setenv("HIBIKI_HOME", "/nonexistent/hibiki")
    monkeypatch.delenv("HIBIKI_LANG", raising=False)
    monkeypatch.delenv("HIBIKI_BLUESKY_APP_PASSWORD", raising=False)
    set_language("ja")
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)
    set_language("ja")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def network() -> MemoryNetwork:
    return MemoryNetwork()


@pytest.fixture
def server(network: MemoryNetwork) -> Iterator[DemoServer]:
    with DemoServer(network) as running:
        yield running


def channel(count: int, first: int = 0, text: str = "ソラトを買ってよかった") -> Channel:
    """A feed of ``count`` articles about the brand, an hour apart, numbered from ``first``."""
    articles = tuple(
        Article(
            f"urn:solato:{number}", f"{text} {number}", "毎日使っています", f"https://blog.test/{number}", NOW - timedelta(hours=1 + number)
        )
        for number in range(first, first + count)
    )
    return Channel("テストのブログ", "https://blog.test/", articles)


BRAND = """
[[brand]]
id = "solato"
name = "ソラト"
role = "own"
aliases = ["Solato"]
"""


def feed(server: DemoServer, name: str, channel_name: str | None = None, **more: str) -> str:
    """The settings of a feed source."""
    extra = "".join(f'{key} = "{value}"\n' for key, value in more.items())
    return (
        f'\n[[source]]\nname = "{name}"\nkind = "feed"\nbrand = "solato"\nwhat = "mentions"\n'
        f'url = "{server.url}/feeds/{channel_name or name}.rss"\nlocal = true\n{extra}'
    )


@pytest.fixture
def settled(home: Home, network: MemoryNetwork, server: DemoServer) -> Home:
    """A home with one brand and one feed of five articles."""
    network.channels["blog"] = channel(5)
    home.settings.write_text(BRAND + feed(server, "blog"), encoding="utf-8")
    return home


@dataclass(frozen=True)
class Ran:
    """What a command ended with and said."""

    code: int
    out: str
    err: str


Hibiki = Callable[..., Ran]


@pytest.fixture
def hibiki(capfd: pytest.CaptureFixture[str]) -> Hibiki:
    """Run a command in this process."""

    def run(home: Home | Path, *arguments: str) -> Ran:
        root = home.root if isinstance(home, Home) else home
        capfd.readouterr()
        code = cli.run(["--home", str(root), *arguments])
        said = capfd.readouterr()
        return Ran(code, said.out, said.err)

    return run
