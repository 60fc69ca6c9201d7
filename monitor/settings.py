"""The settings: ``hibiki.toml`` and ``.env`` of a home, checked; each mistake is named with its place in the file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from collectors.base import Duration, Name, QuietHours, SourceSettings, Text
from collectors.registry import KINDS
from collectors.tables import BadColumns, table_of
from monitor.problems import Problem, SettingsError, problems_of, source_problems, syntax_problem, unreadable
from monitor.texts import say

if TYPE_CHECKING:
    from pathlib import Path

    from collectors.layout import Export
    from store.home import Home


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class General(_Table):
    """``[general]``: what holds for the whole home."""

    language: Literal["ja", "en"] = Field(default="ja", description="ダッシュボードの言語")
    timezone: Literal["Asia/Tokyo"] = Field(default="Asia/Tokyo", description="日の区切り(いまは東京だけ)")
    keep_authors: bool = Field(default=False, description="ほかの人の ID と名前をそのまま残すか。false なら鍵つきのハッシュだけを残す")
    refresh_days: int = Field(default=30, ge=0, le=365, description="この日数より新しい投稿は、反応の数を取り直す(0 なら取り直さない)")
    recheck: Duration = Field(
        default=timedelta(days=1),
        description="規約が求める媒体で、本文を持っている投稿がまだあるかを、この間隔で確かめる(消えていれば、こちらの本文も消す)",
    )
    quiet: QuietHours | None = Field(
        default=None, description='どの情報源も読みに行かない時間帯(例: "23:00-06:00"。日本時間)。情報源ごとの quiet が優先'
    )
    since_days: int = Field(default=30, ge=1, le=3650, description="何日前までさかのぼって集めるか")
    publish_every: Duration = Field(default=timedelta(seconds=30), description="公開データベースを作り直す間隔(これより頻繁には作らない)")
    demo: bool = Field(default=False, description="デモのしるし(自分では書きません)")


class Brand(_Table):
    """``[[brand]]``: a brand that is watched."""

    id: Name = Field(description="短い名前(英数字と - _ がおすすめ)。ほかの表からはこれで指す")
    name: Text = Field(description="ブランドの名前")
    role: Literal["own", "competitor"] = Field(default="own", description="own = 自社、competitor = 競合")
    aliases: tuple[Text, ...] = Field(default=(), description="ほかの書き方")
    must_not: tuple[Text, ...] = Field(default=(), description="別のものを指す語。これを含む投稿は、このブランドの言及にしない")

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name and its other spellings."""
        return (self.name, *self.aliases)


class Campaign(_Table):
    """``[[campaign]]``: something that the brand did from ``starts`` to ``ends``, in days of Asia/Tokyo."""

    id: Name = Field(description="短い名前")
    brand: str = Field(description="どのブランドの施策か([[brand]] の id)")
    name: Text = Field(description="施策の名前")
    starts: date = Field(description="始まりの日")
    ends: date = Field(description="終わりの日(この日を含む)")
    tags: tuple[Text, ...] = Field(default=(), description="施策のハッシュタグ")


class Goal(_Table):
    """``[[goal]]``: the value that a measure of a brand should reach. Rates and shares are fractions (0.05 is 5%)."""

    brand: str = Field(description="どのブランドの目標か([[brand]] の id)")
    measure: Literal[
        "er_basic", "er_all", "views", "reactions", "posts", "mentions", "positive_share", "negative_share", "social_nps", "nps"
    ] = Field(description="何の目標か(er_basic = (いいね + コメント) ÷ 表示、er_all = それに共有と保存を足したもの)")
    target: float = Field(description="目標の値。率や割合は小数で(0.05 = 5%)")
    due: date | None = Field(default=None, description="いつまでに")


