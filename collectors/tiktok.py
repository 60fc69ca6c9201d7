"""TikTok: an account's own videos with their counts. TikTok lets nobody look for what others say."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.base import Collector, Context, EnvName, SourceSettings, Text, Url
from collectors.bookmark import Bookmark
from collectors.jsonread import Counts, count_at, dig, items_at, text_at, unix_at
from collectors.language import say
from collectors.limits import Budget
from collectors.marks import Marks
from collectors.paging import Item, Page
from collectors.refresh import Known
from collectors.tiktok_api import LIMIT, PAGE, BusinessApi, DisplayApi, TikTokApi
from collectors.tokens import Token
from collectors.values import NotReadable
from collectors.words import hashtags
from store.records import Gone, Metrics, Post, Record

_SERVICES = {"display": "https://open.tiktokapis.com", "business": "https://business-api.tiktok.com"}


class TikTokSettings(SourceSettings):
    """An account's own videos."""

    kind: Literal["tiktok"] = Field(default="tiktok", description='"tiktok"')
    api: Literal["display", "business"] = Field(
        default="display", description="使う API。display = Display API(どのアカウントでも)、business = Business API(ビジネスアカウント)"
    )
    account: Text | None = Field(default=None, description='自社のアカウント名(例: "@yomori"。見分けのためだけに使う)')
    business_id: Text | None = Field(default=None, description='api = "business" のときの business_id(許可のときに返る open_id)')
    client_key_env: EnvName = Field(
        default="HIBIKI_TIKTOK_CLIENT_KEY", description="アプリの Client Key(Business API では App ID)を入れた環境変数の名前"
    )
    client_secret_env: EnvName = Field(default="HIBIKI_TIKTOK_CLIENT_SECRET", description="アプリの Client Secret を入れた環境変数の名前")
    refresh_token_env: EnvName = Field(
        default="HIBIKI_TIKTOK_REFRESH_TOKEN",
        description="アカウントのリフレッシュトークンを入れた環境変数の名前(アクセストークンは自動で更新する)",
    )
    service: Url | None = Field(default=None, description="API の URL(書かなければ TikTok のもの)")

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The account's name, where it is told."""
        return (self.account.removeprefix("@"),) if self.account else ()

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.what != "own":
            text = say(
                'TikTok の API では、ほかの人の投稿を探せません。what = "own" にしてください',
                'TikTok\'s API does not find posts by others: give what = "own"',
            )
            raise PydanticCustomError("own", "{text}", {"text": text})
        if (self.api == "business") != (self.business_id is not None):
            text = say('business_id は api = "business" のときに書いてください', 'give business_id where api = "business", and only there')
            raise PydanticCustomError("business", "{text}", {"text": text})
        return self


