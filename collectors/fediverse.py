"""What Mastodon and Misskey have in common: any server by its address, ids that hold on every server, and several ways to find mentions.

A post is known by its URI, so that one seen from two servers is one post. A server, however, looks posts up by ids of its own: where
the id is not in the URI, it is kept in the bookmark.

What is kept: only posts that anybody may read (public, and "unlisted" or "home"). What was written for followers, or to us alone, is
never kept, although a token may show it: whoever wrote it chose a small circle, and a dashboard is a large one.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from collectors.base import Collector, Context, EnvName, SourceSettings, Text, Url
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.language import say
from collectors.paging import Fetch
from collectors.words import any_in, fold, hashtags
from store.records import Record

IDS_KEPT = 5000
"""Ids of other servers' posts that are remembered, newest kept: about 250 kB of bookmark."""


class FediverseSettings(SourceSettings):
    """An account of a server (``own``), or what that server shows of the brand (``mentions``)."""

    server: Url = Field(description='サーバーの URL(例: "https://mstdn.example")')
    account: Text | None = Field(
        default=None, description='自社のアカウント(例: "@yomori")。own のとき必ず書く。mentions では、その投稿を数えない'
    )
    token_env: EnvName | None = Field(
        default=None, description="アクセストークンを入れた環境変数の名前(トークンそのものは書かない)。書かなければ、トークンなしで読む"
    )
    tags: tuple[Text, ...] = Field(default=(), description="読むハッシュタグ(# なし)。書かなければブランド名とその別の書き方")
    queries: tuple[Text, ...] = Field(default=(), description="検索する言葉。書かなければブランド名とその別の書き方")
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含む投稿は取り込まない")

    @property
    def host(self) -> str:
        """The server's name, with its port where it has one."""
        return host_of(self.server)

    @property
    def own_accounts(self) -> tuple[str, ...]:
        """The account with its server, where it is the brand's own."""
        return (full_name(self.account, self.host),) if self.account else ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.what == "own" and not self.account:
            text = say('what = "own" のときは account を書いてください', 'account must be given where what = "own"')
            raise PydanticCustomError("incomplete", "{text}", {"text": text})
        return self


