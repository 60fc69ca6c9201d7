"""`hibiki init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import MonitorError, UsageProblem
from monitor.init import Answers, env_text, id_of, secrets_of, settings_text, split
from monitor.texts import say


def init(
    brand: Annotated[str | None, typer.Option("--brand", help=say("option.init_brand"))] = None,
    brand_id: Annotated[str | None, typer.Option("--id", help=say("option.init_id"))] = None,
    alias: Annotated[list[str] | None, typer.Option("--alias", help=say("option.init_alias"))] = None,
    must_not: Annotated[list[str] | None, typer.Option("--must-not", help=say("option.init_must_not"))] = None,
    competitor: Annotated[list[str] | None, typer.Option("--competitor", help=say("option.init_competitor"))] = None,
    feed: Annotated[list[str] | None, typer.Option("--feed", help=say("option.init_feed"))] = None,
    bluesky: Annotated[str | None, typer.Option("--bluesky", help=say("option.init_bluesky"))] = None,
    searcher: Annotated[str | None, typer.Option("--bluesky-search", metavar="HANDLE", help=say("option.init_search"))] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("option.yes"))] = False,
    force: Annotated[bool, typer.Option("--force", help=say("option.force"))] = False,
) -> None:
    """Write hibiki.toml and .env.example from the answers."""
    from store.home import Home

    home = Home.resolve()
    ask = not yes and sys.stdin.isatty()
    if not _may_write(home.settings, ask, force):
        raise MonitorError(say("init.kept", file=home.settings))
    if ask:
        typer.echo(say("init.hello"))
    answers = _answers(ask, brand, brand_id, alias, must_not, competitor, feed, bluesky, searcher)
    home.root.mkdir(parents=True, exist_ok=True)
    home.settings.write_text(settings_text(answers), encoding="utf-8")
    example = home.root / ".env.example"
    typer.echo(say("init.written", file=home.settings))
    if force or not example.exists():
        example.write_text(env_text(answers), encoding="utf-8")
        typer.echo(say("init.written", file=example))
    if secrets_of(answers):
        typer.echo(say("init.next_secret", names=", ".join(secrets_of(answers))))
    typer.echo(say("init.next"))


def _may_write(file: Path, ask: bool, force: bool) -> bool:
    if force or not file.exists():
        return True
    return ask and typer.confirm(say("init.exists", file=file), default=False)


def _answers(
    ask: bool,
    brand: str | None,
    brand_id: str | None,
    alias: list[str] | None,
    must_not: list[str] | None,
    competitor: list[str] | None,
    feed: list[str] | None,
    bluesky: str | None,
    searcher: str | None,
) -> Answers:
    """Take the answers from the options, and ask for those that were not given."""

    def words(given: list[str] | None, question: str) -> tuple[str, ...]:
        if given is not None:
            return tuple(given)
        return split(typer.prompt(say(question), default="", show_default=False)) if ask else ()

    def word(given: str | None, question: str, default: str = "") -> str:
        if given is not None or not ask:
            return (given or default).strip()
        return str(typer.prompt(say(question), default=default, show_default=bool(default))).strip()

    if not brand and not ask:
        raise UsageProblem(say("init.need_brand"))
    name = brand or str(typer.prompt(say("init.ask_brand"))).strip()
    return Answers(
        brand=name,
        brand_id=word(brand_id, "init.ask_id", id_of(name)),
        aliases=words(alias, "init.ask_aliases"),
        must_not=words(must_not, "init.ask_must_not"),
        competitors=words(competitor, "init.ask_competitors"),
        feeds=words(feed, "init.ask_feeds"),
        bluesky=(handle := word(bluesky, "init.ask_bluesky")) or None,
        searcher=_searcher(ask, searcher, handle),
    )


def _searcher(ask: bool, given: str | None, handle: str) -> str | None:
    """Return the account that is to search Bluesky, if any; asked for only where somebody wants the search."""
    if given is not None or not ask:
        return given or None
    if not typer.confirm(say("init.ask_search"), default=False):
        return None
    return str(typer.prompt(say("init.ask_searcher"), default=handle or None)).strip() or None
