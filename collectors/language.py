"""The language of what collectors tell the user: Japanese unless told otherwise.

A sentence is written in both languages where it is said, so that a platform stays one file.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Literal

Language = Literal["ja", "en"]

_language: ContextVar[Language] = ContextVar("collectors_language", default="ja")


def speak(language: Language) -> None:
    """Say things in ``language`` from here on (in this context and the tasks that are started from it)."""
    _language.set(language)


def say(ja: str, en: str) -> str:
    """Return the sentence in the language that is spoken."""
    return en if _language.get() == "en" else ja


def thousands(count: int | None) -> str:
    """Return ``count`` as people read it; "?" where it is not known."""
    return "?" if count is None else f"{count:,}"
