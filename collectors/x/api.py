"""Asking X: its two ways of naming fields, its errors, and what an answer costs."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from collectors.allowance import Allowance, Allowances, Amount, Charge, Day, Month, more_money
from collectors.answers import Answer, refused
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Line
from collectors.jsonread import dig, items_at, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.x.settings import XSettings
from collectors.x.token import refused_token

Dialect = Literal["tweet", "post"]
"""How the fields are named in requests: ``tweet.fields`` until 2.166, ``post.fields`` since 2.167. X refuses names that it does not know."""

UTC_DAY = Day("UTC")
WINDOW = timedelta(minutes=15)
LIMITS = {
    "tweets": Budget(900, WINDOW),
    "mentions": Budget(300, WINDOW),
    "search": Budget(300, WINDOW),
    "look-up": Budget(3500, WINDOW),
    "users": Budget(300, WINDOW),
    "counts": Budget(300, WINDOW),
}
"""Requests of each endpoint in 15 minutes: what X allows an app, or an account where that is less (August 2026)."""

_FIELDS: Mapping[Dialect, str] = {
    "tweet": "created_at,public_metrics,author_id,lang,conversation_id,referenced_tweets,edit_history_tweet_ids,note_tweet,entities",
    "post": "created_at,public_metrics,lang,conversation_id,note_post,entities",
}
_READ = (400, 401, 402, 403, 404)


def pot(settings: XSettings) -> Allowance:
    """Return the money for X: one pot for all sources (that give it the same name), and how far this source may empty it."""
    name = settings.budget_name
    title = say("X の今月の予算", "X budget of this month") + ("" if name == "x" else f" ({name})")
    return Allowance("x" if name == "x" else f"x {name}", settings.budget_usd, "USD", Month(), title)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request reads: at most ``posts`` posts that were not charged today yet, at ``price`` each.

    ``authors``: who wrote them is asked for. ``private``: so are the figures that only the owner sees.
    """

    posts: int
    price: Decimal
    authors: bool = False
    private: bool = False


