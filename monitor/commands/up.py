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
    demo = demo or (home.root / "demo.json").exists()
    if demo:
        _find_port(home)
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


def _find_port(home: Home) -> None:
    """Let the demo's server have a free port: where its own is taken, name another one in the demo's files."""
    import json

    from monitor.demo.write import read_port
    from monitor.up import free_port
    from store.files import replace_text

    before = read_port(home)
    port = free_port(before)
    if port == before:
        return
    settings = home.settings.read_text(encoding="utf-8")
    replace_text(home.settings, settings.replace(f"http://127.0.0.1:{before}", f"http://127.0.0.1:{port}"))
    told = home.root / "demo.json"
    replace_text(told, json.dumps({**json.loads(told.read_text(encoding="utf-8")), "port": port}) + "\n")
