"""What every collector is: its settings, what it is given, and the three things it can do.

To add a platform, write one file with a ``SourceSettings`` and a ``Collector``, and one line in ``collectors.registry``.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from collectors.allowance import Allowance, Allowances, Rolling
from collectors.bookmark import Bookmark
from collectors.errors import AccessError
from collectors.http import Http
from collectors.language import say
from collectors.limits import Budget
from collectors.paging import Fetch, Item, Walk
from collectors.refresh import Known
from collectors.shown import Shown
from collectors.sourcesettings import CronTimes, Duration, EnvName, Name, QuietHours, SourceSettings, Text, Url, What
from collectors.spending import Means
from collectors.tokens import Renew, Token, Tokens
from collectors.values import NotReadable
from collectors.words import BrandWords
from store.records import Gap, Gone, Metrics, Post, Record, Reject, Relation

__all__ = [
    "Collector",
    "Context",
    "CronTimes",
    "Duration",
    "EnvName",
    "Name",
    "QuietHours",
    "SourceSettings",
    "Text",
    "Url",
    "Warn",
    "What",
]

RAW_KEPT = 4000
TOLD_KEPT = 500

S = TypeVar("S", bound=SourceSettings)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What a collector is given: the shared client, the brand's words, the environment's secrets and the clock.

    ``own_accounts``: the brand's own accounts on the source's platform (``own_accounts`` of the settings of its other sources); what
    they write is no mention.
    """

    http: Http
    brand: BrandWords
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    now: Callable[[], datetime] = _utc_now
    own_accounts: tuple[str, ...] = ()
    tokens: Tokens = field(default_factory=Tokens, repr=False)
    allowances: Allowances = field(default_factory=Allowances, repr=False)


@dataclass(frozen=True, slots=True)
class Warn:
    """Something that works today and will not for long: what it is, and how to mend it."""

    message: str
    advice: str


