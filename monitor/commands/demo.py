"""`hibiki demo`: write a demo folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.common import out, progress_bar
from monitor.errors import MonitorError
from monitor.texts import say

SEED, MONTHS, POSTS = 7, 14, 30_000


def demo(
    folder: Annotated[Path, typer.Option("--dir", help=say("option.dir"))] = Path("demo"),
    seed: Annotated[int, typer.Option("--seed", min=0, help=say("option.seed"))] = SEED,
    months: Annotated[int, typer.Option("--months", min=1, max=60, help=say("option.months"))] = MONTHS,
    posts: Annotated[int, typer.Option("--posts", min=100, max=5_000_000, help=say("option.posts"))] = POSTS,
    force: Annotated[bool, typer.Option("--force", help=say("option.force"))] = False,
) -> None:
    """Write a demo into ``folder``."""
    if folder.exists() and any(folder.iterdir()) and not force:
        raise MonitorError(say("demo.exists", dir=folder))
    make_demo(folder, seed=seed, months=months, posts=posts)
    out().print(say("demo.written", dir=folder), markup=False)


def make_demo(folder: Path, *, seed: int = SEED, months: int = MONTHS, posts: int = POSTS) -> None:
    """Write a demo into ``folder``, with a progress bar. What an earlier demo left there is taken away first.

    Raises:
        MonitorError: The folder holds something that is no demo, not even one that was interrupted.
        OwnerRunning: The demo is running.
    """
    import shutil

    from monitor.demo.write import write_demo
    from store.errors import OwnerRunning
    from store.home import Home
    from store.owner import Owner

    home = Home(folder)
    ours = (folder / "demo.json").exists() or (home.inbox.is_dir() and not home.settings.exists())
    if folder.exists() and any(folder.iterdir()) and not ours:
        raise MonitorError(say("demo.exists", dir=folder))
    pid = Owner.running(home)
    if pid is not None:
        raise OwnerRunning(pid, home.lock)
    if home.data.exists():
        shutil.rmtree(home.data)
    home.root.mkdir(parents=True, exist_ok=True)
    with progress_bar() as progress:
        task = progress.add_task(say("up.writing_demo"), total=100)

        def note(_: str, share: float) -> None:
            progress.update(task, completed=int(share * 100))

        write_demo(home, seed=seed, months=months, posts=posts, now=datetime.now(UTC), progress=note)
