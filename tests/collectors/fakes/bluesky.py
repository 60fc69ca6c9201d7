"""Bluesky's author feed, in the form of the lexicon app.bsky.feed.getAuthorFeed."""

from __future__ import annotations

from typing import Any, ClassVar

from collectors.bluesky import PAGE, BlueskySettings
from tests.collectors.wire import Asked, Reply, Said, Wire

DID = "did:plc:yomori"


class BlueskyOwn(Wire):
    name = "bluesky-own"
    listing = "*getAuthorFeed"
    page_size = PAGE
    id_field = "uri"
    likes_field = "likeCount"
    text_field = "text"
    limited = ({}, {"retry-after": "1"}, {"ratelimit-remaining": "0", "ratelimit-reset": "1"})
    expired: ClassVar[Reply | None] = Reply({"error": "ExpiredToken", "message": "Token has expired"}, 401)

    def settings(self, url: str) -> BlueskySettings:
        return BlueskySettings.model_validate({"name": "b-own", "brand": "yomori", "actor": "yomori.test", "service": url})

    def native_id(self, post: Said) -> str:
        return f"at://{DID}/app.bsky.feed.post/{post.number}"

    def answer(self, asked: Asked) -> Reply:
        if asked.path.endswith("getProfile"):
            return Reply({"did": DID, "handle": "yomori.test", "displayName": "ヨモリ", "postsCount": len(self.said)})
        start = int(asked.one("cursor", "0"))
        posts = self.newest_first()[start : start + PAGE]
        body: dict[str, Any] = {"feed": [{"post": self._post(post)} for post in posts]}
        if start + PAGE < len(self.said):
            body["cursor"] = str(start if self.repeat else start + PAGE)
        return Reply(body)

    def _post(self, post: Said) -> dict[str, Any]:
        time = post.at.isoformat().replace("+00:00", "Z")
        return {
            "uri": self.native_id(post),
            "cid": f"c{post.number}",
            "author": {"did": DID, "handle": "yomori.test"},
            "record": {"$type": "app.bsky.feed.post", "text": post.text, "createdAt": time},
            "indexedAt": time,
            "likeCount": post.likes,
            "replyCount": 0,
            "repostCount": 0,
            "quoteCount": 0,
        }


WIRES = (BlueskyOwn,)
