"""Google Business Profile: the reviews of a place on Google Maps, by the Business Profile API v4 and the owner's consent.

Later pages of the list are known to leave reviews out: how many were read is held against ``totalReviewCount``. What is gone can be told
only by a reading of the whole list in which nothing was missing; one is made a day. Our own replies are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from collectors.base import Context, Duration, EnvName, Url
from collectors.bookmark import Bookmark
from collectors.errors import FormatError
from collectors.google import TOKEN_URL, Api, Google, access_token
from collectors.jsonread import Counts, dig, items_at, moment_at, text_at
from collectors.language import say, thousands
from collectors.limits import Budget
from collectors.paging import Item, Page
from collectors.reviews import ReviewCollector, ReviewSettings, newest, said, stars_at
from collectors.tokens import Token
from collectors.values import NotReadable
from store.records import Gone, Record

PAGE = 50
WORDS = {"ONE": 1.0, "TWO": 2.0, "THREE": 3.0, "FOUR": 4.0, "FIVE": 5.0}
_TRANSLATED, _ORIGINAL = "(Translated by Google)", "(Original)"


class GoogleBusinessSettings(ReviewSettings):
    """The reviews of one place of the brand."""

    kind: Literal["googlebusiness"] = Field(default="googlebusiness", description='"googlebusiness"')
    location: str = Field(pattern=r"^accounts/[0-9]+/locations/[0-9]+$", description='店舗(例: "accounts/123/locations/456")')
    client_id_env: EnvName = Field(default="HIBIKI_GOOGLE_CLIENT_ID", description="OAuth クライアント ID を入れた環境変数の名前")
    client_secret_env: EnvName = Field(
        default="HIBIKI_GOOGLE_CLIENT_SECRET", description="OAuth クライアント シークレットを入れた環境変数の名前"
    )
    refresh_env: EnvName = Field(
        default="HIBIKI_GOOGLE_REFRESH_TOKEN", description="更新トークン(権限 business.manage)を入れた環境変数の名前"
    )
    whole_every: Duration = Field(
        default=timedelta(days=1), description="一覧をすべて読み、消えたレビューを確かめる間隔(それ以外は新しいものだけを読む)"
    )
    service: Url = Field(default="https://mybusiness.googleapis.com", description="API の URL")
    token_service: Url = Field(default=TOKEN_URL, description="トークンを更新する URL")


class GoogleBusinessCollector(ReviewCollector[GoogleBusinessSettings]):
    """Reads the reviews of one place."""

    platform: ClassVar[str] = "googlebusiness"
    budget: ClassVar[Budget | None] = Budget(300, timedelta(minutes=1))

    def __init__(self, settings: GoogleBusinessSettings, context: Context) -> None:
        super().__init__(settings, context)
        api = Api(
            say("Google ビジネス プロフィール", "Google Business Profile"),
            "Google My Business API",
            say(
                f"権限 business.manage で同意し直し、更新トークンを .env の {settings.refresh_env} に書いてください"
                "(同意画面が「テスト中」だと 7 日で切れます)",
                f"Consent again (scope business.manage) and write the refresh token into .env as {settings.refresh_env}"
                " (it ends after 7 days while the consent screen is in testing)",
            ),
            say(
                "店舗の管理者のアカウントで同意したか、API の利用が Google に承認されているかを確かめてください",
                "Check that a manager of the place gave consent, and that Google has approved your access to the API",
            ),
            say("設定の location を確かめてください", "Check location in the settings"),
        )
        self._google = Google(self.line, api, self._access)
        self._api = api
        self._total: int | None = None
        self._average: float | None = None
        self._rejected = False

    async def check(self) -> str:
        """Say how many reviews the place has, and their average."""
        page = await self._page(None)
        average = f"{self._average:.1f}" if self._average is not None else "?"
        total = thousands(self._total)
        day = newest(page.items)
        return say(f"レビュー {total} 件、平均 {average}、最新 {day}", f"{total} reviews, {average} on average, the newest of {day}")

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        now, last = self.context.now(), bookmark.notes.get("whole_at")
        whole = not isinstance(last, str) or now - datetime.fromisoformat(last) >= self.settings.whole_every
        listing = self.listing(self._page, bookmark, since, whole=whole)
        async for record in listing.records():
            yield record
        for measure, figure in (("stars", self._average), ("reviews", self._total)):
            if figure is not None:
                yield self.figure(f"{measure}.{self.settings.location.rpartition('/')[2]}", float(figure))
        if not (whole and listing.ended):
            return
        self.next_bookmark.notes = {**self.next_bookmark.notes, "whole_at": now.isoformat()}
        if self._total is None or len(listing.ids) != self._total or self._rejected:
            if self._total is not None and len(listing.ids) != self._total:
                self.remarks.append(
                    say(
                        f"Google の言う {self._total} 件のうち {len(listing.ids)} 件を読めました(API は全部を返さないことがあります)",
                        f"{len(listing.ids)} of the {self._total} reviews that Google counts could be read (the API leaves some out at times)",
                    )
                )
            return
        for native_id in sorted(listing.known - listing.ids):
            yield Gone(platform=self.platform, native_id=native_id, seen_at=now)
            listing.forget(native_id)

    async def _page(self, cursor: str | None) -> Page:
        url = f"{self.settings.service.rstrip('/')}/v4/{self.settings.location}/reviews"
        params = {"pageSize": PAGE, "orderBy": "updateTime desc", **({"pageToken": cursor} if cursor else {})}
        body = await self._google.get(url, params)
        if not isinstance(body, dict) or not isinstance(body.get("reviews", []), list):
            raise FormatError(
                say("Google ビジネス プロフィールの応答に reviews がありません", "Google Business Profile's answer has no reviews"),
                json.dumps(body),
            )
        items, rejects = self.items(items_at(body, "reviews"), f"reviews {cursor or '-'}", self._item)
        self._rejected |= bool(rejects)
        counts = Counts(body)
        total, average = counts.get("totalReviewCount"), dig(body, "averageRating")
        if total is None and not body:  # a place without reviews is answered by {}
            total = 0
        self._total = total if total is not None else self._total
        if isinstance(average, int | float) and not isinstance(average, bool) and 1 <= average <= 5:
            self._average = float(average)
        return Page(items, text_at(body, "nextPageToken"), rejects=tuple(rejects))

    def _item(self, raw: Any, place: str) -> Item:
        native_id, at = text_at(raw, "reviewId") or _last(text_at(raw, "name")), moment_at(raw, "createTime")
        if native_id is None or at is None:
            raise NotReadable(say("ID か日時がありません", "it has no id or no time"))
        word = text_at(raw, "starRating")
        stars, told = WORDS.get(word or ""), tuple[str, ...]()
        if stars is None and word not in (None, "STAR_RATING_UNSPECIFIED"):
            try:
                stars = stars_at(raw, "starRating")
            except NotReadable as error:
                told = (str(error),)
        hidden = dig(raw, "reviewer", "isAnonymous") is True
        return self.review(
            raw,
            native_id,
            at,
            said(None, original(text_at(raw, "comment") or "")),
            stars,
            None,
            told,
            moment_at(raw, "updateTime"),
            author_name=None if hidden else text_at(raw, "reviewer", "displayName"),
        )

    async def _access(self, worn: str | None) -> Token:
        """Return an access token, renewed by the refresh token where it ends."""
        settings = self.settings
        client = self.secret(settings.client_id_env, say("OAuth クライアント ID", "OAuth client id"))
        secret = self.secret(settings.client_secret_env, say("OAuth クライアント シークレット", "OAuth client secret"))
        refresh = self.secret(settings.refresh_env, say("更新トークン", "refresh token"))

        async def renew(old: Token) -> Token:
            kept = old.refresh or refresh
            form = {"grant_type": "refresh_token", "client_id": client, "client_secret": secret, "refresh_token": kept}
            now, title = self.context.now, self._api.title
            return await access_token(self.line, settings.token_service, form, now, title, self._api.key, keep=kept)

        return await self.token(f"googlebusiness {settings.refresh_env}", Token("", refresh), renew, worn=worn, mend=self._api.key)


def original(comment: str) -> str:
    """Return what a reviewer wrote, without the translation that Google puts before or after it."""
    if _ORIGINAL in comment:
        return comment.rpartition(_ORIGINAL)[2].strip()
    return comment.partition(_TRANSLATED)[0].strip() or re.sub(re.escape(_TRANSLATED), "", comment).strip()


def _last(name: str | None) -> str | None:
    return name.rpartition("/")[2] or None if name else None
