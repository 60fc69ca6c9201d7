"""What is said to a Bluesky account: its notifications, and the replies to and quotes of its posts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from collectors.bluesky_read import created
from collectors.bluesky_session import Session
from collectors.errors import AccessError, FormatError
from collectors.jsonread import dig, items_at, moment_at, text_at
from collectors.language import say
from collectors.values import NotReadable

PAGE = 100
URIS_A_CALL = 25
REASONS = ("mention", "reply", "quote")
MOST_PAGES = 50
"""Pages of one list in one round: 5,000 quotes of a post, or as many posts of an account."""

Read = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Calls a method that needs no session: (method, parameters) -> its answer."""


async def notified(session: Session, read: Read, oldest: datetime, cursor: str | None) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return a page of the account's notifications, and each of those that are posts with the post as it is shown now.

    A notification has no counts; they are looked up for those from ``oldest`` on. The post is None where it is older, or gone.

    Raises:
        SourceError: As ``Session.ask``.
    """
    params: dict[str, Any] = {"limit": PAGE, "reasons": list(REASONS)}
    answer = await session.ask("app.bsky.notification.listNotifications", params | ({"cursor": cursor} if cursor else {}))
    if not isinstance(dig(answer, "notifications"), list):
        raise FormatError(say("Bluesky の応答に notifications がありません", "Bluesky's answer has no notifications"), json.dumps(answer))
    told = [one for one in items_at(answer, "notifications") if text_at(one, "reason") in (*REASONS, None)]
    uris = [uri for uri in (text_at(one, "uri") for one in told if _came_since(one, oldest)) if uri and "/app.bsky.feed.post/" in uri]
    posts: dict[str | None, Any] = {}
    for start in range(0, len(uris), URIS_A_CALL):
        found = await read("app.bsky.feed.getPosts", {"uris": uris[start : start + URIS_A_CALL]})
        posts |= {text_at(post, "uri"): post for post in items_at(found, "posts")}
    return answer, [(one, posts.get(text_at(one, "uri"))) for one in told]


def _came_since(one: Any, oldest: datetime) -> bool:
    """Tell whether Bluesky first saw something at ``oldest`` or later, as far as it says."""
    try:
        at = moment_at(one, "indexedAt")
    except NotReadable:
        return True
    return at is None or at >= oldest


async def own_posts(read: Read, actor: str, since: datetime) -> AsyncIterator[Any]:
    """Yield the posts of ``actor`` as they are shown now, back to ``since``; what it reposted of others is left out.

    Raises:
        SourceError: As ``read``.
    """
    cursors: set[str | None] = set()
    cursor: str | None = None
    while cursor not in cursors and len(cursors) < MOST_PAGES:
        cursors.add(cursor)
        params = {"actor": actor, "limit": PAGE, "filter": "posts_with_replies"} | ({"cursor": cursor} if cursor else {})
        answer = await read("app.bsky.feed.getAuthorFeed", params)
        newest: datetime | None = None
        for entry in items_at(answer, "feed"):
            post, reason = dig(entry, "post"), text_at(entry, "reason", "$type") or ""
            try:
                at = created(post)
            except NotReadable:
                continue  # the source of the account's own posts tells of it
            if reason.endswith("#reasonRepost"):
                continue
            if not reason:
                newest = at if newest is None else max(newest, at)
            if at >= since:
                yield post
        cursor = text_at(answer, "cursor")
        if cursor is None or (newest is not None and newest < since):
            return


async def answers_to(read: Read, uri: str, number: Sequence[int | None], oldest: datetime) -> list[Any]:
    """Return the replies to a post and the quotes of it that came from ``oldest`` on. ``number`` says how many (replies, quotes) there are.

    Raises:
        SourceError: As ``read``; a post that is gone has no answers.
    """
    replies, quotes = number
    found: list[Any] = []
    try:
        if replies:
            thread = await read("app.bsky.feed.getPostThread", {"uri": uri, "depth": 1, "parentHeight": 0})
            # A reply that is blocked or gone is here too, without a post.
            found += [dig(reply, "post") for reply in items_at(thread, "thread", "replies") if dig(reply, "post") is not None]
        if quotes:
            found += [post async for post in _quotes(read, uri)]
    except (AccessError, FormatError):  # a thread that is not found is refused in one way or the other
        if not await _is_gone(read, uri):
            raise
    return [post for post in found if _came_since(post, oldest)]


async def _quotes(read: Read, uri: str) -> AsyncIterator[Any]:
    cursors: set[str | None] = set()
    cursor: str | None = None
    while cursor not in cursors and len(cursors) < MOST_PAGES:
        cursors.add(cursor)
        answer = await read("app.bsky.feed.getQuotes", {"uri": uri, "limit": PAGE} | ({"cursor": cursor} if cursor else {}))
        for post in items_at(answer, "posts"):
            yield post
        cursor = text_at(answer, "cursor")
        if cursor is None:
            return


async def _is_gone(read: Read, uri: str) -> bool:
    return not items_at(await read("app.bsky.feed.getPosts", {"uris": [uri]}), "posts")
