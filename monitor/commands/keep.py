"""`hibiki backup`, `restore`, `compact` and `forget`: what the owner of a home does now and then. They need the home for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.common import home_here, out, size
from monitor.errors import MonitorError, NothingYet
from monitor.texts import say


def backup(folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("option.backup_dir"))]) -> None:
    """Write a backup into ``folder``."""
    from store.owner import Owner

    home = home_here()
    if not home.database.exists() and not home.inbox.exists():
        raise NothingYet(say("error.no_data", home=home.root))
    with Owner.open(home) as owner:
        owner.backup(folder)
    out().print(say("keep.backed_up", dir=folder), markup=False)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("option.restore_dir"))],
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("option.yes"))] = False,
) -> None:
    """Put a backup in the place of the data; the old database is kept beside it."""
    from store.owner import Owner

    home = home_here()
    with Owner.open(home) as owner:
        if home.database.exists() and not yes and not typer.confirm(say("keep.confirm_restore", file=home.database), default=False):
            raise MonitorError(say("keep.cancelled"))
        kept = owner.restore(folder)
    out().print(say("keep.restored", dir=folder), markup=False)
    if kept:
        out().print(say("keep.old_kept", file=kept), markup=False)


def compact() -> None:
    """Let go what is past its retention, and rewrite the database without holes."""
    from monitor.commands.common import settings_of
    from monitor.retention import policy_of
    from store.owner import Owner

    home = home_here()
    settings = settings_of(home) if home.settings.exists() else None
    if not home.database.exists():
        raise NothingYet(say("error.no_data", home=home.root))
    with Owner.open(home) as owner:
        if settings is not None:
            owner.retain(policy_of(settings.retention))
        before, after = owner.compact()
        owner.publish()
    out().print(say("keep.compacted", before=size(before), after=size(after)), markup=False)


def forget(
    author: Annotated[str, typer.Option("--author", metavar="ID", help=say("option.author"))],
    platform: Annotated[str, typer.Option("--platform", help=say("option.author_platform"))],
) -> None:
    """Erase the texts and the name of one author, now and whenever they come again."""
    from store.owner import Owner

    home = home_here()
    if not home.database.exists():
        raise NothingYet(say("error.no_data", home=home.root))
    with Owner.open(home) as owner:
        owner.ingest()
        erased = owner.forget_author(platform, author)
        owner.compact()
        owner.publish()
    out().print(say("keep.forgot", count=f"{erased:,}"), markup=False)
