"""`hibiki init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.errors import MonitorError, UsageProblem
from monitor.init import Answers, env_text, id_of, refusal, secrets_of, settings_text, split, split_urls
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Callable

    Complaint = Callable[[str], str | None]


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
    text = settings_text(answers)
    _settings_take(text, home.settings)
    home.root.mkdir(parents=True, exist_ok=True)
    home.settings.write_text(text, encoding="utf-8")
    example = home.root / ".env.example"
    typer.echo(say("init.written", file=home.settings))
    if force or not example.exists():
        example.write_text(env_text(answers), encoding="utf-8")
        typer.echo(say("init.written", file=example))
    if secrets_of(answers):
        typer.echo(say("init.next_secret", names=", ".join(secrets_of(answers))))
    typer.echo(say("init.next_source"))
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
    """Take the answers from the options, and ask for those that were not given; each is one that the settings take.

    Raises:
        UsageProblem: An option that the settings would refuse.
    """

    def words(given: list[str] | None, question: str) -> tuple[str, ...]:
        if given is not None:
            return split(*given)
        return split(_prompt(question)) if ask else ()

    def right(given: str | None, question: str, complaint: Complaint, default: str = "") -> str:
        answer = (given if given is not None else _prompt(question, default) if ask else default).strip()
        while problem := complaint(answer):
            if given is not None or not ask:
                raise UsageProblem(problem)
            typer.echo(problem)
            answer = _prompt(question, default)
        return answer

    if not (brand or "").strip() and not ask:
        raise UsageProblem(say("init.need_brand"))
    name = right((brand or "").strip() or None, "init.ask_brand", lambda said: None if said else say("init.no_name"))
    return Answers(
        brand=name,
        brand_id=right(brand_id, "init.ask_id", lambda said: _no_id(said, name), id_of(name)),
        aliases=words(alias, "init.ask_aliases"),
        must_not=words(must_not, "init.ask_must_not"),
        competitors=words(competitor, "init.ask_competitors"),
        feeds=_feeds(ask, feed),
        bluesky=(handle := right(bluesky, "init.ask_bluesky", lambda _: None)) or None,
        searcher=_searcher(ask, searcher, handle),
    )


def _prompt(question: str, default: str = "") -> str:
    return str(typer.prompt(say(question), default=default, show_default=bool(default))).strip()


def _no_id(answer: str, name: str) -> str | None:
    """Say why ``answer`` can be no id, and suggest one."""
    from collectors.base import Name

    wrong = refusal(answer, Name)
    near = id_of(answer)
    return say("init.bad_id", value=answer, right=wrong, near=near if near != "brand1" else id_of(name)) if wrong else None


def _feeds(ask: bool, given: list[str] | None) -> tuple[str, ...]:
    """Return the URLs of the feeds; asked for again until all of them are URLs.

    Raises:
        UsageProblem: An option that is no URL.
    """
    from collectors.base import Url

    while True:
        urls = split_urls(*given) if given is not None else split_urls(_prompt("init.ask_feeds")) if ask else ()
        wrong = next(((url, problem) for url in urls if (problem := refusal(url, Url))), None)
        if wrong is None:
            return urls
        problem = say("init.bad_url", value=wrong[0], right=wrong[1])
        if given is not None:
            raise UsageProblem(problem)
        typer.echo(problem)


def _settings_take(text: str, file: Path) -> None:
    """Make sure that what is about to be written can be read again, whatever the answers held.

    Raises:
        UsageProblem: It cannot.
    """
    from monitor.problems import SettingsError
    from monitor.settings import parse

    try:
        parse(text, file)
    except SettingsError as error:
        raise UsageProblem(say("init.refused", problems=" / ".join(problem.text for problem in error.problems))) from error


def _searcher(ask: bool, given: str | None, handle: str) -> str | None:
    """Return the account that is to search Bluesky, if any; asked for only where somebody wants the search."""
    if given is not None or not ask:
        return (given or "").strip() or None
    if not typer.confirm(say("init.ask_search"), default=False):
        return None
    return str(typer.prompt(say("init.ask_searcher"), default=handle or None)).strip() or None
