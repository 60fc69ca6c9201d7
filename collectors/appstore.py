"""App Store: the reviews of an app, from Apple's public feed. No key is needed.

The feed shows the newest 500 reviews of a country at most (10 pages of 50), and takes a while to show a new one: hours, sometimes days.
``updated`` is when a review was written or last changed; a changed review is the same one with another text.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from collectors.base import Url
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, BusyError, FormatError
from collectors.jsonread import dig, moment_at, text_at
from collectors.language import say
from collectors.limits import Budget
from collectors.paging import Item, Page
from collectors.reviews import ReviewCollector, ReviewSettings, newest, said, stars_at
from collectors.values import NotReadable
from store.records import Record

PAGES = 10
PAGE = 50
_ID = re.compile(r"(?:/id|^id|^)(\d{5,15})(?:\D|$)", re.ASCII)


class AppStoreSettings(ReviewSettings):
    """The reviews of an app in one country's App Store."""

    kind: Literal["appstore"] = Field(default="appstore", description='"appstore"')
    app: str = Field(
        pattern=r"^(id)?[0-9]{5,15}$|^https://apps\.apple\.com/[^ ]*/id[0-9]{5,15}",
        description='アプリの ID(App Store の URL の "id" のあとの数字。URL をそのまま書いても可)',
    )
    country: str = Field(default="jp", pattern=r"^[a-z]{2}$", description='どの国のストアか(例: "jp"、"us")')
    service: Url = Field(default="https://itunes.apple.com", description="フィードのサーバーの URL")

    @property
    def app_id(self) -> str:
        """The app's number."""
        found = _ID.search(self.app)
        return found[1] if found else self.app


class AppStoreCollector(ReviewCollector[AppStoreSettings]):
    """Reads the reviews of one app."""

    platform: ClassVar[str] = "appstore"
    budget: ClassVar[Budget | None] = Budget(20, timedelta(minutes=1))

    async def check(self) -> str:
        """Say how many reviews the first page shows, and how old the newest one is."""
        page = await self._page(None)
        if not page.items:
            return say(
                f"レビューがまだ 1 件も見えません(アプリ {self.settings.app_id}、国 {self.settings.country} が正しいか確かめてください)",
                f"No review can be seen yet (are the app {self.settings.app_id} and the country {self.settings.country} right?)",
            )
        return say(f"レビューを読めます。最新 {newest(page.items)}", f"Reviews can be read, the newest of {newest(page.items)}")

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        async def fetch(cursor: str | None) -> Page:
            page = await self._page(cursor)
            if cursor is None and not page.items and not page.rejects and listing.known:
                # Apple's feed is empty now and then for an app that has reviews.
                raise BusyError(
                    say(
                        "App Store が空の一覧を返しました(前には読めていたレビューがあります)",
                        "The App Store gave an empty list although there were reviews before",
                    )
                )
            return page

        listing = self.listing(fetch, bookmark, since)
        async for record in listing.records():
            yield record

    async def _page(self, cursor: str | None) -> Page:
        number = int(cursor or 1)
        settings = self.settings
        path = f"/{settings.country}/rss/customerreviews/page={number}/id={settings.app_id}/sortBy=mostRecent/json"
        answer = await self.line.ask(settings.service.rstrip("/") + path, expect_json=True, allow=(400, 404))
        if answer.status >= 400:
            if number > 1:  # some countries end before the tenth page
                return Page([], None)
            raise AccessError(
                say(
                    f"App Store の {settings.country} にアプリ {settings.app_id} がありません",
                    f"The App Store of {settings.country} has no app {settings.app_id}",
                ),
                say("設定の app と country を確かめてください", "Check app and country in the settings"),
            )
        body = answer.json()
        feed = dig(body, "feed")
        entries = dig(feed, "entry")
        if not isinstance(feed, Mapping) or not isinstance(entries, list | dict | None):
            raise FormatError(
                say("App Store の応答に feed がありません", "The App Store's answer has no feed of entries"), json.dumps(body)
            )
        # One review comes without a list around it.
        rows = entries if isinstance(entries, list) else [] if entries is None else [entries]
        items, rejects = self.items(rows, f"page {number}", self._item)
        limit = None
        if number == PAGES and len(rows) >= PAGE:
            limit = say("App Store は新しい 500 件までしか示しません", "The App Store shows the newest 500 only")
        return Page(items, str(number + 1) if rows and number < PAGES else None, limit, tuple(rejects))

    def _item(self, raw: Any, place: str) -> Item | None:
        if dig(raw, "im:rating") is None and dig(raw, "im:name") is not None:
            return None  # the app itself, which leads the list in some answers
        native_id, at = text_at(raw, "id", "label"), moment_at(raw, "updated", "label")
        if native_id is None or at is None:
            raise NotReadable(say("ID か日時がありません", "it has no id or no time"))
        faults: tuple[str, ...] = ()
        try:
            stars = stars_at(raw, "im:rating", "label")
        except NotReadable as error:
            stars, faults = None, (str(error),)
        name, home, version = text_at(raw, "author", "name", "label"), text_at(raw, "author", "uri", "label"), self._version(raw)
        author = _ID.search(home or "")
        return self.review(
            {"likes": dig(raw, "im:voteSum", "label")},
            native_id,
            at,
            said(text_at(raw, "title", "label"), text_at(raw, "content", "label")),
            stars,
            ("likes",),
            faults,
            author_id=author[1] if author else name,
            author_name=name,
            url=self._url(raw),
            tags=version,
        )

    @staticmethod
    def _version(raw: Any) -> tuple[str, ...]:
        """Return the app's version that the review is of, as a tag."""
        version = text_at(raw, "im:version", "label")
        return (f"v{version}",) if version else ()

    @staticmethod
    def _url(raw: Any) -> str | None:
        url = text_at(raw, "link", "attributes", "href")
        return url if url and url.startswith(("https://", "http://")) else None