class XApi:
    """One source's calls. ``dialect`` is the way of naming that worked last; ``bearer`` gives the token (given the one that was refused)."""

    def __init__(
        self,
        line: Line,
        settings: XSettings,
        allowances: Allowances,
        bearer: Callable[[str | None], Awaitable[str]],
        dialect: Dialect,
        now: Callable[[], datetime],
    ) -> None:
        self.dialect: Dialect = dialect
        self.allowance = pot(settings)
        self._line = line
        self._settings = settings
        self._allowances = allowances
        self._bearer = bearer
        self._now = now

    def affordable(self, price: Decimal) -> int:
        """Return how many things at ``price`` the budget still holds."""
        left = self._allowances.left(self.allowance)
        return 10**9 if not price else int(left / price)

    def page(self, price: Decimal, least: int, most: int) -> int:
        """Return how many new posts at ``price`` to ask for: ``most``, or as few as the budget still holds.

        The budget is meant to last: by the end of today its days so far may have been used, and ``ahead_days`` more. What was saved is
        there for a busy day.

        Raises:
            BusyError: The budget of the days so far is used up, and the month's is not.
        """
        month = self.affordable(price)
        if not price or month < least:
            return least if price else most  # where not even that can be paid, the reservation says so, and until when
        now, window = self._now(), self.allowance.window
        days, today = (window.end(now) - window.start(now)).days, (now - window.start(now)).days + 1
        ahead = Decimal(self._settings.ahead_days * (days - today)) / days  # the nearer the end, the less: the last days are days too
        part = Decimal(self.allowance.limit) * min(Decimal(days), today + ahead) / days
        spent = self._allowances.spent(self.allowance, under_way=False)
        able = int((part - spent) / price)
        if able < least:
            used = f"{spent:.2f} / {part:.2f} USD"
            raise BusyError(
                say(f"X の予算のうち、今日までの分を使い切りました({used})", f"The X budget of the days so far is used up ({used})"),
                UTC_DAY.end(now),
                limited=True,
                advice=more_money(),
            )
        return min(most, month, able)

    def cost_of_post(self, reading: Reading) -> Decimal:
        """Return the most that one post can cost."""
        return reading.price + (self._settings.user_usd if self._expands(reading, self.dialect) else 0)

    async def posts(self, endpoint: str, path: str, params: Mapping[str, Any], reading: Reading) -> Any:
        """Return an answer with posts; it is paid for when this returns.

        Raises:
            SourceError: As ``ask``; BusyError where the budget does not reach.
        """
        answer = await self._in_dialect(endpoint, path, params, reading)
        items = items_at(answer, "data")
        if items and not any(dig(item, "created_at") for item in items):
            # Names that were passed over in silence: asked in the other way, the same posts cost nothing more today.
            self._turn()
            answer = await self._in_dialect(endpoint, path, params, reading)
        return answer

    async def _in_dialect(self, endpoint: str, path: str, params: Mapping[str, Any], reading: Reading) -> Any:
        try:
            return await self._paid_posts(endpoint, path, params, reading)
        except _UnknownName:
            self._turn()
        try:
            return await self._paid_posts(endpoint, path, params, reading)
        except _UnknownName as error:
            self._turn()
            raise error.as_format_error() from None

    def _turn(self) -> None:
        self.dialect = "post" if self.dialect == "tweet" else "tweet"

    async def _paid_posts(self, endpoint: str, path: str, params: Mapping[str, Any], reading: Reading) -> Any:
        charge = Charge(self._allowances, self.allowance, self.cost_of_post(reading) * reading.posts, repeats_free=True)
        answer = await self.ask(endpoint, path, {**params, **self._names(reading)}, charge)
        costs: dict[str, Amount] = {}
        for group in (("data",), ("includes", "posts"), ("includes", "tweets")):
            costs |= {f"p{text_at(item, 'id') or number}": reading.price for number, item in enumerate(items_at(answer, *group))}
        costs |= {f"u{text_at(user, 'id')}": self._settings.user_usd for user in items_at(answer, "includes", "users")}
        charge.settle_each(costs, UTC_DAY)
        return answer

    def _expands(self, reading: Reading, dialect: Dialect) -> bool:
        """Tell whether authors come as objects of their own, which cost: for their names, or (new names) to have their ids at all."""
        return reading.authors and (self._settings.author_names or dialect == "post")

    def _names(self, reading: Reading) -> dict[str, str]:
        fields = _FIELDS[self.dialect] + (",non_public_metrics" if reading.private else "")
        named = {f"{self.dialect}.fields": fields}
        if self._expands(reading, self.dialect):
            named |= {"expansions": "author_id", "user.fields": "name,username"}
        return named

    async def user(self, name: str) -> Any:
        """Return the account ``name``. AccessError where there is none."""
        charge = Charge(self._allowances, self.allowance, self._settings.user_usd, repeats_free=True)
        answer = await self.ask("users", f"/2/users/by/username/{name}", {"user.fields": "name,username,public_metrics"}, charge)
        charge.settle_each({f"u{text_at(answer, 'data', 'id')}": self._settings.user_usd}, UTC_DAY)
        if not text_at(answer, "data", "id"):
            raise problem(answer, json.dumps(answer)) or _odd(answer)
        return dig(answer, "data")

    async def count(self, query: str, price: Decimal) -> Any:
        """Return how many posts of the last seven days a query finds, as X answers."""
        charge = Charge(self._allowances, self.allowance, price)
        answer = await self.ask("counts", "/2/tweets/counts/recent", {"query": query, "granularity": "day"}, charge)
        charge.settle(price)
        if dig(answer, "meta") is None:
            raise problem(answer, json.dumps(answer)) or _odd(answer)
        return answer

    async def ask(self, endpoint: str, path: str, params: Mapping[str, Any], charge: Charge | None = None) -> Any:
        """Return the answer read as JSON.

        Raises:
            SourceError: As ``Line.ask``, and what X says is wrong.
        """
        token = await self._bearer(None)
        answer = await self._send(endpoint, path, params, charge, token)
        if answer.status == 401 and self._settings.refresh_token_env:
            token = await self._bearer(token)
            answer = await self._send(endpoint, path, params, charge, token)
        if answer.status < 400:
            return answer.json()
        raise self._refusal(path, params, answer)

    async def _send(self, endpoint: str, path: str, params: Mapping[str, Any], charge: Charge | None, token: str) -> Answer:
        return await self._line.ask(
            self._settings.service.rstrip("/") + path,
            params=params,
            headers={"authorization": f"Bearer {token}"},
            allow=_READ,
            expect_json=True,
            budget=self._settings.requests or LIMITS[endpoint],
            budget_name=endpoint,
            charge=charge,
        )

    def _refusal(self, path: str, params: Mapping[str, Any], answer: Answer) -> Exception:
        host = self._settings.service.partition("//")[2]
        try:
            body = answer.json()
        except FormatError:
            return refused(host, answer.status, answer.text())
        if answer.status == 400 and re.search(r"\b(?:tweet|post)\.fields|\bexpansions\b", answer.text()):
            return _UnknownName(host, answer)
        if answer.status == 402:
            return AccessError(
                say("X のクレジットが足りません", "The X account has no credits left"),
                say("X の開発者コンソールでクレジットを買い足してください", "Buy credits in X's developer console"),
            )
        if answer.status == 401:
            return refused_token(self._settings)
        return problem(body, answer.text(), strict=answer.status in (403, 404)) or refused(host, answer.status, answer.text())


class _UnknownName(Exception):
    """X does not know a name that we asked by."""

    def __init__(self, host: str, answer: Answer) -> None:
        super().__init__(host)
        self._host, self._answer = host, answer

    def as_format_error(self) -> SourceError:
        return refused(self._host, 400, self._answer.text())


def problem(body: Any, raw: str, *, strict: bool = True) -> SourceError | None:
    """Return what the errors inside an answer mean for the source; None where there are none, or (not ``strict``) none that we know."""
    told = [body, *items_at(body, "errors")]
    kinds = {(text_at(one, "type") or "").rpartition("/")[2] for one in told}
    detail = next((text for one in reversed(told) for text in (text_at(one, "detail"), text_at(one, "message")) if text), "")[:200]
    if "usage-capped" in kinds:
        return BusyError(say(f"X の利用枠を使い切りました({detail})", f"X's usage cap is reached ({detail})"), limited=True)
    if "resource-not-found" in kinds:
        return AccessError(
            say(f"X にアカウントが見つかりません({detail})", f"X has no such account ({detail})"),
            say("設定の account か user_id を確かめてください", "Check account or user_id in the settings"),
        )
    if kinds & {
        "not-authorized-for-resource",
        "client-forbidden",
        "disallowed-resource",
        "resource-unavailable",
        "unsupported-authentication",
    }:
        return AccessError(
            say(f"X に読み取りを断られました({detail})", f"X refuses to be read ({detail})"),
            say(
                "アカウントが非公開でないか、トークンとアプリの権限を確かめてください",
                "Check that the account is not protected, and the rights of the token and the app",
            ),
        )
    if strict and items_at(body, "errors"):
        return FormatError(say(f"X がエラーを返しました({detail})", f"X reports an error ({detail})"), raw)
    return None


def _odd(answer: Any) -> FormatError:
    return FormatError(say("X の応答が変わりました", "X's answer has changed"), json.dumps(answer))
