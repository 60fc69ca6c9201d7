"""`hibiki up`: the service and the dashboard together; the demo where there are no settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.common import home_here, out, settings_of
from monitor.texts import say

if TYPE_CHECKING:
    from store.home import Home


def up(
    port: Annotated[int | None, typer.Option("--port", min=1024, max=65535, help=say("option.port"))] = None,
) -> None:
    """Start everything, say where to look, and stop everything on Ctrl-C."""
    from monitor.up import Up

    home = home_here()
    demo = not home.settings.exists()
    if demo:
        home = _demo_home(home)
    elif (home.root / "demo.json").exists():
        demo = True
    settings = settings_of(home)
    Up(home, port or settings.dashboard.port, demo=demo, tell=lambda line: out().print(line, markup=False)).run()


def _demo_home(home: Home) -> Home:
    """Return the home of the demo beside the user's own (not there yet), written if it is missing."""
    from monitor.commands.demo import make_demo
    from store.home import Home as HomeType

    folder = Path(home.root) / "demo"
    out().print(say("up.demo", home=folder), markup=False)
    demo = HomeType(folder)
    if not demo.settings.exists():
        make_demo(folder)
    return demo
