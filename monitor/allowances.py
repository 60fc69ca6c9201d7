"""What the sources of a round draw on (money, quotas), and how far it is used: for people, and as records for the store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors.allowance import Allowance, Allowances, Standing
from collectors.base import Collector
from collectors.errors import SourceError
from store.records import AllowanceState

log = logging.getLogger("hibiki.allowances")


@dataclass(slots=True)
class Drawn:
    """The allowances that collectors draw on. Of what several share, the largest limit is shown."""

    allowances: Allowances
    _by_name: dict[str, tuple[str, Allowance]] = field(default_factory=dict)

    def note(self, collector: Collector[Any]) -> None:
        """Note what ``collector`` draws on."""
        for allowance in collector.allowances:
            _, known = self._by_name.get(allowance.name, ("", allowance))
            self._by_name[allowance.name] = (collector.source_platform, max(known, allowance, key=lambda one: one.limit))

    def standings(self) -> list[tuple[str, Standing]]:
        """Return how far each is used, with its platform.

        Raises:
            SourceError: The record of it cannot be read.
        """
        return [(platform, self.allowances.standing(allowance)) for platform, allowance in self._by_name.values()]

    def states(self, now: Callable[[], datetime]) -> Iterable[AllowanceState]:
        """Yield the records that say so; none where that cannot be read (the sources have said so themselves)."""
        try:
            standings = self.standings()
        except SourceError as error:
            log.warning("%s", error.message)
            return
        for platform, standing in standings:
            allowance, forecast = standing.allowance, standing.forecast
            yield AllowanceState(
                name=allowance.name,
                platform=platform,
                title=allowance.title or allowance.name,
                unit=allowance.unit,
                allowed=float(allowance.limit),
                spent=float(standing.spent),
                resets_at=standing.resets_at,
                recorded_at=now(),
                forecast=None if forecast is None else float(forecast),
            )
