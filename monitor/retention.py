"""From ``[retention]`` to the store's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.keep import Keep
from store.keep import Retention as Policy

if TYPE_CHECKING:
    from monitor.settings import Retention


def policy_of(retention: Retention) -> Policy:
    """Return what the store is to keep, and for how long."""
    platforms = {name: Keep(keep.observations_days, keep.mentions_days) for name, keep in retention.platform.items()}
    return Policy(Keep(retention.observations_days, retention.mentions_days), platforms, retention.runs_days)
