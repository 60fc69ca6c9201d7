"""Mistakes in the settings, said so that a person can mend them: file, line, key, the bad value, and what would be right."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.errors import SETTINGS, MonitorError
from monitor.texts import CATALOGUE, say
from monitor.tomlplace import Path as Place
from monitor.tomlplace import line_of, syntax_line

_SECRET_WORDS = ("password", "token", "secret", "api_key", "app_password")
# pydantic's many error types, where several are mended in the same way
_FAMILIES = {
    "string_type": "string",
    "int_type": "int",
    "int_parsing": "int",
    "int_from_float": "int",
    "float_type": "float",
    "float_parsing": "float",
    "bool_type": "bool",
    "bool_parsing": "bool",
    "tuple_type": "list",
    "list_type": "list",
    "set_type": "list",
    "frozen_set_type": "list",
    "model_type": "table",
    "model_attributes_type": "table",
    "dict_type": "table",
    "date_type": "date",
    "date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
    "url_parsing": "url",
    "url_scheme": "url",
    "url_type": "url",
    "string_pattern_mismatch": "pattern",
    "time_delta_parsing": "duration",
    "time_delta_type": "duration",
    "enum": "literal_error",
    "too_short": "string_too_short",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``text`` is the whole line that the user reads."""

    text: str
    line: int | None = None
    key: str | None = None

    @classmethod
    def at(cls, toml: str, file: Path, place: Place, right: str, value: object = None) -> Problem:
        """Return the problem of the ``value`` at ``place`` in the text ``toml``; ``right`` says what would be right."""
        line = line_of(toml, place)
        key = key_of(place)
        where = say("settings.place", file=file.name, line=line) if line else say("settings.place_unknown", file=file.name)
        if value is None or _is_secret(place):
            return cls(where + say("settings.without_value", key=key, right=right), line, key)
        return cls(where + say("settings.with_value", key=key, value=_shown(value), right=right), line, key)


class SettingsError(MonitorError):
    """The settings say something wrong; ``problems`` lists every mistake that was found."""

    code = SETTINGS

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text for problem in problems))


def key_of(place: Place) -> str:
    """Write a place as a person does: ``("source", 1, "every")`` is ``[[source]] #2 every``."""
    words: list[str] = []
    for at, part in enumerate(place):
        if isinstance(part, int):
            if at == 1:
                words[-1] = f"[[{words[-1]}]] #{part + 1}"
            else:
                words[-1] += f"[{part}]"
        else:
            words.append(part)
    if len(words) == 2 and not words[0].startswith("[["):
        words[0] = f"[{words[0]}]"
    return " ".join(words)


def _is_secret(place: Place) -> bool:
    """Tell whether the value at ``place`` may be a secret. One ending in "_env" should be a mere name, but is wrong here: it may be one."""
    last = next((part for part in reversed(place) if isinstance(part, str)), "")
    return any(word in last.lower() for word in _SECRET_WORDS)


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def unreadable(file: Path, error: OSError) -> Problem:
    """Return the problem of a settings file that is not there or cannot be read."""
    if isinstance(error, FileNotFoundError):
        return Problem(say("settings.absent", file=file))
    return Problem(say("settings.unreadable", file=file, reason=error.strerror or error))


def syntax_problem(error: tomllib.TOMLDecodeError, text: str, file: Path) -> Problem:
    """Return the problem of a text that is not TOML."""
    line = syntax_line(error) or len(text.splitlines()) or 1
    right = say("settings.syntax", reason=str(error).partition(" (at")[0])
    return Problem(say("settings.place", file=file.name, line=line) + right, line)


def problems_of(error: ValidationError, model: type[BaseModel], raw: dict[str, Any], text: str, file: Path) -> Iterator[Problem]:
    """Yield a problem for each mistake that pydantic found in the file's tables."""
    for detail in error.errors(include_url=False):
        yield _problem(detail, tuple(detail["loc"]), model, raw, text, file)


def source_problems(
    error: ValidationError, model: type[BaseModel], raw: dict[str, Any], index: int, text: str, file: Path
) -> Iterator[Problem]:
    """Yield a problem for each mistake that pydantic found in the source number ``index`` (from 0)."""
    for detail in error.errors(include_url=False):
        yield _problem(detail, ("source", index, *detail["loc"]), model, raw, text, file, skip=2)


def _problem(
    detail: ErrorDetails, place: Place, model: type[BaseModel], raw: dict[str, Any], text: str, file: Path, skip: int = 0
) -> Problem:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return Problem.at(text, file, place, _unknown_key(str(place[-1]), _known_keys(model, place[skip:-1])))
    # of what is missing, and of a whole table, there is no value that could be shown
    value = None if kind == "missing" or isinstance(detail["input"], dict) else detail["input"]
    return Problem.at(text, file, place, right_of(detail), value)


def right_of(detail: ErrorDetails) -> str:
    """Say what would be right; where no sentence of ours fits, what the check itself said."""
    kind = detail["type"]
    values = dict(detail.get("ctx") or {})
    key = "right." + _FAMILIES.get(kind, kind)
    if str(values.get("pattern", "")).startswith("^https?"):
        key = "right.url"
    if key not in CATALOGUE:
        return detail["msg"].removeprefix("Value error, ")
    if "expected" in values:
        values["expected"] = str(values["expected"]).replace("'", '"').replace(" or ", ", ")
    return say(key, **values)


def _unknown_key(key: str, known: Sequence[str]) -> str:
    if any(word in key.lower() for word in _SECRET_WORDS):
        return say("right.secret_in_file")
    near = difflib.get_close_matches(key, known, n=1)
    if near:
        return say("right.extra_near", near=near[0])
    return say("right.extra_forbidden", known=", ".join(known))


def _known_keys(model: type[BaseModel], place: Place) -> list[str]:
    """Return the keys that may be written in the table at ``place`` of ``model``."""
    for part in place:
        if isinstance(part, int):
            continue
        inner = _inner(next((field for name, field in model.model_fields.items() if part in (name, field.alias)), None))
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _inner(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the model that a field (or the items of its tuple) holds."""
    annotation: Any = field.annotation if field else None
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
