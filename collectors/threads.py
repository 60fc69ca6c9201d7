"""Threads: an account's own posts and replies with their figures, and what others write: replies, mentions, and search results.

Others' posts come without counts. The search counts at most 2,200 questions in 24 hours, whichever app asks; those that find nothing
are free. Without the permission threads_keyword_search it finds our own posts only. What it found cannot be looked up again: how long
its text is held is for ``[retention.platform.threads]``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import Field

from collectors.allowance import Allowance, Charge, Rolling
from collectors.base import EnvName, Text, Url
from collectors.bookmark import Bookmark
from collectors.errors import AccessError
from collectors.graph import Mend, cursor_params
from collectors.graph_base import GraphSettings, Version
from collectors.graph_collector import GraphCollector, Ours
from collectors.graph_errors import GraphError
from collectors.jsonread import Counts, dig, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.paging import Fetch, Item, Page
from collectors.tokens import Token
from store.records import Gone, Kind, Metrics, Post, Record

MOST_SEARCHES = 2200
BEGIN = 1688540400
"""The search takes no earlier moment than this (unix seconds)."""

_WITHOUT = {"conversation": "replies = false", "mentions": "mentioned = false", "keyword_search": "search = false"}
_THREAD = (
    "id", "text", "timestamp", "permalink", "username", "media_type", "is_quote_post", "quoted_post", "reposted_post", "topic_tag",
    "has_replies",
)  # fmt: skip
_REPLY = (
    "id", "text", "timestamp", "permalink", "username", "media_type", "is_quote_post", "quoted_post", "topic_tag", "root_post",
    "replied_to", "is_reply_owned_by_me", "hide_status",
)  # fmt: skip


class ThreadsSettings(GraphSettings):
    """An account (``own``), or what others write to it and about the brand (``mentions``)."""

    kind: Literal["threads"] = Field(default="threads", description='"threads"')
    account: Text = Field(default="me", description='Threads のユーザー ID(書かなければ、トークンの持ち主 "me")')
    username: Text | None = Field(default=None, description="自社のユーザーネーム。その投稿は mentions で数えない")
    token_env: EnvName = Field(default="HIBIKI_THREADS_TOKEN", description="長期のアクセストークンを入れた環境変数の名前")
    replies: bool = Field(default=True, description="own では自社の返信も、mentions では自社の投稿への返信を読むか")
    mentioned: bool = Field(default=True, description="mentions で、自社にメンションした投稿を読むか")
    search: bool = Field(default=True, description="mentions で、言葉で検索するか(権限 threads_keyword_search が要る)")
    queries: tuple[Text, ...] = Field(default=(), description="検索する言葉。書かなければブランド名とその別の書き方")
    topics: tuple[Text, ...] = Field(default=(), description="mentions で探すトピック(タグ)")
    service: Url = Field(default="https://graph.threads.net", description="API の URL")
    version: Version = Field(default="v1.0", description="API のバージョン")

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The account's name, where it is told."""
        return (self.username,) if self.username else ()


