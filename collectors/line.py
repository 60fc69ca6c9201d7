"""LINE Official Account: followers and deliveries of each day (KPIs), and messages with how many people opened and clicked them.

LINE counts days in Japan and needs until the next day, sometimes longer: a day that is "unready" is asked for again later, and nothing is
written down for it until then. Figures of fewer than 20 people are kept back by LINE (null): they stay unknown.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.base import Collector, Duration, EnvName, SourceSettings, Text, Url
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, FormatError
from collectors.jsonread import dig
from collectors.language import say
from collectors.limits import Budget
from collectors.line_read import DAILY, Daily, Message, day_text, figures_of_day, figures_of_unit, message_of, refusal
from collectors.marks import Marks
from collectors.refresh import Known
from collectors.values import TOKYO
from collectors.words import hashtags
from store.records import Gone, Kpi, Metrics, Post, Record

UNIT_DAYS = 14
"""So long after a delivery LINE goes on counting."""
_READ = (400, 401, 403, 404)

UnitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,30}$")]


class LineSettings(SourceSettings):
    """An official account's own figures."""

    kind: Literal["line"] = Field(default="line", description='"line"')
    every: Duration = Field(default=timedelta(hours=6), description='読みに行く間隔(例: "6h")。LINE の集計は 1 日に 1 回')
    account: Text | None = Field(default=None, description="アカウントの名前(投稿者の名前として残す)")
    token_env: EnvName = Field(default="HIBIKI_LINE_TOKEN", description="チャネルアクセストークンを入れた環境変数の名前")
    messages: dict[Text, str] = Field(
        default={},
        description='開封とクリックを読む配信。リクエスト ID(送信時の X-Line-Request-Id)= 配信の本文や名前(例: { "f70dd685-…" = "新茶のお知らせ" })',
    )
    units: tuple[UnitName, ...] = Field(
        default=(),
        description="集計単位の名前(customAggregationUnits)。プッシュとマルチキャストの開封とクリックを、日ごとの KPI として読む",
    )
    service: Url = Field(default="https://api.line.me", description="Messaging API の URL")

    @model_validator(mode="after")
    def _own(self) -> Self:
        if self.what != "own":
            text = say(
                'LINE の API では、ほかの人の投稿を読めません。what = "own" にしてください',
                'LINE\'s API shows no posts by others: give what = "own"',
            )
            raise PydanticCustomError("own", "{text}", {"text": text})
        return self


