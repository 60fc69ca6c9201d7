"""Reading YouTube's videos and comments. Counts come as strings; what is hidden or switched off is left out by YouTube: None, never 0."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.jsonread import Counts, dig, items_at, moment_at, text_at
from collectors.language import say
from collectors.text import clean
from collectors.values import NotReadable
from collectors.words import hashtags
from store.records import Metrics, Post, Record, Relation

PLATFORM = "youtube"
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)


def is_video(native_id: str) -> bool:
    """Tell whether an id is a video's: they have 11 signs, those of comments 26 and more."""
    return _VIDEO.fullmatch(native_id) is not None


def text_of_video(raw: Any) -> str:
    """Return the title, and the description below it."""
    return clean(f"{text_at(raw, 'snippet', 'title') or ''}\n{text_at(raw, 'snippet', 'description') or ''}")


def searchable(raw: Any) -> str:
    """Return everything of a video in which a brand may be named."""
    tags = [tag for tag in items_at(raw, "snippet", "tags") if isinstance(tag, str)]
    return " ".join([text_of_video(raw), *tags])


def text_of_comment(raw: Any) -> str:
    """Return what a comment says.

    Raises:
        NotReadable: There is none.
    """
    text = text_at(raw, "snippet", "textOriginal") or text_at(raw, "snippet", "textDisplay")
    if text is None:
        raise NotReadable(say("textDisplay: 本文がありません", "textDisplay: there is no text"))
    return clean(text)


def author_of_comment(raw: Any) -> str | None:
    """Return the id of the channel that wrote a comment; None where it is no more."""
    return text_at(raw, "snippet", "authorChannelId", "value")


def identity(raw: Any) -> tuple[str, datetime]:
    """Return the id of a video or comment, and when it was published.

    Raises:
        NotReadable: It does not say.
    """
    ident, at = text_at(raw, "id"), moment_at(raw, "snippet", "publishedAt")
    if ident is None:
        raise NotReadable(say("id: ID がありません", "id: there is no id"))
    if at is None:
        raise NotReadable(say("publishedAt: 日時がありません", "publishedAt: there is no time"))
    return ident, at


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes records for one source."""

    brand: str
    source: str
    relation: Relation
    now: Callable[[], datetime]
    reject: Callable[[str, str, str], Record]

    def video(self, raw: Any) -> Post:
        """Return the post that a video is.

        Raises:
            NotReadable: It has no id or no time.
        """
        ident, at = identity(raw)
        text = text_of_video(raw)
        return Post(
            platform=PLATFORM,
            native_id=ident,
            brand=self.brand,
            relation=self.relation,
            source=self.source,
            text=text,
            created_at=at,
            seen_at=self.now(),
            author_id=text_at(raw, "snippet", "channelId"),
            author_name=text_at(raw, "snippet", "channelTitle"),
            url=f"https://www.youtube.com/watch?v={ident}",
            lang=text_at(raw, "snippet", "defaultAudioLanguage") or text_at(raw, "snippet", "defaultLanguage"),
            tags=hashtags(text),
        )

    def video_counts(self, raw: Any, ident: str) -> Iterator[Record]:
        """Yield a video's counts, and a reject for those that cannot be read."""
        counts = Counts(dig(raw, "statistics"))
        yield Metrics(
            platform=PLATFORM,
            native_id=ident,
            observed_at=self.now(),
            views=counts.get("viewCount"),
            likes=counts.get("likeCount"),
            comments=counts.get("commentCount"),
        )
        yield from self._faults(counts, ident, raw)

    def comment(self, raw: Any, video: str | None) -> Post:
        """Return the post that a comment on ``video`` is.

        Raises:
            NotReadable: It has no id, no time or no text.
        """
        ident, at = identity(raw)
        text, lies_on = text_of_comment(raw), video or text_at(raw, "snippet", "videoId")
        return Post(
            platform=PLATFORM,
            native_id=ident,
            brand=self.brand,
            relation="mention",
            source=self.source,
            text=text,
            created_at=at,
            seen_at=self.now(),
            kind="comment",
            author_id=author_of_comment(raw),
            author_name=text_at(raw, "snippet", "authorDisplayName"),
            url=f"https://www.youtube.com/watch?v={lies_on}&lc={ident}" if lies_on else None,
            parent_id=lies_on,
            tags=hashtags(text),
        )

    def comment_counts(self, raw: Any, ident: str, replies: int | None) -> Iterator[Record]:
        """Yield a comment's counts, and a reject for those that cannot be read."""
        counts = Counts(dig(raw, "snippet"))
        yield Metrics(platform=PLATFORM, native_id=ident, observed_at=self.now(), likes=counts.get("likeCount"), comments=replies)
        yield from self._faults(counts, ident, raw)

    def _faults(self, counts: Counts, ident: str, raw: Any) -> Iterator[Record]:
        if counts.faults:
            yield self.reject(ident, " / ".join(counts.faults), json.dumps(raw))