class ThreadsCollector(GraphCollector[ThreadsSettings]):
    """Reads one account of Threads, and searches for a brand."""

    platform: ClassVar[str] = "threads"
    titles: ClassVar[tuple[str, str]] = ("Threads", "Threads")
    budget: ClassVar[Budget | None] = Budget(1000, timedelta(hours=1))
    refresh_batch: ClassVar[int] = 1
    figures_apart: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("views", "likes", "replies", "reposts", "quotes", "shares")
    own_fields: ClassVar[tuple[str, ...]] = _THREAD
    answer_fields: ClassVar[tuple[str, ...]] = _REPLY
    answer_kind: ClassVar[Kind] = "reply"
    account_fields: ClassVar[tuple[str, ...]] = ("id", "username", "name")

    @property
    def mend(self) -> Mend:
        """Say how to get a token, and with which permissions."""
        rights = "threads_basic, threads_manage_insights, threads_read_replies, threads_manage_mentions, threads_keyword_search"
        variable = self.settings.token_env
        return Mend(
            say(
                f"Meta for Developers で Threads の長期アクセストークンを作り直し、.env の {variable} に書いてください",
                f"Make a new long-lived Threads token at Meta for Developers and write it into .env as {variable}",
            ),
            say(f"トークンの権限({rights})を確かめてください", f"Check the token's permissions ({rights})"),
        )

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """2,200 searches in any 24 hours."""
        return (self._searches,) if self.settings.what == "mentions" and (self.settings.search or self.settings.topics) else ()

    @property
    def _searches(self) -> Allowance:
        title = say("Threads の検索(24 時間)", "Threads search (24 hours)")
        return Allowance(f"threads search {self.settings.token_env}", MOST_SEARCHES, "calls", Rolling(timedelta(hours=24)), title)

    async def renewed(self, old: Token) -> Token:
        """Renew the long-lived token."""
        return await self.exchanged(old, "refresh_access_token", "th_refresh_token")

    async def check(self) -> str:
        """Say whose account it is, and try what others write."""
        account = await self.probe()
        mentioned = await self.try_lists()
        queries = self._queries() if self.settings.what == "mentions" else []
        if queries:
            page = await self._found_page("KEYWORD", queries[0], self.context.now() - timedelta(days=1), None)
            found = f"{len(page.items)}{'+' if page.cursor else ''}"
        name = text_at(account, "username") or self.settings.account
        told = [say(f"@{name} を読めます", f"@{name} can be read")]
        told += await self.try_answers(self.settings.replies)
        if mentioned is not None:
            told.append(say(f"メンション 直近 {mentioned} 件", f"{mentioned} mentions on the first page"))
        if queries:
            told.append(say(f"検索「{queries[0]}」 この 1 日に {found} 件", f"search “{queries[0]}”: {found} in the last day"))
        return say("、", ", ").join(told)

    async def read(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Yield our own posts and replies, or the mentions."""
        account = self.settings.account
        if self.settings.what == "own":
            lists = {"own": ("threads", _THREAD)} | ({"replies": ("replies", _REPLY)} if self.settings.replies else {})
            for walk, (path, fields) in lists.items():
                async for record in self.own(walk, f"{account}/{path}", bookmark, since, fields):
                    yield record
            return
        name = text_at(await self.probe(), "username")
        self.our_names = {name} if name else set()
        seen: set[str] = set()
        if self.settings.replies:
            async for record in self.answers(await self.our_posts(since), bookmark, since, seen):
                yield record
        async for record in self.listed(bookmark, since, seen):
            yield record
        async for record in self._found(bookmark, since, seen):
            yield record

    async def our_posts(self, since: datetime) -> list[Ours]:
        """Return our own posts; how many answers they have is not told, only whether there are any."""
        rows = await self.ours(f"{self.settings.account}/threads", ("id", "timestamp", "has_replies"), since)
        return [Ours(row["id"], self.identity(row)[1], 0 if dig(row, "has_replies") is False else None) for row in rows]

    # --- our own posts

    def own_records(self, raw: Any, native_id: str, at: datetime) -> Iterator[Record]:
        """Yield a post with its counts; somebody else's words that we repeat do not become ours."""
        if dig(raw, "reposted_post") is not None or text_at(raw, "media_type") == "REPOST_FACADE":
            return
        yield self._thread(raw, native_id, at)
        yield from self.own_metrics(raw, native_id)

    def own_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the counts of the insights."""
        counts = Counts(raw.get("figures") or {})
        values = {"views": counts.get("views"), "likes": counts.get("likes"), "comments": counts.get("replies")}
        yield from self.counted(raw, native_id, counts, **values, shares=counts.sum("reposts", "quotes", "shares"))

    def _thread(self, raw: Any, native_id: str, at: datetime, ours: str | None = None) -> Post:
        parent, quoted = text_at(raw, "replied_to", "id") or ours, text_at(raw, "quoted_post", "id")
        kind: Kind = "reply" if parent else "quote" if quoted or dig(raw, "is_quote_post") is True else "post"
        name, topic = text_at(raw, "username"), text_at(raw, "topic_tag")
        post = self.post(
            raw, native_id, at, kind=kind, author_id=name, author_name=name, url=text_at(raw, "permalink"), parent_id=parent or quoted
        )
        return post if topic is None else _tagged(post, topic)

    # --- what others write

    async def answers_page(self, ours: str, cursor: str | None) -> Page:
        """Return a page of the conversation below a post, replies to replies among them."""
        params = {"reverse": "true", "limit": self.page_size, **cursor_params(cursor)}
        return await self._list(f"{ours}/conversation", _REPLY, params, cursor, partial(self.answer_item, ours))

    def answer_records(self, raw: Any, native_id: str, at: datetime, ours: str) -> Iterator[Record]:
        """Yield a reply by somebody else."""
        if dig(raw, "is_reply_owned_by_me") is True or self.refuses(raw, text_at(raw, "username")):
            return
        yield self._thread(raw, native_id, at, ours or None)

    def answer_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield counts of which nothing is known, so that it is known that the reply is still there."""
        yield from self.counted(raw, native_id, Counts({}))

    def listing(self) -> Fetch | None:
        """Return how posts are read that mention us."""
        return self._mentioned_page if self.settings.mentioned else None

    async def _mentioned_page(self, cursor: str | None) -> Page:
        params = {"limit": self.page_size, **cursor_params(cursor)}
        return await self._list(f"{self.settings.account}/mentions", _THREAD, params, cursor, partial(self._other, None))

    async def _found(self, bookmark: Bookmark, since: datetime, seen: set[str]) -> AsyncIterator[Record]:
        """Yield what the searches find."""
        walks = {f"search {words}": ("KEYWORD", words) for words in self._queries()}
        walks |= {f"topic {topic}": ("TAG", topic) for topic in self.settings.topics}
        new = self.next_bookmark
        new.covered = {name: at for name, at in new.covered.items() if not name.startswith(("search ", "topic ")) or name in walks}
        new.holes = [hole for hole in new.holes if not hole.walk.startswith(("search ", "topic ")) or hole.walk in walks]
        for name, (mode, words) in walks.items():
            async for record in self.walk(name, partial(self._found_page, mode, words, since), bookmark, since, seen):
                yield record

    def _queries(self) -> list[str]:
        if not self.settings.search:
            return []
        words = self.settings.queries or self.context.brand.spellings
        if not words:
            raise AccessError(
                say("検索する言葉がありません", "There is nothing to search for"),
                say("[[brand]] の name か、この情報源の queries を書いてください", "Give the brand a name, or this source its queries"),
            )
        return list(dict.fromkeys(words))

    async def _found_page(self, mode: str, words: str, since: datetime, cursor: str | None) -> Page:
        params = {"q": words, "search_type": "RECENT", "search_mode": mode, "since": max(BEGIN, int(since.timestamp()))}
        params |= {"limit": self.page_size, **cursor_params(cursor)}
        charge = Charge(self.context.allowances, self._searches, 1)
        return await self._list("keyword_search", _THREAD, params, cursor, partial(self._other, words), charge)

    async def _list(
        self, path: str, fields: tuple[str, ...], params: dict[str, Any], cursor: str | None, item: Any, charge: Charge | None = None
    ) -> Page:
        try:
            answer = await self.graph.read(path, fields, params, charge=charge)
        except GraphError as error:
            raise self.graph.told(error, _WITHOUT.get(path.rpartition("/")[2])) from None
        rows = self.rows(answer)
        if charge is not None:
            charge.settle(1 if rows else 0)
        return self.page(answer, path, cursor, item)

    def _other(self, words: str | None, raw: Any) -> Item:
        """Return the item of a post by somebody else; ``words`` is what was searched for, and must be in it."""
        native_id, at = self.identity(raw)
        said = f"{self.text_of(raw)} {text_at(raw, 'topic_tag') or ''}"
        found = words is None or words.casefold() in said.casefold() or self.context.brand.named_in(said)
        if not found or dig(raw, "reposted_post") is not None or self.refuses(raw, text_at(raw, "username")):
            return Item(native_id, at, ())
        return Item(native_id, at, (self._thread(raw, native_id, at),))

    # --- look-ups

    async def looked_up(self, ids: list[str], own: bool) -> AsyncIterator[Metrics | Gone | Post]:
        """Look our own posts up by their figures alone: one question each, and only what seems to be gone is asked for itself."""
        if not own:
            async for record in super().looked_up(ids, own):
                yield record
            return
        found = await self.insights.of_each(ids)
        lost = [one for one in ids if one in self.insights.missing or not self.insights.metrics]
        async for record in super().looked_up(lost, own) if lost else _nothing():
            if isinstance(record, Gone):
                yield record
        for one in ids:
            if found[one]:
                counts = self.own_metrics({"figures": found[one]}, one)
                for metrics in counts:
                    if isinstance(metrics, Metrics):
                        yield metrics


async def _nothing() -> AsyncIterator[Metrics | Gone | Post]:
    return
    yield  # pragma: no cover - makes this a generator


def _tagged(post: Post, topic: str) -> Post:
    return replace(post, tags=tuple(dict.fromkeys((*post.tags, topic))))
