"""What the demo's server shows: accounts, their posts with counts as they stand now, and feeds.

``Network`` is all that the server asks for; ``MemoryNetwork`` holds it in lists.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

Position = tuple[datetime, str]
"""A place in a list that is sorted newest first: what comes next is strictly smaller."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on the network."""

    did: str
    handle: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class NetworkPost:
    """A post with its counts as they stand now. ``parent`` and ``quoted`` are URIs; the server finds hashtags in the text itself."""

    uri: str
    author: str
    text: str
    created_at: datetime
    langs: tuple[str, ...] = ("ja",)
    likes: int = 0
    replies: int = 0
    reposts: int = 0
    quotes: int = 0
    bookmarks: int = 0
    parent: str | None = None
    quoted: str | None = None

    @property
    def position(self) -> Position:
        """Where it stands in a list."""
        return (self.created_at, self.uri)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of an account's feed: its own post, or one that it reposted at ``reposted_at``, or its pinned one."""

    post: NetworkPost
    reposted_by: str | None = None
    reposted_at: datetime | None = None
    pinned: bool = False

    @property
    def position(self) -> Position:
        """Where it stands in the feed."""
        return (self.reposted_at or self.post.created_at, self.post.uri)


@dataclass(frozen=True, slots=True)
class Article:
    """An entry of an RSS or Atom feed; ``body`` is HTML. ``at`` None: the feed does not say when."""

    id: str
    title: str
    body: str
    link: str
    at: datetime | None
    author: str = ""
    tags: tuple[str, ...] = ()
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed and its newest articles, newest first."""

    title: str
    link: str
    articles: tuple[Article, ...]


class Network(Protocol):
    """What the server needs to know. Everything is asked anew for every request, so the world may move on in between."""

    def now(self) -> datetime:
        """Return the moment that the network takes for now."""

    def account(self, name: str) -> Account | None:
        """Return the account with this DID or handle."""

    def log_in(self, name: str, password: str) -> Account | None:
        """Return the account that may log in with this app password."""

    def author_feed(self, did: str, before: Position | None, limit: int) -> Sequence[FeedItem]:
        """Return at most ``limit`` entries of an account's feed, newest first, all before ``before``."""

    def search(self, words: str, since: datetime | None, before: Position | None, limit: int) -> Sequence[NetworkPost]:
        """Return at most ``limit`` posts that hold ``words``, newest first, not older than ``since``, all before ``before``."""

    def get(self, uris: Iterable[str]) -> Sequence[NetworkPost]:
        """Return those of the posts that are still there."""

    def channel(self, name: str) -> Channel | None:
        """Return the feed of this name."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class MemoryNetwork:
    """A network in memory, for tests: add to it, take from it, and the next answer shows it."""

    clock: Callable[[], datetime] = _utc_now
    accounts: dict[str, Account] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    posts: dict[str, NetworkPost] = field(default_factory=dict)
    reposts: dict[str, list[FeedItem]] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the clock's time."""
        return self.clock()

    def add_account(self, handle: str, password: str | None = None, name: str = "") -> Account:
        """Add an account and return it."""
        account = Account(f"did:plc:{handle.replace('.', '')}", handle, name)
        self.accounts[account.did] = account
        if password is not None:
            self.passwords[account.did] = password
        return account

    def add_post(self, author: Account, text: str, created_at: datetime, **more: object) -> NetworkPost:
        """Add a post and return it."""
        uri = f"at://{author.did}/app.bsky.feed.post/3k{len(self.posts):011d}"
        post = NetworkPost(uri=uri, author=author.did, text=text, created_at=created_at, **more)  # type: ignore[arg-type]
        self.posts[uri] = post
        return post

    def account(self, name: str) -> Account | None:
        """Return the account with this DID or handle."""
        return self.accounts.get(name) or next((one for one in self.accounts.values() if one.handle == name), None)

    def log_in(self, name: str, password: str) -> Account | None:
        """Return the account that may log in with this app password."""
        account = self.account(name)
        return account if account and self.passwords.get(account.did) == password else None

    def author_feed(self, did: str, before: Position | None, limit: int) -> Sequence[FeedItem]:
        """Return at most ``limit`` entries of an account's feed; a pinned post leads the first page."""
        items = [FeedItem(post) for post in self.posts.values() if post.author == did] + self.reposts.get(did, [])
        page = newest(items, before, limit, _position)
        pin = self.pinned.get(did)
        if pin in self.posts and before is None:
            page = [FeedItem(self.posts[pin], pinned=True), *(item for item in page if item.post.uri != pin or item.reposted_by)][:limit]
        return page

    def search(self, words: str, since: datetime | None, before: Position | None, limit: int) -> Sequence[NetworkPost]:
        """Return at most ``limit`` posts that hold ``words``."""
        wanted = [
            post for post in self.posts.values() if words.lower() in post.text.lower() and (since is None or post.created_at >= since)
        ]
        return newest(wanted, before, limit, _position)

    def get(self, uris: Iterable[str]) -> Sequence[NetworkPost]:
        """Return those of the posts that are still there."""
        return [self.posts[uri] for uri in uris if uri in self.posts]

    def channel(self, name: str) -> Channel | None:
        """Return the feed of this name."""
        return self.channels.get(name)


class _Placed(Protocol):
    @property
    def position(self) -> Position: ...


T = TypeVar("T")


def newest(items: Iterable[T], before: Position | None, limit: int, position: Callable[[T], Position]) -> list[T]:
    """Return the at most ``limit`` newest of ``items`` that stand before ``before``, newest first."""
    ordered = sorted(items, key=position)
    end = len(ordered) if before is None else bisect_left(ordered, before, key=position)
    return ordered[max(0, end - limit) : end][::-1]


def _position(item: _Placed) -> Position:
    return item.position