class UserTable(_Table):
    """``[[table]]``: a table of the user's own that `hibiki import` reads, by the names of its columns."""

    name: Name = Field(description="表の名前。`hibiki import --table 名前` で指す(書かなくても、列の名前が合えば見つかる)")
    kind: Literal["mentions", "kpis"] = Field(description="mentions = ほかの人の投稿や口コミ、kpis = 日ごとの数値")
    platform: Text = Field(default="import", description="mentions で、表に媒体の列がないときの媒体名")
    columns: dict[str, Text] = Field(
        description="項目 = 表の列の名前。mentions: time と text は必須、ほかに id, url, author, platform, title, stars, views, likes, comments, shares, "
        "saves。kpis: time と、name と value(1 行に 1 つの数値)か、好きな名前(1 行に 1 日、その名前の指標になる)"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        try:
            self.export()
        except BadColumns as error:
            raise PydanticCustomError("incomplete", "{text}", {"text": f"columns: {error}"}) from None
        return self

    def export(self) -> Export:
        """Return the kind of file that this table is."""
        return table_of(self.name, self.kind, self.columns, self.platform)


class Keep(_Table):
    """For how many days observations, and the texts of others' posts, are kept; None (not written) keeps them for ever."""

    observations_days: int | None = Field(default=None, ge=1, description="反応の記録を残す日数(最新の値と日ごとの合計は残ります)")
    mentions_days: int | None = Field(default=None, ge=1, description="ほかの人の投稿の本文を残す日数(数と評価は残ります)")


class Retention(Keep):
    """``[retention]``: how long things are kept; ``[retention.platform.youtube]`` says otherwise for one platform."""

    runs_days: int | None = Field(default=400, ge=1, description="収集の記録と、読めなかったものを残す日数")
    platform: dict[str, Keep] = Field(default_factory=dict, description="媒体ごとの日数([retention.platform.youtube] のように書く)")


class Dashboard(_Table):
    """``[dashboard]``: where `hibiki up` shows the dashboard."""

    port: int = Field(default=8501, ge=1024, le=65535, description="ダッシュボードのポート(使用中なら次の空きを使う)")


class Settings(BaseModel):
    """All the settings of one home."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    general: General = General()
    brands: tuple[Brand, ...] = Field(default=(), alias="brand")
    sources: tuple[SerializeAsAny[SourceSettings], ...] = Field(default=(), alias="source")
    campaigns: tuple[Campaign, ...] = Field(default=(), alias="campaign")
    goals: tuple[Goal, ...] = Field(default=(), alias="goal")
    tables: tuple[UserTable, ...] = Field(default=(), alias="table")
    retention: Retention = Retention()
    dashboard: Dashboard = Dashboard()

    def brand(self, brand: str) -> Brand:
        """Return the brand with the id ``brand`` (KeyError where there is none)."""
        for candidate in self.brands:
            if candidate.id == brand:
                return candidate
        raise KeyError(brand)


def load(home: Home) -> Settings:
    """Return the settings of ``home``.

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
    return parse(text, file)


def secrets(home: Home) -> Mapping[str, str]:
    """Return the environment, and what the home's ``.env`` adds to it; what is set in the environment wins."""
    from dotenv import dotenv_values

    told = dotenv_values(home.env) if home.env.is_file() else {}
    return {**{name: value for name, value in told.items() if value}, **os.environ}


def parse(text: str, file: Path) -> Settings:
    """Return the settings that ``text`` says; ``file`` is named in the errors.

    Raises:
        SettingsError: As ``load``.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([syntax_problem(error, text, file)]) from error
    problems = list(_shapes(raw, text, file))
    misshapen = bool(problems)
    sources = tuple(_sources(raw.get("source", []), text, file, problems))
    try:
        settings = Settings.model_validate({**raw, "source": sources})
    except ValidationError as error:
        problems.extend(problems_of(error, Settings, raw, text, file))
    else:
        problems.extend(() if misshapen else _across(settings, raw, text, file))
    if problems:
        raise SettingsError(sorted(problems, key=lambda problem: problem.line or 0))
    return settings


def _shapes(raw: dict[str, Any], text: str, file: Path) -> Iterator[Problem]:
    """Yield a problem for each table that is written in the other way, [brand] for [[brand]], and take it out of ``raw``."""
    for name, field in Settings.model_fields.items():
        key, value = field.alias or name, raw.get(field.alias or name)
        many = isinstance(value, list) and all(isinstance(one, dict) for one in value)
        if value is None or (many if field.alias else isinstance(value, dict)):
            continue
        del raw[key]
        if field.alias:
            yield Problem.at(text, file, (key,), say("right.tables", key=key))
        else:
            yield Problem.at(text, file, (key, 0) if many else (key,), say("right.one_table", key=key))


def _sources(raw: list[dict[str, Any]], text: str, file: Path, problems: list[Problem]) -> Iterator[SourceSettings]:
    """Yield each source that is right, as its own kind's settings type; put what is wrong into ``problems``."""
    for index, one in enumerate(raw):
        place = ("source", index)
        kind = one.get("kind")
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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


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
        ("table", "name", "table_twice", [table.name for table in settings.tables]),
    )
    for table, key, right, names in named:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield wrong((table, index, key), name, right)
    of_brands = (
        ("source", [source.brand for source in settings.sources]),
        ("campaign", [campaign.brand for campaign in settings.campaigns]),
        ("goal", [goal.brand for goal in settings.goals]),
    )
    for table, named_brands in of_brands:
        for index, brand in enumerate(named_brands):
            if brands and brand not in brands:
                yield wrong((table, index, "brand"), brand, "unknown_brand", known=_listed(brands))
    for index, campaign in enumerate(settings.campaigns):
        if campaign.ends < campaign.starts:
            yield wrong(("campaign", index, "ends"), campaign.ends, "ends_before", starts=campaign.starts)
