"""Instagram's Graph API v26: media and insights, comments, tags and hashtags (developers.facebook.com/docs/instagram-platform)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from collectors.instagram import InstagramSettings
from tests.collectors.conftest import NOW
from tests.collectors.fakes.graph import TOKEN, GraphWire, refusal
from tests.collectors.wire import Asked, Reply, Said

ACCOUNT = "17841400000000001"
OURS = "17900000000000042"
MEDIA = frozenset(
    [
        "id",
        "caption",
        "permalink",
        "timestamp",
        "username",
        "like_count",
        "comments_count",
        "media_product_type",
        "media_type",
        "comments",
        "insights",
    ]
)
COMMENT = frozenset(["id", "text", "timestamp", "username", "from", "like_count", "parent_id", "media", "replies", "hidden"])


class InstagramWire(GraphWire):
    name = "instagram"
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_INSTAGRAM_TOKEN": TOKEN}
    likes_field = "like_count"
    metrics = ("views", "reach", "likes", "comments", "saved", "shares", "reposts", "total_interactions")
    known = MEDIA | COMMENT | frozenset(("media_count", "access_token"))
    options: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.expires_at = 0
        self.ours: list[Said] = [Said(0, "夏の新作", NOW - timedelta(days=5))]

    def settings(self, url: str) -> InstagramSettings:
        told = {"name": "ig", "brand": "yomori", "account": ACCOUNT, "service": url, **self.options}
        return InstagramSettings.model_validate(told)

    def native_id(self, post: Said) -> str:
        return str(17_900_000_000_100_000 + post.number)

    def at(self, path: str, asked: Asked) -> Reply:
        if path == "debug_token":
            return Reply({"data": {"app_id": "1", "is_valid": True, "expires_at": self.expires_at, "data_access_expires_at": 0}})
        if path == ACCOUNT:
            return Reply({"id": ACCOUNT, "username": "yomori_tea", "media_count": len(self.said)})
        if path == f"{ACCOUNT}/media":
            return self.listed(asked, path) if asked.one("fields").startswith("id,caption") else self.own_media(asked)
        return self.other(path, asked)

    def other(self, path: str, asked: Asked) -> Reply:
        return super().at(path, asked)

    def own_media(self, asked: Asked) -> Reply:
        """Our own media, when what is asked for is what others write."""
        rows = [
            {
                "id": OURS,
                "timestamp": self.when(post),
                "permalink": "https://www.instagram.com/p/OURS/",
                "username": "yomori_tea",
                "comments_count": self.own_comments,
            }
            for post in self.ours
        ]
        return Reply({"data": rows, "paging": {"cursors": {"before": "QVFI", "after": "QVFI"}}})

    @property
    def own_comments(self) -> int:
        """How many comments our medium has."""
        return 0

    def fields_of(self, post: Said) -> dict[str, Any]:
        return {
            "caption": post.text,
            "media_type": "IMAGE",
            "media_product_type": "FEED",
            "permalink": f"https://www.instagram.com/p/C{post.number}/",
            "timestamp": self.when(post),
            "username": "yomori_tea",
            "like_count": post.likes,
            "comments_count": 2,
        } | post.more


class InstagramOwn(InstagramWire):
    name = "instagram-own"
    listing = "*/media"
    text_field = "caption"


class InstagramLogin(InstagramOwn):
    """The other login: tokens that are renewed."""

    name = "instagram-own-login"
    options: ClassVar[dict[str, Any]] = {"login": "instagram"}


class InstagramTags(InstagramWire):
    name = "instagram-tags"
    listing = "*/tags"
    text_field = "caption"
    options: ClassVar[dict[str, Any]] = {"what": "mentions"}

    def other(self, path: str, asked: Asked) -> Reply:
        return self.listed(asked, path) if path == f"{ACCOUNT}/tags" else super().other(path, asked)

    def fields_of(self, post: Said) -> dict[str, Any]:
        return super().fields_of(post) | {"username": "fan"} | post.more


class InstagramHashtag(InstagramWire):
    """``same_cursor``: the ``after`` cursor is the same on every page, and leads one page on each time, as documented."""

    name = "instagram-hashtag"
    listing = "*/recent_media"
    text_field = "caption"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "tagged": False, "hashtags": ["ヨモリ"]}
    known = InstagramWire.known

    def __init__(self) -> None:
        super().__init__()
        self.same_cursor = False
        self._page = 0

    def other(self, path: str, asked: Asked) -> Reply:
        if path == "ig_hashtag_search":
            return Reply({"data": [{"id": "17843853986012965"}]}) if asked.one("user_id") == ACCOUNT else refusal(100, "user_id")
        if path != "17843853986012965/recent_media":
            return super().other(path, asked)
        if "username" in self.asked_for(asked):
            return refusal(100, "(#100) Tried accessing nonexisting field (username) on node type (Media)")
        posts = [post for post in self.newest_first() if post.at > NOW - timedelta(hours=24)]
        if not self.same_cursor:
            return self.listed(asked, path, posts)
        size = int(asked.one("limit"))
        self._page = self._page + 1 if asked.one("after") and not self.repeat else 0
        start = self._page * size
        body: dict[str, Any] = {"data": [self.row(post, asked) for post in posts[start : start + size]]}
        if start + size < len(posts):
            body["paging"] = {"cursors": {"after": "SAME"}, "next": f"https://graph.facebook.com/x?access_token={TOKEN}&after=SAME"}
        return Reply(body)


class InstagramComments(InstagramWire):
    name = "instagram-comments"
    listing = "*/comments"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "tagged": False}

    @property
    def own_comments(self) -> int:
        return len(self.said)

    def other(self, path: str, asked: Asked) -> Reply:
        return self.listed(asked, path) if path == f"{OURS}/comments" else super().other(path, asked)

    def fields_of(self, post: Said) -> dict[str, Any]:
        return {
            "text": post.text,
            "timestamp": self.when(post),
            "username": "fan",
            "from": {"id": "999", "username": "fan"},
            "like_count": post.likes,
            "media": {"id": OURS},
        } | post.more


WIRES = (InstagramOwn, InstagramLogin, InstagramTags, InstagramHashtag, InstagramComments)
