"""From ``[retention]`` to the store's policy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from store.keep import Keep
from store.keep import Retention as Policy

if TYPE_CHECKING:
    from monitor.settings import Retention


OBSERVATIONS = {"youtube": 30}
"""For how many days platforms' terms let us keep observations, where the settings say nothing else of the platform."""


def policy_of(retention: Retention) -> Policy:
    """Return what the store is to keep, and for how long."""
    default = Keep(retention.observations_days, retention.mentions_days)
    terms = {name: replace(default, observations_days=min(days, default.observations_days or days)) for name, days in OBSERVATIONS.items()}
    told = {name: Keep(keep.observations_days, keep.mentions_days) for name, keep in retention.platform.items()}
    return Policy(default, {**terms, **told}, retention.runs_days)
