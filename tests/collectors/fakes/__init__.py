"""Platforms as loopback servers see them: one file each, with ``WIRES``, the list of what ``test_wire`` puts through every scenario."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.collectors.wire import Wire


def wires() -> list[type[Wire]]:
    """Return every wire of every platform of this folder."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return [wire for module in modules for wire in module.WIRES]