class TikTokCollector(Collector[TikTokSettings]):
    """Reads one account."""

    platform: ClassVar[str] = "tiktok"
    budget: ClassVar[Budget | None] = LIMIT
    refreshes: ClassVar[bool] = True
    refresh_batch: ClassVar[int] = PAGE
    must_recheck: ClassVar[bool] = True
    lasting_cursors: ClassVar[bool] = True  # they are moments

    def __init__(self, settings: TikTokSettings, context: Context) -> None:
        super().__init__(settings, context)
        service = settings.service or _SERVICES[settings.api]
        self._api: TikTokApi
        if settings.business_id is not None:
            self._api = BusinessApi(self.line, service, self._bearer, self._mend, settings.business_id)
        else:
            self._api = DisplayApi(self.line, service, self._bearer, self._mend)

    @property
    def _mend(self) -> str:
        name = self.settings.refresh_token_env
        return say(
            f"TikTok のアプリでアカウントをもう一度許可し、新しいリフレッシュトークンを .env の {name} に書いてください",
            f"Let the account authorize the TikTok app again and write the new refresh token into .env as {name}",
        )

    async def _bearer(self, worn: str | None) -> str:
        """Return the access token; ``worn`` is one that was just refused."""
        settings = self.settings
        client = self.secret(settings.client_key_env, say("TikTok の Client Key", "TikTok client key"))
        secret = self.secret(settings.client_secret_env, say("TikTok の Client Secret", "TikTok client secret"))
        refresh = self.secret(settings.refresh_token_env, say("TikTok のリフレッシュトークン", "TikTok refresh token"))

        async def renewed(old: Token) -> Token:
            return await self._api.renew(client, secret, old, self.context.now())

        name = f"tiktok-{settings.refresh_token_env}"
        return (await self.token(name, Token("", refresh), renewed, worn=worn, mend=self._mend)).access

    async def check(self) -> str:
        """Say how many videos the first page shows."""
        page = await self._page(None)
        more = say("以上", " or more") if page.cursor else ""
        return say(f"動画 {len(page.items)} 件{more}が見えます", f"{len(page.items)}{more} videos can be seen")

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        async for record in self.walk("own", self._page, bookmark, since):
            if isinstance(record, Post):
                self._marks.remember(record.native_id, record.text)
            yield record

    @property
    def _marks(self) -> Marks:
        return Marks(self.next_bookmark)

    async def _page(self, cursor: str | None) -> Page:
        """Fetch a page; what cannot be read becomes a reject, the rest goes in."""
        data = await self._api.page(cursor)
        items, rejects = self.items(items_at(data, "videos"), f"videos {cursor or '-'}", self._item)
        return Page(items, _next(data), rejects=tuple(rejects))

    def _item(self, raw: Any, place: str) -> Item:
        post = self._post(raw)
        return Item(post.native_id, post.created_at, (post, *self._metrics(raw, post.native_id, place)))

    def _post(self, raw: Any) -> Post:
        names = self._api.names
        ident, at = text_at(raw, names.ident), unix_at(raw, "create_time")
        if ident is None:
            raise NotReadable(say(f"{names.ident}: 動画の ID がありません", f"{names.ident}: the video has no id"))
        if at is None:
            raise NotReadable(say("create_time: 動画の日時がありません", "create_time: the video has no time"))
        text = next((found for name in names.texts if (found := text_at(raw, name))), "")
        link = text_at(raw, "share_url")
        return Post(
            platform=self.platform,
            native_id=ident,
            brand=self.settings.brand,
            relation=self.relation,
            source=self.settings.name,
            text=text,
            created_at=at,
            seen_at=self.context.now(),
            author_name=self.settings.account,
            url=link.partition("?")[0] if link else None,  # what follows tells who asked
            tags=hashtags(text),
        )

    def _metrics(self, raw: Any, ident: str, place: str) -> Iterator[Record]:
        names, counts = self._api.names, Counts(raw)
        yield Metrics(
            platform=self.platform,
            native_id=ident,
            observed_at=self.context.now(),
            views=counts.get(names.views),
            likes=counts.get(names.likes),
            comments=counts.get(names.comments),
            shares=counts.get(names.shares),
        )
        if counts.faults:
            yield self.reject(place, " / ".join(counts.faults), json.dumps(raw))

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what is not shown any more, the post where its text changed."""
        ids = [post.native_id for post in posts]
        for start in range(0, len(ids), PAGE):
            async for record in self._look_up(ids[start : start + PAGE]):
                yield record

    async def _look_up(self, ids: list[str]) -> AsyncIterator[Metrics | Gone | Post]:
        found = {text_at(raw, self._api.names.ident): raw for raw in items_at(await self._api.look_up(ids), "videos")}
        if not found.keys() & set(ids):
            await self._api.page(None)  # an account that cannot be read at all is no sign that its videos are gone
        unread = None in found
        for ident in ids:
            if ident not in found:
                if not unread:
                    yield Gone(platform=self.platform, native_id=ident, seen_at=self.context.now())
                continue
            raw = found[ident]
            try:
                post = self._post(raw)
            except NotReadable:
                continue  # neither gone nor news; reading the list tells of it
            if self._marks.changed(ident, post.text):
                self._marks.remember(ident, post.text)
                yield post
            for record in self._metrics(raw, ident, ident):
                if isinstance(record, Metrics):
                    yield record


def _next(data: Any) -> str | None:
    if dig(data, "has_more") is not True:
        return None
    try:
        cursor = count_at(data, "cursor")
    except NotReadable:
        cursor = None
    return str(cursor) if cursor is not None else None
