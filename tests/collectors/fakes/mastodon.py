"""A Mastodon server in the form of its OpenAPI description (4.7): reading, and as much writing as people in a scenario need."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from collectors.mastodon import PAGE, MastodonSettings
from tests.collectors.wire import Asked, Reply, Said, Wire

HOME = "https://mstdn.test"
TOKEN = "mastodon-token-of-yomori"
FAN_TOKEN = "mastodon-token-of-hana"
VARIABLE = "YOMORI_MASTODON_TOKEN"
NOT_FOUND = Reply({"error": "Record not found"}, 404)
_TAG = re.compile(r"#([^\s#<]+)")
_STATUS = re.compile(r"/api/v1/statuses/([^/]+)(?:/(favourite|reblog))?")


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Mastodon(Wire):
    """One server. ``more`` of a post: author, visibility, spoiler, parent, quoted, boosts (numbers of posts), edited_at, content, server.

    ``batches``: whether many statuses may be asked for at once (since 4.3). ``closed``: nothing is shown without a token.
    ``people`` are the tokens that are taken, and whose they are.
    """

    people: ClassVar[Mapping[str, str]] = {TOKEN: "yomori", FAN_TOKEN: "hana"}

    def __init__(self) -> None:
        super().__init__()
        self.batches = True
        self.closed = False
        self.searches = True
        self.knows_quotes = True
        self.gone: set[int] = set()
        self.liked: dict[int, set[str]] = {}

    def native_id(self, post: Said) -> str:
        return f"{post.more.get('server', HOME)}/users/{self.author(post)}/statuses/{self.remote(post)}"

    def remote(self, post: Said) -> str:
        """Return the id that the post has on the server where it was written."""
        return self.local(post) if "server" not in post.more else f"r{post.number}"

    def local(self, post: Said) -> str:
        """Return the id that this server gives the post; a later post's is larger, however they compare as text."""
        return str(10**17 + int(post.at.timestamp() * 1000) * 1000 + post.number)

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "yomori"))

    def alive(self) -> list[Said]:
        return [post for post in self.newest_first() if post.number not in self.gone]

    def answer(self, asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        who = self.people.get(token)
        if token and who is None:
            return Reply({"error": "The access token is invalid"}, 401)
        if asked.path.startswith("/api/v1/instance"):
            return Reply({"domain": "mstdn.test"})
        if self.closed and who is None:
            return Reply({"error": "This method requires an authenticated user"}, 422)
        if asked.method != "GET":
            return self._write(asked, who)
        path = unquote(asked.path)
        if path == "/api/v1/accounts/verify_credentials":
            return Reply(self.account(who)) if who else Reply({"error": "The access token is invalid"}, 401)
        if path == "/api/v1/accounts/lookup":
            known = {self.author(post) for post in self.said if "server" not in post.more} | set(self.people.values())
            name = asked.one("acct")
            return Reply(self.account(name)) if name in known else NOT_FOUND
        if path.startswith("/api/v1/accounts/"):
            name = path.split("/")[4].removeprefix("id-")
            return self._timeline(asked, [post for post in self.alive() if self.author(post) == name and self._open(post)])
        if path.startswith("/api/v1/timelines/tag/"):
            tag = path.rpartition("/")[2].casefold()
            public = [post for post in self.alive() if post.more.get("visibility", "public") == "public" and "boosts" not in post.more]
            return self._timeline(asked, [post for post in public if tag in (found.casefold() for found in self._tags(post))])
        if path == "/api/v2/search":
            return self._search(asked, who)
        if path == "/api/v1/notifications":
            return self._notifications(asked, who)
        if path == "/api/v1/statuses":
            ids = asked.query.get("id[]", [])
            if not self.batches:
                return Reply({"error": "Not Found"}, 404)
            if len(ids) > 20:
                return Reply({"error": "Validation failed"}, 422)
            return Reply([self.status(post) for post in self.alive() if self.local(post) in ids and self._open(post)])
        if found := _STATUS.fullmatch(path):
            post = self._find(found[1])
            return Reply(self.status(post)) if post and (self._open(post) or who == self.author(post)) else NOT_FOUND
        return NOT_FOUND

    def _open(self, post: Said) -> bool:
        return post.more.get("visibility", "public") in ("public", "unlisted")

    def _find(self, local: str) -> Said | None:
        return next((post for post in self.alive() if self.local(post) == local), None)

    def _timeline(self, asked: Asked, posts: list[Said]) -> Reply:
        limit = int(asked.one("limit", "20"))
        if not 1 <= limit <= 40:
            limit = 40
        following = [post for post in posts if "max_id" not in asked.query or int(self.local(post)) < int(asked.one("max_id"))]
        shown = following[:limit]
        return Reply([self.status(post) for post in shown], headers=self._links(asked, shown, len(following) > limit, limit))

    def _links(self, asked: Asked, shown: list[Said], more: bool, limit: int) -> dict[str, str]:
        if not shown:
            return {}
        last = asked.one("max_id") if self.repeat and asked.one("max_id") else self.local(shown[-1])
        following = f'<https://elsewhere.test{asked.path}?limit={limit}&max_id={last}>; rel="next", ' if more or self.repeat else ""
        return {"link": f'{following}<https://elsewhere.test{asked.path}?limit={limit}&min_id={self.local(shown[0])}>; rel="prev"'}

    def _search(self, asked: Asked, who: str | None) -> Reply:
        if who is None:
            return Reply({"error": "The access token is invalid"}, 401)
        if not self.searches:
            return Reply({"error": "This action is outside the authorized scopes"}, 403)
        words = asked.one("q")
        found = [post for post in self.alive() if self._open(post) and (words in post.text or words == self.native_id(post))]
        shown = [post for post in found if "max_id" not in asked.query or int(self.local(post)) < int(asked.one("max_id"))]
        limit = int(asked.one("limit", "20"))
        return Reply({"accounts": [], "hashtags": [], "statuses": [self.status(post) for post in shown[:limit]]})

    def _notifications(self, asked: Asked, who: str | None) -> Reply:
        if who is None:
            return Reply({"error": "The access token is invalid"}, 401)
        types = asked.query.get("types[]", ["mention", "quote", "favourite"])
        if "quote" in types and not self.knows_quotes:
            return Reply({"error": "Bad Request: notification type quote was not recognized"}, 400)
        told = []
        for post in self.alive():
            parent = self._numbered(post.more.get("parent"))
            quoted = self._numbered(post.more.get("quoted"))
            if self.author(post) == who:
                continue
            if self._addresses(post, who) or (parent and self.author(parent) == who):
                told.append(("mention", post))
            elif quoted and self.author(quoted) == who:
                told.append(("quote", post))
        told = [(kind, post) for kind, post in told if kind in types]
        limit = min(int(asked.one("limit", "40")), 80)
        following = [(kind, post) for kind, post in told if "max_id" not in asked.query or int(self.local(post)) < int(asked.one("max_id"))]
        shown = [post for _, post in following[:limit]]
        body = [
            {
                "id": self.local(post),
                "type": kind,
                "created_at": stamp(post.at),
                "group_key": f"ungrouped-{post.number}",
                "account": self.account(self.author(post)),
                "status": self.status(post),
            }
            for kind, post in following[:limit]
        ]
        return Reply(body, headers=self._links(asked, shown, len(following) > limit, limit))

    def _addresses(self, post: Said, who: str) -> bool:
        return f"@{who}" in post.text

    def _numbered(self, number: Any) -> Said | None:
        return self.said[number - 1] if number else None

    def _tags(self, post: Said) -> list[str]:
        return _TAG.findall(post.text)

    def account(self, name: str, server: str = HOME) -> dict[str, Any]:
        url = f"{server}/@{name}"
        picture = f"{server}/avatars/original/missing.png"
        return {
            "id": f"id-{name}",
            "username": name,
            "acct": name if server == HOME else f"{name}@{server.removeprefix('https://')}",
            "display_name": f"{name}です",
            "locked": False,
            "bot": False,
            "group": False,
            "discoverable": True,
            "indexable": True,
            "created_at": "2024-01-01T00:00:00.000Z",
            "note": "",
            "url": url,
            "uri": f"{server}/users/{name}",
            "avatar": picture,
            "avatar_static": picture,
            "header": picture,
            "header_static": picture,
            "followers_count": 10,
            "following_count": 10,
            "statuses_count": sum(self.author(post) == name for post in self.alive()),
            "last_status_at": "2026-11-20",
            "emojis": [],
            "fields": [],
        }

    def status(self, post: Said, quoted_in: bool = False) -> dict[str, Any]:
        author, server = self.author(post), str(post.more.get("server", HOME))
        parent, boosted, quoted = (self._numbered(post.more.get(name)) for name in ("parent", "boosts", "quoted"))
        text = html.escape(post.text, quote=False).replace("\n", "<br />")
        edited = post.more.get("edited_at")
        shown = {
            "id": self.local(post),
            "created_at": stamp(post.at),
            "edited_at": stamp(edited) if edited else None,
            "in_reply_to_id": self.local(parent) if parent else None,
            "in_reply_to_account_id": f"id-{self.author(parent)}" if parent else None,
            "sensitive": bool(post.more.get("spoiler")),
            "spoiler_text": post.more.get("spoiler", ""),
            "visibility": post.more.get("visibility", "public"),
            "language": "ja",
            "uri": self.native_id(post),
            "url": f"{server}/@{author}/{self.remote(post)}",
            "replies_count": sum(other.more.get("parent") == post.number for other in self.alive()),
            "reblogs_count": sum(other.more.get("boosts") == post.number for other in self.alive()),
            "favourites_count": post.likes + len(self.liked.get(post.number, ())),
            "quotes_count": sum(other.more.get("quoted") == post.number for other in self.alive()),
            "content": post.more.get("content", f"<p>{text}</p>"),
            "reblog": self.status(boosted) if boosted else None,
            "account": self.account(author, server),
            "media_attachments": post.more.get("media", []),
            "mentions": [],
            "tags": [{"name": tag, "url": f"{HOME}/tags/{tag}"} for tag in self._tags(post)],
            "emojis": [],
            "card": None,
            "poll": None,
        }
        if quoted is None:
            return shown
        # What a quoted post quotes is only named.
        told = {"quoted_status_id": self.local(quoted)} if quoted_in else {"quoted_status": self.status(quoted, quoted_in=True)}
        return {**shown, "quote": {"state": "accepted", **told}}

    def _write(self, asked: Asked, who: str | None) -> Reply:
        if who is None:
            return Reply({"error": "The access token is invalid"}, 401)
        if asked.path == "/api/v1/statuses":
            sent = asked.json()
            more: dict[str, Any] = {"author": who, "visibility": sent.get("visibility", "public")}
            for name, key in (("parent", "in_reply_to_id"), ("quoted", "quoted_status_id")):
                other = self._find(sent[key]) if sent.get(key) else None
                if other is not None:
                    more[name] = other.number
            return Reply(self.status(self.say(sent["status"], datetime.now(UTC), **more)))
        found = _STATUS.fullmatch(asked.path)
        post = self._find(found[1]) if found else None
        if found is None or post is None:
            return NOT_FOUND
        if asked.method == "DELETE":
            self.gone.add(post.number)
        elif asked.method == "PUT":
            post.text, post.more["edited_at"] = asked.json()["status"], datetime.now(UTC)
        elif found[2] == "favourite":
            self.liked.setdefault(post.number, set()).add(who)
        elif found[2] == "reblog":
            post = self.say("", datetime.now(UTC), author=who, boosts=post.number)
        return Reply(self.status(post))


class MastodonOwn(Mastodon):
    name = "mastodon-own"
    listing = "*/accounts/*/statuses"
    page_size = PAGE
    secrets: ClassVar[Mapping[str, str]] = {VARIABLE: TOKEN}
    id_field = "uri"
    likes_field = "favourites_count"
    text_field = "content"
    limited = ({}, {"retry-after": "1"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-20T03:00:01.000Z"})
    expired: ClassVar[Reply | None] = Reply({"error": "The access token was revoked"}, 401)
    error_inside: ClassVar[Reply | None] = Reply({"error": "Something went wrong"})

    def settings(self, url: str) -> MastodonSettings:
        values = {"name": "m-own", "brand": "yomori", "server": url, "account": "@yomori", "token_env": VARIABLE}
        return MastodonSettings.model_validate(values)


class MastodonTag(Mastodon):
    """A hashtag's timeline, without a token."""

    name = "mastodon-tag"
    listing = "*/timelines/tag/*"
    page_size = PAGE
    id_field = "uri"
    likes_field = "favourites_count"
    text_field = "content"
    error_inside: ClassVar[Reply | None] = Reply({"error": "Something went wrong"})

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "hana"))

    def _tags(self, post: Said) -> list[str]:
        return ["ヨモリ", *super()._tags(post)]

    def settings(self, url: str) -> MastodonSettings:
        return MastodonSettings.model_validate({"name": "m-tag", "brand": "yomori", "what": "mentions", "server": url, "tags": ["ヨモリ"]})


class MastodonAll(MastodonOwn):
    """Hashtag, search and notifications at once, where everybody speaks to the brand, and answers the one who spoke before."""

    name = "mastodon-all"

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "hana"))

    def say(self, text: str, at: datetime, likes: int = 0, **more: Any) -> Said:
        earlier = {"parent": len(self.said), "quoted": len(self.said), "spoiler": "お茶"} if self.said else {}
        return super().say(text, at, likes, **(earlier | more))

    def _addresses(self, post: Said, who: str) -> bool:
        return True

    def settings(self, url: str) -> MastodonSettings:
        values = {"name": "m-all", "brand": "yomori", "what": "mentions", "server": url, "token_env": VARIABLE}
        return MastodonSettings.model_validate(values)


WIRES = (MastodonOwn, MastodonTag)
EVERY = (*WIRES, MastodonAll)
