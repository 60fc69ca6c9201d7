"""Bluesky: an account's own posts (no credentials needed), and what others say of the brand: found by search (with an app password),
told by notifications (where the password is the brand's own), and answered to its own posts (replies and quotes).

A post here never changes: a look-up gives its counts, or shows that it is gone. Views are not published.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.base import Collector, EnvName, SourceSettings, Text, Url
from collectors.bluesky_answers import PAGE, URIS_A_CALL, answers_to, notified, own_posts
from collectors.bluesky_read import created, quoted_of, searchable, tags_of, uri_of
from collectors.bluesky_session import Session, XrpcRefused, call
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError
from collectors.jsonread import Counts, dig, items_at, moment_at, storable, text_at
from collectors.language import say, thousands
from collectors.limits import Budget
from collectors.paging import OVERLAP, Fetch, Item, Page
from collectors.refresh import Known
from collectors.values import NotReadable
from collectors.words import any_in
from store.records import Gone, Kind, Metrics, Post, Record

NOTIFICATIONS = "notifications"
MANY_AUTHORS = 3
"""When a look-up finds none of the posts of so many authors, the service is broken, not the posts gone."""


class BlueskySettings(SourceSettings):
    """An account (``own``), or a search for the brand's spellings (``mentions``)."""

    kind: Literal["bluesky"] = Field(default="bluesky", description='"bluesky"')
    actor: Text | None = Field(
        default=None,
        description='自社のアカウント(例: "brand.bsky.social")。own のとき必ず書く。mentions では、その投稿への返信と引用も読み、その投稿は数えない',
    )
    identifier: Text | None = Field(default=None, description="検索に使うアカウント名。mentions のとき必ず書く")
    app_password_env: EnvName = Field(
        default="HIBIKI_BLUESKY_APP_PASSWORD", description="アプリパスワードを入れた環境変数の名前(パスワードそのものは書かない)"
    )
    service: Url = Field(default="https://public.api.bsky.app", description="投稿を読むサービスの URL")
    login_service: Url = Field(default="https://bsky.social", description="ログインと検索に使うサービスの URL")
    queries: tuple[Text, ...] = Field(default=(), description="検索する言葉。書かなければブランド名とその別の書き方")
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含む投稿は取り込まない")

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The account, where it is the brand's own."""
        return (self.actor,) if self.actor else ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = "actor" if self.what == "own" else "identifier"
        if not getattr(self, needed):
            text = say(f'what = "{self.what}" のときは {needed} を書いてください', f'{needed} must be given where what = "{self.what}"')
            raise PydanticCustomError("incomplete", "{text}", {"text": text})
        return self


