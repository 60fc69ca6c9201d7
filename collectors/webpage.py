"""Web pages: reviews, articles and comments from what a page says for machines (schema.org, OpenGraph), or by CSS selectors.

robots.txt is obeyed, with its crawl-delay from page to page and from round to round. ``noai`` (in the header X-Robots-Tag or the page's
robots) is honoured, as texts are read by a model here; ``noindex`` and ``nosnippet`` are not looked at: nothing is published.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urldefrag, urlsplit

from pydantic import Field

from collectors.answers import Answer
from collectors.base import Collector, Context, Duration, Text, Url
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError
from collectors.feedtext import text_of
from collectors.language import say
from collectors.limits import Budget
from collectors.listing import Listing
from collectors.paging import Item, Page
from collectors.robots import Robots
from collectors.values import TOKYO
from collectors.webread import Found, Read, parsed, read_structured
from collectors.webselect import Selector, Selectors, next_of, read_selected
from collectors.websource import WebSettings
from collectors.words import any_in, hashtags
from store.records import Kpi, Metrics, Post, Record

MAX_PAGE = 5 * 1024 * 1024
FUTURE = timedelta(days=1)
ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_NO_AI = re.compile(r"\bnoai\b", re.I)


class WebPageSettings(WebSettings):
    """A page on which others write (reviews, news), or the brand itself (``own``)."""

    kind: Literal["webpage"] = Field(default="webpage", description='"webpage"')
    what: Literal["own", "mentions"] = Field(default="mentions", description="own = 自社の記事、mentions = 他の人が書いたもの")
    url: Url = Field(description="ページの URL(レビューなら、新しい順に並べたもの)")
    every: Duration = Field(default=timedelta(hours=6), description='読みに行く間隔(例: "6h"、"1d")')
    platform: str = Field(default="web", pattern=r"^[a-z][a-z0-9_]{0,31}$", description='区分(例: "web"、"news"、"review")')
    only_named: bool | None = Field(
        default=None, description="ブランド名を含むものだけを取り込む。書かなければ、mentions の記事は true、レビューなどは false"
    )
    must_not: tuple[Text, ...] = Field(default=(), description="この言葉を含むものは取り込まない")
    item: Selector | None = Field(
        default=None, description="1 件分の要素の CSS セレクター。書かなければ、ページの構造化データ(schema.org、OpenGraph)を読む"
    )
    item_kind: Literal["review", "article", "comment", "post"] = Field(default="review", description="item で読むものの種類")
    text: Selector | None = Field(default=None, description="item の中の本文(書かなければ item の文字すべて)")
    title: Selector | None = Field(default=None, description="item の中の題名")
    author: Selector | None = Field(default=None, description="item の中の投稿者")
    time: Selector | None = Field(default=None, description='item の中の日時(属性なら "time@datetime" のように)')
    stars: Selector | None = Field(default=None, description="item の中の星(1〜5。★の並びや「5つ星のうち4」も読めます)")
    link: Selector | None = Field(default=None, description='item の中の、その 1 件へのリンク(例: "a.permalink")')
    next: Selector | None = Field(default=None, description='次のページへのリンク(例: "a[rel=next]")')
    pages: int = Field(default=10, ge=1, le=200, description="1 回に読むページ数の上限")
    pause: float = Field(
        default=1.0, ge=0, le=3600, description="ページとページの間に空ける秒数(robots.txt の Crawl-delay のほうが長ければ、そちら)"
    )

    @property
    def selectors(self) -> Selectors | None:
        """What the settings say of the page's elements."""
        if self.item is None:
            return None
        return Selectors(self.item, self.text, self.title, self.author, self.time, self.stars, self.link, self.item_kind)


