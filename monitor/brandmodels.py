"""The brands' own models of a home: ``data/models/<brand>/<version>.npz``, and ``state.json`` beside them saying which one is in use.

Nothing here reads a model; the scoring process and training do. Writing is whole or not at all, so the owner may look at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.files import read_json, write_json

KEPT_TRIALS = 50


@dataclass(frozen=True, slots=True)
class BrandModel:
    """A brand's model that is in use: its version, the shipped model that it stands on, its file."""

    brand: str
    version: str
    base: str
    file: Path


class BrandModels:
    """All brands' models of one home; ``folder`` is ``Home.models``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def active(self) -> dict[str, BrandModel]:
        """Return the model in use of each brand that has one."""
        found = {}
        for file in sorted(self.folder.glob("*/state.json")):
            brand = file.parent.name
            state = self.state(brand)
            version = state.get("active")
            model = file.parent / f"{version}.npz"
            if version and model.is_file():
                found[brand] = BrandModel(brand, str(version), str(state.get("bases", {}).get(version, "")), model)
        return found

    def stamp(self) -> tuple[tuple[str, int], ...]:
        """Return what changes as soon as another model is in use somewhere. Costs a look at each brand's folder."""
        found = []
        for file in sorted(self.folder.glob("*/state.json")):
            try:
                found.append((file.parent.name, file.stat().st_mtime_ns))
            except FileNotFoundError:
                continue  # taken away since we looked
        return tuple(found)

    def state(self, brand: str) -> dict[str, Any]:
        """Return ``active`` (a version, or None for the shipped model), ``before`` (what was in use, newest last), ``bases`` (version ->
        shipped model) and ``trials`` (how each training was judged, newest last)."""
        return read_json(self._state(brand)) or {}

    def file(self, brand: str, version: str) -> Path:
        """Return where a version is kept."""
        return self.folder / brand / f"{version}.npz"

    def note(self, brand: str, trial: Mapping[str, Any], *, use: bool) -> None:
        """Keep how a training was judged; with ``use`` its ``version`` (None: the shipped model) is in use from now on."""
        state = self.state(brand)
        state["trials"] = [*state.get("trials", []), dict(trial)][-KEPT_TRIALS:]
        state["bases"] = {**state.get("bases", {}), str(trial["version"]): trial["base"]}
        if use:
            self._use(state, trial["version"])
        write_json(self._state(brand), state)

    def back(self, brand: str) -> str | None:
        """Use again what was in use before; return its version (None: the shipped model).

        Raises:
            LookupError: Nothing was in use before.
        """
        state = self.state(brand)
        if not state.get("before"):
            raise LookupError(brand)
        *rest, version = state["before"]
        state |= {"active": version, "before": rest}
        write_json(self._state(brand), state)
        return None if version is None else str(version)

    def _use(self, state: dict[str, Any], version: str | None) -> None:
        before = state.get("active")
        if before != version:
            state["before"] = [*state.get("before", []), before]
        state["active"] = version

    def _state(self, brand: str) -> Path:
        return self.folder / brand / "state.json"


def version_of(base: str, used: Mapping[str, str]) -> str:
    """Return one name for the shipped model ``base`` with the brands' models ``used`` (brand -> version): what ``scores.model`` says.

    Any change in it makes everything be scored anew, which is what the store knows how to do; a minute for 100,000 mentions.
    """
    if not used:
        return base
    said = "\n".join(f"{brand}={version}" for brand, version in sorted(used.items()))
    return f"{base}+{hashlib.sha256(said.encode()).hexdigest()[:8]}"
