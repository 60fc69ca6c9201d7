"""What a guide to a platform says: what is read, what to create where, what is asked for, what it costs, and what it cannot give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.language import say

Said = tuple[str, str]
"""A sentence in Japanese and in English."""


@dataclass(frozen=True, slots=True)
class Only:
    """Where something is needed: for ``own`` or ``mentions`` alone, where another key has a value, or where it has not (``otherwise``)."""

    what: str | None = None
    key: str | None = None
    value: str | bool | None = None
    otherwise: bool = False

    def holds(self, table: Mapping[str, Any]) -> bool:
        """Tell whether it is needed by a source with the settings ``table``."""
        right_what = self.what is None or table.get("what") == self.what
        return right_what and (self.key is None or (table.get(self.key) == self.value) != self.otherwise)


ALWAYS = Only()
OWN, MENTIONS = Only(what="own"), Only(what="mentions")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do before the source works."""

    text: Said
    only: Only = ALWAYS


@dataclass(frozen=True, slots=True)
class Ask:
    """A setting that is asked for: its ``key``, and whether it must be ``needed`` or may be left out.

    ``begin`` is suggested where the settings have no default of their own.
    """

    key: str
    question: Said
    needed: bool = False
    only: Only = ALWAYS
    begin: str | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: the setting that names its environment variable, what it is ``called``, and the name that is suggested.

    ``is_place``: the variable holds where a file is, which is no secret itself and may be seen while it is typed.
    """

    key: str
    called: Said
    variable: str
    needed: bool = True
    only: Only = ALWAYS
    is_place: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """One kind of source, for the person who sets it up. ``own`` and ``mentions`` say what is read; None where the platform gives none.

    ``permissions`` are the platform's own names of scopes and rights. ``examples`` are the keys of a ``[[source]]``, without kind, name and brand.
    """

    title: Said
    line: Said
    own: Said | None
    mentions: Said | None
    counts: Said
    steps: tuple[Step, ...]
    permissions: tuple[Said, ...]
    costs: Said
    limits: Said
    terms: Said
    cannot: Said
    asks: tuple[Ask, ...] = ()
    secrets: tuple[Secret, ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def deciding(self) -> set[str]:
        """The keys on which it depends what is to be done and asked: they are asked for first."""
        every = (*(one.only for one in self.steps), *(one.only for one in self.asks), *(one.only for one in self.secrets))
        return {only.key for only in every if only.key}

    @property
    def whats(self) -> tuple[str, ...]:
        """What a source of this kind can be: ``own``, ``mentions`` or both."""
        return (*(("own",) if self.own else ()), *(("mentions",) if self.mentions else ()))

    def steps_of(self, table: Mapping[str, Any]) -> Iterator[str]:
        """Yield the steps for a source with the settings ``table``, in the language that is spoken."""
        for step in self.steps:
            if step.only.holds(table):
                yield say(*step.text)
