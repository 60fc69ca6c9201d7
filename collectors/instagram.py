"""Instagram: a professional account's own media with their figures, and what others write below and about them.

Mentions are comments on our media, media in which we are tagged, and public media with the hashtags of the settings (of the last 24
hours, at most 30 different hashtags in seven days, without their authors). An @mention in somebody's caption or comment is told by
webhook only, which needs a public address; it is not read here. What a hashtag found cannot be looked up again: how long its text is
held is for ``[retention.platform.instagram]``.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.allowance import Allowance, Rolling
from collectors.base import Context, EnvName, Text, Url
from collectors.bookmark import Bookmark
from collectors.errors import BusyError, FormatError
from collectors.graph import Mend, cursor_params
from collectors.graph_base import GraphSettings, Version
from collectors.graph_collector import GraphCollector, Ours
from collectors.graph_errors import GraphError
from collectors.jsonread import Counts, items_at, text_at
from collectors.language import say, thousands
from collectors.paging import Fetch, Item, Page
from collectors.tokens import Token
from collectors.values import NotReadable
from store.records import Kind, Record

MOST_HASHTAGS = 30
HASHTAG_REACH = timedelta(hours=24)
HASHTAG_LATE = timedelta(hours=6)
"""A hashtag's list is not in order: so far behind what was read it is read again."""
LATE = timedelta(days=2)
"""So far back answers to comments are looked for again."""

_MEDIA = ("id", "caption", "permalink", "timestamp", "username", "like_count", "comments_count")
_COMMENT = ("id", "text", "timestamp", "username", "from", "like_count", "parent_id", "media")
_REPLIES = "replies.limit(50){id,text,timestamp,username,from,like_count}"


