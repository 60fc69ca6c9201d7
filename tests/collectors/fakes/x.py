"""X's API v2, in the form of its OpenAPI documents 2.166 (``tweet.fields``) and 2.167 (``post.fields``).

As X does, it refuses parameters that it does not know, searches seven days back, pages by token, by id and by time, and counts in
``charged`` what it would charge: each post and account once a UTC day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from collectors.x.posts import id_at, moment_of
from collectors.x.settings import XSettings
from tests.collectors.conftest import NOW
from tests.collectors.wire import Asked, Reply, Said, Wire

USER = "1234567890"
FAN = "9876543210"
NOT_FOUND = "https://api.twitter.com/2/problems/resource-not-found"
NOT_AUTHORIZED = "https://api.twitter.com/2/problems/not-authorized-for-resource"
INVALID = "https://api.twitter.com/2/problems/invalid-request"

_ALWAYS = {"max_results", "pagination_token", "since_id", "until_id", "start_time", "end_time", "expansions", "user.fields"}
_PARAMETERS = {
    "tweets": {*_ALWAYS, "exclude"},
    "mentions": _ALWAYS,
    "search": {*_ALWAYS, "query", "next_token", "sort_order"},
    "look-up": {"ids", "expansions", "user.fields"},
    "user": {"user.fields", "expansions"},
    "counts": {"query", "granularity", "start_time", "end_time", "since_id", "until_id", "next_token", "pagination_token"},
}


def post_id(post: Said) -> str:
    return str(int(id_at(post.at)) + post.number)


class XWire(Wire):
    """Any of X's endpoints. ``gone``: what a look-up says of posts that are not shown, by number; ``edits``: what a post became."""

    name = "x"
    listing = "*/tweets"
    page_size = 100
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_X_BEARER_TOKEN": "AAAA-bearer-of-the-app"}
    id_field = "id"
    likes_field = "like_count"
    text_field = "text"
    renamed: ClassVar[dict[str, str]] = {
        "retweet_count": "repost_count",
        "referenced_tweets": "referenced_posts",
        "edit_history_tweet_ids": "edit_history_post_ids",
        "note_tweet": "note_post",
    }
    limited = ({}, {"retry-after": "1"}, {"x-rate-limit-limit": "900", "x-rate-limit-remaining": "0"})
    expired: ClassVar[Reply | None] = Reply({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}, 401)
    error_inside: ClassVar[Reply | None] = Reply(
        {
            "errors": [
                {
                    "title": "Authorization Error",
                    "type": NOT_AUTHORIZED,
                    "detail": "Sorry, you are not authorized to see the user with id: [1234567890].",
                    "resource_type": "user",
                    "resource_id": USER,
                    "parameter": "id",
                    "value": USER,
                    "section": "data",
                }
            ]
        }
    )
    dialect: ClassVar[str] = "tweet"
    strict: ClassVar[bool] = True

    def __init__(self, now: Callable[[], datetime] = lambda: NOW) -> None:
        super().__init__()
        self.now = now
        self.gone: dict[int, str] = {}
        self.edits: dict[int, list[Said]] = {}
        self.hits: dict[str, Decimal] = {}
        self.user_price = Decimal("0.010")
        self.post_price = Decimal("0.005")

    def settings(self, url: str) -> XSettings:
        return XSettings.model_validate({"name": "x-own", "brand": "yomori", "budget_usd": 100, "account": "yomori_jp", "service": url})

    def native_id(self, post: Said) -> str:
        return post_id(post)

    def answer(self, asked: Asked) -> Reply:
        reply = self._answer(asked)
        if self.dialect == "post":  # the newer document names problems by the newer host
            body = reply.bytes().replace(b"https://api.twitter.com/2/", b"https://api.x.com/2/")
            return Reply(body, reply.status, reply.headers)
        return reply

    def _answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization", "") not in {f"Bearer {secret}" for secret in self.secrets.values()}:
            return self.expired or Reply({}, 401)
        endpoint = self._endpoint(asked.path)
        if endpoint is None:
            return Reply({"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"}, 404)
        if self.strict:
            known = _PARAMETERS[endpoint] | {f"{self.dialect}.fields"}
            for name in asked.query:
                if name not in known:
                    return _invalid(f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]", name)
        return Reply(self._body(endpoint, asked)) if endpoint in ("user", "counts", "look-up") else self._list(endpoint, asked)

    @staticmethod
    def _endpoint(path: str) -> str | None:
        if path.startswith("/2/users/by/username/"):
            return "user"
        fixed = {"/2/tweets/search/recent": "search", "/2/tweets/counts/recent": "counts", "/2/tweets": "look-up"}
        found = re.fullmatch(r"/2/users/\d+/(tweets|mentions)", path)
        return fixed.get(path) or (found[1] if found else None)

    def _body(self, endpoint: str, asked: Asked) -> dict[str, Any]:
        if endpoint == "user":
            self._charge(f"u{USER}", self.user_price)
            metrics = {"followers_count": 12, "following_count": 3, f"{self.dialect}_count": len(self.said), "listed_count": 0}
            return {"data": {"id": USER, "name": "ヨモリ", "username": "yomori_jp", "public_metrics": metrics}}
        if endpoint == "counts":
            self._charge(f"c{len(self.hits)}", Decimal("0.005"))
            week = [post for post in self.said if post.at > self.now() - timedelta(days=7)]
            days = [self.now() - timedelta(days=back) for back in range(7, 0, -1)]
            counted = [sum(day < post.at <= day + timedelta(days=1) for post in week) for day in days]
            buckets = [
                {"start": _z(day), "end": _z(day + timedelta(days=1)), f"{self.dialect}_count": count}
                for day, count in zip(days, counted, strict=True)
            ]
            return {"data": buckets, "meta": {f"total_{self.dialect}_count": len(week)}}
        return self._found(asked.one("ids").split(","), asked)

    def _found(self, ids: list[str], asked: Asked) -> dict[str, Any]:
        by_id = {post_id(version): (first, version) for first in self.said for version in (first, *self.edits.get(first.number, []))}
        body: dict[str, Any] = {}
        for ident in ids:
            first, version = by_id.get(ident, (None, None))
            if first is None or version is None or first.number in self.gone:
                body.setdefault("errors", []).append(
                    {
                        "value": ident,
                        "detail": f"Could not find tweet with ids: [{ident}].",
                        "title": "Not Found Error",
                        "resource_type": "tweet",
                        "parameter": "ids",
                        "resource_id": ident,
                        "section": "data",
                        "type": self.gone.get(first.number, NOT_FOUND) if first else NOT_FOUND,
                    }
                )
            else:
                body.setdefault("data", []).append(self.post(first, asked, version))
        return self._with_users(body, asked)

    def _list(self, endpoint: str, asked: Asked) -> Reply:
        size, least = int(asked.one("max_results", "10")), 10 if endpoint == "search" else 5
        if not least <= size <= 100:
            return _invalid(f"The `max_results` query parameter value [{size}] is not between {least} and 100", "max_results")
        horizon = self.now() - timedelta(days=7) if endpoint == "search" else datetime(2010, 11, 6, tzinfo=UTC)
        for name in ("since_id", "until_id"):
            if asked.one(name) and moment_of(asked.one(name)) < horizon:
                return _invalid(f"'{name}' must be a tweet id created after {horizon.isoformat()}", name)
        if asked.one("start_time") and datetime.fromisoformat(asked.one("start_time")) < horizon:
            return _invalid(f"Invalid 'start_time': must be on or after {horizon.isoformat()}", "start_time")
        found = sorted(
            (post for post in self.said if self._matches(post, asked)), key=lambda post: int(post_id(self._newest(post))), reverse=True
        )
        start = int(asked.one("pagination_token", asked.one("next_token", "t0"))[1:])
        page = found[start : start + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        body: dict[str, Any] = {"data": [self.post(post, asked, self._newest(post)) for post in page]} if page else {}
        if page:
            meta |= {"newest_id": post_id(self._newest(page[0])), "oldest_id": post_id(self._newest(page[-1]))}
        if start + size < len(found):
            meta["next_token"] = f"t{start if self.repeat else start + size}"
        return Reply(self._with_users(body, asked) | {"meta": meta}, headers=self._limits())

    def _newest(self, post: Said) -> Said:
        """Return the version of a post that lists show: the last one, under an id of its own."""
        return self.edits.get(post.number, [post])[-1]

    def _limits(self) -> dict[str, str]:
        reset = int((datetime.now(UTC) + timedelta(minutes=15)).timestamp())
        return {"x-rate-limit-limit": "900", "x-rate-limit-remaining": "890", "x-rate-limit-reset": str(reset)}

    def _matches(self, post: Said, asked: Asked) -> bool:
        ident = int(post_id(self._newest(post)))
        return (
            post.number not in self.gone
            and ident > int(asked.one("since_id", "0"))
            and ident < int(asked.one("until_id", str(2**63)))
            and (not asked.one("start_time") or post.at >= datetime.fromisoformat(asked.one("start_time")))
            and not (asked.one("exclude") == "retweets" and post.more.get("retweets"))
        )

    def post(self, post: Said, asked: Asked, version: Said | None = None) -> dict[str, Any]:
        """Return a post as X shows it: ``id`` and ``text`` always, the rest where it was asked for."""
        shown = version or post
        self._charge(f"p{post_id(shown)}", self.post_price)
        name = self.dialect
        history = [post, *self.edits.get(post.number, [])]
        body: dict[str, Any] = {
            "id": post_id(shown),
            "text": shown.text,
            f"edit_history_{name}_ids": [post_id(one) for one in history],
        }
        metrics = {
            "retweet_count" if name == "tweet" else "repost_count": 0,
            "reply_count": 0,
            "like_count": shown.likes,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 0,
        }
        more = {
            "created_at": _z(post.at),
            "public_metrics": metrics,
            "author_id": post.more.get("author", USER),
            "lang": "ja",
            "conversation_id": post.more.get("conversation", post_id(post)),
            **({f"referenced_{name}s": post.more["references"]} if "references" in post.more else {}),
            **({f"note_{name}": {"text": post.more["note"]}} if "note" in post.more else {}),
            **({"entities": post.more["entities"]} if "entities" in post.more else {}),
            "non_public_metrics": {"impression_count": 5},
        }
        fields = set(asked.one(f"{name}.fields").split(",")) | set(asked.one("expansions").split(","))
        return body | {field: value for field, value in more.items() if field in fields}

    def _with_users(self, body: dict[str, Any], asked: Asked) -> dict[str, Any]:
        if "author_id" not in asked.one("expansions") or "data" not in body:
            return body
        users = dict.fromkeys(post["author_id"] for post in body["data"] if "author_id" in post)
        for user in users:
            self._charge(f"u{user}", self.user_price)
        named = [{"id": user, "name": "茶好き" if user == FAN else "ヨモリ", "username": f"u{user}"} for user in users]
        return body | {"includes": {"users": named}}

    def _charge(self, key: str, price: Decimal) -> None:
        self.hits.setdefault(f"{self.now().astimezone(UTC).date()} {key}", price)

    @property
    def charged(self) -> Decimal:
        """What X would charge for all that was asked so far, in USD."""
        return sum(self.hits.values(), Decimal(0))


def _z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _invalid(message: str, parameter: str) -> Reply:
    return Reply(
        {
            "errors": [{"parameters": {parameter: []}, "message": message}],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": INVALID,
        },
        400,
    )


class XOwn(XWire):
    name = "x-own"


class XOwnRenamed(XWire):
    """The names of 2.167, and none of the old ones."""

    dialect = "post"


class XMentions(XWire):
    name = "x-mentions"
    listing = "*/mentions"

    def settings(self, url: str) -> XSettings:
        return XSettings.model_validate(
            {"name": "x-m", "brand": "yomori", "what": "mentions", "budget_usd": 100, "user_id": USER, "search": False, "service": url}
        )

    def say(self, text: str, at: datetime, likes: int = 0, **more: Any) -> Said:
        return super().say(text, at, likes, **{"author": FAN, **more})


class XSearch(XMentions):
    name = "x-search"
    listing = "*/search/recent"

    def settings(self, url: str) -> XSettings:
        return XSettings.model_validate({"name": "x-s", "brand": "yomori", "what": "mentions", "budget_usd": 100, "service": url})


class XSearchRenamed(XSearch):
    dialect = "post"


WIRES = (XOwn, XMentions, XSearch)
EVERY = (*WIRES, XOwnRenamed, XSearchRenamed)
"""With those that need a request more to find out the names: not for test_wire, which counts requests."""
