"""Threads v1.0: own posts and insights, conversations, mentions and keyword search, as Meta's request collection shows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from collectors.threads import ThreadsSettings
from tests.collectors.conftest import NOW
from tests.collectors.fakes.graph import GraphWire, refusal
from tests.collectors.wire import Asked, Reply, Said

TOKEN = "THAAlongLivedThreadsToken0123456789"
OURS = "18000000000000042"


class ThreadsWire(GraphWire):
    name = "threads"
    version = "v1.0"
    token = TOKEN
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_THREADS_TOKEN": TOKEN}
    metrics = ("views", "likes", "replies", "reposts", "quotes", "shares")
    known = frozenset(
        [
            "id",
            "media_product_type",
            "media_type",
            "permalink",
            "owner",
            "username",
            "text",
            "timestamp",
            "shortcode",
            "is_quote_post",
            "quoted_post",
            "reposted_post",
            "has_replies",
            "topic_tag",
            "root_post",
            "replied_to",
            "is_reply",
            "is_reply_owned_by_me",
            "hide_status",
            "name",
        ]
    )
    options: ClassVar[dict[str, Any]] = {}

    def settings(self, url: str) -> ThreadsSettings:
        return ThreadsSettings.model_validate({"name": "th", "brand": "yomori", "service": url, **self.options})

    def native_id(self, post: Said) -> str:
        return str(18_000_000_000_100_000 + post.number)

    def at(self, path: str, asked: Asked) -> Reply:
        if path == "" and asked.one("ids"):
            return refusal(100, "(#100) Unsupported get request")
        if path == "me":
            return Reply({"id": "178414", "username": "yomori_tea", "name": "ヨモリのお茶"})
        if path == "me/threads":
            return self.listed(asked, path) if "text" in self.asked_for(asked) else self.own_threads()
        if path == "me/replies":
            return Reply({"data": []})
        return self.other(path, asked)

    def other(self, path: str, asked: Asked) -> Reply:
        return super().at(path, asked)

    def own_threads(self) -> Reply:
        """Our own posts, when what is asked for is what others write."""
        time = (NOW - timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%S+0000")
        return Reply({"data": [{"id": OURS, "timestamp": time, "has_replies": self.has_replies}]})

    @property
    def has_replies(self) -> bool:
        """Whether our post has replies."""
        return False

    def fields_of(self, post: Said) -> dict[str, Any]:
        return {
            "media_product_type": "THREADS",
            "media_type": "TEXT_POST",
            "permalink": f"https://www.threads.com/@yomori_tea/post/{post.number}",
            "username": "yomori_tea",
            "text": post.text,
            "timestamp": self.when(post),
            "shortcode": f"C{post.number}",
            "is_quote_post": False,
            "has_replies": False,
        } | post.more


class ThreadsOwn(ThreadsWire):
    name = "threads-own"
    listing = "*/me/threads"


class ThreadsOthers(ThreadsWire):
    def fields_of(self, post: Said) -> dict[str, Any]:
        return super().fields_of(post) | {"username": "fan"} | post.more


class ThreadsMentions(ThreadsOthers):
    name = "threads-mentions"
    listing = "*/me/mentions"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "search": False}

    def other(self, path: str, asked: Asked) -> Reply:
        return self.listed(asked, path) if path == "me/mentions" else super().other(path, asked)


class ThreadsSearch(ThreadsOthers):
    name = "threads-search"
    listing = "*/keyword_search"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "mentioned": False, "replies": False, "queries": ["ヨモリ"]}

    def other(self, path: str, asked: Asked) -> Reply:
        if path != "keyword_search":
            return super().other(path, asked)
        if not asked.one("q") or asked.one("search_type") not in ("TOP", "RECENT") or asked.one("search_mode") not in ("KEYWORD", "TAG"):
            return refusal(100, "(#100) Invalid parameter")
        if int(asked.one("since")) < 1688540400:
            return refusal(100, "(#100) Param since must be greater than or equal to 1688540400")
        tag = asked.one("search_mode") == "TAG"
        posts = [post for post in self.newest_first() if asked.one("q") in (post.more.get("topic_tag", "") if tag else post.text)]
        return self.listed(asked, path, posts)


class ThreadsReplies(ThreadsOthers):
    name = "threads-replies"
    listing = "*/conversation"
    options: ClassVar[dict[str, Any]] = {"what": "mentions", "mentioned": False, "search": False}

    @property
    def has_replies(self) -> bool:
        return bool(self.said)

    def other(self, path: str, asked: Asked) -> Reply:
        return self.listed(asked, path) if path == f"{OURS}/conversation" else super().other(path, asked)

    def fields_of(self, post: Said) -> dict[str, Any]:
        return super().fields_of(post) | {"is_reply_owned_by_me": False, "root_post": {"id": OURS}, "replied_to": {"id": OURS}} | post.more


WIRES = (ThreadsOwn, ThreadsMentions, ThreadsSearch, ThreadsReplies)
