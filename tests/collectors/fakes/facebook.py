"""Facebook Pages in Graph v26: published posts and insights, comments, posts that tag the Page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from collectors.facebook import FacebookSettings
from tests.collectors.conftest import NOW
from tests.collectors.fakes.graph import TOKEN, GraphWire
from tests.collectors.wire import Asked, Reply, Said

PAGE = "102030405060708"
OURS = f"{PAGE}_900"


class FacebookWire(GraphWire):
    """``page_token``: what the Page gives in place of a person's token; ``expires_at``: when that ends (0: never)."""

    name = "facebook"
    page_size = 25
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_FACEBOOK_TOKEN": TOKEN}
    text_field = "message"
    metrics = ("post_reactions_by_type_total", "post_media_view", "post_total_media_view_unique", "post_clicks")
    known = frozenset(
        [
            "id",
            "message",
            "created_time",
            "permalink_url",
            "from",
            "shares",
            "reactions",
            "comments",
            "insights",
            "like_count",
            "comment_count",
            "parent",
            "is_hidden",
            "name",
            "followers_count",
            "access_token",
        ]
    )
    options: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.page_token: str | None = None
        self.expires_at = 0

    @property
    def now_valid(self) -> str:
        return self.token

    def settings(self, url: str) -> FacebookSettings:
        return FacebookSettings.model_validate({"name": "fb", "brand": "yomori", "account": PAGE, "service": url, **self.options})

    def native_id(self, post: Said) -> str:
        return f"{PAGE}_{1000 + post.number}"

    def answer(self, asked: Asked) -> Reply:
        if self.page_token and asked.headers.get("authorization") == f"Bearer {self.page_token}":
            asked = Asked(asked.method, asked.path, asked.query, {**asked.headers, "authorization": f"Bearer {self.token}"}, asked.body)
        return super().answer(asked)

    def at(self, path: str, asked: Asked) -> Reply:
        if path == "debug_token":
            return Reply({"data": {"app_id": "1", "type": "PAGE", "is_valid": True, "expires_at": self.expires_at}})
        if path == PAGE:
            token = {"access_token": self.page_token} if self.page_token and "access_token" in asked.one("fields") else {}
            return Reply({"id": PAGE, "name": "ヨモリのお茶", "followers_count": 1200, **token})
        if path == f"{PAGE}/published_posts":
            return self.listed(asked, path) if "message" in asked.one("fields") else self.own_posts()
        return self.other(path, asked)

    def other(self, path: str, asked: Asked) -> Reply:
        return super().at(path, asked)

    def own_posts(self) -> Reply:
        """Our own posts, when what is asked for is what others write."""
        time = (NOW - timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%S+0000")
        return Reply(
            {"data": [{"id": OURS, "created_time": time, "comments": {"data": [], "summary": {"total_count": self.own_comments}}}]}
        )

    @property
    def own_comments(self) -> int:
        """How many comments our post has."""
        return 0

    def fields_of(self, post: Said) -> dict[str, Any]:
        return {
            "message": post.text,
            "created_time": self.when(post),
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{post.number}",
            "from": {"id": PAGE, "name": "ヨモリのお茶"},
            "shares": {"count": 3},
            "reactions": {"data": [], "summary": {"total_count": post.likes}},
            "comments": {"data": [], "summary": {"order": "ranked", "total_count": 4}},
        } | post.more


class FacebookOwn(FacebookWire):
    name = "facebook-own"
    listing = "*/published_posts"
    likes_field = "total_count"


class FacebookTagged(FacebookWire):
    """Posts of others; who wrote them is not told."""

    name = "facebook-tagged"
    listing = "*/tagged"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "comments": False}

    def other(self, path: str, asked: Asked) -> Reply:
        return self.listed(asked, path) if path == f"{PAGE}/tagged" else super().other(path, asked)

    def native_id(self, post: Said) -> str:
        return f"777_{1000 + post.number}"

    def fields_of(self, post: Said) -> dict[str, Any]:
        return {
            "message": post.text,
            "created_time": self.when(post),
            "permalink_url": f"https://www.facebook.com/{post.number}",
        } | post.more


class FacebookComments(FacebookWire):
    name = "facebook-comments"
    listing = "*/comments"
    likes_field = "like_count"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "tagged": False}

    @property
    def own_comments(self) -> int:
        return len(self.said)

    def native_id(self, post: Said) -> str:
        return f"900_{1000 + post.number}"

    def other(self, path: str, asked: Asked) -> Reply:
        return self.listed(asked, path) if path == f"{OURS}/comments" else super().other(path, asked)

    def fields_of(self, post: Said) -> dict[str, Any]:
        return {
            "message": post.text,
            "created_time": self.when(post),
            "from": {"id": "555", "name": "お客さま"},
            "like_count": post.likes,
            "comment_count": 0,
        } | post.more


WIRES = (FacebookOwn, FacebookTagged, FacebookComments)
