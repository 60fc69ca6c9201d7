"""Starting the service and the dashboard (and the demo's server) as children, watching them, and stopping them all.

The children are in sessions of their own, so that Ctrl-C reaches only the parent, which then stops them one after the other: first
the dashboard, then the service, which finishes what it is writing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import OTHER_OWNER, SETTINGS, USAGE, MonitorError
from monitor.texts import language, say

if TYPE_CHECKING:
    from store.home import Home

APP = Path(__file__).resolve().parents[1] / "app.py"
PORTS_TRIED = 20
READY_SECONDS = 60.0
STOP_SECONDS = 60.0
RESTARTS = 3
RESTART_WINDOW = 120.0
"""A child that ended by itself is started again, so often within so many seconds."""
HOPELESS = (USAGE, SETTINGS, OTHER_OWNER)


@dataclass(slots=True)
class Child:
    """A process that ``Up`` started; ``name`` is the key of its name for people, ``ends`` when it ended by itself."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes]
    log: Path
    ends: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Up:
    """Everything at once for ``home``; ``port`` is where the dashboard should be, ``tell`` gets the lines for the user."""

    home: Home
    port: int
    demo: bool
    tell: Callable[[str], None]
    _children: list[Child] = field(default_factory=list, init=False)
    _stopping: bool = field(default=False, init=False)

    def run(self) -> None:
        """Start, say where to look, and stay until Ctrl-C, SIGTERM, or the end of a child.

        Raises:
            MonitorError: No free port, or a child ended by itself.
        """
        self.home.prepare()
        with self._stop_on_signals():
            try:
                self._start()
                if not self._stopping:
                    self._watch()
            finally:
                if self._children:
                    self.tell(say("up.stopping"))
                self._stop_children()
        self.tell(say("run.stopped"))

    @contextlib.contextmanager
    def _stop_on_signals(self) -> Iterator[None]:
        def stop(number: int, frame: object) -> None:
            self._stopping = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> None:
        from store.errors import OwnerRunning
        from store.owner import Owner

        pid = Owner.running(self.home)
        if pid is not None:
            raise OwnerRunning(pid, self.home.lock)
        port = free_port(self.port)
        if port != self.port:
            self.tell(say("up.port_taken", taken=self.port, port=port))
        if self.demo:
            self._spawn("up.demo_server", "demo-server", [sys.executable, "-m", "monitor.demo.live", "--home", str(self.home.root)])
        self._spawn("up.service", "service", [sys.executable, "-m", "monitor.cli", "run", "--parent", str(os.getpid())])
        flags = {
            "server.headless": "true",
            "server.address": "127.0.0.1",
            "server.port": str(port),
            "browser.gatherUsageStats": "false",
            "server.fileWatcherType": "none",
        }
        streamlit = [sys.executable, "-m", "streamlit", "run", str(APP)]
        self._spawn("up.dashboard", "dashboard", streamlit + [f"--{name}={value}" for name, value in flags.items()])
        url = f"http://127.0.0.1:{port}"
        if self._ready(f"{url}/_stcore/health"):
            self.tell(say("up.look", url=url))

    def _spawn(self, name: str, log_name: str, command: list[str]) -> None:
        log = self.home.logs / f"{log_name}.log"
        log.write_bytes(b"")
        self._children.append(Child(name, command, self._popen(command, log), log))

    def _popen(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "HIBIKI_HOME": str(self.home.root), "HIBIKI_LANG": language(), "PYTHONUNBUFFERED": "1"}
        with log.open("ab") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=APP.parent,
                env=environment,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def _ready(self, health: str) -> bool:
        """Wait until the dashboard answers; return whether it does (False: we are to stop)."""
        until = time.monotonic() + READY_SECONDS
        while not self._stopping:
            self._look_at_children()
            try:
                with urllib.request.urlopen(health, timeout=2) as answer:
                    if answer.status == 200:
                        return True
            except (urllib.error.URLError, OSError):
                pass
            if time.monotonic() > until:
                raise MonitorError(say("up.not_ready", seconds=int(READY_SECONDS), log=self._children[-1].log))
            time.sleep(0.2)
        return False

    def _watch(self) -> None:
        while not self._stopping:
            self._look_at_children()
            time.sleep(0.2)

    def _look_at_children(self) -> None:
        """Start a child again that ended by itself; give up where that happens again and again.

        Raises:
            MonitorError: A child cannot work (it said so by its exit code), or ended too often.
        """
        for child in self._children:
            code = child.process.poll()
            if code is None or self._stopping:
                continue
            now = time.monotonic()
            child.ends = [*(end for end in child.ends if now - end < RESTART_WINDOW), now]
            if code in HOPELESS or len(child.ends) > RESTARTS:
                raise MonitorError(say("up.child_ended", what=say(child.name), code=code, log=child.log))
            self.tell(say("up.child_again", what=say(child.name), code=code, log=child.log))
            child.process = self._popen(child.command, child.log)

    def _stop_children(self) -> None:
        """Stop the children, the last that was started first."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        for child in reversed(self._children):
            try:
                child.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._children.clear()


def _die_with_parent() -> None:
    """Ask Linux to stop this child when its parent is killed; such a parent cannot stop anybody itself."""
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def free_port(wanted: int) -> int:
    """Return ``wanted`` if nobody listens there, else the next free port after it.

    Raises:
        MonitorError: The next 20 are all taken.
    """
    last = min(wanted + PORTS_TRIED, 65535)
    for port in range(wanted, last + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise MonitorError(say("up.no_port", first=wanted, last=last))
