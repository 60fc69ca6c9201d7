"""`hibiki init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import UsageProblem
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
    search: Annotated[bool | None, typer.Option("--bluesky-search/--no-bluesky-search", help=say("option.init_search"))] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("option.yes"))] = False,
    force: Annotated[bool, typer.Option("--force", help=say("option.force"))] = False,
) -> None:
    """Write hibiki.toml and .env.example from the answers."""
    from store.home import Home

    home = Home.resolve()
    ask = not yes and sys.stdin.isatty()
    if not _may_write(home.settings, ask, force):
        typer.echo(say("init.kept", file=home.settings))
        return
    if ask:
        typer.echo(say("init.hello"))
    answers = _answers(ask, brand, brand_id, alias, must_not, competitor, feed, bluesky, search)
    home.root.mkdir(parents=True, exist_ok=True)
    home.settings.write_text(settings_text(answers), encoding="utf-8")
    example = home.root / ".env.example"
    example.write_text(env_text(answers), encoding="utf-8")
    typer.echo(say("init.written", file=home.settings))
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
    search: bool | None,
) -> Answers:
    """Take the answers from the options, and ask for those that were not given."""

    def words(given: list[str] | None, question: str) -> tuple[str, ...]:
        if given is not None:
            return tuple(given)
        return split(typer.prompt(say(question), default="", show_default=False)) if ask else ()

    if not brand and not ask:
        raise UsageProblem(say("init.need_brand"))
    name = brand or typer.prompt(say("init.ask_brand")).strip()
    suggested = id_of(name)
    chosen = brand_id or (typer.prompt(say("init.ask_id"), default=suggested).strip() if ask else suggested)
    return Answers(
        brand=name,
        brand_id=chosen,
        aliases=words(alias, "init.ask_aliases"),
        must_not=words(must_not, "init.ask_must_not"),
        competitors=words(competitor, "init.ask_competitors"),
        feeds=words(feed, "init.ask_feeds"),
        bluesky=(bluesky if bluesky is not None or not ask else typer.prompt(say("init.ask_bluesky"), default="", show_default=False)) or None,
        search=search if search is not None else (ask and typer.confirm(say("init.ask_search"), default=False)),
    )