F = TypeVar("F", bound=FediverseSettings)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of finding posts: its name in the bookmark, what it is called to the user, and how one page is fetched."""

    name: str
    called: str
    fetch: Fetch


class FediverseCollector(Collector[F]):
    """Walks all ways that the server offers; one that does not work does not stop the others."""

    def __init__(self, settings: F, context: Context) -> None:
        super().__init__(settings, context)
        self._ids: dict[str, str] = {}

    def secret_token(self) -> str | None:
        """Return the token, or None where the settings name none.

        Raises:
            AccessError: The variable that they name is not set.
        """
        if self.settings.token_env is None:
            return None
        return self.secret(self.settings.token_env, say(f"{self.settings.host} のトークン", f"token for {self.settings.host}"))

    @abstractmethod
    async def ways(self) -> list[Way]:
        """Return the ways to walk, in order; at least one."""

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        ways = await self.ways()
        names = {way.name for way in ways}
        self.next_bookmark.covered = {name: at for name, at in bookmark.covered.items() if name in names}
        self.next_bookmark.holes = [hole for hole in bookmark.holes if hole.walk in names]
        seen, failed = set[str](), list[tuple[Way, SourceError]]()
        for way in ways:
            try:
                async for record in self.walk(way.name, way.fetch, bookmark, since, seen):
                    yield record
            except SourceError as error:
                if isinstance(error, BusyError) and error.limited:
                    raise
                failed.append((way, error))
        self._settle(failed, len(ways))

    async def try_ways(self) -> str:
        """Fetch the first page of each way, and return a sentence that says how many posts each one showed.

        Raises:
            SourceError: None of them works.
        """
        told, failed = list[str](), list[tuple[Way, SourceError]]()
        ways = await self.ways()
        for way in ways:
            try:
                count = len((await way.fetch(None)).items)
                told.append(say(f"{way.called} {count} 件", f"{way.called}: {count}"))
            except SourceError as error:
                failed.append((way, error))
                told.append(say(f"{way.called} 読めません: {error.message}", f"{way.called} cannot be read: {error.message}"))
        if len(failed) == len(ways):
            raise failed[0][1]
        alone = (
            say("(token_env を書くと、読めるものが増えます)", " (a token_env would show more)") if self.settings.token_env is None else ""
        )
        return say("、", ", ").join(told) + alone

    def _settle(self, failed: list[tuple[Way, SourceError]], ways: int) -> None:
        """Raise what stopped every way, or may pass; what the user may mend, and hurts one way only, becomes a remark."""
        for _, error in failed:
            if len(failed) == ways or not isinstance(error, AccessError):
                raise error
        for way, error in failed:
            self.remarks.append(
                say(f"{way.called}は読めません({error.message})。{error.advice}", f"No {way.called} ({error.message}). {error.advice}")
            )

    def safe(self, error: SourceError) -> SourceError:
        """Return ``error`` without secrets: a server may repeat in its own words what it was sent."""
        redact = self.context.http.redact
        error.message = redact(error.message)
        error.args = (error.message,)
        if isinstance(error, FormatError):
            error.raw = redact(error.raw)
        return error

    def spellings(self, given: Iterable[str]) -> list[str]:
        """Return the words to look for: ``given``, or else the brand's.

        Raises:
            AccessError: There are none.
        """
        words = list(dict.fromkeys(word.strip() for word in (tuple(given) or self.context.brand.spellings) if word.strip()))
        if not words:
            raise AccessError(
                say("検索する言葉がありません", "There is nothing to search for"),
                say(
                    "[[brand]] の name か、この情報源の tags か queries を書いてください",
                    "Give the brand a name, or this source tags or queries",
                ),
            )
        return words

    def tag_names(self) -> list[str]:
        """Return the hashtags to read: those of the settings, or else the brand's spellings that can be one."""
        words = [word.lstrip("#＃") for word in self.spellings(self.settings.tags)]
        return [word for word in words if hashtags(f"#{word}") == (word,)]

    def wanted(self, text: str, tags: Iterable[str], authors: set[str], addressed: bool) -> bool:
        """Tell whether a post is somebody else's about the brand; ``addressed``: it is written to the brand, and need not name it."""
        words, settings = self.context.brand, self.settings
        told = (*settings.own_accounts, *self.context.own_accounts, *settings.ignore_authors)
        if authors & {full_name(name, settings.host) for name in told}:
            return False
        if words.refused_in(text) or any_in(settings.must_not, text):
            return False
        followed = {fold(tag.lstrip("#＃")) for tag in settings.tags}
        named = words.named_in(text) or any_in(settings.queries, text) or not followed.isdisjoint(map(fold, tags))
        return addressed or named

    def know(self, uri: str, local: str) -> None:
        """Remember the server's own id of a post, where its URI does not tell it."""
        if self.local_of(uri) == local:
            return
        if self.next_bookmark.notes.get("ids") is not self._ids:
            self._ids = dict(self._known_ids)
            self.next_bookmark.notes = {**self.next_bookmark.notes, "ids": self._ids}
        self._ids[_short(uri)] = local
        if len(self._ids) > IDS_KEPT:
            del self._ids[next(iter(self._ids))]

    def local_of(self, uri: str) -> str | None:
        """Return the server's own id of a post; None where it is not known."""
        known = self._known_ids.get(_short(uri))
        if known is not None:
            return known
        return uri.rpartition("/")[2] or None if host_of(uri) == self.settings.host else None

    @property
    def _known_ids(self) -> Mapping[str, str]:
        known: Any = self.next_bookmark.notes.get("ids")
        return known if isinstance(known, dict) else {}


def host_of(url: str) -> str:
    """Return the host of ``url``, with its port where it has one; "" where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def full_name(name: str, host: str) -> str:
    """Return an account's name with its server, in small letters ("@Yomori" on mstdn.example: "yomori@mstdn.example"); an address as it is."""
    name = name.strip().lower()
    if name.startswith(("http://", "https://")):
        return name
    name = name.removeprefix("@")
    return name if "@" in name else f"{name}@{host}"


def _short(uri: str) -> str:
    return hashlib.blake2b(uri.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
