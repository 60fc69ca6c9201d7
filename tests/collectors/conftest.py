"""A server on this machine that speaks the platforms' wire formats, and a client whose waits between repeats take no time."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from collectors.base import Context
from collectors.http import Http
from collectors.words import BrandWords
from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
EXAMPLES = int(os.environ.get("HIBIKI_EXAMPLES", "60"))
"""How many examples each property is tried with; 60 find what is usual, HIBIKI_EXAMPLES=3000 what is rare."""
SECRET = "abcd-efgh-ijkl-mnop"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **how: float) -> None:
        self.at += timedelta(**how)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=4)
    yield
    stamina.set_testing(False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(clock: Clock) -> MemoryNetwork:
    return MemoryNetwork(clock=clock)


@pytest.fixture
def server(network: MemoryNetwork) -> Iterator[DemoServer]:
    with DemoServer(network) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(patience=5.0, timeout=2.0) as client:
        yield client


@pytest.fixture
def context(http: Http, clock: Clock) -> Context:
    return context_of(http, clock)


def context_of(http: Http, clock: Callable[[], datetime], must_not: tuple[str, ...] = ()) -> Context:
    words = BrandWords("yomori", ("ヨモリ", "yomori"), must_not)
    return Context(http, words, {"HIBIKI_BLUESKY_APP_PASSWORD": SECRET}, clock)