class Collector(ABC, Generic[S]):
    """Reads one source. Made anew for each round.

    ``next_bookmark`` is true for what was yielded so far, at any moment and after any error: a round lands what it got, then
    persists ``next_bookmark``, and never the other way round. ``remarks`` are sentences for the round's report, ``warnings`` what the user
    should mend soon. Only ``SourceError``s are raised.
    """

    platform: ClassVar[str]
    budget: ClassVar[Budget | None] = None
    refreshes: ClassVar[bool] = False
    """Whether ``refresh`` can look up posts at all."""
    refresh_batch: ClassVar[int] = 1
    """How many posts one request of ``refresh`` looks up."""
    limits_per_credential: ClassVar[bool] = False
    """Whether the platform counts requests for each credential (``authorization`` header), not for all who ask the host."""
    lasting_cursors: ClassVar[bool] = False
    """Whether the cursors of its pages lead to the same place for ever, so that none is dropped when its page cannot be understood."""
    must_recheck: ClassVar[bool] = False
    """Whether the platform's terms demand that posts are looked up again for as long as their text is held (``[general] recheck``)."""

    def __init__(self, settings: S, context: Context) -> None:
        self.settings = settings
        self.context = context
        self.line = context.http.of(settings.requests or self.budget)
        self.line.per_credential = self.limits_per_credential
        self.next_bookmark = Bookmark()
        self.remarks: list[str] = []
        self.yielded = 0
        self.warnings: list[Warn] = []

    @property
    def source_platform(self) -> str:
        """The platform that this source's records carry; most kinds have just one."""
        return self.platform

    @property
    def relation(self) -> Relation:
        """What this source's posts are to the brand."""
        return "own" if self.settings.what == "own" else "mention"

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self.line.requests

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """The allowances of money or quota that this source draws on, for the user to see; none where requests are free."""
        return ()

    def looks_up(self, post: Known) -> bool:
        """Tell whether ``refresh`` can look up ``post`` at all."""
        return True

    def free_now(self, posts: Sequence[Known]) -> set[str]:
        """Return the ids of those of ``posts`` whose look-up costs nothing now, where look-ups are paid for: they need no budget."""
        return set()

    def means(self, keys: Mapping[str, Budget | None] | None = None) -> list[Means]:
        """Return what look-ups draw on: the budgets under ``keys`` (None: those that this round's requests went to).

        A collector whose look-ups draw on an allowance adds it: ``[*super().means(keys), self.drawn_on(allowance, per_post=price)]``.
        """
        limits = self.context.http.limits
        asked = {key: budget for key, (budget, _) in self.line.keys.items()} if keys is None else keys
        return [
            Means(key if one.resets_in is None else f"{key} (told)", one.left, one.limit, one.window, one.resets_in)
            for key, budget in asked.items()
            for one in limits.left(key, budget)
        ]

    def drawn_on(self, allowance: Allowance, *, per_request: float = 0.0, per_post: float = 0.0) -> Means:
        """Return ``allowance`` as what look-ups draw on, with what one costs."""
        allowances, now, window = self.context.allowances, self.context.now(), allowance.window
        left, limit = float(allowances.left(allowance)), float(allowance.limit)
        if isinstance(window, Rolling):
            return Means(allowance.name, left, limit, window.length, None, per_request, per_post)
        length, resets_in = window.end(now) - window.start(now), allowances.resets_at(allowance) - now
        return Means(allowance.name, left, limit, length, resets_in, per_request, per_post)

    def collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Yield what is new, newest first: posts with their counts, gaps, and rejects for items that cannot be read.

        ``since`` is the horizon: nothing older is wanted. How much of that an earlier round has read is in ``bookmark``, and
        pages are read until a whole page is older than that.
        """
        self.next_bookmark = bookmark.copy()
        return self._news(self._collect(bookmark, since), Shown(bookmark, self.next_bookmark, self.context.now()))

    async def _news(self, records: AsyncIterator[Record], shown: Shown) -> AsyncIterator[Record]:
        """Leave out what an earlier round said: posts and counts that have not changed, and items that still cannot be read."""
        async for record in records:
            if isinstance(record, Post | Metrics):
                if not shown.is_news(record):
                    continue
            elif isinstance(record, Reject):
                mark = hashlib.blake2b(f"{record.reason} {record.raw[:200]}".encode("utf-8", "replace"), digest_size=8).hexdigest()
                if mark in self.next_bookmark.told:
                    continue
                self.next_bookmark.told = [*self.next_bookmark.told[-TOLD_KEPT + 1 :], mark]
            self.yielded += isinstance(record, Post)
            yield record

    @abstractmethod
    def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Do what ``collect`` says; write to ``next_bookmark`` (a copy of ``bookmark``) only what was yielded already."""

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what is not there any more, the post itself where it changed."""
        return
        yield  # pragma: no cover - makes this a generator

    @abstractmethod
    async def check(self) -> str:
        """Try the source once, and return a sentence that says what was found.

        Raises:
            SourceError: It cannot be read; the error says why and how to mend it.
        """

    def walk(self, name: str, fetch: Fetch, bookmark: Bookmark, since: datetime, seen: set[str] | None = None) -> AsyncIterator[Record]:
        """Yield the records of all pages that ``fetch`` gives, back to what ``bookmark`` covers; see ``collectors.paging``."""
        ids = set() if seen is None else seen
        lasting = self.lasting_cursors
        return Walk(name, fetch, since, self.context.now(), bookmark, self.next_bookmark, self.gap, ids, lasting=lasting).records()

    def gap(self, from_at: datetime, to_at: datetime, reason: str) -> Gap:
        """Return the record of a stretch of time that could not be read."""
        return Gap(
            source=self.settings.name,
            platform=self.source_platform,
            brand=self.settings.brand,
            from_at=from_at,
            to_at=to_at,
            reason=reason,
            recorded_at=self.context.now(),
        )

    def items(
        self, rows: Iterable[Any], place: str, make: Callable[[Any, str], Item | None], shown: Callable[[Any], str] = json.dumps
    ) -> tuple[list[Item], list[Record]]:
        """Return what ``make`` makes of each row and its place (None: nothing), and a reject for each that cannot be read.

        ``shown`` is what is kept of a row that cannot be read.
        """
        items: list[Item] = []
        rejects: list[Record] = []
        for number, raw in enumerate(rows, start=1):
            where = f"{place} #{number}"
            try:
                item = make(raw, where)
            except NotReadable as error:
                rejects.append(self.reject(where, str(error), shown(raw)))
            else:
                items += [] if item is None else [item]
        return items, rejects

    def reject(self, place: str, reason: str, raw: str) -> Reject:
        """Return the record of an item that could not be read; ``raw`` is kept, shortened and without secrets."""
        kept = self.context.http.redact(raw)[:RAW_KEPT]
        return Reject(source=self.settings.name, place=place, reason=reason, raw=kept, seen_at=self.context.now())

    def secret(self, variable: str, what: str) -> str:
        """Return the secret that the environment holds under ``variable``; ``what`` names it to the user.

        Raises:
            AccessError: It is not set.
        """
        value = self.context.secrets.get(variable, "").strip()
        if not value:
            raise AccessError(
                say(f"{what}が設定されていません(環境変数 {variable})", f"The {what} is not set (environment variable {variable})"),
                say(f".env に {variable}=… と書いてください", f"Write {variable}=… into .env"),
            )
        self.context.http.hide(value)
        return value

    async def token(
        self,
        name: str,
        env: Token | str,
        renew: Renew | None = None,
        *,
        margin: timedelta = timedelta(minutes=10),
        worn: str | None = None,
        mend: str | None = None,
    ) -> Token:
        """Return the account's token, renewed where it ends within ``margin``; see ``Tokens.fresh``.

        ``env`` is what the environment holds (``self.secret``). Warns days before the end of one that nothing renews; ``mend`` says
        what to do then.

        Raises:
            SourceError: As ``Tokens.fresh``.
        """
        tokens, http = self.context.tokens, self.context.http

        def hide(token: Token) -> Token:
            for secret in token.secrets:
                http.hide(secret)
            return token

        async def renewed(old: Token) -> Token:
            assert renew is not None
            return hide(await renew(hide(old)))

        hide(Token(env) if isinstance(env, str) else env)
        token = hide(await tokens.fresh(name, renewed if renew else None, margin, env=env, worn=worn))
        ends = tokens.expiry(name, env=env)
        if ends is not None:
            new = say("新しいトークンを作って .env に書いてください", "Make a new token and write it into .env")
            warning = Warn(ends.message(), mend or new)
            self.warnings += [] if warning in self.warnings else [warning]
        return token
