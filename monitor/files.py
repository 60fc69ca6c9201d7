"""Small JSON files that must never be half written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from store.files import replace_text


def write_json(file: Path, content: object) -> None:
    """Write ``content`` as JSON to ``file``: whole or not at all, and safe from a power cut.

    Raises:
        store.errors.DiskFull: No room; the old file is still there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_text(file, json.dumps(content, ensure_ascii=False, indent=1))


def read_json(file: Path) -> dict[str, Any] | None:
    """Return the JSON object in ``file``; None where there is no file or it holds something else."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
