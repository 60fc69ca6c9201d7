"""A post of X's API v2 as records. Old and new names of fields are read alike: X renames them (spec 2.166 to 2.167, August 2026)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.jsonread import Counts, dig, items_at, moment_at, storable, text_at
from collectors.language import say
from collectors.values import NotReadable
from collectors.words import hashtags
from collectors.x.settings import XSettings
from store.records import Kind, Metrics, Post, Record, Reject, Relation

_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_EPOCH_MS = 1288834974657
_STATUS = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/[A-Za-z0-9_]{1,19}/status/([0-9]{1,19})", re.ASCII)
_NO_LANGUAGE = frozenset(("und", "zxx", "art"))
KINDS: Mapping[str, Kind] = {"retweeted": "repost", "reposted": "repost", "replied_to": "reply", "quoted": "quote"}
_ORDER: tuple[Kind, ...] = ("repost", "reply", "quote")


def id_at(moment: datetime) -> str:
    """Return the smallest id that a post of ``moment`` can have: ids of X hold the milliseconds since its epoch."""
    return str(max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22)


def moment_of(post_id: str) -> datetime:
    """Return when the post with this id was made (the epoch of X for ids of before November 2010, which hold no time)."""
    return datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC) + timedelta(milliseconds=int(post_id) >> 22)


def post_id(raw: Any) -> str:
    """Return the id of a post as it was sent.

    Raises:
        NotReadable: It has none.
    """
    found = text_at(raw, "id")
    if found is None or not _ID.fullmatch(found):
        raise NotReadable(say("id: 投稿の ID がありません", "id: the post has no id"))
    return found


def versions(raw: Any) -> list[str]:
    """Return the ids of a post that was edited, the first one first; its own alone where it was not."""
    own = post_id(raw)
    history = [one for name in ("edit_history_post_ids", "edit_history_tweet_ids") for one in items_at(raw, name)]
    ids = sorted({one for one in history if isinstance(one, str) and _ID.fullmatch(one)}, key=int)
    return ids if own in ids else [own]


def text_of(raw: Any) -> str:
    """Return the whole text: that of a long post is apart. X escapes &, < and >.

    Raises:
        NotReadable: There is none.
    """
    for note in ("note_post", "note_tweet"):
        whole = dig(raw, note, "text")
        if isinstance(whole, str) and whole.strip():
            return storable(html.unescape(whole))
    text = dig(raw, "text")
    if not isinstance(text, str):
        raise NotReadable(say("text: 本文がありません", "text: there is no text"))
    return storable(html.unescape(text))


def names_of(answer: Any) -> dict[str, str]:
    """Return the names of the authors that came with an answer, by their ids."""
    users = ((text_at(user, "id"), text_at(user, "name") or text_at(user, "username")) for user in items_at(answer, "includes", "users"))
    return {ident: name for ident, name in users if ident and name}


def handles_of(answer: Any) -> dict[str, str]:
    """Return the account names of the authors that came with an answer, by their ids."""
    users = ((text_at(user, "id"), text_at(user, "username")) for user in items_at(answer, "includes", "users"))
    return {ident: handle for ident, handle in users if ident and handle}


def searchable(raw: Any) -> str:
    """Return everything of a post in which a brand may be named: text, hashtags, handles, links and their titles."""
    parts = [text_of(raw)]
    for entities in _entities(raw):
        parts += [text_at(one, "tag") or "" for one in items_at(entities, "hashtags")]
        parts += [text_at(one, "username") or "" for one in items_at(entities, "mentions")]
        for url in items_at(entities, "urls"):
            parts += [text_at(url, name) or "" for name in ("expanded_url", "title", "description")]
    return " ".join(parts)


def reference(raw: Any, text: str) -> tuple[Kind, str | None]:
    """Return the post's kind and the id of the post that it repeats, answers or quotes.

    Where X does not say (the new names give references to those only who pay for the other posts too), the text, the links and the
    conversation tell: then the parent of an answer is the post that began the conversation, and that of a repost is not known.
    """
    found: dict[Kind, str] = {}
    for one in (*items_at(raw, "referenced_posts"), *items_at(raw, "referenced_tweets")):
        kind, ident = KINDS.get(text_at(one, "type") or ""), text_at(one, "id")
        if kind and ident and _ID.fullmatch(ident):
            found.setdefault(kind, ident)
    for kind in _ORDER:
        if kind in found:
            return kind, found[kind]
    if re.match(r"RT @[A-Za-z0-9_]{1,19}: ", text):
        return "repost", None
    conversation = text_at(raw, "conversation_id")
    if conversation and _ID.fullmatch(conversation) and conversation not in versions(raw):
        return "reply", conversation
    for entities in _entities(raw):
        for url in items_at(entities, "urls"):
            status = _STATUS.match(text_at(url, "expanded_url") or "")
            # a picture of the post itself is linked as …/status/<its own id>/photo/1
            if status and status[1] not in versions(raw):
                return "quote", status[1]
    return "post", None


class PostReader:
    """Turns posts of one source into records."""

    def __init__(
        self,
        settings: XSettings,
        relation: Relation,
        own_id: str | None,
        now: Callable[[], datetime],
        reject: Callable[[str, str, str], Reject],
    ) -> None:
        self._settings = settings
        self._own_id = own_id
        self._relation = relation
        self._now = now
        self._reject = reject

    def records(self, raw: Any, names: Mapping[str, str], place: str) -> Iterator[Record]:
        """Yield the post, its counts, and a reject for those that cannot be read.

        Raises:
            NotReadable: It is no post.
        """
        post = self.post(raw, names)
        yield post
        if post.kind != "repost":  # X gives the counts of the post that was repeated
            yield from self.metrics(raw, post.native_id, place)

    def post(self, raw: Any, names: Mapping[str, str]) -> Post:
        """Return the post. One that was edited keeps its first id and moment.

        Raises:
            NotReadable: It is none.
        """
        text, author = text_of(raw), text_at(raw, "author_id")
        ids, created_at = versions(raw), created(raw)
        kind, parent = reference(raw, text)
        own = self._relation == "own"
        lang = text_at(raw, "lang")
        return Post(
            platform="x",
            native_id=ids[0],
            brand=self._settings.brand,
            relation=self._relation,
            source=self._settings.name,
            text=text,
            created_at=min(created_at, moment_of(ids[0])) if len(ids) > 1 else created_at,
            seen_at=self._now(),
            kind=kind,
            author_id=author or (self._own_id if own else None),
            author_name=names.get(author or "") or (self._settings.username if own else None),
            url=f"https://x.com/{(self._settings.username if own else None) or 'i'}/status/{ids[-1]}",
            parent_id=parent,
            lang=None if lang in _NO_LANGUAGE or (lang or "").startswith("q") else lang,
            tags=_tags(raw, text),
        )

    def metrics(self, raw: Any, native_id: str, place: str) -> Iterator[Record]:
        """Yield the post's counts, and a reject for those that cannot be read."""
        public = dig(raw, "public_metrics")
        counts = Counts(public)
        reposts = "repost_count" if dig(public, "repost_count") is not None else "retweet_count"
        shares = counts.sum(reposts, "quote_count") if dig(public, reposts) is not None else None
        views = counts.get("impression_count")
        likes, comments, saves = counts.get("like_count"), counts.get("reply_count"), counts.get("bookmark_count")
        private = Counts(dig(raw, "non_public_metrics"))
        if views is None and dig(public, "impression_count") is None:
            views = private.get("impression_count")
        yield Metrics(
            platform="x",
            native_id=native_id,
            observed_at=self._now(),
            views=views,
            likes=likes,
            comments=comments,
            shares=shares,
            saves=saves,
        )
        faults = [*counts.faults, *private.faults]
        if faults:
            yield self._reject(place, " / ".join(faults), json.dumps(raw))


def created(raw: Any) -> datetime:
    """Return when a post was made.

    Raises:
        NotReadable: It does not say.
    """
    found = moment_at(raw, "created_at")
    if found is None:
        raise NotReadable(say("created_at: 投稿の日時がありません", "created_at: the post has no time"))
    return found


def _entities(raw: Any) -> Iterator[Any]:
    for note in ("note_post", "note_tweet"):
        yield dig(raw, note, "entities")
    yield dig(raw, "entities")


def _tags(raw: Any, text: str) -> tuple[str, ...]:
    marked = [text_at(one, "tag") for entities in _entities(raw) for one in items_at(entities, "hashtags")]
    return tuple(dict.fromkeys(tag for tag in (*marked, *hashtags(text)) if tag))