class LineCollector(Collector[LineSettings]):
    """Reads one official account."""

    platform: ClassVar[str] = "line"
    budget: ClassVar[Budget | None] = Budget(60, timedelta(hours=1))
    """Of each endpoint and channel."""
    refreshes: ClassVar[bool] = True
    limits_per_credential: ClassVar[bool] = True

    @property
    def _today(self) -> date:
        return self.context.now().astimezone(TOKYO).date()

    async def _ask(self, endpoint: str, params: dict[str, str], *, may_miss: bool = False) -> Any:
        """Return the answer of an endpoint; None (``may_miss``) where LINE does not know what was asked for.

        Raises:
            SourceError: As ``Line.ask``, and what LINE says is wrong.
        """
        token = self.secret(self.settings.token_env, say("LINE のチャネルアクセストークン", "LINE channel access token"))
        answer = await self.line.ask(
            f"{self.settings.service.rstrip('/')}/v2/bot/insight/{endpoint}",
            params=params,
            headers={"authorization": f"Bearer {token}"},
            allow=_READ,
            expect_json=True,
            budget_name=endpoint,
        )
        if may_miss and answer.status in (400, 404):
            return None
        if answer.status >= 400:
            raise refusal(answer, self.settings.token_env, self.context.http.redact)
        body = answer.json()
        if not isinstance(body, dict):
            raise FormatError(say("LINE の応答が変わりました", "LINE's answer has changed"), json.dumps(body))
        self._answered += 1
        return body

    _answered: int = 0

    async def check(self) -> str:
        """Say how many followers there were yesterday, or that LINE has not counted them yet."""
        day = self._today - timedelta(days=1)
        followers = next(kind for kind in DAILY if kind.name == "followers")
        told = figures_of_day(followers, await self._ask(followers.endpoint, {"date": day_text(day)}))
        count = told.figures.get("line.followers")
        if count is not None:
            return say(f"友だち追加 {count:,} 人({day:%Y-%m-%d} まで)", f"{count:,} people have added the account (up to {day:%Y-%m-%d})")
        return say(f"つながりました。{day:%Y-%m-%d} の集計はまだです", f"It works; the figures of {day:%Y-%m-%d} are not ready yet")

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        failed: list[AccessError] = []
        ways = [self._messages(), *(self._days(kind, since) for kind in DAILY), *(self._unit(unit) for unit in self.settings.units)]
        for way in ways:
            try:
                async for record in way:
                    yield record
            except AccessError as error:  # what hurts one endpoint only must not stop the others
                failed.append(error)
        if failed and not self._answered:
            raise failed[0]
        self.remarks += [f"{error.message}。{error.advice}" for error in failed]

    # --- messages

    @property
    def _marks(self) -> Marks:
        return Marks(self.next_bookmark)

    async def _messages(self) -> AsyncIterator[Record]:
        """Yield the messages that were not seen yet, or are called something else now; their counts are followed by look-ups."""
        waiting = 0
        for ident, text in self.settings.messages.items():
            if self._marks.knows(ident) and not self._marks.changed(ident, text):
                continue
            message = await self._message(ident)
            if isinstance(message, str):
                self.remarks.append(message)
                continue
            if message is None or message.at is None:
                waiting += 1
                continue
            yield self._post(ident, text, message.at)
            for record in self._metrics(ident, message):
                yield record
            self._marks.remember(ident, text)
        if waiting:
            self.remarks.append(say(f"{waiting} 件の配信は、まだ集計されていません", f"{waiting} messages are not counted yet"))

    async def _message(self, ident: str) -> Message | str | None:
        """Return a message as LINE counts it; None where it does not yet, a sentence where LINE does not know it."""
        answer = await self._ask("message/event", {"requestId": ident}, may_miss=True)
        if answer is not None:
            return message_of(answer)
        return say(
            f"配信 {ident} は LINE に見つかりません。設定の messages のリクエスト ID を確かめてください",
            f"LINE has no message {ident}; check the request id in messages of the settings",
        )

    def _post(self, ident: str, text: str, at: datetime) -> Post:
        return Post(
            platform=self.platform,
            native_id=ident,
            brand=self.settings.brand,
            relation=self.relation,
            source=self.settings.name,
            text=text,
            created_at=at,
            seen_at=self.context.now(),
            kind="message",
            author_name=self.settings.account,
            tags=hashtags(text),
        )

    def _metrics(self, ident: str, message: Message) -> Iterator[Record]:
        now = self.context.now()
        yield Metrics(platform=self.platform, native_id=ident, observed_at=now, views=message.views, shares=message.clicks)
        if message.faults:
            yield self.reject(f"message/event {ident}", " / ".join(message.faults), message.raw)

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of messages as they are now. A message that was sent is never gone."""
        for post in posts:
            message = await self._message(post.native_id)
            if isinstance(message, Message):
                for record in self._metrics(post.native_id, message):
                    if isinstance(record, Metrics):
                        yield record

    # --- days

    async def _days(self, kind: Daily, since: datetime) -> AsyncIterator[Record]:
        """Yield the figures of the days that were not read yet, newest first; those that are not ready stay to be read."""
        first = since.astimezone(TOKYO).date() + timedelta(days=1)
        open_days, upto = self._noted(kind)
        for day in [day for day in open_days if day < first]:
            start = datetime.combine(day, clock_time(), TOKYO)
            why = say("LINE が集計を出しませんでした", "LINE never gave the figures")
            yield self.gap(start, start + timedelta(days=1), why)
        start_day = max(first, upto + timedelta(days=1)) if upto else first
        fresh = [start_day + timedelta(days=n) for n in range((self._today - start_day).days)]
        todo = sorted({*fresh, *(day for day in open_days if day >= first)}, reverse=True)
        self._note(kind, todo)
        for day in list(todo):
            told = figures_of_day(kind, await self._ask(kind.endpoint, {"date": day_text(day)}))
            for name, value in told.figures.items():
                yield Kpi(brand=self.settings.brand, day=day, name=name, value=float(value))
            if told.faults:
                yield self.reject(f"{kind.endpoint} {day}", " / ".join(told.faults), told.raw)
            if told.settled:
                todo.remove(day)
                self._note(kind, todo)

    def _noted(self, kind: Daily) -> tuple[list[date], date | None]:
        """Return the days that wait to be read, and the newest day that was asked for."""
        try:
            noted = dig(self.next_bookmark.notes.get("days"), kind.name) or {}
            upto = noted.get("upto")
            return [date.fromisoformat(day) for day in noted.get("open", [])], date.fromisoformat(upto) if upto else None
        except (ValueError, TypeError, AttributeError):
            return [], None  # to begin afresh is safe: a figure that is read twice is the same row

    def _note(self, kind: Daily, open_days: Sequence[date]) -> None:
        upto = (self._today - timedelta(days=1)).isoformat()
        noted = {"upto": upto, "open": [day.isoformat() for day in open_days]}
        known = self.next_bookmark.notes.get("days")
        days = {**(known if isinstance(known, dict) else {}), kind.name: noted}
        self.next_bookmark.notes = {**self.next_bookmark.notes, "days": days}

    async def _unit(self, unit: str) -> AsyncIterator[Record]:
        """Yield the figures of an aggregation unit, day by day, once a day: they go on growing."""
        asked = self.next_bookmark.notes.get("units")
        asked = asked if isinstance(asked, dict) else {}
        if asked.get(unit) == self._today.isoformat():
            return
        for back in range(1, UNIT_DAYS + 1):
            day = self._today - timedelta(days=back)
            text = day_text(day)
            answer = await self._ask("message/event/aggregation", {"customAggregationUnit": unit, "from": text, "to": text})
            told = figures_of_unit(unit, answer)
            for name, value in told.figures.items():
                yield Kpi(brand=self.settings.brand, day=day, name=name, value=float(value))
            if told.faults:
                yield self.reject(f"{unit} {day}", " / ".join(told.faults), told.raw)
        self.next_bookmark.notes = {**self.next_bookmark.notes, "units": {**asked, unit: self._today.isoformat()}}
