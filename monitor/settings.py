"""The settings: ``hibiki.toml`` and ``.env`` of a home, checked; each mistake is named with its place in the file."""

from __future__ import annotations

import os
import tomllib
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from monitor.problems import Problem, SettingsError, problems_of, source_problems, syntax_problem, unreadable
from monitor.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collectors.base import SourceSettings
    from store.home import Home

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(value: object) -> object:
    """Turn "15m" into a timedelta; leave what is one, refuse the rest."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and value[-1:] in _UNITS and value[:-1].strip().isdecimal() and int(value[:-1]) > 0:
        return timedelta(seconds=int(value[:-1]) * _UNITS[value[-1]])
    raise PydanticCustomError("duration", "a duration such as 15m")


def _name(value: str) -> str:
    if not 0 < len(value) <= 64 or not all(c.isalnum() or c in "-_" for c in value):
        raise PydanticCustomError("name", "letters, digits, - and _")
    return value


Duration = Annotated[timedelta, BeforeValidator(seconds_of)]
Text = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class General(_Table):
    """``[general]``: what holds for the whole home.

    ``refresh_days``: counts of posts younger than this are looked up again (0: never). ``since_days``: how far back the very
    first round of a source reaches. ``publish_every``: at most so often is a changed database published.
    """

    language: Literal["ja", "en"] = "ja"
    timezone: Literal["Asia/Tokyo"] = "Asia/Tokyo"
    keep_authors: bool = False
    refresh_days: int = Field(default=30, ge=0, le=365)
    since_days: int = Field(default=30, ge=1, le=3650)
    publish_every: Duration = timedelta(seconds=30)
    demo: bool = False


class Brand(_Table):
    """``[[brand]]``: a brand that is watched; ``aliases`` its other spellings, ``must_not`` words that mean something else."""

    id: str
    name: Text
    role: Literal["own", "competitor"] = "own"
    aliases: tuple[Text, ...] = ()
    must_not: tuple[Text, ...] = ()

    _id = field_validator("id")(_name)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name and its other spellings."""
        return (self.name, *self.aliases)


class Campaign(_Table):
    """``[[campaign]]``: something that the brand did from ``starts`` to ``ends`` (both days included, Asia/Tokyo)."""

    id: str
    brand: str
    name: Text
    starts: date
    ends: date
    tags: tuple[Text, ...] = ()

    _id = field_validator("id")(_name)


class Goal(_Table):
    """``[[goal]]``: the value that a measure of a brand should reach by ``due``. Rates and shares are fractions (0.05 is 5%)."""

    brand: str
    measure: Literal[
        "er_basic", "er_all", "views", "reactions", "posts", "mentions", "positive_share", "negative_share", "social_nps", "nps"
    ]
    target: float
    due: date | None = None


class Retention(_Table):
    """``[retention]``: for how many days things are kept; None (not written) keeps them for ever."""

    observations_days: int | None = Field(default=None, ge=30)
    mentions_days: int | None = Field(default=None, ge=30)
    runs_days: int | None = Field(default=400, ge=30)


class Dashboard(_Table):
    """``[dashboard]``: where `hibiki up` shows the dashboard."""

    port: int = Field(default=8501, ge=1024, le=65535)


