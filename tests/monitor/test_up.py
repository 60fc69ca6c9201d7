"""`hibiki up`: everything starts, says where to look, and stops on Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.errors import MonitorError
from monitor.up import free_port
from store.errors import NotPublished
from store.home import Home
from store.owner import Owner
from store.published import connect
from tests.monitor.conftest import Hibiki

PATIENCE = 90.0


class Reader:
    """What a process says, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def until(self, words: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError("".join(self.lines))


@contextmanager
def up(root: Path, *arguments: str) -> Iterator[Reader]:
    command = [sys.executable, "-m", "monitor.cli", "--home", str(root), "up", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )
    try:
        yield Reader(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_published(home: Home, query: str, wanted: object) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with connect(home) as con:
                if con.execute(query).fetchall() == [(wanted,)]:
                    return
        except NotPublished:
            pass
        assert time.monotonic() < until
        time.sleep(0.1)


def service_of(home: Home) -> int:
    """The PID of the owner, once there is one."""
    until = time.monotonic() + PATIENCE
    while not (pid := Owner.running(home)):
        assert time.monotonic() < until
        time.sleep(0.1)
    return pid


def test_it_shows_the_dashboard_goes_on_after_a_crash_and_stops_on_ctrl_c(settled: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with up(settled.root, "--port", str(port)) as told:
            assert str(port) in told.until("使用中")
            url = re.search(r"http://127\.0\.0\.1:\d+", told.until("ダッシュボード:"))
            assert url is not None
            assert not url.group().endswith(f":{port}")
            with urllib.request.urlopen(url.group(), timeout=10) as page:
                assert page.status == 200
            wait_until_published(settled, "SELECT count(*) FROM mentions", 5)
            first = service_of(settled)
            os.kill(first, signal.SIGKILL)
            told.until("もう一度始めます")
            second = service_of(settled)
            assert second != first
            os.killpg(told.process.pid, signal.SIGINT)
            assert told.process.wait(60) == 0
            rest = told.process.stdout.read() if told.process.stdout else ""
    assert "止まりました" in rest
    assert "Traceback" not in rest + "".join(told.lines)
    assert not alive(second)
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url.group(), timeout=2)


def test_without_settings_the_demo_runs_and_says_so(tmp_path: Path, hibiki: Hibiki) -> None:
    # a small demo that is there already, so that the test need not wait for a large one
    hibiki(tmp_path, "demo", "--dir", str(tmp_path / "demo"), "--months", "2", "--posts", "200")
    home = Home(tmp_path / "demo")
    text = home.settings.read_text(encoding="utf-8")
    home.settings.write_text(text.replace("[general]\n", '[general]\npublish_every = "1s"\n'), encoding="utf-8")
    with up(tmp_path, "--port", "18650") as told:
        told.until("デモ")
        assert "hibiki init" in told.until("hibiki init")
        told.until("ダッシュボード:")
        # collected over HTTP from the demo's own server, by the real collectors
        wait_until_published(home, "SELECT count(DISTINCT source) FROM runs WHERE outcome = 'ok' AND requests > 0", 9)
        service = service_of(home)
        # a parent that is killed cannot stop anybody, and still nobody stays behind
        told.process.kill()
        until = time.monotonic() + PATIENCE
        while alive(service):
            assert time.monotonic() < until
            time.sleep(0.1)
    assert not (tmp_path / "hibiki.toml").exists()


def test_no_free_port_is_a_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.up.PORTS_TRIED", 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MonitorError, match="--port"):
            free_port(port)
