"""From an exception to what the user reads and the exit code; the one place that knows every room's errors."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from monitor.errors import FAILED, INTERRUPTED, NOTHING_YET, OK, OTHER_OWNER, SOURCE_FAILED, USAGE, MonitorError
from monitor.texts import language, say

# Typer keeps these two behind a private module; its public BadParameter stands on them.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
_ClickException: type[Exception] = _UsageError.__bases__[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """The lines for standard error, and the exit code."""

    lines: tuple[str, ...]
    code: int


def failure_of(error: Exception) -> Failure:
    """Return what to say about ``error``, and the code to end with."""
    if isinstance(error, MonitorError):
        return Failure(tuple(str(error).splitlines()), error.code)
    if isinstance(error, typer.Abort):
        return Failure((say("error.interrupted"),), INTERRUPTED)
    if type(error).__name__ == "NoArgsIsHelpError":
        return Failure(tuple(str(error).splitlines()), OK)  # who says nothing gets the help
    if isinstance(error, _ClickException):
        return Failure((_usage(error), say("error.usage_hint", command=_command_of(error))), USAGE)
    return _of_other_rooms(error)


def _of_other_rooms(error: Exception) -> Failure:
    from collectors.errors import SourceError
    from store.errors import NotPublished, OwnerRunning, StoreError

    line = " ".join((error.text(language()) if isinstance(error, StoreError) else str(error)).split())
    if isinstance(error, OwnerRunning):
        return Failure((line,), OTHER_OWNER)
    if isinstance(error, NotPublished):
        return Failure((line,), NOTHING_YET)
    if isinstance(error, StoreError):
        return Failure((line,), FAILED)
    if isinstance(error, SourceError):
        return Failure((line,), SOURCE_FAILED)
    if isinstance(error, OSError):
        return Failure((say("error.os", what=error.filename or type(error).__name__, reason=error.strerror or line),), FAILED)
    return Failure((say("error.unexpected", kind=type(error).__name__, reason=line),), FAILED)


def _command_of(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "hibiki"


def _usage(error: Exception) -> str:
    """Say in the language spoken how the command was called wrongly."""
    kind = type(error).__name__
    parameter = getattr(error, "param", None)
    name = str(getattr(error, "param_hint", None) or (parameter.get_error_hint() if parameter is not None else "")).strip("'")
    message = getattr(error, "message", str(error))
    if kind == "MissingParameter":
        return say("usage.missing", name=name)
    if kind == "NoSuchOption":
        return say("usage.no_option", name=getattr(error, "option_name", message))
    if isinstance(error, typer.BadParameter):
        return say("usage.bad_value", name=name, message=message)
    if "No such command" in message:
        return say("usage.no_command", name=message.partition("'")[2].partition("'")[0])
    return say("usage.other", message=message)
