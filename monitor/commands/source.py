"""`hibiki source`: add a source by being led through its platform, list the sources, take one out."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands.common import home_here, out, progress_bar, settings_of, sources_of, table_of
from monitor.errors import SourceFailed, UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.base import SourceSettings
    from monitor.commands.source_ask import Talk
    from store.home import Home


def add(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", show_default=False, help=say("option.source_kind"))] = None,
    name: Annotated[str | None, typer.Option("--name", help=say("option.source_name"))] = None,
    brand: Annotated[str | None, typer.Option("--brand", help=say("option.source_brand"))] = None,
    what: Annotated[str | None, typer.Option("--what", metavar="own|mentions", help=say("option.source_what"))] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=say("option.source_set"))] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("option.source_yes"))] = False,
    no_try: Annotated[bool, typer.Option("--no-try", help=say("option.source_no_try"))] = False,
) -> None:
    """Lead a person through one platform, write the source down, and try it."""
    from collectors.guides import GUIDES
    from collectors.registry import KINDS
    from monitor.commands.source_ask import Talk, choose_kind
    from monitor.envfile import held

    home = home_here()
    settings = settings_of(home)
    asks = not yes and sys.stdin.isatty()
    known = [one for one in GUIDES if one in KINDS]
    if kind is None and not asks:
        raise UsageProblem(say("source.need_kind", known=", ".join(known)))
    kind = kind or choose_kind()
    if kind not in known:
        raise UsageProblem(say("source.no_kind", value=kind, known=", ".join(known)))
    talk = Talk(kind, settings, held(home.env), _given(set_ or []), asks)
    talk.begin(name, brand, what)
    talk.first()
    if asks:
        talk.show()
    talk.rest()
    talk.ask_secrets()
    if asks and not _confirmed(talk):
        typer.echo(say("source.nothing"))
        return
    files = _Files(home)
    files.write(talk)
    if not no_try:
        _try_until_settled(talk, files)


def _given(pairs: Sequence[str]) -> dict[str, str]:
    given = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        key = key.strip()
        if not sign or key in ("name", "kind", "brand", "what"):
            # the pair is not repeated whole: somebody may have written a secret
            raise UsageProblem(say("source.bad_set", value=key[:30]))
        given[key] = value
    return given


def _confirmed(talk: Talk) -> bool:
    from monitor.sourcefile import table_text

    typer.echo("\n" + say("source.preview") + "\n")
    typer.echo(table_text(talk.table))
    return typer.confirm(say("source.confirm"), default=True)


class _Files:
    """The two files of a home that a new source changes, and how they were before."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._settings = home.settings.read_bytes()
        self._env = home.env.read_bytes() if home.env.is_file() else None
        self._mode = home.env.stat().st_mode & 0o777 if self._env is not None else 0o600

    def write(self, talk: Talk, instead_of: str | None = None) -> None:
        """Write the source down, and its secrets before it; each file whole or not at all.

        Raises:
            MonitorError: Nothing can be put into one of them. Neither was touched then.
            SettingsError: What would be written is not right.
        """
        from monitor.envfile import put, replace, with_values
        from monitor.settings import parse
        from monitor.sourcefile import with_source, without_source

        text = self.home.settings.read_bytes().decode("utf-8")
        mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
        new = with_source(without_source(text, instead_of) if instead_of else text, talk.table)
        parse(new, self.home.settings)
        if talk.secrets:
            with_values(self.home.env.read_text(encoding="utf-8") if self.home.env.is_file() else "", talk.secrets)
            put(self.home.env, talk.secrets)
            typer.echo(say("source.env_written", file=self.home.env.name, names=", ".join(talk.secrets)))
        replace(self.home.settings, mark + new)
        typer.echo(say("source.written", file=self.home.settings.name, name=talk.table["name"]))

    def take_back(self, name: str) -> None:
        """Take the source ``name`` out again, and give ``.env`` what it held."""
        from monitor.envfile import replace

        _take_out(self.home, name)
        if self._env is None:
            self.home.env.unlink(missing_ok=True)
        else:
            replace(self.home.env, self._env.decode("utf-8"), self._mode)


