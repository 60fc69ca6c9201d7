"""Bluesky in the form of its lexicons: the author feed, and what is said to an account (notifications, threads, quotes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from collectors.bluesky import PAGE, BlueskySettings
from monitor.demo.xrpc import cid_of
from tests.collectors.wire import Asked, Reply, Said, Wire

DID = "did:plc:yomori"
CID = cid_of(DID)


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
        if asked.path.endswith("getPosts"):
            uris = asked.query.get("uris", [])
            return Reply({"posts": [self._post(post) for post in self.newest_first() if self.native_id(post) in uris]})
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
            "cid": cid_of(self.native_id(post)),
            "author": {"did": DID, "handle": "yomori.test"},
            "record": {"$type": "app.bsky.feed.post", "text": post.text, "createdAt": time},
            "indexedAt": time,
            "likeCount": post.likes,
            "replyCount": 0,
            "repostCount": 0,
            "quoteCount": 0,
        }


class BlueskySaid(BlueskyOwn):
    """The brand's account with others who speak to it. ``more`` of a post: author, parent, quoted (numbers of posts), reason."""

    name = "bluesky-notifications"
    listing = "*listNotifications"
    likes_field = None  # they come from a look-up, not from the listing
    text_field = None
    secrets: ClassVar[Mapping[str, str]] = {"HIBIKI_BLUESKY_APP_PASSWORD": "abcd-efgh-ijkl-mnop"}
    expired: ClassVar[Reply | None] = Reply({"error": "AccountTakedown", "message": "Account has been taken down"}, 400)

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[int] = set()

    def settings(self, url: str) -> BlueskySettings:
        values = {"name": "b-said", "brand": "yomori", "what": "mentions", "actor": "@yomori.test", "identifier": "yomori.test"}
        return BlueskySettings.model_validate({**values, "queries": ["ヨモリ"], "service": url, "login_service": url})

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "hana"))

    def native_id(self, post: Said) -> str:
        return f"at://did:plc:{self.author(post)}/app.bsky.feed.post/{post.number}"

    def answer(self, asked: Asked) -> Reply:
        method = asked.path.rpartition("/")[2]
        alive = [post for post in self.newest_first() if post.number not in self.gone]
        if method.endswith("createSession"):
            return Reply({"did": DID, "handle": "yomori.test", "accessJwt": "access-of-yomori", "refreshJwt": "refresh-of-yomori"})
        needs_login = method.endswith(("listNotifications", "searchPosts"))
        if needs_login and asked.headers.get("authorization") != "Bearer access-of-yomori":
            return Reply({"error": "AuthMissing", "message": "Authentication Required"}, 401)
        if method.endswith("getProfile"):
            return Reply({"did": DID, "handle": "yomori.test"})
        if method.endswith("searchPosts"):
            return Reply({"posts": []})
        if method.endswith("getAuthorFeed"):
            return self._paged(asked, "feed", [{"post": self._post(post)} for post in alive if self.author(post) == "yomori"])
        if method.endswith("getPosts"):
            uris = asked.query.get("uris", [])
            return Reply({"posts": [self._post(post) for post in alive if self.native_id(post) in uris]})
        if method.endswith("listNotifications"):
            told = [self._notification(post) for post in alive if self.author(post) != "yomori" and post.more.get("reason", "mention")]
            return self._paged(asked, "notifications", told)
        post = next((post for post in alive if self.native_id(post) == asked.one("uri")), None)
        if method.endswith("getQuotes"):
            number = post.number if post else None
            return self._paged(asked, "posts", [self._post(other) for other in alive if other.more.get("quoted") == number])
        if method.endswith("getPostThread") and post is not None:
            replies = [self._reply(other) for other in self.newest_first() if other.more.get("parent") == post.number]
            return Reply({"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._post(post), "replies": replies}})
        return Reply({"error": "NotFound", "message": f"Post not found: {asked.one('uri')}"}, 400)

    def _paged(self, asked: Asked, key: str, entries: list[Any]) -> Reply:
        start = int(asked.one("cursor", "0"))
        body: dict[str, Any] = {key: entries[start : start + PAGE], **({"uri": asked.one("uri")} if "uri" in asked.query else {})}
        if start + PAGE < len(entries):
            body["cursor"] = str(start if self.repeat else start + PAGE)
        return Reply(body)

    def _reply(self, post: Said) -> dict[str, Any]:
        if post.number in self.gone:
            return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": self.native_id(post), "notFound": True}
        return {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._post(post), "replies": []}

    def _notification(self, post: Said) -> dict[str, Any]:
        shown = self._post(post)
        kept = {name: shown[name] for name in ("uri", "cid", "author", "record", "indexedAt")}
        return {**kept, "reason": post.more.get("reason", "mention"), "isRead": False}

    def _post(self, post: Said) -> dict[str, Any]:
        author = self.author(post)
        shown = super()._post(post) | {"author": {"did": f"did:plc:{author}", "handle": f"{author}.test"}}
        alive = [other for other in self.said if other.number not in self.gone]
        shown["replyCount"] = sum(other.more.get("parent") == post.number for other in alive)
        shown["quoteCount"] = sum(other.more.get("quoted") == post.number for other in alive)
        if "parent" in post.more:
            link = {"uri": self.native_id(self.said[post.more["parent"] - 1]), "cid": CID}
            shown["record"]["reply"] = {"root": link, "parent": link}
        if "quoted" in post.more:
            link = {"uri": self.native_id(self.said[post.more["quoted"] - 1]), "cid": CID}
            shown["record"]["embed"] = {"$type": "app.bsky.embed.record", "record": link}
        return shown


WIRES = (BlueskyOwn, BlueskySaid)
