"""What every source's settings say, and how their values are written: durations, budgets, hours, names of variables."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.language import say
from collectors.limits import Budget
from collectors.timing import Cron, Quiet

What = Literal["own", "mentions"]
_ENV_NAME = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and value[-1:] in _SECONDS and value[:-1].strip().isdecimal() and 0 < int(value[:-1]) <= 10**8:
        return timedelta(seconds=int(value[:-1]) * _SECONDS[value[-1]])
    raise PydanticCustomError("duration", "a duration such as 15m")


def _budget(value: object) -> object:
    if value is None or isinstance(value, Budget):
        return value
    try:
        return Budget.parse(str(value))
    except ValueError:
        text = say('「回数/時間」で書いてください(例: "300/5m")', 'must be requests per time, such as "300/5m"')
        raise PydanticCustomError("budget", "{text}", {"text": text}) from None


def _cron(value: object) -> object:
    if value is None or isinstance(value, Cron):
        return value
    try:
        return Cron.parse(str(value))
    except ValueError:
        text = say(
            '「分 時 日 月 曜日」の 5 つで書いてください(例: "0 9-18 * * 1-5" は平日の 9 時から 18 時の毎正時。日本時間)',
            'must be "minute hour day month weekday", such as "0 9-18 * * 1-5" (Japan time), and a time that comes',
        )
        raise PydanticCustomError("cron", "{text}", {"text": text}) from None


def _quiet(value: object) -> object:
    if value is None or isinstance(value, Quiet):
        return value
    try:
        return Quiet.parse(str(value))
    except ValueError:
        text = say(
            '「始まり-終わり」で書いてください(例: "23:00-06:00"。日本時間)。なしにするなら "off"',
            'must be hours such as "23:00-06:00" (Japan time), or "off"',
        )
        raise PydanticCustomError("quiet", "{text}", {"text": text}) from None


def _name(value: object) -> object:
    if isinstance(value, str) and 0 < len(value) <= 64 and all(c.isalnum() or c in "-_" for c in value):
        return value
    raise PydanticCustomError("name", "letters, digits, - and _")


def _env_name(value: object) -> object:
    if isinstance(value, str) and _ENV_NAME.fullmatch(value):
        return value
    # The value is not repeated: it may be the secret itself.
    text = say("環境変数の名前を書いてください(値ではなく)", "must be the name of an environment variable, not its value")
    raise PydanticCustomError("env_name", "{text}", {"text": text})


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Name = Annotated[str, BeforeValidator(_name)]
EnvName = Annotated[str, BeforeValidator(_env_name)]
CronTimes = Annotated[Cron, BeforeValidator(_cron)]
QuietHours = Annotated[Quiet, BeforeValidator(_quiet)]
Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]


class SourceSettings(BaseModel):
    """A ``[[source]]`` of the settings; each kind adds its own keys. Secrets are given by the NAME of an environment variable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    name: Name = Field(description="情報源の名前。ほかの情報源と重ならないもの")
    kind: str = Field(description="情報源の種類")
    brand: str = Field(description="どのブランドの情報源か([[brand]] の id)")
    what: What = Field(default="own", description="own = 自社の投稿、mentions = 他の人がブランドについて書いた投稿")
    every: Duration = Field(default=timedelta(minutes=15), description='読みに行く間隔(例: "15m"、"6h")')
    cron: Annotated[Cron | None, BeforeValidator(_cron)] = Field(
        default=None, description='読みに行く時刻。every の代わりに、cron の書き方で(例: "0 9-18 * * 1-5"。日本時間)'
    )
    quiet: Annotated[Quiet | None, BeforeValidator(_quiet)] = Field(
        default=None, description='読みに行かない時間帯(例: "23:00-06:00"、なしなら "off")。書かなければ [general] の quiet に従います'
    )
    jitter: Duration | None = Field(
        default=None, description="読みに行く時刻を、ばらつかせてよい長さ。書かなければ every の 1 割(cron なら 30 秒)"
    )
    requests: Annotated[Budget | None, BeforeValidator(_budget)] = Field(
        default=None, description='使ってよい回数の上限(例: "300/5m")。書かなければ、そのサービスの決まりに従います'
    )
    ignore_authors: tuple[Text, ...] = Field(default=(), description="mentions で数えない投稿者(自社や関係会社のアカウント名)")

    @model_validator(mode="after")
    def _one_timing(self) -> Self:
        if self.cron is not None and "every" in self.model_fields_set:
            text = say("every と cron は、どちらか 1 つだけ書いてください", "give either every or cron, not both")
            raise PydanticCustomError("timing", "{text}", {"text": text})
        return self

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The names of the brand's own accounts that these settings tell, as the platform writes them in its posts."""
        return ()
