"""The ``hibiki`` command: builds the commands, runs one, and turns what went wrong into one clear line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.commands import check, collect, demo, imports, init, keep, label, score, source, sql, status, train, up
from monitor.errors import INTERRUPTED
from monitor.failures import failure_of
from monitor.texts import language_asked, say, set_language

# In the order of the help; each with its function.
COMMANDS: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("init", "start", init.init),
    ("check", "start", check.check),
    ("up", "start", up.up),
    ("demo", "start", demo.demo),
    ("collect", "gather", collect.collect),
    ("run", "gather", collect.run),
    ("import", "gather", imports.import_files),
    ("status", "look", status.status),
    ("sql", "look", sql.sql),
    ("score", "look", score.score),
    ("label", "look", label.label),
    ("train", "look", train.train),
    ("backup", "keep", keep.backup),
    ("restore", "keep", keep.restore),
    ("compact", "keep", keep.compact),
    ("forget", "keep", keep.forget),
)
# Commands that have commands of their own.
GROUPS: tuple[tuple[str, str, tuple[tuple[str, Callable[..., Any]], ...]], ...] = (
    ("source", "start", (("add", source.add), ("list", source.list_), ("remove", source.remove))),
)
_EVERYWHERE = {"--home": 1, "--lang": 1, "--debug": 0}


def build() -> Any:
    """Return the command with all its sub-commands, the help in the language that is spoken now."""
    app = typer.Typer(
        name="hibiki",
        help=say("help.hibiki"),
        epilog=say("help.codes"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_everywhere)
    for name, panel, function in COMMANDS:
        app.command(name, help=_help_of(name), rich_help_panel=say(f"panel.{panel}"))(function)
    for name, panel, functions in GROUPS:
        group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", context_settings={"help_option_names": ["--help", "-h"]})
        for inner, function in functions:
            group.command(inner, help=_help_of(f"{name}_{inner}"))(function)
        app.add_typer(group, name=name, help=_help_of(name), rich_help_panel=say(f"panel.{panel}"))
    command = typer.main.get_command(app)
    _own_help(command)
    return command


def _help_of(name: str) -> str:
    return f"{say(f'help.{name}')}\n\n\b\n[dim]{say('help.example')}[/dim] {say(f'example.{name}')}"


def _own_help(command: Any) -> None:
    """Let the ``--help`` of ``command``, and of all below it, speak our language; Typer has no setting for it."""
    for inner in getattr(command, "commands", {}).values():
        _own_help(inner)
    given = command.get_help_option

    def get_help_option(context: Any) -> Any:
        option = given(context)
        if option is not None:
            option.help = say("help.help")
        return option

    command.get_help_option = get_help_option


def _version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"hibiki {version('hibiki')}")
        except PackageNotFoundError:
            typer.echo("hibiki")
        raise typer.Exit


def _everywhere(
    home: Annotated[Path | None, typer.Option("--home", metavar="DIR", help=say("help.home"))] = None,
    lang: Annotated[str | None, typer.Option("--lang", metavar="ja|en", help=say("help.lang"))] = None,
    debug: Annotated[bool, typer.Option("--debug", help=say("help.debug"))] = False,
    show_version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help=say("help.version"))] = False,
) -> None:
    if home is not None:
        os.environ["HIBIKI_HOME"] = str(home)


def _to_the_front(arguments: Sequence[str]) -> list[str]:
    """Move the options that hold everywhere before the command, so that a person may write them anywhere."""
    front: list[str] = []
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        name = word.partition("=")[0]
        if word == "--":
            rest += [word, *words]
            break
        if name in _EVERYWHERE:
            front.append(word)
            if "=" not in word:
                front += words[: _EVERYWHERE[name]]
                words = words[_EVERYWHERE[name] :]
        else:
            rest.append(word)
    return front + rest


def _dress() -> None:
    """Put our words where Typer's help has its own."""
    import typer.rich_utils as look

    look.OPTIONS_PANEL_TITLE = say("panel.options")
    look.ARGUMENTS_PANEL_TITLE = say("panel.arguments")
    look.COMMANDS_PANEL_TITLE = say("panel.commands")
    look.REQUIRED_LONG_STRING = say("panel.required")
    look.DEFAULT_STRING = say("panel.default")


def run(arguments: Sequence[str]) -> int:
    """Run one ``hibiki`` command and return its exit code (see ``monitor.errors``); what went wrong is on standard error."""
    debug = "--debug" in arguments
    try:
        set_language(language_asked(arguments) or "ja")
    except ValueError as error:
        typer.echo(say("error.language", value=str(error)), err=True)
        return 2
    _dress()
    try:
        answer = build().main(_to_the_front(arguments), prog_name="hibiki", standalone_mode=False)
    except Exception as error:  # the outermost door: everything becomes a line and a code, nothing is lost with --debug
        if debug:
            raise
        failure = failure_of(error)
        for line in failure.lines:
            typer.echo(line, err=True)
        return failure.code
    except KeyboardInterrupt:
        answer = INTERRUPTED
    if answer == INTERRUPTED:  # Typer makes an exit of Ctrl-C, and says nothing
        typer.echo(say("error.interrupted"), err=True)
    return answer if isinstance(answer, int) else 0


def main() -> None:
    """Be the ``hibiki`` command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
