"""What the collectors of Instagram, Facebook Pages and Threads share: settings, tokens, lists of posts and their figures."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field

from collectors.base import Collector, Context, EnvName, SourceSettings, Text, Url, Warn
from collectors.bookmark import Bookmark
from collectors.errors import FormatError
from collectors.graph import Graph, Mend, cursor_params, next_cursor
from collectors.graph_errors import GraphError
from collectors.graph_insights import Insights, figures
from collectors.jsonread import Counts, count_at, dig, items_at, moment_at, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.marks import Marks
from collectors.paging import OVERLAP, Item, Page
from collectors.tokens import Token
from collectors.values import NotReadable
from collectors.words import hashtags
from store.records import Metrics, Post, Record

RENEW_BEFORE = timedelta(days=20)
"""Long-lived tokens last 60 days; from here on a renewal is tried."""

Version = Annotated[str, Field(pattern=r"^v\d{1,3}\.\d{1,2}$")]


class GraphSettings(SourceSettings):
    """What a source of Meta's family needs."""

    account: Text
    token_env: EnvName
    app_secret_env: EnvName | None = Field(
        default=None, description="アプリシークレットを入れた環境変数の名前(アプリの設定で「appsecret_proof を要求」にしたときだけ)"
    )
    service: Url
    version: Version
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含む投稿は取り込まない")


G = TypeVar("G", bound=GraphSettings)


