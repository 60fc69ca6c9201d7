"""What Instagram, Facebook and Threads have in common as servers: tokens, fields, cursors, insights and error objects of the Graph API.

As Graph does, it refuses fields that it does not know, gives a token inside ``paging.next``, refuses a whole call for one id that is not
there, and answers insights that do not exist (yet) with an empty list.
"""

from __future__ import annotations

import base64
import re
from typing import Any, ClassVar

from tests.collectors.wire import Asked, Reply, Said, Wire

TOKEN = "EAAGm0PX4ZCpsBAlongLivedToken9876543210"


def refusal(code: int, message: str, subcode: int | None = None, status: int = 400) -> Reply:
    """An error object as Graph sends it."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEfGh"}
    return Reply({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


EXPIRED = refusal(190, "Error validating access token: Session has expired on Saturday, 21-Nov-26.", 463, 401)
NOT_THERE = refusal(100, "Unsupported get request. Object with ID '1' does not exist, cannot be loaded due to missing permissions", 33)


class GraphWire(Wire):
    """A platform of the Graph API.

    ``figures``: insights by post number; ``gone``: numbers of posts that were deleted; ``unknown``: fields that this version lacks;
    ``refuse``: path (as a regular expression) -> what is answered to it; ``headers``: what comes with every list and post;
    ``renewals``: how often a token was renewed; ``lasts``: for how many seconds it then works.
    """

    page_size: ClassVar[int] = 50
    version: ClassVar[str] = "v26.0"
    token: ClassVar[str] = TOKEN
    id_field = "id"
    text_field = "text"
    time_key: ClassVar[str] = "timestamp"
    limited = (
        {},
        {"retry-after": "1"},
        {"x-app-usage": '{"call_count":100,"total_time":25,"total_cputime":25}'},
        {"x-business-use-case-usage": '{"1784":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":3}]}'},
    )
    expired: ClassVar[Reply | None] = EXPIRED
    error_inside: ClassVar[Reply | None] = Reply(
        {"error": {"message": "Service temporarily unavailable", "type": "OAuthException", "is_transient": True, "code": 2}}
    )
    metrics: ClassVar[tuple[str, ...]] = ()
    known: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[int, dict[str, Any]] = {}
        self.gone: set[int] = set()
        self.unknown: set[str] = set()
        self.refuse: dict[str, Reply] = {}
        self.headers: dict[str, str] = {}
        self.renewals = 0
        self.lasts = 60 * 86400

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.strip("/")
        if path == "refresh_access_token":
            return self.renew(asked)
        version, _, path = path.partition("/")
        if version != self.version:
            return refusal(2635, f"You are calling a deprecated version of the API ({version})")
        if asked.headers.get("authorization") != f"Bearer {self.now_valid}":
            return EXPIRED
        for pattern, reply in self.refuse.items():
            if re.fullmatch(pattern, path):
                return reply
        for name in self.asked_for(asked):
            if name in self.unknown or name not in self.known:
                return refusal(100, f"(#100) Tried accessing nonexisting field ({name}) on node type (Media)")
        reply = self.at(path, asked)
        if path == "debug_token":
            return reply
        return Reply(reply.body, reply.status, {**reply.headers, **self.headers})

    @property
    def now_valid(self) -> str:
        """The token that is valid now."""
        return f"{self.token}-renewed{self.renewals}" if self.renewals else self.token

    def renew(self, asked: Asked) -> Reply:
        """Answer ``refresh_access_token``."""
        if asked.one("access_token") != self.now_valid:
            return EXPIRED
        self.renewals += 1
        return Reply({"access_token": self.now_valid, "token_type": "bearer", "expires_in": self.lasts})

    def asked_for(self, asked: Asked) -> list[str]:
        """The names of the fields that are asked for, without what is asked of them."""
        text = asked.one("fields")
        while (shorter := re.sub(r"\([^()]*\)|\{[^{}]*\}|\.\w+", "", text)) != text:
            text = shorter
        return [name for name in text.split(",") if name]

    def at(self, path: str, asked: Asked) -> Reply:
        """Answer a path without its version."""
        if path == "" and asked.one("ids"):
            return self.of_ids(asked)
        if path.endswith("/insights"):
            return self.insights_of(path.removesuffix("/insights"), asked.one("metric"))
        found = self.find(path)
        return Reply(self.row(found, asked)) if found else NOT_THERE

    def of_ids(self, asked: Asked) -> Reply:
        """Answer ``?ids=``."""
        ids = asked.one("ids").split(",")
        missing = [one for one in ids if self.find(one) is None]
        if missing:
            return refusal(803, f"(#803) Some of the aliases you requested do not exist: {','.join(missing)}", status=404)
        return Reply({one: self.row(post, asked) for one in ids if (post := self.find(one))})

    def find(self, native_id: str) -> Said | None:
        """The post of an id."""
        return next((post for post in self.said if self.native_id(post) == native_id and post.number not in self.gone), None)

    def insights_of(self, native_id: str, metric: str) -> Reply:
        """Answer ``/{post}/insights``."""
        post = self.find(native_id)
        if post is None:
            return NOT_THERE
        wrong = [name for name in metric.split(",") if name not in self.metrics]
        if wrong:
            return refusal(100, f"(#100) metric[0] must be one of the following values: {', '.join(self.metrics)}")
        return Reply({"data": self.insight_rows(post, metric)})

    def insight_rows(self, post: Said, metric: str) -> list[dict[str, Any]]:
        """The rows of the figures that there are."""
        have = self.figures.get(post.number, {})
        return [
            {"name": name, "period": "lifetime", "values": [{"value": have[name]}], "title": name, "id": f"{post.number}/insights/{name}"}
            for name in metric.split(",")
            if name in have
        ]

    def row(self, post: Said, asked: Asked) -> dict[str, Any]:
        """A post as its fields are asked for."""
        whole = {"id": self.native_id(post), **self.fields_of(post)}
        names = {"id", *self.asked_for(asked)}
        found = {name: value for name, value in whole.items() if name in names and value is not None}
        metric = re.search(r"insights\.metric\(([\w,]+)\)", asked.one("fields"))
        if metric:
            rows = self.insight_rows(post, metric[1])
            found |= {"insights": {"data": rows}} if rows else {}
        return found

    def fields_of(self, post: Said) -> dict[str, Any]:
        """All the fields of a post."""
        raise NotImplementedError

    def listed(self, asked: Asked, url: str, posts: list[Said] | None = None) -> Reply:
        """A page of posts, newest first."""
        metric = re.search(r"insights\.metric\(([\w,]+)\)", asked.one("fields"))
        wrong = [name for name in metric[1].split(",") if name not in self.metrics] if metric else []
        if wrong:
            return refusal(100, f"(#100) metric[0] must be one of the following values: {', '.join(self.metrics)}")
        posts = [post for post in (self.newest_first() if posts is None else posts) if post.number not in self.gone]
        start = int(base64.urlsafe_b64decode(asked.one("after"))) if asked.one("after") else 0
        size = int(asked.one("limit", "25"))
        rows = [self.row(post, asked) for post in posts[start : start + size]]
        body: dict[str, Any] = {"data": rows}
        if rows:
            after = base64.urlsafe_b64encode(str(start if self.repeat else start + size).encode()).decode()
            body["paging"] = {"cursors": {"before": "QVFI", "after": after}}
            if start + size < len(posts):
                body["paging"]["next"] = f"https://graph.facebook.com/{url}?access_token={self.now_valid}&limit={size}&after={after}"
        return Reply(body)

    def when(self, post: Said) -> str:
        """A time as Graph writes it."""
        return post.at.strftime("%Y-%m-%dT%H:%M:%S+0000")


WIRES: tuple[type[Wire], ...] = ()