def _try_until_settled(talk: Talk, files: _Files) -> None:
    """Try the source; where it fails and somebody is there, let them mend it, leave it or take it back.

    Raises:
        SourceFailed: It is left as it is, and cannot be read.
    """
    from monitor.commands.source_ask import one_of, prompt

    while True:
        name = str(talk.table["name"])
        if _try(files.home, name):
            typer.echo(say("source.works"))
            return
        if not talk.asks:
            raise SourceFailed(say("source.left", name=name))
        typer.echo("\n" + say("source.fails") + "\n  " + say("source.fail_choices"))
        chosen = prompt(say("source.ask_choice"), "2", lambda typed: one_of(typed, ["1", "2", "3", "4"]))
        if chosen == "3":
            raise SourceFailed(say("source.left", name=name))
        if chosen == "4":
            files.take_back(name)
            typer.echo(say("source.taken_back"))
            return
        if chosen == "2":
            fixed = {key: talk.table[key] for key in ("name", "kind", "brand", "what")}
            secrets = {secret.key: talk.table[secret.key] for secret in talk.guide.secrets if secret.key in talk.table}
            talk.before, talk.table = talk.table, fixed
            talk.given = {}
            talk.first()
            talk.table |= {key: value for key, value in talk.before.items() if _is_unasked(talk, key)} | secrets
            talk.rest()
            talk.ask_secrets(again=True)
            files.write(talk, instead_of=name)


def _is_unasked(talk: Talk, key: str) -> bool:
    """Tell whether ``key`` is nothing that the guide asks for: it came from an option and stays."""
    return key not in talk.table and key not in {ask.key for ask in talk.guide.asks}


def _try(home: Home, name: str) -> bool:
    from monitor.commands.check import show_allowances, show_tried, try_sources
    from monitor.round import Round
    from monitor.settings import secrets
    from store.inbox import Inbox

    settings = settings_of(home)
    round_ = Round(home, settings, Inbox(home), secrets(home))
    with progress_bar() as progress:
        progress.add_task(say("source.trying", name=name), total=None)
        tried = asyncio.run(try_sources(round_, sources_of(settings, [name]), lambda _: None))
    show_tried(tried)
    show_allowances(round_)
    return all(one.well for one in tried)


def list_() -> None:
    """Show every source, and which secrets are missing."""
    from monitor.settings import secrets

    home = home_here()
    settings = settings_of(home)
    if not settings.sources:
        typer.echo(say("source.none"))
        return
    known = secrets(home)
    table = table_of(("source", "kind", "brand", "what", "when", "secrets"), ())
    for source in settings.sources:
        missing = [variable for variable in _variables(source) if not known.get(variable)]
        state = ", ".join(say("source.secret_missing", name=one) for one in missing) or ("✓" if _variables(source) else "-")
        table.add_row(source.name, source.kind, source.brand, source.what, _when(source), state)
    out().print(table)


def _when(source: SourceSettings) -> str:
    from monitor.document import duration

    return str(source.cron) if source.cron is not None else duration(source.every)


def _variables(source: SourceSettings) -> list[str]:
    """Return the environment variables from which ``source`` reads its secrets."""
    from collectors.guides import GUIDES

    guide, values = GUIDES.get(source.kind), source.model_dump()
    if guide is None:
        return []
    return [str(values[one.key]) for one in guide.secrets if one.only.holds(values) and values.get(one.key)]


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help=say("option.source_name"))],
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("option.source_remove_yes"))] = False,
) -> None:
    """Take a source out of hibiki.toml; what it collected stays."""
    from monitor.envfile import held

    home = home_here()
    settings = settings_of(home)
    source = sources_of(settings, [name])[0]
    if not yes:
        if not sys.stdin.isatty():
            raise UsageProblem(say("source.need_yes"))
        if not typer.confirm(say("source.confirm_remove", name=name), default=False):
            typer.echo(say("source.nothing"))
            return
    _take_out(home, name)
    typer.echo(say("source.removed", name=name))
    used = {variable for other in settings.sources if other.name != name for variable in _variables(other)}
    unused = [variable for variable in _variables(source) if variable not in used and variable in held(home.env)]
    if unused:
        typer.echo(say("source.unused", names=", ".join(unused)))


def _take_out(home: Home, name: str) -> None:
    from monitor.envfile import replace
    from monitor.sourcefile import without_source

    text = home.settings.read_bytes().decode("utf-8")
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    replace(home.settings, mark + without_source(text, name))
