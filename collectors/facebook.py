"""Facebook Pages: a Page's own posts with their figures, the comments on them, and posts in which the Page is tagged.

Who wrote a post that tags the Page is not told by the platform. ``post_total_media_view_unique`` is how many people saw a post: reach,
not views; it is not kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import Field

from collectors.base import EnvName, Text, Url
from collectors.bookmark import Bookmark
from collectors.graph import Mend, cursor_params
from collectors.graph_base import GraphSettings, Version
from collectors.graph_collector import GraphCollector, Ours
from collectors.graph_errors import GraphError
from collectors.graph_insights import sum_at
from collectors.jsonread import Counts, dig, text_at
from collectors.language import say, thousands
from collectors.paging import Fetch, Item, Page
from collectors.tokens import Token
from store.records import Kind, Record

_POST = ("id", "message", "created_time", "permalink_url", "from")
_COMMENT = ("id", "message", "created_time", "permalink_url", "from", "like_count", "comment_count", "parent", "is_hidden")
_NEED_MORE_RIGHTS = ("reactions", "comments")
"""Fields that need pages_read_user_content; a token without it still reads the posts, and their figures from the insights."""


class FacebookSettings(GraphSettings):
    """A Page (``own``), or what others write to it (``mentions``)."""

    kind: Literal["facebook"] = Field(default="facebook", description='"facebook"')
    account: Text = Field(description="Facebook ページの ID(数字)")
    token_env: EnvName = Field(
        default="HIBIKI_FACEBOOK_TOKEN", description="ページのアクセストークン(またはその管理者の長期トークン)を入れた環境変数の名前"
    )
    comments: bool = Field(default=True, description="mentions で、自社の投稿へのコメントを読むか")
    tagged: bool = Field(default=True, description="mentions で、自社のページがタグ付けされた投稿を読むか")
    service: Url = Field(default="https://graph.facebook.com", description="API の URL")
    version: Version = Field(default="v26.0", description="API のバージョン")


class FacebookCollector(GraphCollector[FacebookSettings]):
    """Reads one Page."""

    platform: ClassVar[str] = "facebook"
    titles: ClassVar[tuple[str, str]] = ("Facebook", "Facebook")
    page_size: ClassVar[int] = 25  # Graph refuses larger pages of posts with their figures ("reduce the amount of data")
    time_field: ClassVar[str] = "created_time"
    text_fields: ClassVar[tuple[str, ...]] = ("message",)
    metrics: ClassVar[tuple[str, ...]] = ("post_reactions_by_type_total", "post_media_view")
    own_fields: ClassVar[tuple[str, ...]] = (
        *_POST,
        "shares",
        "reactions.summary(total_count).limit(0)",
        "comments.summary(total_count).filter(stream).limit(0)",
    )
    answer_fields: ClassVar[tuple[str, ...]] = _COMMENT
    answer_kind: ClassVar[Kind] = "comment"
    account_fields: ClassVar[tuple[str, ...]] = ("id", "name", "followers_count")

    @property
    def mend(self) -> Mend:
        """Say how to get a token, and with which permissions."""
        rights = "pages_read_engagement, pages_read_user_content, read_insights"
        variable = self.settings.token_env
        return Mend(
            say(
                f"Meta for Developers でページのアクセストークンを作り直し、.env の {variable} に書いてください",
                f"Make a new Page access token at Meta for Developers and write it into .env as {variable}",
            ),
            say(
                f"設定の account と、トークンの権限({rights})を確かめてください",
                f"Check the account in the settings and the token's permissions ({rights})",
            ),
        )

    async def renewed(self, old: Token) -> Token:
        """Get the Page's own token, which lasts, for that of a person who manages it; and learn when it ends."""
        access = old.access
        try:
            answer = await self.graph.get(self.settings.account, {"fields": "access_token"}, token=access)
            access = text_at(answer, "access_token") or access
            self.context.http.hide(access)
            return await self.examined(Token(access))
        except GraphError as error:
            if error.ended:
                raise
            return Token(access, None, old.expires_at, old.refresh_expires_at)  # not all tokens may be examined

    def modest(self, error: GraphError) -> bool:
        """Do without the fields that need one more permission."""
        if not error.forbidden or self.graph.lost.issuperset(_NEED_MORE_RIGHTS):
            return False
        self.graph.lost.update(_NEED_MORE_RIGHTS)
        self.remarks.append(
            say("コメント数を読むには権限 pages_read_user_content が要ります", "Comment counts need the permission pages_read_user_content")
        )
        return True

    async def check(self) -> str:
        """Say which Page it is, and try what others write."""
        account = await self.probe()
        tagged = await self.try_lists()
        name, count = text_at(account, "name") or self.settings.account, Counts(account).get("followers_count")
        told = await self.try_answers(self.settings.comments)
        if tagged is not None:
            told.append(say(f"タグ付け 直近 {tagged} 件", f"{tagged} tagged posts on the first page"))
        more = "".join(say("、", ", ") + one for one in told)
        return say(f"{name} フォロワー {thousands(count)} 人", f"{name}: {thousands(count)} followers") + more

    async def read(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Yield the Page's posts, or the mentions."""
        if self.settings.what == "own":
            async for record in self.own("own", self._path, bookmark, since):
                yield record
            return
        seen: set[str] = set()
        if self.settings.comments:
            async for record in self.answers(await self.our_posts(since), bookmark, since, seen):
                yield record
        async for record in self.listed(bookmark, since, seen):
            yield record

    @property
    def _path(self) -> str:
        return f"{self.settings.account}/published_posts"

    async def our_posts(self, since: datetime) -> list[Ours]:
        """Return the Page's posts."""
        rows = await self.ours(self._path, ("id", "created_time", "comments.summary(total_count).filter(stream).limit(0)"), since)
        return [Ours(row["id"], self.identity(row)[1], _total(row, "comments", Counts(row))) for row in rows]

    def own_records(self, raw: Any, native_id: str, at: datetime) -> Iterator[Record]:
        """Yield a post with its counts."""
        page, name = text_at(raw, "from", "id") or self.settings.account, text_at(raw, "from", "name")
        yield self.post(raw, native_id, at, author_id=page, author_name=name, url=text_at(raw, "permalink_url"))
        yield from self.own_metrics(raw, native_id)

    def own_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the counts; reactions of all kinds are likes. A post that was never shared has no ``shares``: that is not known."""
        counts, insights = Counts(raw), Counts(raw.get("figures") or {})
        views = insights.get("post_media_view")
        likes = sum_at(insights, raw.get("figures") or {}, "post_reactions_by_type_total")
        if likes is None:
            likes = _total(raw, "reactions", counts)
        values = {
            "views": insights.get("post_impressions") if views is None else views,
            "likes": likes,
            "comments": _total(raw, "comments", counts),
            "shares": counts.get("shares", "count"),
        }
        counts.faults += insights.faults
        yield from self.counted(raw, native_id, counts, **values)

    async def answers_page(self, ours: str, cursor: str | None) -> Page:
        """Return a page of comments, answers to comments among them."""
        params = {"filter": "stream", "order": "reverse_chronological", "limit": self.page_size, **cursor_params(cursor)}
        try:
            answer = await self.graph.read(f"{ours}/comments", _COMMENT, params)
        except GraphError as error:
            raise self.graph.told(error, "comments = false") from None
        return self.page(answer, f"{ours}/comments", cursor, partial(self.answer_item, ours))

    def answer_records(self, raw: Any, native_id: str, at: datetime, ours: str) -> Iterator[Record]:
        """Yield a comment."""
        author = text_at(raw, "from", "id")
        if not self.text_of(raw) or self.refuses(raw, author, text_at(raw, "from", "name")):
            return
        parent = text_at(raw, "parent", "id") or ours or f"{self.settings.account}_{native_id.partition('_')[0]}"
        name, url = text_at(raw, "from", "name"), text_at(raw, "permalink_url")
        yield self.post(raw, native_id, at, kind="comment", author_id=author, author_name=name, parent_id=parent, url=url)
        yield from self.answer_metrics(raw, native_id)

    def answer_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the counts of a comment."""
        counts = Counts(raw)
        yield from self.counted(raw, native_id, counts, likes=counts.get("like_count"), comments=counts.get("comment_count"))

    def listing(self) -> Fetch | None:
        """Return how posts are read in which the Page is tagged."""
        return self._tagged_page if self.settings.tagged else None

    async def _tagged_page(self, cursor: str | None) -> Page:
        path = f"{self.settings.account}/tagged"
        try:
            answer = await self.graph.read(path, _POST, {"limit": self.page_size, **cursor_params(cursor)})
        except GraphError as error:
            raise self.graph.told(error, "tagged = false") from None
        return self.page(answer, path, cursor, self._tagged)

    def _tagged(self, raw: Any) -> Item:
        native_id, at = self.identity(raw)
        author, name = text_at(raw, "from", "id"), text_at(raw, "from", "name")
        if self.refuses(raw, author, name):
            return Item(native_id, at, ())
        return Item(native_id, at, (self.post(raw, native_id, at, author_id=author, author_name=name, url=text_at(raw, "permalink_url")),))


def _total(raw: Any, edge: str, counts: Counts) -> int | None:
    return counts.get(edge, "summary", "total_count") if dig(raw, edge, "summary") is not None else None
