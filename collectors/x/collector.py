"""Reading X: what is new since the last round, and look-ups of what is known, each paid for once.

Everything is asked for by id: ``since_id`` is the newest post that was read, and a reading that was interrupted goes on below the
oldest one (``until_id``), so cursors never go stale. X's own page tokens are used within one round only.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from collectors.allowance import Allowance, more_money
from collectors.base import Collector, Warn
from collectors.bookmark import Bookmark, JsonValue
from collectors.errors import FormatError
from collectors.jsonread import Counts, dig, items_at, text_at
from collectors.language import say, thousands
from collectors.limits import Budget
from collectors.paging import Item, Page
from collectors.refresh import Known
from collectors.spending import Means
from collectors.values import NotReadable
from collectors.words import any_in
from collectors.x.api import Dialect, Reading, XApi, pot, problem
from collectors.x.lookup import IDS_A_CALL, PRIVATE_AGE, LookUp
from collectors.x.place import Place
from collectors.x.posts import PostReader, created, handles_of, id_at, moment_of, names_of, post_id, searchable
from collectors.x.queries import conditions, queries
from collectors.x.settings import COUNT_USD, XSettings
from collectors.x.token import bearer
from store.records import Gone, Metrics, Post, Record

PAGE = 100
RECENT = timedelta(days=7) - timedelta(minutes=2)
"""How far back the search reaches, with some room for the way there."""

REACH = {"tweets": 3200, "mentions": 800}
"""How many posts a timeline shows at most."""

LATE = timedelta(minutes=1)
"""A post may be shown so much later than one that is newer."""


class XCollector(Collector[XSettings]):
    """Reads one account's posts, or what is said to it and about the brand."""

    platform: ClassVar[str] = "x"
    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = IDS_A_CALL
    limits_per_credential: ClassVar[bool] = True
    must_recheck: ClassVar[bool] = True
    lasting_cursors: ClassVar[bool] = True

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """The month's money for X."""
        return (pot(self.settings),)

    @property
    def _api(self) -> XApi:
        return self._made or self._make(self.next_bookmark)

    _made: XApi | None = None

    def _make(self, bookmark: Bookmark) -> XApi:
        dialect: Dialect = "post" if bookmark.notes.get("dialect") == "post" else "tweet"
        self._made = XApi(self.line, self.settings, self.context.allowances, self._bearer, dialect, self.context.now)
        return self._made

    @property
    def _reader(self) -> PostReader:
        return PostReader(self.settings, self.relation, self._known_user(), self.context.now, self.reject)

    async def _bearer(self, worn: str | None) -> str:
        return await bearer(self, worn)

    async def check(self) -> str:
        """Say what can be read, and what that will cost in a month."""
        settings = self.settings
        if settings.what == "own" or not settings.search:
            return await self._check_account()
        found = 0
        for query in self._queries():
            meta = dig(await self._api.count(query, COUNT_USD), "meta")
            counts = Counts(meta)
            count = counts.get("total_post_count" if dig(meta, "total_post_count") is not None else "total_tweet_count")
            if count is None:
                return say("検索できます(件数は不明)", "The search works (X does not say how many posts there are)")
            found += count
        month = found * settings.post_usd * 30 / 7
        if month > settings.budget_usd:
            short = say("新しい投稿を読むだけで予算を超える見込みです", "New posts alone are going to cost more than the budget")
            self.warnings.append(Warn(short, more_money()))
        return say(
            f"検索できます: 直近 7 日に {found:,} 件、新しい投稿を読むのに月 {month:,.2f} ドルほど(上限 {settings.budget_usd:,} ドル)",
            f"The search works: {found:,} posts in 7 days; new ones cost about {month:,.2f} USD a month (limit {settings.budget_usd:,} USD)",
        )

    async def _check_account(self) -> str:
        name = self.settings.username
        if name is None:
            reading = Reading(5, self._price("tweets"))
            answer = await self._api.posts("tweets", f"/2/users/{self.settings.user_id}/tweets", {"max_results": 5}, reading)
            found = len(self._items(answer, "tweets", "-")[0].items)
            return say(f"投稿が読めます(最新の {found} 件を読みました)", f"The posts can be read (the newest {found} were)")
        user = await self._api.user(name)
        metrics = dig(user, "public_metrics")
        posts = Counts(metrics).get("post_count" if dig(metrics, "post_count") is not None else "tweet_count")
        title = text_at(user, "name") or name
        return say(f"{title} 投稿 {thousands(posts)} 件", f"{title}: {thousands(posts)} posts")

    def _price(self, endpoint: str) -> Decimal:
        return self.settings.owned_usd if endpoint == "tweets" and self.settings.owned_app else self.settings.post_usd

    def _queries(self) -> list[str]:
        settings, brand = self.settings, self.context.brand
        not_from = dict.fromkeys((*settings.own_accounts, *self.context.own_accounts, *settings.ignore_authors))
        room = settings.query_length // 2
        names = [name.removeprefix("@") for name in not_from]
        suffix = conditions((*brand.must_not, *settings.must_not), names, settings.lang, room)
        return queries(brand.spellings, settings.queries, suffix, settings.query_length)

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        api = self._make(bookmark)
        try:
            if self.settings.what == "own":
                async for record in self._timeline("tweets", bookmark, since):
                    yield record
                return
            names = self._queries() if self.settings.search else []
            timeline = self.settings.account or self.settings.user_id
            kept = {*names, *(("mentions",) if timeline else ())}
            self.next_bookmark.covered = {name: at for name, at in bookmark.covered.items() if name in kept}
            self.next_bookmark.holes = [hole for hole in bookmark.holes if hole.walk in kept]
            self._note("since_id", {name: ident for name, ident in self._known_since(bookmark).items() if name in kept})
            seen: set[str] = set()
            if timeline:
                async for record in self._timeline("mentions", bookmark, since, seen):
                    yield record
            start = max(since, self.context.now() - RECENT)
            if names and start > since and "searched" not in bookmark.notes:
                self._note("searched", start.isoformat())
                self.remarks.append(say("X の検索は 7 日前から始まります", "X's search begins 7 days back"))
            for query in names:
                fetch = partial(self._page, "search", "/2/tweets/search/recent", {"query": query}, query, start)
                async for record in self._walk(query, fetch, bookmark, start, seen):
                    yield record
        finally:
            if api.dialect != "tweet" or "dialect" in bookmark.notes:
                self._note("dialect", api.dialect)

    async def _timeline(self, endpoint: str, bookmark: Bookmark, since: datetime, seen: set[str] | None = None) -> AsyncIterator[Record]:
        path = f"/2/users/{await self._user_id()}/{endpoint}"
        params = {} if endpoint == "mentions" or self.settings.reposts else {"exclude": "retweets"}
        fetch = partial(self._page, endpoint, path, params, endpoint, since)
        async for record in self._walk(endpoint, fetch, bookmark, since, set() if seen is None else seen):
            yield record

    async def _user_id(self) -> str:
        """Return the account's number; the name is looked up once and remembered, as each look-up is paid for."""
        if known := self._known_user():
            return known
        ident = text_at(await self._api.user(self.settings.username or ""), "id") or ""
        self._note("user", {"name": self.settings.username, "id": ident})
        return ident

    def _known_user(self) -> str | None:
        known = self.next_bookmark.notes.get("user")
        noted = isinstance(known, dict) and known.get("name") == self.settings.username
        return self.settings.user_id or (text_at(known, "id") if noted else None)

    def _note(self, name: str, value: JsonValue) -> None:
        self.next_bookmark.notes = {**self.next_bookmark.notes, name: value}

    async def _walk(self, name: str, fetch: Any, bookmark: Bookmark, since: datetime, seen: set[str]) -> AsyncIterator[Record]:
        """Walk, and note the newest id once its page has been yielded: before, it would hide what was not."""
        self._newest = ""
        self._tokens = set[str]()
        async for record in self.walk(name, fetch, bookmark, since, seen):
            yield record
        self._note_newest(name)

    _newest: str = ""
    _tokens: set[str] = set()  # noqa: RUF012 - replaced for each walk

    def _note_newest(self, name: str) -> None:
        if self._newest:
            self._note("since_id", {**self._known_since(self.next_bookmark), name: self._newest})
            self._newest = ""

    @staticmethod
    def _known_since(bookmark: Bookmark) -> dict[str, str]:
        known = bookmark.notes.get("since_id")
        pairs = known.items() if isinstance(known, dict) else ()
        return {str(name): ident for name, ident in pairs if isinstance(ident, str) and ident.isdecimal()}

    async def _page(self, endpoint: str, path: str, params: dict[str, Any], name: str, since: datetime, cursor: str | None) -> Page:
        self._note_newest(name)  # of the page before, which was yielded
        place = Place.of(cursor) if cursor else Place(self._known_since(self.next_bookmark).get(name, ""))
        asked = dict(params)
        if place.since_id and moment_of(place.since_id) > since:
            asked["since_id"] = place.since_id
        else:
            asked["start_time"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if place.token in self._tokens:
            asked["pagination_token"] = place.token
        elif place.oldest:
            if moment_of(place.oldest) <= since:
                return Page((), None, limit=say("X がさかのぼれる期間を過ぎました", "It is older than X reaches back"))
            place = replace(place, until_id=place.oldest)
        if place.until_id:
            asked["until_id"] = place.until_id
        oldest = moment_of(asked["since_id"]) if "since_id" in asked else since
        private = endpoint == "tweets" and self.settings.private_metrics and self.context.now() - oldest < PRIVATE_AGE
        reading = Reading(PAGE, self._price(endpoint), endpoint != "tweets", private)
        least = 10 if endpoint == "search" else 5
        reading = replace(reading, posts=self._api.page(self._api.cost_of_post(reading), least, PAGE))
        answer = await self._api.posts(endpoint, path, {**asked, "max_results": reading.posts}, reading)
        page, ids = self._items(answer, endpoint, cursor or "-")
        if cursor is None and ids:
            self._newest = self._safe(max(ids, key=int))
        token = text_at(answer, "meta", "next_token")
        count = place.count + len(items_at(answer, "data"))
        if token:
            self._tokens.add(token)
            below = min(ids, key=int) if ids else place.oldest
            return replace(page, cursor=replace(place, oldest=below, count=count, token=token).cursor())
        # What was deleted counts too, so a timeline may end some posts before its limit.
        if count >= REACH.get(endpoint, 10**9) * 0.95:
            return replace(
                page, limit=say(f"X は最新の {REACH[endpoint]:,} 件しか見せません", f"X shows the newest {REACH[endpoint]:,} only")
            )
        return page

    def _safe(self, newest: str) -> str:
        """Return the id from which the next round reads: a little below the newest one, as long as that one is very young."""
        now, at = self.context.now(), moment_of(newest)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)  # what is read again before it costs nothing
        return id_at(max(at - LATE, midnight)) if now - at < LATE and at - LATE >= midnight else newest

    def _items(self, answer: Any, endpoint: str, place: str) -> tuple[Page, list[str]]:
        """Turn an answer into a page, and return the ids that were on it; what cannot be read becomes a reject, the rest goes in."""
        data = dig(answer, "data")
        if data is None and dig(answer, "meta") is None and (wrong := problem(answer, json.dumps(answer))):
            raise wrong
        if not isinstance(data, list) and (data is not None or dig(answer, "meta") is None):
            raise FormatError(say("X の応答に data がありません", "X's answer has no data"), json.dumps(answer))
        names, handles, items, rejects, ids = names_of(answer), handles_of(answer), list[Item](), list[Record](), list[str]()
        for number, raw in enumerate(data or [], start=1):
            where = f"{endpoint} {place} #{number}"
            try:
                ids.append(post_id(raw))
                records = tuple(self._reader.records(raw, names, where)) if self._wanted(raw, endpoint, handles) else ()
                items.append(Item(ids[-1], created(raw), records))
            except NotReadable as error:
                rejects.append(self.reject(where, str(error), json.dumps(raw)))
        return Page(items, None, rejects=tuple(rejects)), ids

    def _wanted(self, raw: Any, endpoint: str, handles: Mapping[str, str]) -> bool:
        """Tell whether a post is about the brand, and not by itself; ``handles`` are the account names that X gave, by id."""
        if self.settings.what == "own":
            return True
        told = (*self.settings.own_accounts, *self.context.own_accounts, *self.settings.ignore_authors)
        ours = {self._known_user() or "", *(name.removeprefix("@").casefold() for name in told)}
        author = text_at(raw, "author_id") or ""
        if author and {author, handles.get(author, author).casefold()} & ours:
            return False
        text, words = searchable(raw), self.context.brand
        if words.refused_in(text) or any_in(self.settings.must_not, text):
            return False
        return endpoint == "mentions" or bool(self.settings.queries) or words.named_in(text)

    @property
    def _look_up(self) -> LookUp:
        return LookUp(self._api, self.settings, self._reader, self.context.allowances, self.context.now)

    def looks_up(self, post: Known) -> bool:
        """Tell whether ``post`` has an id of X."""
        return post.native_id.isdecimal() and post.native_id.isascii()

    def free_now(self, posts: Sequence[Known]) -> set[str]:
        """Return the ids of those that were read today: they cost nothing more until midnight UTC."""
        return self._look_up.free([post.native_id for post in posts])

    def means(self, keys: Mapping[str, Budget | None] | None = None) -> list[Means]:
        """Return what look-ups draw on: requests, and the month's money for each post."""
        return [*super().means(keys), self.drawn_on(self._api.allowance, per_post=float(self.settings.post_usd))]

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what X says is not there any more, and what was edited."""
        look_up = self._look_up
        async for record in look_up.of([post for post in posts if self.looks_up(post)]):
            yield record
        if look_up.skipped:
            self.remarks.append(
                say(f"予算のため、{look_up.skipped} 件の再確認を見送りました", f"{look_up.skipped} look-ups wait for the budget")
            )
