"""`hibiki import`: files that people download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.texts import say


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=say("option.files"))],
    brand: Annotated[str | None, typer.Option("--brand", help=say("option.import_brand"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("option.dry_run"))] = False,
) -> None:
    """Import files."""
