"""TikTok: the Display API v2 (lists, look-ups, tokens) and the Business API v1.3, as their documents show them.

As TikTok does, Display refuses fields that it does not know and gives a new refresh token with every access token; Business answers
everything with HTTP 200.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from collectors.tiktok import TikTokSettings
from tests.collectors.wire import Asked, Reply, Said, Wire

CLIENT = "awx9clientkey0001"
SECRET = "s3cr3t-of-the-tiktok-app"
REFRESH = "rft.ExampleRefreshToken0001"
BUSINESS = "bus-open-id-0001"

_FIELDS = {
    *("id", "create_time", "cover_image_url", "share_url", "video_description", "duration", "height", "width", "title"),
    *("embed_html", "embed_link", "like_count", "comment_count", "share_count", "view_count"),
}
_BUSINESS_FIELDS = {
    *("item_id", "create_time", "thumbnail_url", "share_url", "embed_url", "caption", "video_views", "likes", "comments", "shares"),
    *("reach", "video_duration", "full_video_watched_rate", "total_time_watched", "average_time_watched", "impression_sources"),
}


def refusal(code: str, message: str, status: int) -> Reply:
    """An error as the Display API sends it."""
    return Reply({"data": {}, "error": {"code": code, "message": message, "log_id": "202611200300000102030405"}}, status)


INVALID = refusal("access_token_invalid", "The access token is invalid or not found in the request.", 401)


class TikTok(Wire):
    """``gone``: numbers of videos that are not shown any more; ``renewals``: how many tokens were given; ``lasts``: for how many seconds."""

    name = "tiktok"
    listing = "*/v2/video/list/"
    page_size = 20
    secrets: ClassVar[dict[str, str]] = {
        "HIBIKI_TIKTOK_CLIENT_KEY": CLIENT,
        "HIBIKI_TIKTOK_CLIENT_SECRET": SECRET,
        "HIBIKI_TIKTOK_REFRESH_TOKEN": REFRESH,
    }
    id_field = "id"
    likes_field = "like_count"
    text_field = "video_description"
    expired: ClassVar[Reply | None] = INVALID
    error_inside: ClassVar[Reply | None] = refusal("internal_error", "Something went wrong", 200)

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[int] = set()
        self.renewals = 0
        self.lasts = 7200
        self.refresh_lasts = 180 * 86400

    def settings(self, url: str) -> TikTokSettings:
        return TikTokSettings.model_validate({"name": "tt", "brand": "yomori", "service": url})

    def native_id(self, post: Said) -> str:
        return str(7_400_000_000_000_000_000 + post.number)

    @property
    def access(self) -> str:
        """The access token that is taken now."""
        return f"act.Access{self.renewals}"

    @property
    def refresh(self) -> str:
        """The refresh token that is taken now."""
        return f"{REFRESH}.{self.renewals}" if self.renewals else REFRESH

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/v2/oauth/token/":
            return self.token(asked.form(), "client_key", "refresh_expires_in")
        if asked.headers.get("authorization") != f"Bearer {self.access}" or not self.renewals:
            return INVALID
        names = asked.one("fields").split(",")
        if not set(names) <= _FIELDS or asked.method != "POST":
            return refusal("invalid_params", f"Invalid fields: {names}", 400)
        body = asked.json()
        if asked.path == "/v2/video/query/":
            ids = body["filters"]["video_ids"]
            if len(ids) > 20:
                return refusal("invalid_params", "Too many video ids", 400)
            found = [post for post in self.shown() if self.native_id(post) in ids]
            return Reply({"data": {"videos": [self.video(post, names) for post in found]}, "error": _ok()})
        return self.listed(int(body.get("cursor", 2**53)), int(body.get("max_count", 10)), names)

    def token(self, told: dict[str, Any], client: str, ends: str) -> Reply:
        """Answer a request for a new token."""
        right = {client: CLIENT, "client_secret": SECRET, "grant_type": "refresh_token", "refresh_token": self.refresh}
        if told != right:
            return Reply({"error": "invalid_grant", "error_description": "Refresh token is invalid or expired.", "log_id": "2026"}, 400)
        self.renewals += 1
        body = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": self.lasts, ends: self.refresh_lasts}
        return Reply(body | {"open_id": BUSINESS, "scope": "user.info.basic,video.list", "token_type": "Bearer"})

    def shown(self) -> list[Said]:
        """The videos that can be seen, newest first."""
        return [post for post in self.newest_first() if post.number not in self.gone]

    def listed(self, before: int, size: int, names: list[str]) -> Reply:
        """A page of videos that were posted before a moment in milliseconds."""
        data = self.page(before, size, names)
        return Reply({"data": data, "error": _ok()})

    def page(self, before: int, size: int, names: list[str]) -> dict[str, Any]:
        """What lies under ``data`` of a page."""
        found = [post for post in self.shown() if post.at.timestamp() * 1000 < before]
        last = int(found[:size][-1].at.timestamp() * 1000) if found else 0
        videos = [self.video(post, names) for post in found[:size]]
        return {"videos": videos, "cursor": before if self.repeat and before < 2**53 else last, "has_more": len(found) > size}

    def video(self, post: Said, names: list[str]) -> dict[str, Any]:
        """A video, with the fields that were asked for."""
        whole = {
            "id": self.native_id(post),
            "create_time": int(post.at.timestamp()),
            "share_url": f"https://www.tiktok.com/@yomori_tea/video/{self.native_id(post)}?utm_campaign=tt4d&utm_source={CLIENT}",
            "video_description": post.text,
            "title": post.text[:90],
            "view_count": post.more.get("views", 100),
            "like_count": post.likes,
            "comment_count": 0,
            "share_count": post.more.get("shares", 2),
        }
        return {name: whole[name] for name in names if name in whole}


class TikTokBusiness(TikTok):
    name = "tiktok-business"
    listing = "*/business/video/list/"
    id_field = "item_id"
    likes_field = "likes"
    text_field = "caption"
    expired: ClassVar[Reply | None] = Reply({"code": 40105, "message": "Access token is incorrect or has been revoked.", "data": {}})
    error_inside: ClassVar[Reply | None] = Reply({"code": 40002, "message": "business_id: Invalid", "request_id": "2026", "data": {}})

    def settings(self, url: str) -> TikTokSettings:
        return TikTokSettings.model_validate({"name": "tt", "brand": "yomori", "service": url, "api": "business", "business_id": BUSINESS})

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/open_api/v1.3/tt_user/oauth2/refresh_token/":
            reply = self.token(asked.json(), "client_id", "refresh_token_expires_in")
            if reply.status == 200:
                return _business(reply.body)
            return Reply({"code": 40103, "message": "The refresh token has expired.", "request_id": "2026", "data": {}})
        if asked.headers.get("access-token") != self.access or not self.renewals:
            return self.expired or Reply({})
        names = json.loads(asked.one("fields"))
        if not set(names) <= _BUSINESS_FIELDS or asked.one("business_id") != BUSINESS:
            return Reply({"code": 40002, "message": "fields: Invalid", "request_id": "2026", "data": {}})
        if asked.one("filters"):
            ids = json.loads(asked.one("filters"))["video_ids"]
            videos = [self.video(post, names) for post in self.shown() if self.native_id(post) in ids]
            return _business({"videos": videos, "cursor": 0, "has_more": False})
        return _business(self.page(int(asked.one("cursor", str(2**53))), int(asked.one("max_count", "10")), names))

    def video(self, post: Said, names: list[str]) -> dict[str, Any]:
        whole = {
            "item_id": self.native_id(post),
            "create_time": str(int(post.at.timestamp())),
            "share_url": f"https://www.tiktok.com/@yomori_tea/video/{self.native_id(post)}?utm_source={CLIENT}",
            "caption": post.text,
            "video_views": post.more.get("views", 100),
            "likes": post.likes,
            "comments": 0,
            "shares": post.more.get("shares", 2),
        }
        return {name: whole[name] for name in names if name in whole}


def _ok() -> dict[str, str]:
    return {"code": "ok", "message": "", "log_id": "20261120030000"}


def _business(data: dict[str, Any]) -> Reply:
    return Reply({"code": 0, "message": "OK", "request_id": "20261120030000", "data": data})


WIRES: tuple[type[Wire], ...] = (TikTok, TikTokBusiness)