class Settings(BaseModel):
    """All the settings of one home."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    general: General = General()
    brands: tuple[Brand, ...] = Field(default=(), alias="brand")
    sources: tuple[Any, ...] = Field(default=(), alias="source")
    campaigns: tuple[Campaign, ...] = Field(default=(), alias="campaign")
    goals: tuple[Goal, ...] = Field(default=(), alias="goal")
    retention: Retention = Retention()
    dashboard: Dashboard = Dashboard()

    def brand(self, brand: str) -> Brand:
        """Return the brand with the id ``brand`` (KeyError where there is none)."""
        for candidate in self.brands:
            if candidate.id == brand:
                return candidate
        raise KeyError(brand)


def load(home: Home) -> Settings:
    """Return the settings of ``home``, and put what its ``.env`` says into the environment where nothing is set.

    Raises:
        SettingsError: No file, not TOML, or values that cannot be; every mistake found, each with its place.
    """
    file = home.settings
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError([unreadable(file, error)]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError([Problem(say("settings.not_utf8", file=file.name, line=line))]) from error
    load_secrets(home.env)
    return parse(text, file)


def load_secrets(env: Path) -> None:
    """Put what the file ``env`` says into the environment; what is set there already wins."""
    from dotenv import dotenv_values

    if env.is_file():
        for name, value in dotenv_values(env).items():
            if value:
                os.environ.setdefault(name, value)


def parse(text: str, file: Path) -> Settings:
    """Return the settings that ``text`` says; ``file`` is named in the errors.

    Raises:
        SettingsError: As ``load``.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([syntax_problem(error, text, file)]) from error
    problems: list[Problem] = []
    sources = tuple(_sources(raw.get("source", []), text, file, problems))
    try:
        settings = Settings.model_validate({**raw, "source": sources})
    except ValidationError as error:
        problems.extend(problems_of(error, Settings, raw, text, file))
    else:
        problems.extend(_across(settings, raw, text, file))
    if problems:
        raise SettingsError(problems)
    return settings


def _sources(raw: object, text: str, file: Path, problems: list[Problem]) -> Iterator[SourceSettings]:
    """Yield each source that is right, as its own kind's settings type; put what is wrong into ``problems``."""
    from collectors.registry import KINDS

    if not isinstance(raw, list):
        problems.append(Problem.at(text, file, ("source",), say("right.table")))
        return
    for index, one in enumerate(raw):
        place = ("source", index)
        kind = one.get("kind") if isinstance(one, dict) else None
        if kind is None:
            problems.append(Problem.at(text, file, (*place, "kind"), say("right.unknown_kind", known=_listed(KINDS))))
        elif kind not in KINDS:
            problems.append(Problem.at(text, file, (*place, "kind"), say("right.unknown_kind", known=_listed(KINDS)), kind))
        else:
            settings_type = KINDS[kind].settings
            try:
                yield settings_type.model_validate(one)
            except ValidationError as error:
                problems.extend(source_problems(error, settings_type, one, index, text, file))


def _listed(names: object) -> str:
    return ", ".join(f'"{name}"' for name in names)  # type: ignore[attr-defined]


def _across(settings: Settings, raw: dict[str, Any], text: str, file: Path) -> Iterator[Problem]:
    """Yield what is wrong between the tables."""

    def wrong(key: tuple[str | int, ...], value: object, right: str, **values: object) -> Problem:
        return Problem.at(text, file, key, say(f"right.{right}", **values), value)

    brands = [brand.id for brand in settings.brands]
    if not brands:
        yield Problem.at(text, file, ("brand",), say("right.no_brand"))
    elif not any(brand.role == "own" for brand in settings.brands):
        yield wrong(("brand", 0, "role"), settings.brands[0].role, "no_own_brand")
    named = (
        ("brand", "id", "brand_twice", brands),
        ("source", "name", "source_twice", [source.name for source in settings.sources]),
        ("campaign", "id", "campaign_twice", [campaign.id for campaign in settings.campaigns]),
    )
    for table, key, right, names in named:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield wrong((table, index, key), name, right)
    for table, rows in (("source", settings.sources), ("campaign", settings.campaigns), ("goal", settings.goals)):
        for index, row in enumerate(rows):
            if brands and row.brand not in brands:
                yield wrong((table, index, "brand"), row.brand, "unknown_brand", known=_listed(brands))
    for index, campaign in enumerate(settings.campaigns):
        if campaign.ends < campaign.starts:
            yield wrong(("campaign", index, "ends"), campaign.ends, "ends_before", starts=campaign.starts)
