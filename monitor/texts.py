"""Every sentence that the command line says, in Japanese and in English.

``say("key", name=value)`` gives the sentence in the language that was chosen by ``--lang``, by ``HIBIKI_LANG``, or else Japanese.
The catalogues themselves are plain dictionaries: key -> (Japanese, English).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

from monitor.texts_help import HELP
from monitor.texts_init import INIT
from monitor.texts_label import LABEL
from monitor.texts_say import SAY
from monitor.texts_settings import SETTINGS
from monitor.texts_source import SOURCE

Language = Literal["ja", "en"]
Catalogue = dict[str, tuple[str, str]]

CATALOGUE: Catalogue = {**SAY, **SETTINGS, **INIT, **SOURCE, **LABEL, **HELP}

_language: Language = "ja"


def set_language(language: str) -> None:
    """Speak ``language`` ("ja" or "en") from now on.

    Raises:
        ValueError: The language is neither.
    """
    global _language
    if language not in ("ja", "en"):
        raise ValueError(language)
    _language = "en" if language == "en" else "ja"


def language() -> Language:
    """Return the language that is spoken now."""
    return _language


def language_asked(arguments: Sequence[str]) -> str | None:
    """Return what ``--lang`` (or else ``HIBIKI_LANG``) asks for; None where nobody asked.

    Read before the commands are built, because their help is made of these sentences too.
    """
    for at, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("HIBIKI_LANG") or None


def say(key: str, /, **values: object) -> str:
    """Return the sentence ``key`` in the language spoken, with ``values`` put in.

    Raises:
        KeyError: There is no such sentence (a mistake of ours, which the tests find).
    """
    sentence = CATALOGUE[key][1 if _language == "en" else 0]
    return sentence.format(**values) if values else sentence
