"""What several commands need: the consoles, the home and its settings, and one round with its progress bar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from monitor.errors import UsageProblem
from monitor.texts import language, say

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.table import Table

    from collectors.base import SourceSettings
    from monitor.settings import Settings
    from store.home import Home


WIDE = 4000


def out() -> Console:
    """Return the console of standard output: results. In a file or a pipe tables are as wide as they need to be."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDE
    return console


def err() -> Console:
    """Return the console of standard error: progress and what is wrong."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def home_here() -> Home:
    """Return the home that ``--home``, ``HIBIKI_HOME`` or the current folder names; from here on the
    collectors speak our language, and logs are quiet."""
    from collectors.language import speak
    from monitor.logs import quiet
    from store.home import Home

    quiet()
    speak(language())
    return Home.resolve()


def settings_of(home: Home) -> Settings:
    """Return the settings of ``home`` (raises ``SettingsError``)."""
    from monitor.settings import load

    return load(home)


def sources_of(settings: Settings, names: Sequence[str] | None) -> list[SourceSettings]:
    """Return the sources that ``names`` asks for; all without names.

    Raises:
        UsageProblem: A name that is not there.
    """
    known = {source.name: source for source in settings.sources}
    for name in names or ():
        if name not in known:
            raise UsageProblem(say("usage.no_source", name=name, known=", ".join(known) or "-"))
    return [known[name] for name in names] if names else list(known.values())


@contextmanager
def progress_bar(total: int | None = None) -> Iterator[Progress]:
    """Show a progress bar on standard error while the block runs (only where somebody sees it)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress


def table_of(words: Sequence[str], numbers: Sequence[str]) -> Table:
    """Return an empty table with the columns ``words`` (keys "word.…"), then ``numbers``, set to the right.

    Where the terminal is too narrow the first column, names that people gave, goes on below; the others stay whole.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate((*words, *numbers)):
        right = name in numbers
        table.add_column(say(f"word.{name}"), justify="right" if right else "left", no_wrap=at > 0, overflow="fold")
    return table


def size(count: float) -> str:
    """Write a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def folded(text: str, width: int) -> list[str]:
    """Cut ``text`` into lines of ``width`` columns: Japanese between any two letters (but before no closing mark
    and behind no opening one), other words whole."""
    from rich.cells import cell_len

    lines, used = [""], 0
    for piece in re.findall(r"[「『(]*(?:[!-~…“”’]+ ?|.)[、。」』)!?・ー]*", text):
        wide = cell_len(piece.rstrip())
        if used and used + wide > width:
            lines, used = [*lines, ""], 0
        lines[-1] += piece if lines[-1] else piece.lstrip()
        used = cell_len(lines[-1])
    return [line.rstrip() for line in lines]
