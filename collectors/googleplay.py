"""Google Play: the reviews of an app, by the Android Publisher API v3 and a service account.

The API gives the reviews with a text that were written or changed in the last 7 days, and no others; it may be asked 200 times an hour
for an app. ``lastModified`` is when a review was last written, so a changed review has a new time and its old id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

import jwt
from pydantic import Field

from collectors.allowance import Allowance, Charge, Rolling
from collectors.base import Context, EnvName, Url
from collectors.bookmark import Bookmark
from collectors.errors import AccessError, FormatError
from collectors.google import TOKEN_URL, Api, Google, access_token
from collectors.jsonread import dig, items_at, text_at, unix_at
from collectors.language import say
from collectors.paging import Item, Page
from collectors.reviews import ReviewCollector, ReviewSettings, newest, said, stars_at
from collectors.tokens import Token
from collectors.values import NotReadable
from store.records import Record

REACH = timedelta(days=7)
HOURLY = 200
PAGE = 100
SCOPE = "https://www.googleapis.com/auth/androidpublisher"


class GooglePlaySettings(ReviewSettings):
    """The reviews of an app on Google Play. The brand must own the app."""

    kind: Literal["googleplay"] = Field(default="googleplay", description='"googleplay"')
    package: str = Field(pattern=r"^[A-Za-z]\w*(\.\w+)+$", description='アプリのパッケージ名(例: "jp.example.app")')
    key_env: EnvName = Field(
        default="HIBIKI_GOOGLE_PLAY_KEY_FILE", description="サービスアカウントの鍵(JSON ファイル)の場所を入れた環境変数の名前"
    )
    service: Url = Field(default="https://androidpublisher.googleapis.com", description="API の URL")


class GooglePlayCollector(ReviewCollector[GooglePlaySettings]):
    """Reads the reviews of one app."""

    platform: ClassVar[str] = "googleplay"

    def __init__(self, settings: GooglePlaySettings, context: Context) -> None:
        super().__init__(settings, context)
        variable = settings.key_env
        api = Api(
            "Google Play",
            "Google Play Android Developer API",
            say(
                f"サービスアカウントの鍵を作り直し、その場所を .env の {variable} に書いてください",
                f"Make a new key of the service account and write where it is into .env as {variable}",
            ),
            say(
                "Play Console の「ユーザーと権限」で、サービスアカウントに「レビューへの返信」(アプリ情報の閲覧を含む)の権限を付けてください",
                "Give the service account the right to see and reply to reviews in Play Console (Users and permissions)",
            ),
            say("設定の package を確かめてください", "Check package in the settings"),
        )
        self._google = Google(self.line, api, self._access)
        self._mend = api.key

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """200 questions an hour for an app."""
        title = say(f"Google Play のレビュー({self.settings.package}、1 時間)", f"Google Play reviews ({self.settings.package}, an hour)")
        return (Allowance(f"googleplay {self.settings.package}", HOURLY, "calls", Rolling(timedelta(hours=1)), title),)

    async def check(self) -> str:
        """Say how many reviews of the last week the first page shows."""
        page = await self._page(None)
        more = "+" if page.cursor else ""
        if not page.items:
            return say("読めます。この 7 日間に書かれたレビューはありません", "It can be read; no review was written in the last 7 days")
        return say(
            f"この 7 日間のレビュー {len(page.items)}{more} 件、最新 {newest(page.items)}",
            f"{len(page.items)}{more} reviews of the last 7 days, the newest of {newest(page.items)}",
        )

    async def _collect(self, bookmark: Bookmark, since: datetime) -> AsyncIterator[Record]:
        reach = self.context.now() - REACH
        covered = bookmark.covered.get(self.walk_name)
        from_at = since if covered is None else max(since, covered)
        told = False
        async for record in self.listing(self._page, bookmark, since).records():
            if not told and from_at < reach:
                yield self._lost(from_at, reach)
            told = True
            yield record
        if not told and from_at < reach:
            yield self._lost(from_at, reach)

    def _lost(self, from_at: datetime, to_at: datetime) -> Record:
        return self.gap(
            from_at, to_at, say("Google Play は 7 日より前のレビューを渡しません", "Google Play gives no reviews older than 7 days")
        )

    async def _page(self, cursor: str | None) -> Page:
        package = self.settings.package
        url = f"{self.settings.service.rstrip('/')}/androidpublisher/v3/applications/{package}/reviews"
        params = {"maxResults": PAGE, **({"token": cursor} if cursor else {})}
        allowances, (hourly,) = self.context.allowances, self.allowances
        body = await self._google.get(url, params, lambda: Charge(allowances, hourly, 1, refused_costs=True))
        if not isinstance(body, dict) or not isinstance(body.get("reviews", []), list):
            raise FormatError(say("Google Play の応答に reviews がありません", "Google Play's answer has no reviews"), json.dumps(body))
        items, rejects = self.items(items_at(body, "reviews"), f"reviews {cursor or '-'}", self._item)
        return Page(items, text_at(body, "tokenPagination", "nextPageToken"), rejects=tuple(rejects))

    def _item(self, raw: Any, place: str) -> Item:
        native_id = text_at(raw, "reviewId")
        written = [one for one in (dig(comment, "userComment") for comment in items_at(raw, "comments")) if isinstance(one, dict)]
        dated = [(at, one) for one in written if (at := unix_at(one, "lastModified", "seconds")) is not None]
        if native_id is None or not dated:
            raise NotReadable(say("ID か日時がありません", "it has no id or no time"))
        at, comment = max(dated, key=lambda pair: pair[0])
        faults: tuple[str, ...] = ()
        try:
            stars = stars_at(comment, "starRating")
        except NotReadable as error:
            stars, faults = None, (str(error),)
        # A title of old stands before a tab; what was written, not its translation.
        title, tab, text = (text_at(comment, "originalText") or text_at(comment, "text") or "").partition("\t")
        version = text_at(comment, "appVersionName")
        return self.review(
            comment,
            native_id,
            at,
            said(title if tab else None, text if tab else title),
            stars,
            ("thumbsUpCount",),
            faults,
            author_name=text_at(raw, "authorName"),
            lang=text_at(comment, "reviewerLanguage"),
            tags=(f"v{version}",) if version else (),
            url=f"https://play.google.com/store/apps/details?id={self.settings.package}&reviewId={native_id}",
        )

    # --- who we are

    async def _access(self, worn: str | None) -> Token:
        """Return an access token, made of the service account's key where the last one ends."""
        key = self._key()
        # What is stored beside the access token is a mark of the key and not the key: that stays in its own file.
        mark = "key-" + hashlib.sha256(key["private_key"].encode()).hexdigest()[:32]

        async def renew(old: Token) -> Token:
            form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self._statement(key)}
            url = key.get("token_uri") or TOKEN_URL
            return await access_token(self.line, url, form, self.context.now, "Google Play", self._mend, keep=mark)

        return await self.token(f"googleplay {key['client_email']}", Token("", mark), renew, worn=worn, mend=self._mend)

    def _statement(self, key: dict[str, str]) -> str:
        """Return the statement of who we are, signed (RS256)."""
        now = int(self.context.now().timestamp())
        claims = {
            "iss": key["client_email"],
            "scope": SCOPE,
            "aud": key.get("token_uri") or TOKEN_URL,
            "iat": now,
            "exp": now + 3600,
        }
        try:
            signed = jwt.encode(claims, key["private_key"], algorithm="RS256", headers={"kid": key.get("private_key_id", "")})
        except (ValueError, TypeError, jwt.PyJWTError):
            raise self._bad_key(say("中の秘密鍵が壊れています", "the private key in it is broken")) from None
        self.line.http.hide(signed)
        return signed

    def _key(self) -> dict[str, str]:
        """Return the service account's key."""
        place = self.secret(self.settings.key_env, say("サービスアカウントの鍵のファイル", "file of the service account's key"))
        if place.lstrip().startswith("{"):
            raise self._bad_key(say("場所ではなく、鍵そのものが書かれています", "the variable holds the key and not where its file is"))
        try:
            key = json.loads(Path(place).expanduser().read_text(encoding="utf-8"))
        except (OSError, RuntimeError) as error:
            raise self._bad_key(say("ファイルを開けません", "the file cannot be opened") + f" ({type(error).__name__})") from None
        except ValueError:
            raise self._bad_key(say("JSON ではありません", "it is not JSON")) from None
        names = ("client_email", "private_key")
        if dig(key, "type") != "service_account" or not all(isinstance(key.get(name), str) and key[name] for name in names):
            raise self._bad_key(say("サービスアカウントの鍵ではありません", "it is no key of a service account"))
        self.line.http.hide(key["private_key"])
        return {name: value for name, value in key.items() if isinstance(value, str)}

    def _bad_key(self, why: str) -> AccessError:
        variable = self.settings.key_env
        return AccessError(
            say(f"環境変数 {variable} の示す鍵のファイルが使えません: {why}", f"The key file that {variable} names cannot be used: {why}"),
            say(
                f"Google Cloud コンソールでサービスアカウントの鍵(JSON)を作り、その場所を .env に {variable}=/…/key.json と書いてください",
                f"Make a key (JSON) of a service account in the Google Cloud console and write {variable}=/…/key.json into .env",
            ),
        )
