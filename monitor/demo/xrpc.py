"""Bluesky's wire format: what the network shows, as the AppView and a PDS answer it."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.demo.network import Account, FeedItem, Network, NetworkPost, Position

_TAG = re.compile(r"[##]([^\s##.,、。!?!?「」()()]+)")
_MENTION = re.compile(r"@([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
Query = Mapping[str, Sequence[str]]


class XrpcError(Exception):
    """An answer that is no success: its status, and the two words of Bluesky's errors."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": error, "message": message}


def stamp(at: datetime) -> str:
    """Write a time as Bluesky does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cid_of(uri: str) -> str:
    """Return a content id as the lexicons want it: CIDv1, dag-cbor, SHA-256, in base32."""
    digest = hashlib.sha256(uri.encode("utf-8", "surrogatepass")).digest()
    return "b" + base64.b32encode(b"\x01\x71\x12\x20" + digest).decode().rstrip("=").lower()


def _cursor(position: Position) -> str:
    """Write a position as Bluesky does: milliseconds, two underscores, something that breaks ties."""
    return f"{int(position[0].timestamp() * 1e6)}__{position[1]}"


def _position(cursor: str | None) -> Position | None:
    if not cursor:
        return None
    moment, _, uri = cursor.partition("__")
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment)), uri
    except (ValueError, OverflowError):
        raise XrpcError(400, "InvalidRequest", "Malformed cursor") from None


class Xrpc:
    """Answers the methods that the collector uses. Sessions live as long as this object."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._lock = threading.Lock()
        self._access: dict[str, Account] = {}
        self._refresh: dict[str, Account] = {}

    def answer(self, verb: str, method: str, query: Query, body: Any, token: str | None) -> Any:
        """Return the answer as JSON values.

        Raises:
            XrpcError: The answer is an error.
        """
        if (verb, method) == ("POST", "com.atproto.server.createSession"):
            return self._create(body if isinstance(body, dict) else {})
        if (verb, method) == ("POST", "com.atproto.server.refreshSession"):
            return self._renew(token)
        readers = {
            "app.bsky.feed.getAuthorFeed": self._author_feed,
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.feed.getPosts": self._get,
            "app.bsky.actor.getProfile": self._profile,
        }
        if verb != "GET" or method not in readers:
            raise XrpcError(501, "MethodNotImplemented", "Method Not Implemented")
        if token is not None and token not in self._access:
            raise XrpcError(400, "InvalidToken", "Token could not be verified")
        if method == "app.bsky.feed.searchPosts" and token is None:
            raise XrpcError(401, "AuthMissing", "Authentication Required")
        return readers[method](query)

    def expire(self, token: str | None) -> XrpcError:
        """Forget an access token, and return the error that Bluesky gives for it."""
        with self._lock:
            self._access.pop(token or "", None)
        return XrpcError(400, "ExpiredToken", "Token has expired")

    def _create(self, body: Mapping[str, Any]) -> Any:
        account = self.network.log_in(str(body.get("identifier", "")), str(body.get("password", "")))
        if account is None:
            raise XrpcError(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._session(account)

    def _renew(self, token: str | None) -> Any:
        with self._lock:
            account = self._refresh.pop(token or "", None)
        if account is None:
            raise XrpcError(400, "ExpiredToken", "Token has been revoked")
        return self._session(account)

    def _session(self, account: Account) -> Any:
        access, refresh = f"eyJ.access.{secrets.token_hex(12)}", f"eyJ.refresh.{secrets.token_hex(12)}"
        with self._lock:
            self._access[access] = self._refresh[refresh] = account
        return {"did": account.did, "handle": account.handle, "accessJwt": access, "refreshJwt": refresh, "active": True}

    def _author_feed(self, query: Query) -> Any:
        account = self._actor(query)
        items = self.network.author_feed(account.did, _position(_one(query, "cursor")), _limit(query))
        return _paged({"feed": [self._feed_item(item) for item in items]}, [item.position for item in items if not item.pinned])

    def _search(self, query: Query) -> Any:
        words, since = _one(query, "q"), _one(query, "since")
        if not words:
            raise XrpcError(400, "InvalidRequest", 'Invalid app.bsky.feed.searchPosts params: Missing required key "q"')
        before = _position(_one(query, "cursor"))
        oldest = datetime.fromisoformat(since) if since else None
        posts = self.network.search(words.strip('"'), oldest, before, _limit(query, 25))
        return _paged({"posts": [self._post(post) for post in posts]}, [post.position for post in posts])

    def _get(self, query: Query) -> Any:
        uris = query.get("uris", ())
        if len(uris) > 25:
            raise XrpcError(400, "InvalidRequest", "Invalid app.bsky.feed.getPosts params: uris must not have more than 25 elements")
        return {"posts": [self._post(post) for post in self.network.get(uris)]}

    def _profile(self, query: Query) -> Any:
        account = self._actor(query)
        posts = len(self.network.author_feed(account.did, None, 100))
        return {"did": account.did, "handle": account.handle, "displayName": account.name, "postsCount": posts, "labels": []}

    def _actor(self, query: Query) -> Account:
        account = self.network.account(_one(query, "actor") or "")
        if account is None:
            raise XrpcError(400, "InvalidRequest", "Profile not found")
        return account

    def _feed_item(self, item: FeedItem) -> Any:
        shown: dict[str, Any] = {"post": self._post(item.post)}
        if item.reposted_by and item.reposted_at:
            by = self._author(item.reposted_by)
            shown["reason"] = {"$type": "app.bsky.feed.defs#reasonRepost", "by": by, "indexedAt": stamp(item.reposted_at)}
        elif item.pinned:
            shown["reason"] = {"$type": "app.bsky.feed.defs#reasonPin"}
        return shown

    def _author(self, did: str) -> Any:
        account = self.network.account(did) or Account(did, "handle.invalid")
        shown = {"did": account.did, "handle": account.handle, "labels": []}
        return {**shown, "displayName": account.name} if account.name else shown

    def _post(self, post: NetworkPost) -> Any:
        record: dict[str, Any] = {"$type": "app.bsky.feed.post", "text": post.text, "createdAt": stamp(post.created_at)}
        record |= {"langs": list(post.langs), "facets": facets(post.text)}
        shown: dict[str, Any] = {"uri": post.uri, "cid": cid_of(post.uri), "author": self._author(post.author), "record": record}
        if post.parent:
            link = {"uri": post.parent, "cid": cid_of(post.parent)}
            record["reply"] = {"root": link, "parent": link}
        if post.quoted:
            record["embed"] = {"$type": "app.bsky.embed.record", "record": {"uri": post.quoted, "cid": cid_of(post.quoted)}}
        counts = {"replyCount": post.replies, "repostCount": post.reposts, "likeCount": post.likes, "quoteCount": post.quotes}
        return shown | counts | {"bookmarkCount": post.bookmarks, "indexedAt": stamp(post.created_at), "labels": []}


def facets(text: str) -> list[Any]:
    """Return the hashtags and mentions of ``text``, at their places in its UTF-8 bytes."""
    found = []
    for pattern, make in ((_TAG, _tag), (_MENTION, _mention)):
        for match in pattern.finditer(text):
            start = len(text[: match.start()].encode("utf-8", "surrogatepass"))
            end = start + len(match.group().encode("utf-8", "surrogatepass"))
            found.append({"index": {"byteStart": start, "byteEnd": end}, "features": [make(match[1])]})
    return found


def _tag(word: str) -> Any:
    return {"$type": "app.bsky.richtext.facet#tag", "tag": word}


def _mention(handle: str) -> Any:
    return {"$type": "app.bsky.richtext.facet#mention", "did": f"did:plc:{handle.replace('.', '')}"}


def _paged(answer: dict[str, Any], positions: Sequence[Position]) -> dict[str, Any]:
    return answer | ({"cursor": _cursor(positions[-1])} if positions else {})


def _one(query: Query, name: str) -> str | None:
    values = query.get(name, ())
    return values[0] if values else None


def _limit(query: Query, usual: int = 50) -> int:
    text = _one(query, "limit")
    if text is None:
        return usual
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise XrpcError(400, "InvalidRequest", "limit must be between 1 and 100")
    return int(text)
