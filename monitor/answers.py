"""From what a person types to the value of a setting, and why the settings would refuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError

from collectors.base import SourceSettings
from monitor.init import split, split_urls
from monitor.problems import right_of
from monitor.texts import say

_YES, _NO = ("y", "yes", "true", "はい", "1"), ("n", "no", "false", "いいえ", "0")


def value_of(kind: type[SourceSettings], key: str, typed: str) -> Any:
    """Return what ``typed`` means as the value of ``key``; the text itself where it means nothing there (the settings then say why)."""
    typed = typed.strip()
    wanted = _plain(kind.model_fields[key].annotation)
    if wanted is bool:
        return True if typed.lower() in _YES else False if typed.lower() in _NO else typed
    if wanted is int or wanted is Decimal or wanted is float:
        return _number(typed, wanted is int)
    if get_origin(wanted) is tuple:
        return list(split_urls(typed) if "://" in typed else split(typed))
    if get_origin(wanted) is dict:
        pairs = (part.partition("=") for part in split(typed))
        return {key.strip(): value.strip() for key, _, value in pairs}
    return typed


def is_flag(kind: type[SourceSettings], key: str) -> bool:
    """Tell whether ``key`` is true or false."""
    return _plain(kind.model_fields[key].annotation) is bool


def refused(kind: type[SourceSettings], table: Mapping[str, Any], key: str, hint: str = "") -> str | None:
    """Say why the settings would refuse the value that ``table`` has for ``key``; None where they take it, as far as it goes alone.

    ``hint`` is said instead of a pattern.
    """
    return next((right for place, right in wrong_in(kind, table, {key: hint}) if place == key), None)


def wrong_in(kind: type[SourceSettings], table: Mapping[str, Any], hints: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return what is wrong with a source: the key (empty where it is several together) and what would be right."""
    hints = hints or {}
    try:
        kind.model_validate(dict(table))
    except ValidationError as error:
        return [_wrong(kind, detail, hints) for detail in error.errors(include_url=False, include_input=False)]
    return []


def _wrong(kind: type[SourceSettings], detail: Any, hints: Mapping[str, str]) -> tuple[str, str]:
    key = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return key, say("source.unknown_key", known=", ".join(kind.model_fields))
    is_pattern = detail["type"] == "string_pattern_mismatch" and not str(detail["ctx"]["pattern"]).startswith("^https?:")
    return key, hints[key] if is_pattern and hints.get(key) else right_of(detail)


def _number(typed: str, whole: bool) -> Any:
    plain = typed.translate(str.maketrans("０１２３４５６７８９．", "0123456789.")).replace(",", "").removeprefix("$")
    if re.fullmatch(r"-?[0-9]{1,15}", plain):
        return int(plain)
    return Decimal(plain) if not whole and re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,10}", plain) else typed


def _plain(annotation: Any) -> Any:
    """Return the type that is meant: without None, without what is checked beside it."""
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return _plain(next(inner for inner in get_args(annotation) if inner is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _plain(get_args(annotation)[0])
    return annotation
