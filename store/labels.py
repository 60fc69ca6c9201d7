"""What a person says of a mention in place of the model, and how a review event (action ``label``) writes it down.

The event's value is words with an equals sign: ``sentiment=negative stance=critic drawn=asked``, or ``relevant=no drawn=desk`` for a
post that is not about the brand. An event without a value takes the label back. The newest event of a (post, brand) counts; the
view ``labels`` (store/schema) reads the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import uuid4

from store.records import ReviewEvent

Drawn = Literal["random", "asked", "desk", "file"]
SENTIMENTS = ("positive", "neutral", "negative")
STANCES = ("promoter", "critic", "request", "none")


@dataclass(frozen=True, slots=True)
class Label:
    """Sentiment and stance as a person sees them (None: not said); ``relevant`` False: the post is not about the brand.

    ``drawn`` says how the person came to the post: by a random draw (only those may measure a model), because the model asked for
    it, at the review desk, or in a file made elsewhere.

    Raises:
        ValueError: a word that is none of these, or a label that says nothing.
    """

    sentiment: str | None = None
    stance: str | None = None
    relevant: bool = True
    drawn: Drawn = "desk"

    def __post_init__(self) -> None:
        for name, value, known in (("sentiment", self.sentiment, SENTIMENTS), ("stance", self.stance, STANCES)):
            if value is not None and value not in known:
                raise ValueError(f"{name}: {value!r} is none of {', '.join(known)}")
        if self.drawn not in get_args(Drawn):
            raise ValueError(f"drawn: {self.drawn!r} is none of {', '.join(get_args(Drawn))}")
        if self.relevant and self.sentiment is None and self.stance is None:
            raise ValueError("a label must say a sentiment, a stance, or that the post is not about the brand")

    @property
    def value(self) -> str:
        """The label as an event's value."""
        said = {"sentiment": self.sentiment, "stance": self.stance} if self.relevant else {"relevant": "no"}
        return " ".join(f"{name}={word}" for name, word in {**said, "drawn": self.drawn}.items() if word)


def read_label(value: str | None) -> Label | None:
    """Return what an event's value says; None where it takes the label back or cannot be read."""
    words = dict(word.split("=", 1) for word in (value or "").split() if "=" in word)
    try:
        label = Label(words.get("sentiment"), words.get("stance"), words.get("relevant") != "no")
        return replace(label, drawn=words.get("drawn", "desk"))  # type: ignore[arg-type]
    except ValueError:
        return None


def label_event(post_key: int, brand: str, actor: str, label: Label | None, at: datetime | None = None) -> ReviewEvent:
    """Return the event by which ``actor`` labels a mention; ``None`` takes the label back."""
    value = label.value if label else None
    return ReviewEvent(
        event_id=uuid4().hex, post_key=post_key, brand=brand, at=at or datetime.now(UTC), actor=actor, action="label", value=value
    )
