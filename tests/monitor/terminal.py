"""A person at a pseudo terminal: reads what a command says, answers what it asks, presses Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from store.home import Home

CTRL_C = "\x03"
PATIENCE = 60.0
SETTLED = 0.05
_MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Hidden(str):
    """What is typed where nothing may be shown: waits until the terminal shows nothing."""

    __slots__ = ()


@dataclass(frozen=True)
class Said:
    """What was seen at the terminal, without colours and moves, and the exit code."""

    text: str
    code: int


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def talk(home: Home, arguments: Sequence[str], answers: Sequence[tuple[str, str]], env: dict[str, str] | None = None) -> Said:
    """Run ``hibiki`` at a terminal of 80 columns. For each of ``answers`` wait until the words were said, then type the reply.

    Raises:
        AssertionError: Words did not come; what came is in the message.
    """
    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    told = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    told |= {"TERM": "xterm", **(env or {})}
    command = [sys.executable, "-m", "monitor.cli", "--home", str(home.root), *arguments]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, stdin=other, stdout=other, stderr=other, env=told, cwd=root, start_new_session=True, preexec_fn=_own_terminal
    ) as process:
        os.close(other)
        heard = _Heard(own)
        try:
            for words, reply in answers:
                heard.until(words)
                if isinstance(reply, Hidden):
                    heard.until_nothing_is_shown()
                os.write(own, (reply if reply == CTRL_C else reply + "\n").encode())
            heard.rest()
            code = process.wait(timeout=PATIENCE)
        finally:
            process.kill()
            os.close(own)
    return Said(heard.text, code)


class _Heard:
    """What came from the terminal so far; ``at`` is how much of it was answered."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._bytes = b""
        self._at = 0

    @property
    def text(self) -> str:
        return _MOVES.sub("", self._bytes.decode("utf-8", "ignore")).replace("\r\n", "\n")

    def until(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.text[self._at :]:
            assert self._more(deadline), f"never said: {words!r}\n{self.text}"
        self._at = self.text.index(words, self._at) + len(words)
        while self._more(time.monotonic() + SETTLED):  # until the question is whole, and somebody listens
            pass

    def until_nothing_is_shown(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while termios.tcgetattr(self._end)[3] & termios.ECHO:
            assert time.monotonic() < deadline, f"what is typed is shown\n{self.text}"
            time.sleep(0.01)

    def rest(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._more(deadline):
            pass

    def _more(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._end], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            part = os.read(self._end, 65536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self._bytes += part
        return bool(part)