class InstagramSettings(GraphSettings):
    """A professional account (``own``), or what others write about it (``mentions``)."""

    kind: Literal["instagram"] = Field(default="instagram", description='"instagram"')
    account: Text = Field(description="Instagram のプロアカウントの ID(数字。ユーザーネームではない)")
    username: Text | None = Field(default=None, description="自社のユーザーネーム。その投稿とコメントは mentions で数えない")
    login: Literal["facebook", "instagram"] = Field(
        default="facebook",
        description="トークンの種類。facebook = Facebook ログイン(タグとハッシュタグはこちらだけ)、instagram = Instagram ログイン",
    )
    token_env: EnvName = Field(default="HIBIKI_INSTAGRAM_TOKEN", description="アクセストークンを入れた環境変数の名前")
    comments: bool = Field(default=True, description="mentions で、自社の投稿へのコメントを読むか")
    tagged: bool = Field(default=True, description="mentions で、自社がタグ付けされた投稿を読むか(Facebook ログインのとき)")
    hashtags: tuple[Text, ...] = Field(
        default=(),
        max_length=MOST_HASHTAGS,
        description="mentions で探すハッシュタグ(# は書かない。7 日間に 30 種類まで。Facebook ログインのとき)",
    )
    service: Url = Field(default="https://graph.facebook.com", description="API の URL(Instagram ログインなら自動で graph.instagram.com)")
    version: Version = Field(default="v26.0", description="API のバージョン")

    @model_validator(mode="before")
    @classmethod
    def _service_of_login(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("login") == "instagram" and "service" not in given:
            return {**given, "service": "https://graph.instagram.com"}
        return given

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.login == "instagram" and self.hashtags:
            text = say('hashtags を使うには login = "facebook" にしてください', 'hashtags need login = "facebook"')
            raise PydanticCustomError("login", "{text}", {"text": text})
        return self

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The account's name, where it is told."""
        return (self.username,) if self.username else ()


class InstagramCollector(GraphCollector[InstagramSettings]):
    """Reads one professional account of Instagram."""

    platform: ClassVar[str] = "instagram"
    titles: ClassVar[tuple[str, str]] = ("Instagram", "Instagram")
    metrics: ClassVar[tuple[str, ...]] = ("views", "likes", "comments", "saved", "shares", "reposts")
    own_fields: ClassVar[tuple[str, ...]] = _MEDIA
    answer_fields: ClassVar[tuple[str, ...]] = _COMMENT
    answer_kind: ClassVar[Kind] = "comment"
    text_fields: ClassVar[tuple[str, ...]] = ("caption", "text")
    account_fields: ClassVar[tuple[str, ...]] = ("id", "username", "media_count")

    def __init__(self, settings: InstagramSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._our_paths: set[str] = set()

    @property
    def mend(self) -> Mend:
        """Say how to get a token, and with which permissions."""
        if self.settings.login == "instagram":
            rights = "instagram_business_basic, instagram_business_manage_insights, instagram_business_manage_comments"
        else:
            rights = "instagram_basic, instagram_manage_insights, instagram_manage_comments, pages_read_engagement"
        variable = self.settings.token_env
        return Mend(
            say(
                f"Meta for Developers で長期のアクセストークンを作り直し、.env の {variable} に書いてください",
                f"Make a new long-lived token at Meta for Developers and write it into .env as {variable}",
            ),
            say(
                f"設定の account と、トークンの権限({rights})を確かめてください",
                f"Check the account in the settings and the token's permissions ({rights})",
            ),
        )

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """Thirty different hashtags in any seven days."""
        return (self._hashtag_allowance,) if self.settings.hashtags and self.settings.what == "mentions" else ()

    @property
    def _hashtag_allowance(self) -> Allowance:
        title = say("Instagram のハッシュタグ検索(7 日間)", "Instagram hashtag search (7 days)")
        return Allowance(f"instagram hashtags {self.settings.account}", MOST_HASHTAGS, "hashtags", Rolling(timedelta(days=7)), title)

    async def renewed(self, old: Token) -> Token:
        """Renew an Instagram token; of a Facebook one learn when it ends."""
        if self.settings.login == "instagram":
            return await self.exchanged(old, "refresh_access_token", "ig_refresh_token")
        return await self.examined(old)

    async def check(self) -> str:
        """Say how many media the account has, and try what others write."""
        account = await self.probe()
        name, count = text_at(account, "username") or self.settings.account, Counts(account).get("media_count")
        return say(f"@{name} 投稿 {thousands(count)} 件", f"@{name}: {thousands(count)} posts") + await self._tried()

    async def _tried(self) -> str:
        """Try what others write; say which lists of it can be read."""
        tagged, names = await self.try_lists(), self._hashtag_names if self.settings.what == "mentions" else []
        told = await self.try_answers(self.settings.comments)
        if tagged is not None:
            told.append(say(f"タグ付け 直近 {tagged} 件", f"{tagged} tagged posts on the first page"))
        if names:
            self.context.allowances.reserve_each(self._hashtag_allowance, names[:1])
            found = await self._hashtag(names[0])
            if found is None:
                told.append(say(f"#{names[0]} は Instagram で検索できません", f"#{names[0]} cannot be searched on Instagram"))
            else:
                told.append(say(f"#{names[0]} を検索できます", f"#{names[0]} can be searched"))
        return "".join(say("、", ", ") + one for one in told)

    async def read(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Yield our own media, or the mentions."""
        if self.settings.what == "own":
            async for record in self.own("own", f"{self.settings.account}/media", bookmark, since):
                yield record
            return
        seen: set[str] = set()
        posts = await self.our_posts(since)
        if self.settings.comments:
            async for record in self.answers(posts, bookmark, since, seen, LATE):
                yield record
        async for record in self.listed(bookmark, since, seen):
            yield record
        async for record in self._hashtagged(bookmark, since, seen):
            yield record

    async def our_posts(self, since: datetime) -> list[Ours]:
        """Return our own media, and learn by what names they are known."""
        fields = ("id", "timestamp", "permalink", "username", "comments_count")
        rows = await self.ours(f"{self.settings.account}/media", fields, since)
        self.our_names = {name for row in rows if (name := text_at(row, "username"))}
        self._our_paths = {_path(row) for row in rows} - {""}
        return [Ours(row["id"], self.identity(row)[1], Counts(row).get("comments_count")) for row in rows]

    # --- our own media

    def own_records(self, raw: Any, native_id: str, at: datetime) -> Iterator[Record]:
        """Yield a medium with its counts."""
        username = text_at(raw, "username") or self.settings.username
        yield self.post(raw, native_id, at, author_id=username, author_name=username, url=text_at(raw, "permalink"))
        yield from self.own_metrics(raw, native_id)

    def own_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the counts: the medium's own, else those of its insights. Reach is not views, and is not kept."""
        counts, insights = Counts(raw), Counts(raw.get("figures") or {})
        views = insights.get("views")
        likes, comments = counts.get("like_count"), counts.get("comments_count")
        yield from self.counted(
            raw,
            native_id,
            _faults(counts, insights),
            views=insights.get("impressions") if views is None else views,
            likes=insights.get("likes") if likes is None else likes,
            comments=insights.get("comments") if comments is None else comments,
            shares=insights.sum("shares", "reposts"),
            saves=insights.get("saved"),
        )

    # --- comments

    async def answers_page(self, ours: str, cursor: str | None) -> Page:
        """Return a page of comments, each with the answers to it."""
        params = {"limit": self.page_size, **cursor_params(cursor)}
        try:
            answer = await self.graph.read(f"{ours}/comments", (*_COMMENT, _REPLIES), params)
        except GraphError as error:
            raise self.graph.told(error, "comments = false") from None
        return self.page(answer, f"{ours}/comments", cursor, partial(self.answer_item, ours))

    def answer_records(self, raw: Any, native_id: str, at: datetime, ours: str) -> Iterator[Record]:
        """Yield a comment and the answers to it, those that an earlier round has not."""
        ours = ours or text_at(raw, "media", "id") or ""
        yield from self._comment(raw, native_id, at, text_at(raw, "parent_id") or ours or None)
        for number, reply in enumerate(items_at(raw, "replies", "data"), start=1):
            try:
                reply_id, reply_at = self.identity(reply)
            except NotReadable as error:  # it costs itself alone, not the comment above it
                yield self.reject(f"{native_id}/replies #{number}", str(error), json.dumps(reply))
                continue
            yield from self._comment(reply, reply_id, reply_at, native_id)

    def _comment(self, raw: Any, native_id: str, at: datetime, parent: str | None) -> Iterator[Record]:
        username = text_at(raw, "username") or text_at(raw, "from", "username")
        if text_at(raw, "text") is None or self.refuses(raw, username, text_at(raw, "from", "id")) or self.is_told(raw, native_id):
            return
        author = text_at(raw, "from", "id") or username
        yield self.post(raw, native_id, at, kind="comment", author_id=author, author_name=username, parent_id=parent)
        yield from self.answer_metrics(raw, native_id)

    def answer_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the likes of a comment."""
        counts = Counts(raw)
        yield from self.counted(raw, native_id, counts, likes=counts.get("like_count"))

    # --- tags and hashtags

    def listing(self) -> Fetch | None:
        """Return how media are read in which we are tagged."""
        return self._tagged_page if self.settings.tagged and self.settings.login == "facebook" else None

    async def _tagged_page(self, cursor: str | None) -> Page:
        path = f"{self.settings.account}/tags"
        try:
            answer = await self.graph.read(path, _MEDIA, {"limit": self.page_size, **cursor_params(cursor)})
        except GraphError as error:
            raise self.graph.told(error, "tagged = false") from None
        return self.page(answer, path, cursor, partial(self._medium, False))

    @property
    def _hashtag_names(self) -> list[str]:
        names = (name.lstrip("#＃").strip() for name in self.settings.hashtags)
        return [name for name in dict.fromkeys(names) if name]

    async def _hashtagged(self, bookmark: Bookmark, since: datetime, seen: set[str]) -> AsyncIterator[Record]:
        names = self._hashtag_names
        walks = {f"#{name}" for name in names}
        new = self.next_bookmark
        new.covered = {name: at for name, at in new.covered.items() if not name.startswith("#") or name in walks}
        new.holes = [hole for hole in new.holes if not hole.walk.startswith("#") or hole.walk in walks]
        for name in names:
            try:
                self.context.allowances.reserve_each(self._hashtag_allowance, [name])
            except BusyError as error:
                self.remarks.append(f"#{name}: {error.message}")  # those that were asked for already this week go on
                continue
            hashtag = await self._hashtag(name)
            if hashtag is None:
                self.remarks.append(say(f"#{name} は Instagram で検索できません", f"#{name} cannot be searched on Instagram"))
                continue
            fetch, start = partial(self._hashtag_page, hashtag), max(since, self.context.now() - HASHTAG_REACH)
            async for record in self.walk_back(f"#{name}", fetch, bookmark, start, seen, HASHTAG_LATE):
                yield record

    async def _hashtag(self, name: str) -> str | None:
        """Return the id of a hashtag, which never changes."""
        known = self.next_bookmark.notes.get("hashtags", {})
        if name in known:
            return str(known[name])
        try:
            answer = await self.graph.get("ig_hashtag_search", {"user_id": self.settings.account, "q": name})
        except GraphError as error:
            if error.forbidden:
                raise self.graph.told(error, "hashtags = []") from None
            return None
        found = items_at(answer, "data")
        hashtag = text_at(found[0], "id") if found else None
        if hashtag:
            self.next_bookmark.notes["hashtags"] = {**known, name: hashtag}
        return hashtag

    async def _hashtag_page(self, hashtag: str, cursor: str | None) -> Page:
        """Return a page of the last 24 hours. Its cursor is the same on every page, so a page number is put before it."""
        number, _, after = (cursor or "0|").partition("|")
        path = f"{hashtag}/recent_media"
        fields = [name for name in _MEDIA if name != "username"]
        params = {"user_id": self.settings.account, "limit": self.page_size, **cursor_params(after or None)}
        try:
            answer = await self.graph.read(path, fields, params)
        except GraphError as error:
            raise self.graph.told(error) from None
        page = self.page(answer, path, cursor, partial(self._medium, True))
        if page.cursor is None:
            return page
        if not number.isdecimal():
            raise FormatError(say("続きの位置が壊れています", "The place to go on is broken"))
        return replace(page, cursor=f"{int(number) + 1}|{page.cursor}")

    def _medium(self, once: bool, raw: Any) -> Item:
        """Return the item of a medium by somebody else; ``once``: not where an earlier round yielded it."""
        native_id, at = self.identity(raw)
        username = text_at(raw, "username")
        if _path(raw) in self._our_paths or self.refuses(raw, username) or (once and self.is_told(raw, native_id)):
            return Item(native_id, at, ())
        counts = Counts(raw)
        post = self.post(raw, native_id, at, author_id=username, author_name=username, url=text_at(raw, "permalink"))
        counted = self.counted(raw, native_id, counts, likes=counts.get("like_count"), comments=counts.get("comments_count"))
        return Item(native_id, at, (post, *counted))


def _path(raw: Any) -> str:
    """Return what a permalink says of which medium it is: ids may differ between lists, addresses do not."""
    try:
        return urlsplit(text_at(raw, "permalink") or "").path.strip("/").rpartition("/")[2]
    except ValueError:
        return ""


def _faults(*counts: Counts) -> Counts:
    together = Counts({})
    together.faults = [fault for one in counts for fault in one.faults]
    return together
