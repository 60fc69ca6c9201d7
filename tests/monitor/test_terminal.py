"""What a person at a terminal of 80 columns sees of a round."""

from __future__ import annotations

import fcntl
import logging
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from rich.cells import cell_len, chop_cells

from store.home import Home
from tests.monitor.conftest import BRAND, Hibiki

DEAD = "http://127.0.0.1:9"  # "discard": nobody answers there
LONG = "とても長い日本語の名前の情報源その一_news"


def source(name: str, kind: str = "feed") -> str:
    where = f'url = "{DEAD}/feed.xml"' if kind == "feed" else f'actor = "a.test"\nservice = "{DEAD}"'
    return f'[[source]]\nname = "{name}"\nkind = "{kind}"\nbrand = "solato"\n{where}\n'


@pytest.fixture
def dead(home: Home) -> Home:
    """A home whose sources cannot be reached, one of them with a long Japanese name."""
    home.settings.write_text(BRAND + source(LONG) + source("bluesky-own", "bluesky"), encoding="utf-8")
    return home


def at_a_terminal(home: Home, *arguments: str, more_path: Path | None = None) -> str:
    """Run a command at a terminal of 80 columns and return what was written there, without colours and moves."""
    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    env |= {"TERM": "xterm", "PYTHONPATH": os.pathsep.join([str(more_path)] if more_path else [])}
    command = [sys.executable, "-m", "monitor.cli", "--home", str(home.root), *arguments]
    with subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=env) as process:
        os.close(other)
        said = b""
        try:
            while part := os.read(own, 65536):
                said += part
        except OSError:
            pass  # how Linux says that the other end is closed
        process.wait(timeout=30)
    os.close(own)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode()).replace("\r\n", "\n")


def table(said: str) -> list[str]:
    """Return the lines of the table: from its header to the last source."""
    lines = [line.rpartition("\r")[2] for line in said.splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith("情報源 "))
    after = (number for number in range(first, len(lines)) if re.match(r"\S+: |\d+ 件の情報源", lines[number]))
    return lines[first : next(after)]


def test_retries_are_not_among_the_lines_for_the_user(dead: Home, hibiki: Hibiki, tmp_path: Path) -> None:
    """Neither where the root logger has a handler, nor where structlog is installed."""
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(handler)
    try:
        ran = hibiki(dead, "collect", "--no-score")
    finally:
        logging.getLogger().removeHandler(handler)
    assert ran.code == 6
    assert "retry" not in ran.out + ran.err

    loud = "class _Loud:\n    def warning(self, event, **_):\n        print(event)\n\n\ndef get_logger(*_):\n    return _Loud()\n"
    (tmp_path / "structlog.py").write_text(loud, encoding="utf-8")
    said = at_a_terminal(dead, "collect", "--no-score", more_path=tmp_path)
    assert "につながりません" in said
    assert "retry" not in said


def test_the_tables_are_whole_at_80_columns(dead: Home) -> None:
    for command in (["collect", "--no-score"], ["status"]):
        lines = table(at_a_terminal(dead, *command))
        assert max(cell_len(line.rstrip()) for line in lines) <= 80
        whole = "\n".join(lines)
        assert "…" not in lines[0], whole
        words = ["投稿", "反応の記録", "読めず"] if command[0] == "collect" else ["最後の成功", "24時間の投稿", "欠測"]
        assert all(word in lines[0] for word in words), whole
        assert "混雑" in whole
        assert "bluesky-own" in whole
        # a long name goes on below; nothing of it is cut off
        assert "".join(_first_column(lines)).count(LONG) == 1, whole


def _first_column(lines: list[str]) -> list[str]:
    """Return what stands in the table's first column, line by line."""
    width = cell_len(lines[0].partition("媒体")[0])
    return [chop_cells(line, width)[0].rstrip() if line.strip() else "" for line in lines]
