"""The dashboard, served from an invented home, in a headless Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from store.home import Home
from tests.dashboard.world import build

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home that HIBIKI_BROWSER_HOME names (a demo, for pictures), or an invented one."""
    given = os.environ.get("HIBIKI_BROWSER_HOME")
    return Home(given) if given else build(tmp_path_factory.mktemp("home"), posts=6000, days=200)


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where the screenshots go."""
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder


def serve(home: Home, log: Path) -> Iterator[str]:
    """Serve ``home`` until the generator is closed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as out:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.fileWatcherType", "none"]
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "HIBIKI_HOME": str(home.root)}, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")) from None
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def address(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the served dashboard."""
    yield from serve(home, tmp_path_factory.mktemp("log") / "streamlit.log")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
