"""Reading a post as Bluesky shows it (``app.bsky.feed.defs#postView``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collectors.jsonread import dig, items_at, moment_at, storable, text_at
from collectors.language import say
from collectors.values import NotReadable
from collectors.words import hashtags

QUOTES = ("app.bsky.embed.record", "app.bsky.embed.recordWithMedia")


def uri_of(post: Any) -> str:
    """Return the post's id."""
    uri = text_at(post, "uri")
    if uri is None or not uri.startswith("at://") or uri.count("/") < 4:
        raise NotReadable(say("uri: 投稿の ID がありません", "uri: the post has no id"))
    return uri


def created(post: Any) -> datetime:
    """Return the post's time as Bluesky sorts by it: what its author claims, but not later than when it was first seen."""
    indexed = moment_at(post, "indexedAt")
    try:
        claimed = moment_at(post, "record", "createdAt")
    except NotReadable:
        claimed = None
    times = [time for time in (claimed, indexed) if time is not None]
    if not times:
        raise NotReadable(say("createdAt: 投稿の日時がありません", "createdAt: the post has no time"))
    return min(times)


def quoted_of(record: Any) -> str | None:
    """Return the id of the post that a record quotes."""
    kind = text_at(record, "embed", "$type")
    if kind not in QUOTES:
        return None
    uri = text_at(record, "embed", "record", "uri") or text_at(record, "embed", "record", "record", "uri")
    return uri if uri and "/app.bsky.feed.post/" in uri else None


def _features(record: Any) -> Iterator[Any]:
    for facet in items_at(record, "facets"):
        yield from items_at(facet, "features")


def tags_of(record: Any) -> tuple[str, ...]:
    """Return the hashtags: marked, only written, and outside the text."""
    marked = [text_at(feature, "tag") for feature in _features(record)]
    outside = [storable(tag) for tag in items_at(record, "tags") if isinstance(tag, str)]
    return tuple(dict.fromkeys(tag for tag in (*marked, *hashtags(storable(record["text"])), *outside) if tag))


def searchable(post: Any) -> Iterator[str]:
    """Yield everything of a post in which a brand may be named: text, hashtags, links, link cards, image descriptions."""
    record = dig(post, "record")
    yield text_at(record, "text") or ""
    yield from (tag for tag in items_at(record, "tags") if isinstance(tag, str))
    for feature in _features(record):
        yield text_at(feature, "tag") or text_at(feature, "uri") or ""
    for embed in (dig(record, "embed"), dig(record, "embed", "media")):
        yield from (text_at(embed, "external", name) or "" for name in ("title", "description", "uri"))
        yield from (text_at(image, "alt") or "" for image in items_at(embed, "images"))
        yield text_at(embed, "alt") or ""