class BlueskyCollector(Collector[BlueskySettings]):
    """Reads one account's feed, or searches for a brand."""

    platform: ClassVar[str] = "bluesky"
    budget: ClassVar[Budget | None] = Budget(3000, timedelta(minutes=5))
    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = URIS_A_CALL
    must_recheck: ClassVar[bool] = True

    async def check(self) -> str:
        """Say how many posts the account has, or that the search works."""
        if self.settings.what == "own":
            profile = await self._read("app.bsky.actor.getProfile", {"actor": self._actor})
            name, posts = text_at(profile, "displayName") or self.settings.actor, Counts(profile).get("postsCount")
            return say(f"{name} 投稿 {thousands(posts)} 件", f"{name}: {thousands(posts)} posts")
        words = self._queries()[0]
        found = items_at(await self._session().ask("app.bsky.feed.searchPosts", {"q": words, "limit": 1}), "posts")
        return say(
            f"検索できます(「{words}」 {'見つかりました' if found else '該当なし'})",
            f"The search works (“{words}”: {'found' if found else 'nothing'})",
        )

    @property
    def _actor(self) -> str:
        return (self.settings.actor or "").removeprefix("@")

    def _queries(self) -> list[str]:
        words = self.settings.queries or self.context.brand.spellings
        if not words:
            raise AccessError(
                say("検索する言葉がありません", "There is nothing to search for"),
                say("[[brand]] の name か、この情報源の queries を書いてください", "Give the brand a name, or this source its queries"),
            )
        # A phrase of several words is quoted, or each of its words would do.
        return [f'"{word}"' if " " in word else word for word in dict.fromkeys(word.replace('"', " ").strip() for word in words)]

    def _session(self) -> Session:
        settings = self.settings
        password = self.secret(settings.app_password_env, say("Bluesky のアプリパスワード", "Bluesky app password"))
        return Session(self.line, settings.login_service, settings.identifier or "", password)

    async def _read(self, method: str, params: dict[str, Any]) -> Any:
        try:
            return await call(self.line, self.settings.service, method, params=params)
        except XrpcRefused as refused:
            raise refused.as_source_error() from None

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        if self.settings.what == "own":
            async for record in self.walk("own", self._own_page, bookmark, since):
                yield record
            return
        session, seen = self._session(), set[str]()
        ways: dict[str, Fetch] = {words: partial(self._found_page, session, words, since) for words in self._queries()}
        if self._hears_for_itself:
            # The first pages are read again each round; what was covered before need not be looked up again for that.
            whole = any(hole.walk == NOTIFICATIONS for hole in bookmark.holes) or NOTIFICATIONS not in bookmark.covered
            oldest = since if whole else max(since, bookmark.covered[NOTIFICATIONS] - OVERLAP)
            ways[NOTIFICATIONS] = partial(self._notified_page, session, oldest)
        self.next_bookmark.covered = {name: at for name, at in bookmark.covered.items() if name in ways}
        self.next_bookmark.holes = [hole for hole in bookmark.holes if hole.walk in ways]
        for name, fetch in ways.items():
            async for record in self.walk(name, fetch, bookmark, since, seen):
                yield record
        async for record in self._answers(session, bookmark, since, seen):
            yield record

    @property
    def _hears_for_itself(self) -> bool:
        """Whether the account that searches is the brand's own, so that its notifications are about the brand."""
        own = {name.removeprefix("@").lower() for name in (*self.settings.own_accounts, *self.context.own_accounts)}
        return (self.settings.identifier or "").removeprefix("@").lower() in own

    async def _answers(self, session: Session, bookmark: Bookmark, since: datetime, seen: set[str]) -> AsyncIterator[Record]:
        """Yield what answers and quotes the posts of ``actor``; a post's are read again when their number has changed."""
        if self.settings.actor is None:
            return
        known: dict[str, Any] = bookmark.notes.get("answered", {})
        answered: dict[str, Any] = {}
        async for post in own_posts(self._read, self._actor, since):
            uri, number = text_at(post, "uri") or "", [Counts(post).get("replyCount"), Counts(post).get("quoteCount")]
            if not any(number):
                continue
            answered[uri] = known.get(uri)
            before, read_at = known.get(uri) or (None, None)
            if before != number:
                oldest = max(since, datetime.fromisoformat(read_at) - OVERLAP) if read_at else since
                answered[uri] = [number, self.context.now().isoformat()]
                for raw in await answers_to(self._read, uri, number, oldest):
                    for record in self._answer(raw, f"answers {uri}", session.did, seen):
                        yield record
            self.next_bookmark.notes = {**self.next_bookmark.notes, "answered": known | answered}
        self.next_bookmark.notes = {**self.next_bookmark.notes, "answered": answered}

    def _answer(self, raw: Any, place: str, self_did: str | None, seen: set[str]) -> Iterator[Record]:
        try:
            item = self._found_item(raw, place, self_did, addressed=True)
        except NotReadable as error:
            yield self.reject(place, str(error), json.dumps(raw))
            return
        if item.id not in seen:
            yield from item.records
            seen.add(item.id)

    async def _notified_page(self, session: Session, oldest: datetime, cursor: str | None) -> Page:
        answer, posts = await notified(session, self._read, oldest, cursor)
        items: list[Item] = []
        rejects: list[Record] = []
        for number, (raw, post) in enumerate(posts, start=1):
            place = f"notifications {cursor or '-'} #{number}"
            try:
                at = moment_at(raw, "indexedAt")
                item = None if post is None else self._found_item(post, place, session.did, addressed=True)
                items.append(Item(uri_of(raw), at, item.records if item else ()))
            except NotReadable as error:
                rejects.append(self.reject(place, str(error), json.dumps(raw)))
        return Page(items, text_at(answer, "cursor"), rejects=tuple(rejects))

    async def _own_page(self, cursor: str | None) -> Page:
        params = {"actor": self._actor, "limit": PAGE, "filter": "posts_with_replies"}
        answer = await self._read("app.bsky.feed.getAuthorFeed", params | ({"cursor": cursor} if cursor else {}))
        return self._page(answer, "feed", cursor)

    async def _found_page(self, session: Session, words: str, since: datetime, cursor: str | None) -> Page:
        start = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        params = {"q": words, "sort": "latest", "since": start, "limit": PAGE}
        answer = await session.ask("app.bsky.feed.searchPosts", params | ({"cursor": cursor} if cursor else {}))
        return self._page(answer, "posts", cursor, session.did)

    def _page(self, answer: Any, key: str, asked: str | None, self_did: str | None = None) -> Page:
        """Turn an answer into a page; what cannot be read becomes a reject, the rest goes in."""
        if not isinstance(dig(answer, key), list):
            raise FormatError(say(f"Bluesky の応答に {key} がありません", f"Bluesky's answer has no {key}"), json.dumps(answer))
        make = self._feed_item if key == "feed" else partial(self._found_item, self_did=self_did)
        items, rejects = self.items(items_at(answer, key), f"{key} {asked or '-'}", make)
        return Page(items, text_at(answer, "cursor"), rejects=tuple(rejects))

    def _feed_item(self, raw: Any, place: str) -> Item:
        post, kind = dig(raw, "post"), text_at(raw, "reason", "$type") or ""
        if kind.endswith("#reasonRepost"):
            own = dig(post, "author", "did") == dig(raw, "reason", "by", "did") is not None
            # Its place in the feed is when it was reposted; somebody else's words do not become ours by that.
            at = moment_at(raw, "reason", "indexedAt")
            return Item(f"repost {uri_of(post)}", at, tuple(self._records(post, place)) if own else ())
        at = None if kind.endswith("#reasonPin") else created(post)
        return Item(uri_of(post), at, tuple(self._records(post, place)))

    def _found_item(self, post: Any, place: str, self_did: str | None, addressed: bool = False) -> Item:
        """Return the item of somebody else's post about the brand; one that is ``addressed`` to it need not name it."""
        uri, created_at, words = uri_of(post), created(post), self.context.brand
        told = (*self.settings.own_accounts, *self.context.own_accounts, *self.settings.ignore_authors)
        ours = {self_did, self.settings.identifier, *(name.removeprefix("@") for name in told)} - {None}
        text = " ".join(searchable(post))
        named = addressed or words.named_in(text) or any(query.strip('"').casefold() in text.casefold() for query in self.settings.queries)
        refused = words.refused_in(text) or any_in(self.settings.must_not, text)
        if not named or refused or {dig(post, "author", "did"), dig(post, "author", "handle")} & ours:
            return Item(uri, created_at, ())
        return Item(uri, created_at, tuple(self._records(post, place)))

    def _records(self, post: Any, place: str) -> Iterator[Record]:
        uri, now, record = uri_of(post), self.context.now(), dig(post, "record")
        if not isinstance(dig(record, "text"), str):
            raise NotReadable(say("record.text: 本文がありません", "record.text: there is no text"))
        handle, parent, quoted = text_at(post, "author", "handle"), text_at(record, "reply", "parent", "uri"), quoted_of(record)
        kind: Kind = "reply" if parent else "quote" if quoted else "post"
        langs = [lang for lang in items_at(record, "langs") if isinstance(lang, str)]
        did = text_at(post, "author", "did") or uri.split("/")[2]
        yield Post(
            platform=self.platform,
            native_id=uri,
            brand=self.settings.brand,
            relation=self.relation,
            source=self.settings.name,
            text=storable(record["text"]),
            created_at=created(post),
            seen_at=now,
            kind=kind,
            author_id=did,
            author_name=text_at(post, "author", "displayName") or handle,
            url=f"https://bsky.app/profile/{handle or did}/post/{uri.rpartition('/')[2]}",
            parent_id=parent or quoted,
            lang=storable(langs[0]) or None if langs else None,
            tags=tags_of(record),
        )
        yield from self._metrics(post, uri, now, place)

    def _metrics(self, post: Any, uri: str, now: datetime, place: str) -> Iterator[Record]:
        counts = Counts(post)
        yield Metrics(
            platform=self.platform,
            native_id=uri,
            observed_at=now,
            likes=counts.get("likeCount"),
            comments=counts.get("replyCount"),
            shares=counts.sum("repostCount", "quoteCount"),
            saves=counts.get("bookmarkCount"),
        )
        if counts.faults:
            yield self.reject(place, " / ".join(counts.faults), json.dumps(post))

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, and ``Gone`` for those that are not there any more."""
        uris = [post.native_id for post in posts if post.native_id.startswith("at://")]
        for start in range(0, len(uris), URIS_A_CALL):
            asked = uris[start : start + URIS_A_CALL]
            answer = await self._read("app.bsky.feed.getPosts", {"uris": asked})
            if not isinstance(dig(answer, "posts"), list):
                raise FormatError(say("Bluesky の応答に posts がありません", "Bluesky's answer has no posts"), json.dumps(answer))
            found = {text_at(post, "uri"): post for post in items_at(answer, "posts")}
            if not found and len({uri.split("/")[2] for uri in asked}) >= MANY_AUTHORS:
                raise BusyError(
                    say("Bluesky が投稿を 1 件も返しません(障害のようです)", "Bluesky returns no posts at all (it seems to be broken)")
                )
            for uri in asked:
                if uri in found:
                    for record in self._metrics(found[uri], uri, self.context.now(), uri):
                        if isinstance(record, Metrics):
                            yield record
                elif None not in found:  # an item without a URI may be any of them
                    yield Gone(platform=self.platform, native_id=uri, seen_at=self.context.now())
