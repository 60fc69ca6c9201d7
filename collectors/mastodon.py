"""Mastodon's API, at any server that speaks it: an account's own posts, and what the server shows of the brand.

Mentions come by up to three ways: hashtags (mostly without a token), search and notifications (both with the account's own token).
Views are not published. A post of another server carries the counts that this one knows of.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from collectors.answers import Answer
from collectors.base import Context
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.fediverse import FediverseCollector, FediverseSettings, Way
from collectors.jsonread import Counts, dig, moment_at, text_at
from collectors.language import say, thousands
from collectors.limits import Budget
from collectors.mastodon_lookup import IDS_A_CALL, LookUp, Parents
from collectors.mastodon_read import (
    OPEN,
    created,
    is_open,
    list_of,
    names_of,
    next_id,
    parent_of,
    quoted_of,
    searchable,
    tags_of,
    text_of,
    uri_of,
    why_refused,
)
from collectors.paging import OVERLAP, Item, Page
from collectors.refresh import Known
from collectors.values import NotReadable
from store.records import Gone, Kind, Metrics, Post, Record

PAGE = 40
MANY_AUTHORS = 3
"""When a look-up finds none of the posts of so many authors, the server is broken, not the posts gone."""

_REFUSALS = (400, 401, 403, 404, 405, 410, 422)


class MastodonSettings(FediverseSettings):
    """An account of a server (``own``), or what that server shows of the brand (``mentions``)."""

    kind: Literal["mastodon"] = Field(default="mastodon", description='"mastodon"')


class MastodonCollector(FediverseCollector[MastodonSettings]):
    """Reads one server."""

    platform: ClassVar[str] = "mastodon"
    budget: ClassVar[Budget | None] = Budget(300, timedelta(minutes=5))
    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = IDS_A_CALL
    must_recheck: ClassVar[bool] = True

    def __init__(self, settings: MastodonSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._looking = LookUp(self._ask, self._refused)
        self._parents = Parents(self._looking)

    async def check(self) -> str:
        """Say how many posts the account has, or what each way of finding mentions shows."""
        if self.settings.what == "mentions":
            return await self.try_ways()
        account = await self._account()
        posts, name = Counts(account).get("statuses_count"), text_at(account, "display_name") or self.settings.account
        await self._own_page(text_at(account, "id") or "", None)
        return say(f"{name} 投稿 {thousands(posts)} 件", f"{name}: {thousands(posts)} posts")

    async def ways(self) -> list[Way]:
        """Return the account's own posts, or hashtags, and (with a token) search and notifications."""
        if self.settings.what == "own":
            number = text_at(await self._account(), "id") or ""
            return [Way("own", say("投稿", "posts"), partial(self._own_page, number))]
        ways = [Way(f"tag {name}", f"#{name}", partial(self._tag_page, name)) for name in self.tag_names()]
        if self.secret_token() is not None:
            searched = self.spellings(self.settings.queries)
            ways += [
                Way(f"search {word}", say(f"検索「{word}」", f"search “{word}”"), partial(self._search_page, word)) for word in searched
            ]
            ways.append(Way("notifications", say("通知", "notifications"), self._notified_page))
        if not ways:
            raise AccessError(
                say("ハッシュタグにできる言葉がありません", "None of the words can be a hashtag"),
                say(
                    "tags を書くか、token_env を書いて検索できるようにしてください",
                    "Give tags, or a token_env so that the server can be searched",
                ),
            )
        return ways

    async def _ask(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        token = self.secret_token()
        headers = {"authorization": f"Bearer {token}"} if token else None
        url = f"{self.settings.server.rstrip('/')}/api/{path}"
        return await self.line.ask(url, params=params, headers=headers, allow=_REFUSALS, expect_json=True)

    async def _read(self, path: str, params: Mapping[str, Any], what: str) -> Answer:
        answer = await self._ask(path, params)
        if answer.status >= 400:
            raise self._refused(answer, what)
        return answer

    def _list(self, answer: Answer, *path: str) -> list[Any]:
        try:
            return list_of(answer, *path)
        except FormatError as error:
            raise self.safe(error) from None

    def _refused(self, answer: Answer, what: str) -> SourceError:
        return self.safe(why_refused(answer, self.settings.host, self.settings.token_env, what))

    async def _account(self) -> Any:
        name = (self.settings.account or "").removeprefix("@").removesuffix(f"@{self.settings.host}")
        answer = await self._ask("v1/accounts/lookup", {"acct": name})
        host = self.settings.host
        if answer.status in (404, 410):
            raise AccessError(
                say(f"{host} にアカウント {name} が見つかりません", f"{host} has no account {name}"),
                say("設定の account のつづりを確かめてください", "Check the spelling of account in the settings"),
            )
        if answer.status >= 400:
            raise self._refused(answer, say("アカウント", "account"))
        account = answer.json()
        if text_at(account, "id") is None:
            raise FormatError(say("Mastodon の応答に id がありません", "Mastodon's answer has no id"), json.dumps(account))
        return account

    async def _own_page(self, account: str, cursor: str | None) -> Page:
        answer = await self._read(f"v1/accounts/{quote(account, safe='')}/statuses", _page(cursor), say("投稿", "posts"))
        items = self._list(answer)
        return await self._page(items, next_id(answer, items), self._own_item, f"own {cursor or '-'}")

    async def _tag_page(self, name: str, cursor: str | None) -> Page:
        answer = await self._read(f"v1/timelines/tag/{quote(name, safe='')}", _page(cursor), say("ハッシュタグ", "hashtags"))
        items = self._list(answer)
        return await self._page(items, next_id(answer, items), self._found_item, f"#{name} {cursor or '-'}")

    async def _search_page(self, words: str, cursor: str | None) -> Page:
        params = {"q": words, "type": "statuses", **_page(cursor)}
        items = self._list(await self._read("v2/search", params, say("検索結果", "search results")), "statuses")
        # The API gives no Link here; a server that ignores max_id is noticed by its repeating page.
        following = text_at(items[-1], "id") if items else None
        return await self._page(items, following, self._found_item, f"search {cursor or '-'}")

    async def _notified_page(self, cursor: str | None) -> Page:
        params = {**_page(cursor), "types[]": ["mention", "quote"]}
        answer = await self._ask("v1/notifications", params)
        if answer.status in (400, 422):  # a server that knows no quotes
            answer = await self._read("v1/notifications", {**params, "types[]": ["mention"]}, say("通知", "notifications"))
        elif answer.status >= 400:
            raise self._refused(answer, say("通知", "notifications"))
        items = self._list(answer)
        return await self._page(items, next_id(answer, items), self._notified_item, f"notifications {cursor or '-'}")

    async def _page(self, raws: list[Any], cursor: str | None, make: Callable[[Any, str], Item], place: str) -> Page:
        """Turn an answer into a page; what cannot be read becomes a reject, the rest goes in."""
        items, rejects = self.items(raws, place, make, _shown)
        return Page(await self._parents.put_into(items), cursor, rejects=tuple(rejects))

    def _own_item(self, raw: Any, place: str) -> Item:
        boosted = dig(raw, "reblog")
        if boosted is None:
            return Item(uri_of(raw), created(raw), tuple(self._records(raw, place)) if is_open(raw) else ())
        # Its place is when it was boosted; somebody else's words do not become ours by that.
        own = dig(boosted, "account", "id") == dig(raw, "account", "id") is not None
        records = tuple(self._records(boosted, place)) if own and is_open(boosted) else ()
        return Item(f"boost {text_at(raw, 'id')}", created(raw), records)

    def _found_item(self, raw: Any, place: str) -> Item:
        return Item(uri_of(raw), created(raw), tuple(self._records(raw, place)) if self._is_wanted(raw) else ())

    def _notified_item(self, raw: Any, place: str) -> Item:
        status, at = dig(raw, "status"), created(raw)
        if status is None or text_at(raw, "type") not in ("mention", "quote"):
            return Item(f"notification {text_at(raw, 'id')}", at, ())
        return Item(uri_of(status), at, tuple(self._records(status, place)) if self._is_wanted(status, addressed=True) else ())

    def _is_wanted(self, raw: Any, addressed: bool = False) -> bool:
        if not is_open(raw) or dig(raw, "reblog") is not None:
            return False
        text = text_of(raw)
        authors = names_of(dig(raw, "account"), self.settings.host)
        return self.wanted(" ".join(searchable(raw, text)), tags_of(raw, text), authors, addressed)

    def _records(self, raw: Any, place: str) -> Iterator[Record]:
        post, local, parent = self._post(raw), text_at(raw, "id"), text_at(raw, "in_reply_to_id")
        if local is not None:
            self.know(post.native_id, local)
        self._parents.saw(post, local, parent)
        yield post
        yield from self._metrics(raw, post.native_id, place)

    def _post(self, raw: Any) -> Post:
        uri, account, text, quoted = uri_of(raw), dig(raw, "account"), text_of(raw), quoted_of(raw)
        answers = text_at(raw, "in_reply_to_id") is not None
        kind: Kind = "reply" if answers else "quote" if dig(raw, "quote") is not None else "post"
        name = text_at(account, "acct") or text_at(account, "username")
        return Post(
            platform=self.platform,
            native_id=uri,
            brand=self.settings.brand,
            relation=self.relation,
            source=self.settings.name,
            text=text,
            created_at=created(raw),
            seen_at=self.context.now(),
            kind=kind,
            # The address is the same wherever the account is seen from; its short name is not.
            author_id=text_at(account, "url") or text_at(account, "uri") or name,
            author_name=text_at(account, "display_name") or name,
            url=text_at(raw, "url") or uri,
            parent_id=parent_of(raw) if answers else quoted,
            lang=text_at(raw, "language"),
            tags=tags_of(raw, text),
        )

    def _metrics(self, raw: Any, uri: str, place: str) -> Iterator[Record]:
        counts = Counts(raw)
        yield Metrics(
            platform=self.platform,
            native_id=uri,
            observed_at=self.context.now(),
            likes=counts.get("favourites_count"),
            comments=counts.get("replies_count"),
            shares=counts.sum("reblogs_count", "quotes_count"),
        )
        if counts.faults:
            yield self.reject(place, " / ".join(counts.faults), _shown(raw))

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what nobody may read any more, the post where it was edited."""
        lost = 0
        for start in range(0, len(posts), IDS_A_CALL):
            asked = {post.native_id: post for post in posts[start : start + IDS_A_CALL]}
            found, gone = await self._looking.statuses({uri: self.local_of(uri) for uri in asked})
            lost += len(asked) - len(found) - len(gone)
            if not found and len({uri.rpartition("/")[0] for uri in gone}) >= MANY_AUTHORS:
                raise BusyError(
                    say(
                        f"{self.settings.host} が投稿を 1 件も返しません(障害のようです)",
                        f"{self.settings.host} returns no posts at all (it seems to be broken)",
                    )
                )
            for uri in gone:
                yield Gone(platform=self.platform, native_id=uri, seen_at=self.context.now())
            for uri, status in found.items():
                for record in self._news_of(asked[uri], status):
                    yield record
        if lost:
            self.remarks.append(
                say(
                    f"ほかのサーバーの投稿 {lost} 件は、この{'トークン' if self.settings.token_env else 'サーバー(トークンなし)'}では取り直せません",
                    f"{lost} posts of other servers cannot be looked up here{'' if self.settings.token_env else ' without a token'}",
                )
            )

    def _news_of(self, known: Known, status: Any) -> Iterator[Metrics | Gone | Post]:
        """Yield what is to be said of a post that was found."""
        try:
            if not is_open(status):
                yield Gone(platform=self.platform, native_id=known.native_id, seen_at=self.context.now())
                return
            edited = moment_at(status, "edited_at")
            if edited is not None and (known.observed_at is None or edited > known.observed_at - OVERLAP):
                yield self._post(status)
        except NotReadable:
            return  # one that cannot be read is neither gone nor news; reading the lists tells of it
        for record in self._metrics(status, known.native_id, known.native_id):
            if isinstance(record, Metrics):
                yield record


def _page(cursor: str | None) -> dict[str, Any]:
    return {"limit": PAGE} | ({"max_id": cursor} if cursor else {})


def _shown(raw: Any) -> str:
    """Return what is kept of an item that cannot be read: nothing but its ids where it is not certain that anybody may read it."""
    if isinstance(raw, dict) and (raw.get("visibility") not in OPEN or raw.get("reblog")):
        raw = {name: raw.get(name) for name in ("id", "uri", "visibility", "type")}
    return json.dumps(raw)
