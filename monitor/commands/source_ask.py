"""The talk of `hibiki source add`: shows a guide, asks for settings and secrets, and takes only what the settings would take."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from collectors.guides import GUIDES, Ask, Guide, Said, Secret
from collectors.language import say as either
from collectors.registry import KINDS
from monitor.answers import is_flag, refused, value_of, wrong_in
from monitor.commands.common import folded, out
from monitor.errors import UsageProblem
from monitor.texts import say

if TYPE_CHECKING:
    from monitor.settings import Settings


@dataclass(slots=True)
class Talk:
    """One source in the making. ``asks``: whether somebody is there to be asked; ``given`` are the settings that options gave.

    ``table`` are the settings as they grow, ``secrets`` what is to be written into ``.env``; ``held`` is what it holds already.
    """

    kind: str
    settings: Settings
    held: dict[str, str]
    given: dict[str, str]
    asks: bool
    table: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    before: dict[str, Any] = field(default_factory=dict)
    """What was answered the last time, suggested again."""

    @property
    def guide(self) -> Guide:
        """The kind's guide."""
        return GUIDES[self.kind]

    def begin(self, name: str | None, brand: str | None, what: str | None) -> None:
        """Take what every source has, in the order in which it is written down.

        Raises:
            UsageProblem: An option that cannot be, or one that is missing where nobody can be asked.
        """
        model = KINDS[self.kind].settings
        for key in self.given:
            if key not in model.model_fields:
                raise UsageProblem(f"{key}: " + say("source.unknown_key", known=", ".join(model.model_fields)))
        self.table = {"name": "", "kind": self.kind, "brand": self._brand(brand), "what": self._what(what)}
        self.table["name"] = self._name(name)
        for key, typed in self.given.items():
            self.table[key] = value_of(model, key, typed)
        for place, right in wrong_in(model, self.table):
            if place in self.given:
                raise UsageProblem(f"{place}: {right}")

    def _what(self, given: str | None) -> str:
        whats = self.guide.whats
        if given is not None:
            if given not in whats:
                raise UsageProblem(say("source.bad_what", known=", ".join(whats)))
            return given
        if len(whats) == 1 or not self.asks:
            return str(self.before.get("what") or whats[0])
        typer.echo("")
        for number, one in enumerate(whats, 1):
            text = either(*(self.guide.own or ("", "")) if one == "own" else (self.guide.mentions or ("", "")))
            typer.echo(f" {number}  " + say(f"source.what.{one}", reads=text))
        default = whats.index(self.before["what"]) + 1 if self.before.get("what") in whats else 1
        chosen = prompt(say("source.ask_what"), str(default), lambda typed: one_of(typed, ["1", "2", *whats]))
        return whats[int(chosen) - 1] if chosen.isdigit() else chosen

    def _brand(self, given: str | None) -> str:
        brands = [brand.id for brand in self.settings.brands]
        own = [brand.id for brand in self.settings.brands if brand.role == "own"]
        if given is not None:
            if given not in brands:
                raise UsageProblem(say("usage.no_brand", name=given, known=", ".join(brands)))
            return given
        if len(brands) == 1 or (not self.asks and len(own) == 1):
            return own[0]
        if not self.asks:
            raise UsageProblem(say("usage.which_brand", known=", ".join(brands)))
        default = str(self.before.get("brand") or own[0])
        return prompt(say("source.ask_brand", known=", ".join(brands)), default, lambda typed: one_of(typed, brands))

    def _name(self, given: str | None) -> str:
        from collectors.base import Name
        from monitor.init import refusal

        taken = {source.name for source in self.settings.sources}
        stem = f"{self.kind}-{self.table['what']}" if len(self.guide.whats) > 1 else self.kind
        free = next(name for name in (stem, *(f"{stem}{number}" for number in range(2, 1000))) if name not in taken)

        def complaint(typed: str) -> str | None:
            if typed in taken:
                return say("source.taken", value=typed)
            wrong = refusal(typed, Name)
            return say("source.refused", value=typed, right=wrong) if wrong else None

        if given is not None or not self.asks:
            name = given if given is not None else free
            if problem := complaint(name):
                raise UsageProblem(problem)
            return name
        return prompt(say("source.ask_name"), str(self.before.get("name") or free), complaint)

    def show(self) -> None:
        """Say what the platform gives and wants, and what to prepare, in numbered steps."""
        guide, what = self.guide, self.table["what"]
        reads = guide.own if what == "own" else guide.mentions
        facts: Sequence[tuple[str, Said | None]] = (
            ("reads", reads), ("counts", guide.counts), ("cannot", guide.cannot), ("costs", guide.costs), ("limits", guide.limits),
            ("terms", guide.terms),
        )  # fmt: skip
        typer.echo("")
        paragraphs([(say(f"source.{name}"), either(*said)) for name, said in facts if said])
        typer.echo("\n" + say("source.steps"))
        paragraphs([(str(number), text) for number, text in enumerate(guide.steps_of(self.table), 1)])
        paragraphs([(say("source.permissions"), " / ".join(either(*one) for one in guide.permissions))])
        typer.echo("")
        typer.prompt(say("source.ready"), default="", show_default=False, prompt_suffix=" ")

    def first(self) -> None:
        """Ask for what decides which steps there are."""
        deciding = self.guide.deciding
        for ask in self.guide.asks:
            if ask.key in deciding and ask.only.holds(self.table):
                self._ask(ask)
                self.table.setdefault(ask.key, KINDS[self.kind].settings.model_fields[ask.key].default)

    def rest(self) -> None:
        """Ask for all other settings, until the settings take them together.

        Raises:
            UsageProblem: They do not, and nobody can be asked.
        """
        given = dict(self.table)
        while True:
            for ask in self.guide.asks:
                if ask.only.holds(self.table) and ask.key not in given:
                    self._ask(ask)
            wrong = wrong_in(KINDS[self.kind].settings, {**self._variables(), **self.table})
            if not wrong:
                return
            problem = say("source.refused_whole", right=" / ".join(f"{key}: {right}" if key else right for key, right in wrong))
            if not self.asks:
                raise UsageProblem(problem)
            typer.echo(problem)
            self.before, self.table = self.table, given.copy()

    def _variables(self) -> dict[str, str]:
        """Return the variables that will be named for the secrets, which are asked for last."""
        return {secret.key: secret.variable for secret in self.guide.secrets if secret.needed and secret.only.holds(self.table)}

    def _ask(self, ask: Ask) -> None:
        model, key = KINDS[self.kind].settings, ask.key
        if key in self.table:
            return
        default = self.before.get(key, model.model_fields[key].default if not model.model_fields[key].is_required() else None)
        if not self.asks:
            if ask.needed and model.model_fields[key].is_required():
                raise UsageProblem(say("source.missing", key=key, question=either(*ask.question)))
            return
        shown = typed_of(default)

        def complaint(typed: str) -> str | None:
            if not typed:
                return say("source.need") if ask.needed else None
            wrong = refused(model, {**self.table, key: value_of(model, key, typed)}, key, either(*ask.question))
            return say("source.refused", value=typed, right=wrong) if wrong else None

        question = either(*ask.question) + (" " + say("source.yes_no") if is_flag(model, key) else "")
        typed = prompt(question, shown, complaint)
        if typed and (typed != shown or key in self.before):
            self.table[key] = value_of(model, key, typed)

    # --- secrets

    def ask_secrets(self, again: bool = False) -> None:
        """Ask for each secret that the source needs and nobody gave yet; ``again``: also for those that are there."""
        for secret in self.guide.secrets:
            if secret.only.holds(self.table):
                self._secret(secret, again)

    def _secret(self, secret: Secret, again: bool) -> None:
        field_ = KINDS[self.kind].settings.model_fields[secret.key]
        variable = str(self.table.get(secret.key) or field_.default or secret.variable)
        known, called = {**self.held, **self.secrets}, either(*secret.called)
        ready = variable in os.environ or variable in known
        if not self.asks:
            if ready or secret.needed:
                self._use(secret, variable, str(field_.default or ""))
            return
        if ready:
            ours = variable not in os.environ
            typer.echo(say("source.held" if ours else "source.from_environment", called=called, variable=variable))
            if not ours and not again:
                self._use(secret, variable, str(field_.default or ""))
                return
            typer.echo("  " + say("source.held_choices"))
            chosen = prompt(say("source.ask_choice"), "2" if again and ours else "1", lambda typed: one_of(typed, ["1", "2", "3"]))
            if chosen == "1" or (chosen == "2" and not ours):
                self._use(secret, variable, str(field_.default or ""))
                return
            if chosen == "3":
                variable = prompt(say("source.ask_variable"), f"{variable}_2", lambda typed: self._bad_variable(secret, typed))
        value = self._typed(secret, called, variable)
        if value:
            self.secrets[variable] = value
        elif secret.needed:
            typer.echo("  " + say("source.later", variable=variable))
        if value or secret.needed:
            self._use(secret, variable, str(field_.default or ""))

    def _bad_variable(self, secret: Secret, typed: str) -> str | None:
        wrong = refused(KINDS[self.kind].settings, {**self.table, secret.key: typed}, secret.key)
        if typed in {**self.held, **os.environ}:
            return say("source.taken_variable", name=typed)
        return say("source.refused", value="", right=wrong) if wrong else None

    def _use(self, secret: Secret, variable: str, usual: str) -> None:
        if variable != usual:
            self.table[secret.key] = variable

    @staticmethod
    def _typed(secret: Secret, called: str, variable: str) -> str:
        """Return the secret that was typed, hidden; of a file, where it is, from the root."""
        if not secret.is_place:
            question = say("source.secret", called=called, variable=variable)
            return str(typer.prompt(question, default="", show_default=False, hide_input=True)).strip()

        def complaint(typed: str) -> str | None:
            return say("source.no_file", value=typed) if typed and not Path(typed).expanduser().is_file() else None

        place = prompt(say("source.place", called=called, variable=variable), "", complaint)
        return str(Path(place).expanduser().resolve()) if place else ""