class WebPageCollector(Collector[WebPageSettings]):
    """Reads one page, and those that follow it."""

    platform: ClassVar[str] = "web"

    def __init__(self, settings: WebPageSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.line.public_only = settings.public_only
        self.line.max_body = MAX_PAGE
        self._robots = Robots()
        self._delay = 0.0
        self._read = 0

    @property
    def source_platform(self) -> str:
        """The platform that the settings give the page."""
        return self.settings.platform

    async def check(self) -> str:
        """Say the page's title, and what can be read from it."""
        read = await self._fetch(self.settings.url)
        stars = [found.stars for found in read.items if found.stars is not None]
        name = read.title or self.settings.url
        if not read.items:
            hint = self._nothing()
            return say(f"「{name}」は開けますが、何も読み取れません。{hint}", f"“{name}” opens, but nothing can be read from it. {hint}")
        told = say(f"(うち星つき {len(stars)} 件)", f" ({len(stars)} with stars)") if stars else ""
        return say(f"「{name}」 {len(read.items)} 件を読み取れます{told}", f"“{name}”: {len(read.items)} items can be read{told}")

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        self._rest(bookmark.notes.get("rest_until"))
        ratings: list[Kpi] = []

        async def fetch(cursor: str | None) -> Page:
            url = cursor or self.settings.url
            read = await self._fetch(url)
            self._read += 1
            if cursor is None:
                ratings.extend(self._ratings(read))
            if not read.items and not read.faults and not read.structured:
                if cursor is not None or listing.known:
                    raise FormatError(say(f"ページから何も読み取れません: {url}", f"Nothing can be read from {url}"), "", self._nothing())
                self.remarks.append(say("ページから何も読み取れませんでした。", "Nothing could be read from the page. ") + self._nothing())
            alike = Counter(found.url for found in read.items)
            items = [self._item(found, listing, alike[found.url] > 1) for found in read.items]
            follows = read.next if read.items or read.structured else None
            return Page(items, follows, None, tuple(self.reject(*fault) for fault in read.faults))

        listing = Listing(
            "page",
            fetch,
            since,
            self.context.now(),
            bookmark,
            self.next_bookmark,
            self.gap,
            left_first=bookmark.notes.get("delay", 0) > self.context.http.patience,
            max_pages=self.settings.pages,
        )
        try:
            async for record in listing.records():
                while ratings:
                    yield ratings.pop()
                yield record
        except BusyError as error:
            if not (error.limited and self._read and self._delay > self.context.http.patience):
                raise
            self.remarks.append(
                say(
                    f"robots.txt の間隔({self._delay:.0f} 秒)を守り、続きは次の回に読みます",
                    f"The rest is read next time, as robots.txt asks for {self._delay:.0f} seconds between pages",
                )
            )
        for kpi in ratings:
            yield kpi

    def _rest(self, until: Any) -> None:
        """Keep the pause that an earlier round, perhaps of another process, left to be kept."""
        rest = datetime.fromisoformat(until) - self.context.now() if isinstance(until, str) else timedelta(0)
        if rest > timedelta(0):
            self.context.http.limits.close(urlsplit(self.settings.url).netloc.lower(), rest)

    async def _fetch(self, url: str) -> Read:
        """Return what the page at ``url`` says; one that seems to be cut off is asked for once more."""
        for again in (True, False):
            answer = await self._ask(url)
            text, spoiled = text_of(answer.body, answer.headers.get("content-type", ""))
            if not again or _is_whole(text):
                break
        if "<" not in text or answer.headers.get("content-type", "").startswith(("image/", "video/", "audio/", "application/pdf")):
            raise FormatError(
                say(f"Web ページではありません: {url}", f"This is no web page: {url}"),
                text,
                say("ブラウザーで開いて、URL を確かめてください", "Open it in a browser and check the address"),
            )
        if spoiled:
            self.remarks.append(say("読めない文字がありました", "Some characters could not be read"))
        read = await asyncio.to_thread(self._parse, text, answer)
        if read.faults and not read.items and not _is_whole(text):
            raise FormatError(say(f"ページが途中で切れています: {url}", f"The page is cut off: {url}"), text)
        if read.next is not None and urlsplit(read.next).netloc.lower() != urlsplit(answer.url).netloc.lower():
            read.next = None  # another site is another source
        return read

    async def _ask(self, url: str) -> Answer:
        asked = await self._robots.check(self.line, url)
        self._delay = max(asked, self.settings.pause)
        budget = Budget(1, timedelta(seconds=self._delay)) if self._delay else None
        answer = await self.line.ask(url, headers={"accept": ACCEPT}, budget=budget)
        if self._delay:
            until = self.context.now() + timedelta(seconds=self._delay)
            self.next_bookmark.notes = {**self.next_bookmark.notes, "rest_until": until.isoformat(), "delay": self._delay}
        if urldefrag(answer.url)[0] != urldefrag(url)[0]:
            await self._robots.check(self.line, answer.url)  # where a redirect led has a say too
        return answer

    def _parse(self, text: str, answer: Answer) -> Read:
        page = parsed(text)
        if page is None:
            raise FormatError(say("ページの入れ子が深すぎて読めません", "The page is nested too deeply to be read"), text)
        robots = page.find("meta", attrs={"name": re.compile(r"^robots$", re.I)})
        if _NO_AI.search(f"{answer.headers.get('x-robots-tag', '')} {robots.get('content', '') if robots else ''}"):
            raise AccessError(
                say("このページは AI による読み取りを断っています(noai)", "This page does not want to be read by AI (noai)"),
                say("RSS や公式の API、CSV の取り込みを使ってください", "Use its RSS, its official API, or import a CSV file"),
            )
        where, latest = self.settings.selectors, self.context.now() + FUTURE
        if where is None:
            read = read_structured(page, answer.url, self.settings.url, latest)
        else:
            read = read_selected(page, where, answer.url, latest)
        read.next = next_of(page, self.settings.next, answer.url)
        return read

    def _nothing(self) -> str:
        if self.settings.item is None:
            return say(
                "構造化データがないページのようです。設定に item などの CSS セレクターを書いてください",
                "The page seems to have no structured data: give CSS selectors (item and others) in the settings",
            )
        return say(
            "設定の item などのセレクターがページと合っているか確かめてください", "Check that item and the other selectors fit the page"
        )

    def _ratings(self, read: Read) -> list[Kpi]:
        """Return the average that the page itself gives, where it is about one thing."""
        if len(read.ratings) != 1:
            return []
        day, rating, name = self.context.now().astimezone(TOKYO).date(), read.ratings[0], self.settings.name
        values = {f"{name}.stars": rating.value, f"{name}.reviews": rating.count}
        return [
            Kpi(brand=self.settings.brand, day=day, name=f"{self.settings.platform}.{key}", value=float(value))
            for key, value in values.items()
            if value is not None
        ]

    def _item(self, found: Found, listing: Listing, shared_url: bool) -> Item:
        ident = self._native_id(found, shared_url)
        if not self._wanted(found):
            return Item(ident, found.at, ())
        settings, now = self.settings, self.context.now()
        key: dict[str, Any] = {"platform": settings.platform, "native_id": ident}
        post = Post(
            **key,
            brand=settings.brand,
            relation=self.relation,
            source=settings.name,
            text=found.text,
            created_at=found.at or listing.first_seen(ident),
            seen_at=now,
            kind=found.kind,
            author_id=found.author,
            author_name=found.author,
            url=found.url or settings.url,
            tags=hashtags(found.text),
            stars=found.stars,
        )
        if found.likes is None and found.comments is None:
            return Item(ident, found.at, (post,))
        return Item(ident, found.at, (post, Metrics(**key, observed_at=now, likes=found.likes, comments=found.comments)))

    def _native_id(self, found: Found, shared_url: bool) -> str:
        """Return the item's own name or address; else one made of when and by whom it was said, and of its text where that is not enough.

        An item without a name whose text changes is the same one only if its author and time of day are told.
        """
        home = self.settings.url
        if found.ident is not None:
            return found.ident if ":" in found.ident else f"{home}{'' if found.ident.startswith('#') else '#'}{found.ident}"
        if found.url is not None and not shared_url and (found.kind == "article" or _path(found.url) != _path(home)):
            return found.url
        exact = found.author is not None and found.at is not None and not found.day_only
        said = (home, found.author, found.at and found.at.isoformat(), "" if exact else found.text)
        return f"{home}#{hashlib.blake2b(repr(said).encode('utf-8', 'replace'), digest_size=10).hexdigest()}"

    def _wanted(self, found: Found) -> bool:
        settings, words = self.settings, self.context.brand
        if settings.what == "mentions" and found.author in (*settings.ignore_authors, *self.context.own_accounts):
            return False
        if any_in(settings.must_not, found.text):
            return False
        named = settings.what == "mentions" and found.kind == "article" if settings.only_named is None else settings.only_named
        return not named or words.about(found.text)


def _is_whole(text: str) -> bool:
    """Tell whether a page came to its end."""
    return re.search(r"</(?:html|body)\s*>", text[-20_000:], re.I) is not None


def _path(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc.lower(), parts.path.rstrip("/")
