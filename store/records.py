"""What the outside world told us: the records that collectors yield and the inbox keeps.

A record is a fact as it was seen, never an interpretation. Counts that a platform does not give are ``None`` and stay
NULL in the database; they never become 0. All times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Literal

Relation = Literal["own", "mention"]
Kind = Literal["post", "reply", "quote", "repost", "comment", "review", "article", "message"]
Outcome = Literal["ok", "skipped", "busy", "access", "format", "error"]
ReviewAction = Literal["take", "note", "close", "reopen", "label"]


def key_of(*parts: str) -> int:
    """Return the 63-bit key of a natural key, the same on every machine and in every run.

    BLAKE2b with a digest of 8 bytes, shifted right by one so that it fits a signed BIGINT. At 100 million posts the
    chance of any collision is about 5e-4 (birthday bound, n² / 2⁶⁴).
    """
    digest = blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def post_key(platform: str, native_id: str) -> int:
    """Return the key of the post that ``platform`` knows as ``native_id``."""
    return key_of(platform, native_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as a source showed it: one of a brand's own, or one by somebody else that the source holds to be about the brand.

    ``relation`` says which. ``native_id`` is the platform's own id; ``parent_id`` the native id of the post that it
    answers, quotes or repeats. ``stars`` is a review's rating as given (1 to 5). ``seen_at`` decides which text is
    newer when the same post arrives twice.
    """

    platform: str
    native_id: str
    brand: str
    relation: Relation
    source: str
    text: str
    created_at: datetime
    seen_at: datetime
    kind: Kind = "post"
    author_id: str | None = None
    author_name: str | None = None
    url: str | None = None
    parent_id: str | None = None
    lang: str | None = None
    tags: tuple[str, ...] = ()
    stars: float | None = None

    @property
    def key(self) -> int:
        """The post's key in the store."""
        return post_key(self.platform, self.native_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The counts of one post at one moment; ``None`` where the platform did not say."""

    platform: str
    native_id: str
    observed_at: datetime
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None

    @property
    def key(self) -> int:
        """The post's key in the store."""
        return post_key(self.platform, self.native_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A post that its platform no longer shows: deleted, protected or suspended. Its text and author are erased here too."""

    platform: str
    native_id: str
    seen_at: datetime

    @property
    def key(self) -> int:
        """The post's key in the store."""
        return post_key(self.platform, self.native_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of time that a source could not be read: what is missing there is unknown, not zero."""

    source: str
    platform: str
    brand: str
    from_at: datetime
    to_at: datetime
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GapFilled:
    """A stretch of time that was a gap and has been read since, by a reading that began at ``filled_at``.

    It closes what was recorded as missing before that moment; what that reading itself found to be missing stays a gap.
    """

    source: str
    platform: str
    brand: str
    from_at: datetime
    to_at: datetime
    filled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A post whose counts are not followed any more was seen to be there still."""

    platform: str
    native_id: str
    checked_at: datetime

    @property
    def key(self) -> int:
        """The post's key in the store."""
        return post_key(self.platform, self.native_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How one source's part of one round ended. ``message`` says what happened, ``advice`` how to mend it."""

    source: str
    platform: str
    brand: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    posts: int = 0
    metrics: int = 0
    requests: int = 0
    message: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """An item that could not be read: kept aside with where it stood, so that nothing is lost and the rest goes in."""

    source: str
    place: str
    reason: str
    raw: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """What somebody did at the review desk; the list of events is the audit log."""

    event_id: str
    post_key: int
    brand: str
    at: datetime
    actor: str
    action: ReviewAction
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswer:
    """One answer to the 0–10 recommendation question ("how likely are you to recommend …")."""

    brand: str
    answer_id: str
    answered_on: date
    score: int
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A figure of a day that no post bears: followers, an account's impressions, a shop's visitors.

    ``name`` is "<platform>.<measure>" for a platform's own ("x.impressions", "line.followers"), else what the user calls it. A later
    value of the same brand, day and name replaces this one. Days are Asia/Tokyo's.
    """

    brand: str
    day: date
    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceState:
    """How much of what a platform lets us use (money, units, calls) is used; a later one of the same ``name`` replaces it.

    ``allowed`` is the limit, ``forecast`` what will have been used at ``resets_at`` (None: nobody can know yet). ``title`` is for people.
    """

    name: str
    platform: str
    title: str
    unit: str
    allowed: float
    spent: float
    resets_at: datetime
    recorded_at: datetime
    forecast: float | None = None


Record = Post | Metrics | Gone | Gap | GapFilled | Checked | Run | Reject | ReviewEvent | SurveyAnswer | Kpi | AllowanceState
