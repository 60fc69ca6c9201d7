"""One source's part of a round: what came, how it ended, and what that means to the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from collectors.errors import AccessError, BusyError, QuietError, SourceError
from monitor.lookups import Behind
from monitor.texts import say
from store.records import Outcome, Run


@dataclass(slots=True)
class Part:
    """One source's part of a round, as it goes: what came so far, and in the end how it ended."""

    source: str
    kind: str
    brand: str
    platform: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    posts: int = 0
    metrics: int = 0
    rejects: int = 0
    landed: int = 0
    requests: int = 0
    message: str | None = None
    advice: str | None = None
    until: datetime | None = None
    read: bool = False
    """Whether everything new was read; look-ups come after that."""
    limited: bool = False
    """Whether it ended because requests or an allowance were used up."""
    behind: Behind = field(default_factory=Behind)

    def run(self) -> Run:
        """Return the record of this part."""
        return Run(
            source=self.source,
            platform=self.platform,
            brand=self.brand,
            started_at=self.started_at,
            finished_at=self.finished_at or self.started_at,
            outcome=self.outcome or "error",
            posts=self.posts,
            metrics=self.metrics,
            requests=self.requests,
            message=self.message,
            advice=self.advice,
        )

    def explain(self, error: SourceError) -> None:
        """Write into the part what the source's error means."""
        self.message = error.message
        if isinstance(error, AccessError):
            self.outcome, self.advice = "access", error.advice
        elif isinstance(error, QuietError):
            self.outcome, self.until = "skipped", error.until
        elif isinstance(error, BusyError):
            self.outcome, self.until, self.limited, self.advice = "busy", error.until, error.limited, error.advice or say("round.busy")
        else:
            self.outcome, self.advice = "format", error.advice or say("round.format")