def prompt(question: str, default: str, complaint: Callable[[str], str | None]) -> str:
    """Ask until ``complaint`` has none; Enter takes ``default``."""
    while True:
        typed = str(typer.prompt(question, default=default, show_default=bool(default))).strip()
        problem = complaint(typed)
        if problem is None:
            return typed
        typer.echo("  " + problem)


def one_of(typed: str, known: Sequence[str]) -> str | None:
    """Say that ``typed`` is none of ``known``; None where it is one."""
    return None if typed in known else say("source.bad_choice", known=", ".join(known))


def choose_kind() -> str:
    """Show every kind with a line about it, and ask for one."""
    kinds = [kind for kind in GUIDES if kind in KINDS]
    typer.echo(say("source.choose"))
    paragraphs([(str(number), f"{kind}: {either(*GUIDES[kind].line)}") for number, kind in enumerate(kinds, 1)])
    numbers = [str(number) for number in range(1, len(kinds) + 1)]

    def complaint(typed: str) -> str | None:
        return None if typed in (*numbers, *kinds) else say("source.no_kind", value=typed, known=", ".join(kinds))

    chosen = prompt(say("source.ask_kind"), "", complaint)
    return kinds[int(chosen) - 1] if chosen in numbers else chosen


def typed_of(value: Any) -> str:
    """Return a value as a person would type it."""
    if isinstance(value, bool):
        return "y" if value else "n"
    if value is None or value == () or value == {}:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def paragraphs(lines: Sequence[tuple[str, str]]) -> None:
    """Write lines that begin with a word or number, the text beside it, set in where it goes on below."""
    from rich.cells import cell_len

    margin = max(cell_len(word) for word, _ in lines) + 3
    width = out().width - 1
    for word, text in lines:
        first, *more = folded(text, max(20, width - margin))
        typer.echo(f" {word}{' ' * (margin - 1 - cell_len(word))}{first}")
        for line in more:
            typer.echo(" " * margin + line)