class GraphBase(Collector[G]):
    """Reads the lists of one account of Meta's family. The kinds say what their lists and fields are called."""

    budget: ClassVar[Budget | None] = Budget(200, timedelta(hours=1))
    page_size: ClassVar[int] = 50
    figures_apart: ClassVar[bool] = False
    """Whether figures are asked for one post at a time from the beginning."""
    metrics: ClassVar[tuple[str, ...]]
    own_fields: ClassVar[tuple[str, ...]]
    time_field: ClassVar[str] = "timestamp"
    text_fields: ClassVar[tuple[str, ...]] = ("text",)
    titles: ClassVar[tuple[str, str]]
    """How the platform is called, in Japanese and English."""

    def __init__(self, settings: G, context: Context) -> None:
        super().__init__(settings, context)
        self._access: str | None = None
        self._told_trouble = False
        self.our_names: set[str] = set()
        secret = context.secrets.get(settings.app_secret_env or "", "").strip() or None
        if secret:
            context.http.hide(secret)
        base = f"{settings.service.rstrip('/')}/{settings.version}"
        self.graph = Graph(self.line, base, self._account, self._token, self.mend, secret)
        self.insights = Insights(self.graph, self.metrics, self.figures_apart)

    @property
    @abstractmethod
    def mend(self) -> Mend:
        """What the user does about a token that is not taken, or permissions that are missing."""

    @abstractmethod
    async def renewed(self, old: Token) -> Token:
        """Return a token in place of ``old``, or ``old`` itself with its end. GraphErrors may leave here."""

    @abstractmethod
    def own_records(self, raw: Any, native_id: str, at: datetime) -> Iterator[Record]:
        """Yield the post of our own that ``raw`` is; its figures lie in ``raw["figures"]``."""

    @abstractmethod
    def own_metrics(self, raw: Any, native_id: str) -> Iterator[Record]:
        """Yield the counts of a post of our own (and a reject for those that cannot be read)."""

    # --- the token

    @property
    def _account(self) -> str:
        """Sources that use the same token share its limits and its renewal."""
        return f"{self.platform} {self.settings.token_env}"

    async def _token(self, worn: str | None) -> str:
        if self._access is None or self._access == worn:
            name = say(f"{self.titles[0]} のアクセストークン", f"{self.titles[1]} access token")
            env = self.secret(self.settings.token_env, name)
            token = await self.token(self._account, env, self._renew, margin=RENEW_BEFORE, worn=worn, mend=self.mend.token)
            self._access = token.access
        return self._access

    async def _renew(self, old: Token) -> Token:
        try:
            return await self.renewed(old)
        except GraphError as error:
            raise self.graph.told(error) from None

    async def exchanged(self, old: Token, path: str, grant: str) -> Token:
        """Renew a long-lived token as Instagram and Threads do. Their documents put the token into the address; it is hidden everywhere."""
        answer = await self.graph.ask(f"{self.settings.service.rstrip('/')}/{path}", {"grant_type": grant, "access_token": old.access})
        access, seconds = text_at(answer, "access_token"), _count(answer, "expires_in")
        if not access:
            raise FormatError(say("トークンの更新の応答が変わりました", "The answer to a token's renewal has changed"))
        return Token(access, None, self.context.now() + timedelta(seconds=seconds) if seconds else None)

    async def examined(self, old: Token) -> Token:
        """Return ``old`` with its end, as ``debug_token`` tells it. Nothing renews such a token by itself."""
        answer = await self.graph.get("debug_token", {"input_token": old.access}, token=old.access)
        seconds = [_count(answer, "data", name) for name in ("expires_at", "data_access_expires_at")]
        ends = min((datetime.fromtimestamp(at, UTC) for at in seconds if at and at < 2**33), default=None)
        return Token(old.access, None, ends, ends)

    # --- lists

    async def own(
        self, name: str, path: str, bookmark: Bookmark, since: datetime, fields: Sequence[str] | None = None
    ) -> AsyncIterator[Record]:
        """Yield the posts of the list ``path`` with their figures."""
        covered = bookmark.covered.get(name)
        bottom = since if covered is None or any(hole.walk == name for hole in bookmark.holes) else max(since, covered - OVERLAP)
        async for record in self.walk(name, partial(self._own_page, path, fields or self.own_fields, bottom), bookmark, since):
            yield record
        self.say_trouble()

    async def _own_page(self, path: str, fields: Sequence[str], bottom: datetime, cursor: str | None) -> Page:
        params = {"limit": self.page_size, **cursor_params(cursor)}
        try:
            answer = await self.insights.within(path, fields, params)
        except GraphError as error:
            if not self.modest(error):
                raise self.graph.told(error) from None
            return await self._own_page(path, fields, bottom, cursor)
        rows = self.rows(answer)
        wanted = [name for row in rows if (name := text_at(row, "id")) and (at := self._at(row)) and at >= bottom]
        apart = await self.insights.of_each(wanted) if self.insights.apart else {}
        for row in rows:
            if isinstance(row, dict):
                row["figures"] = apart.get(text_at(row, "id") or "") or figures(items_at(row, "insights", "data"))
        return self.page(answer, path, cursor, self._own_item)

    def modest(self, error: GraphError) -> bool:
        """Tell whether to ask again, for less: a kind that can do without some fields takes them back here."""
        return False

    def _at(self, row: Any) -> datetime | None:
        try:
            return moment_at(row, self.time_field)
        except NotReadable:
            return None

    def _own_item(self, raw: Any) -> Item:
        native_id, at = self.identity(raw)
        return Item(native_id, at, tuple(self.own_records(raw, native_id, at)))

    def rows(self, answer: Any) -> list[Any]:
        """Return the rows of a list.

        Raises:
            FormatError: It is none.
        """
        if not isinstance(dig(answer, "data"), list):
            raise FormatError(say("Meta の応答に data がありません", "Meta's answer has no data"), json.dumps(answer))
        return items_at(answer, "data")

    def page(self, answer: Any, path: str, cursor: str | None, item: Callable[[Any], Item], limit: str | None = None) -> Page:
        """Return the page that ``answer`` is; ``item`` makes an ``Item`` of a row, and what cannot be read becomes a reject."""
        items, rejects = self.items(self.rows(answer), f"{path} {cursor or '-'}", lambda raw, _: item(raw))
        return Page(items, next_cursor(answer, self.page_size), limit, tuple(rejects))

    def identity(self, raw: Any) -> tuple[str, datetime]:
        """Return the id and the time of a row.

        Raises:
            NotReadable: It has none.
        """
        native_id, at = text_at(raw, "id"), moment_at(raw, self.time_field)
        if native_id is None:
            raise NotReadable(say("id: 投稿の ID がありません", "id: the post has no id"))
        if at is None:
            raise NotReadable(say(f"{self.time_field}: 日時がありません", f"{self.time_field}: there is no time"))
        return native_id, at

    def post(self, raw: Any, native_id: str, at: datetime, **more: Any) -> Post:
        """Return the post that ``raw`` is."""
        text = self.text_of(raw)
        return Post(
            platform=self.platform,
            native_id=native_id,
            brand=self.settings.brand,
            relation=self.relation,
            source=self.settings.name,
            text=text,
            created_at=at,
            seen_at=self.context.now(),
            tags=hashtags(text),
            **more,
        )

    def text_of(self, raw: Any) -> str:
        """Return what the post says."""
        return next((text for name in self.text_fields if (text := text_at(raw, name))), "")

    def is_told(self, raw: Any, native_id: str) -> bool:
        """Tell whether an earlier round yielded just this."""
        marks = self.marks
        return marks.knows(native_id) and not marks.changed(native_id, self.text_of(raw))

    @property
    def marks(self) -> Marks:
        """The marks of the texts that were yielded: by them an edit is noticed."""
        return Marks(self.next_bookmark)

    def counted(self, raw: Any, native_id: str, counts: Counts, **values: int | None) -> Iterator[Record]:
        """Yield the counts, and a reject where one of them could not be read."""
        yield Metrics(platform=self.platform, native_id=native_id, observed_at=self.context.now(), **values)
        if counts.faults:
            yield self.reject(native_id, " / ".join(counts.faults), json.dumps(raw))

    def refuses(self, raw: Any, *authors: str | None) -> bool:
        """Tell whether a mention is not wanted: it is our own, of somebody to be left out, or about something else."""
        told = (*self.settings.own_accounts, *self.context.own_accounts, *self.settings.ignore_authors)
        names = ({self.settings.account} - {"me"}) | self.our_names | set(told)
        ours = {name.removeprefix("@").casefold() for name in names}
        text = self.text_of(raw)
        about_else = self.context.brand.refused_in(text) or any(word.casefold() in text.casefold() for word in self.settings.must_not)
        return about_else or bool({author.casefold() for author in authors if author} & ours)

    # --- what is remembered of texts, and what is said in the end

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        async for record in self.read(bookmark, since):
            if isinstance(record, Post):
                self.marks.remember(record.native_id, record.text)
            yield record

    @abstractmethod
    def read(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        """Do what ``_collect`` says."""

    def say_trouble(self) -> None:
        """Warn where not one figure could be read."""
        error = self.insights.trouble
        if error is None or not self.insights.asked or self.insights.answered or self._told_trouble:
            return
        self._told_trouble = True
        text = say(f"表示回数などを読めません({error.message})", f"Views and the like cannot be read ({error.message})")
        if error.forbidden:
            self.warnings.append(Warn(text, self.mend.rights))
        else:
            self.remarks.append(text)


def _count(value: Any, *path: str) -> int | None:
    try:
        return count_at(value, *path)
    except NotReadable:
        return None
