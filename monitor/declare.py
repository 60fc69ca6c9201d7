"""From the settings to the tables that the dashboard reads: brands, sources, campaigns, goals and a few words about the home."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.registry import KINDS
from store import declare as rows

if TYPE_CHECKING:
    from collectors.base import SourceSettings
    from monitor.brandmodels import BrandModels
    from monitor.settings import Settings
    from store.owner import Owner

_SHOWN = ("url", "actor", "queries", "service", "path")


def declare(owner: Owner, settings: Settings) -> bool:
    """Let the database say what the settings say; return whether anything changed."""
    general = settings.general
    return owner.declare(
        [rows.Brand(brand.id, brand.name, brand.role, position) for position, brand in enumerate(settings.brands)],
        [_source(source) for source in settings.sources],
        [
            rows.Campaign(one.id, one.brand, one.name, one.starts, one.ends, tuple(tag.lstrip("#＃") for tag in one.tags))
            for one in settings.campaigns
        ],
        [rows.Goal(goal.brand, goal.measure, goal.target, goal.due) for goal in settings.goals],
        {"demo": "1" if general.demo else None, "language": general.language, "timezone": general.timezone},
    )


def facts_of_models(models: BrandModels) -> dict[str, str | None]:
    """Return what readers should know of the models, as rows of ``meta``: ``model_card`` (nlp/model/card.json as it is: figures of the shipped
    model) and ``brand_models`` (JSON: brand -> state of ``monitor.brandmodels``)."""
    spec = find_spec("nlp")
    places = [Path(place) / "model" / "card.json" for place in (spec.submodule_search_locations or ())] if spec else []
    card = next((place.read_text(encoding="utf-8") for place in places if place.is_file()), None)
    states = {folder.parent.name: models.state(folder.parent.name) for folder in sorted(models.folder.glob("*/state.json"))}
    return {"model_card": card, "brand_models": json.dumps(states, ensure_ascii=False) if states else None}


def platform_of(source: SourceSettings) -> str:
    """Return the platform that the records of ``source`` carry."""
    return getattr(source, "platform", None) or KINDS[source.kind].collector.platform


def _source(source: SourceSettings) -> rows.Source:
    shown = [value for name in _SHOWN if (value := getattr(source, name, None))]
    words = [word for value in shown for word in ([value] if isinstance(value, str) else map(str, value))]
    every = None if source.cron else int(source.every.total_seconds())
    return rows.Source(source.name, source.kind, platform_of(source), source.brand, source.what, every, " ".join(words) or None)
