"""The service against a server on this machine: collect, ingest, score, flag, publish, until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from collectors.timing import TOKYO
from monitor.demo.network import MemoryNetwork
from monitor.demo.server import DemoServer
from monitor.service import Service
from monitor.settings import load
from monitor.status import read_status
from monitor.timetable import read_timetable
from store.errors import NotPublished
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.published import connect
from store.records import ReviewEvent
from tests.monitor.conftest import BRAND, NOW, channel, feed

PATIENCE = 60.0


def ask(home: Home, query: str) -> list[tuple[Any, ...]]:
    with connect(home) as con:
        return con.execute(query).fetchall()


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def holds(home: Home, query: str, wanted: object) -> Callable[[], bool]:
    def look() -> bool:
        try:
            return ask(home, query) == [(wanted,)]
        except NotPublished:
            return False

    return look


def test_one_round_end_to_end(settled: Home) -> None:
    with Owner.open(settled) as owner:
        Service(settled, load(settled), owner, rounds=1).run()
    assert ask(settled, "SELECT count(*) FROM mentions") == [(5,)]
    assert ask(settled, "SELECT count(*) FROM scores JOIN meta ON meta.name = 'model' AND meta.value = model") == [(5,)]
    assert ask(settled, "SELECT max(p_positive) > 0.5 FROM scores") == [(True,)]
    assert ask(settled, "SELECT source, outcome FROM runs") == [("blog", "ok")]
    assert ask(settled, "SELECT name FROM brands") == [("ソラト",)]
    status = read_status(settled)
    assert status is not None
    assert (status["phase"], status["rounds"], status["alive"]) == ("stopped", 1, False)
    assert not list(settled.inbox.glob("*.parquet"))


def test_a_failing_source_does_not_keep_the_rest_from_being_published(home: Home, network: MemoryNetwork, server: DemoServer) -> None:
    network.channels["good"] = channel(3)
    home.settings.write_text(BRAND + feed(server, "gone", platform="a") + feed(server, "good", platform="b"), encoding="utf-8")
    with Owner.open(home) as owner:
        Service(home, load(home), owner, rounds=1, scoring=False).run()
    assert ask(home, "SELECT source, outcome FROM runs ORDER BY 1") == [("gone", "access"), ("good", "ok")]
    assert ask(home, "SELECT count(*) FROM mentions") == [(3,)]


class Running:
    """`hibiki run` as a process of its own."""

    def __init__(self, home: Home, *arguments: str) -> None:
        command = [sys.executable, "-m", "monitor.cli", "--home", str(home.root), "run", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def __enter__(self) -> subprocess.Popen[str]:
        return self.process

    def __exit__(self, *args: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def test_it_works_until_ctrl_c_and_ends_with_0(settled: Home) -> None:
    settled.settings.write_text('[general]\npublish_every = "1s"\n' + settled.settings.read_text(encoding="utf-8"), encoding="utf-8")
    with Running(settled, "--no-score") as process:
        wait_for(holds(settled, "SELECT count(*) FROM mentions", 5))
        status = read_status(settled)
        assert status is not None
        assert (status["pid"], status["alive"]) == (process.pid, True)
        # what somebody else puts into the inbox is taken in and published too
        Inbox(settled).land([ReviewEvent(event_id="e", post_key=1, brand="solato", at=NOW, actor="a", action="take")])
        wait_for(holds(settled, "SELECT count(*) FROM review_events", 1))
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "止まりました" in said
    assert Owner.running(settled) is None


def test_killed_in_the_middle_it_goes_on_where_it_was(settled: Home, network: MemoryNetwork) -> None:
    network.channels["blog"] = channel(300)
    with Running(settled, "--no-score") as process:
        wait_for(lambda: settled.bookmark("blog").exists())
        process.kill()
        process.wait()
    with Owner.open(settled) as owner:
        Service(settled, load(settled), owner, rounds=1, scoring=False).run()
    assert ask(settled, "SELECT count(*), count(DISTINCT post_key) FROM mentions") == [(300, 300)]


def test_it_stops_when_its_parent_is_gone(settled: Home) -> None:
    code = (
        "import subprocess, sys, os\n"
        f"p = subprocess.Popen([sys.executable, '-m', 'monitor.cli', '--home', {str(settled.root)!r}, 'run', '--no-score',"
        " '--parent', str(os.getpid())], stdout=subprocess.DEVNULL)\n"
        "print(p.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid = int(done.stdout)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(gone)


def test_stop_from_another_thread_is_prompt(settled: Home, server: DemoServer) -> None:
    server.faults.add("slow", "/feeds/blog.rss", seconds=30.0)
    with Owner.open(settled) as owner:
        service = Service(settled, load(settled), owner, scoring=False)
        threading.Timer(1.0, service.stop).start()
        started = time.monotonic()
        service.run()
    assert time.monotonic() - started < 15
    assert json.loads(settled.status.read_text(encoding="utf-8"))["phase"] == "stopped"


def status_says(home: Home, name: str, wanted: Callable[[Any], bool]) -> Callable[[], bool]:
    def look() -> bool:
        status = read_status(home)
        return status is not None and wanted(status.get(name))

    return look


def test_settings_that_are_saved_are_taken_up_while_it_runs(home: Home, network: MemoryNetwork, server: DemoServer) -> None:
    network.channels["blog"], network.channels["second"] = channel(2), channel(3, first=50)
    first = '[general]\npublish_every = "1s"\n' + BRAND + feed(server, "blog", every="1h")
    home.settings.write_text(first, encoding="utf-8")
    with Owner.open(home) as owner:
        service = Service(home, load(home), owner, scoring=False)
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            wait_for(holds(home, "SELECT count(*) FROM mentions", 2))
            renamed = first.replace('name = "ソラト"', 'name = "そらと"').replace('["Solato"]', '["ソラト"]')
            home.settings.write_text(renamed + feed(server, "second", platform="news"), encoding="utf-8")
            wait_for(lambda: "second" in read_timetable(home))
            wait_for(lambda: home.bookmark("second").exists())
            wait_for(holds(home, "SELECT name FROM brands", "そらと"))
            # what cannot be leaves everything as it was, and says so
            home.settings.write_text(first.replace('"1h"', '"soon"'), encoding="utf-8")
            wait_for(status_says(home, "settings_problem", lambda said: bool(said) and "every" in said and "soon" in said))
            assert sorted(read_timetable(home)) == ["blog", "second"]
            # a source that is taken out is read no more
            home.settings.write_text(first, encoding="utf-8")
            wait_for(status_says(home, "settings_problem", lambda said: said is None))
            wait_for(lambda: sorted(read_timetable(home)) == ["blog"])
        finally:
            service.stop()
            thread.join(30)
        owner.ingest()
        owner.publish()
    assert ask(home, "SELECT count(*) FROM mentions") == [(5,)]
    assert ask(home, "SELECT source FROM sources") == [("blog",)]
    assert ask(home, "SELECT name FROM brands") == [("ソラト",)]


def test_in_quiet_hours_nothing_is_asked(settled: Home, server: DemoServer) -> None:
    text = settled.settings.read_text(encoding="utf-8")
    now = datetime.now(TOKYO)
    quiet = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"
    settled.settings.write_text(f'[general]\nquiet = "{quiet}"\n' + text, encoding="utf-8")
    with Owner.open(settled) as owner:
        service = Service(settled, load(settled), owner, scoring=False)
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            wait_for(lambda: "blog" in read_timetable(settled))
            time.sleep(1.2)  # two looks at the schedule
            due = datetime.fromisoformat(read_timetable(settled)["blog"]["next_at"]).astimezone(TOKYO)
            assert f"{due:%H:%M}" == quiet.partition("-")[2]
            assert server.count() == 0
            # a source's own hours come before everybody's
            settled.settings.write_text(f'[general]\nquiet = "{quiet}"\n' + text + 'quiet = "off"\n', encoding="utf-8")
            wait_for(lambda: server.count() > 0)
        finally:
            service.stop()
            thread.join(30)
