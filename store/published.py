"""Reading what has been published, while everything else runs."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from store.database import open_copy
from store.errors import NotPublished
from store.home import Home


def newest(home: Home) -> Path:
    """Return the path of the newest published copy. It changes with every copy; it can serve as a cache key. Raises `NotPublished`."""
    path = Path(os.path.realpath(home.link))
    if not path.exists():
        raise NotPublished(home.link)
    return path


def connect(home: Home) -> duckdb.DuckDBPyConnection:
    """Open the newest published copy, read-only. The connection keeps that copy for as long as it lives. Raises `NotPublished`."""
    for _ in range(3):
        path = newest(home)
        try:
            return open_copy(path)
        except duckdb.IOException:
            if path.exists():
                raise
            # two newer copies came between looking and opening: look again
    raise NotPublished(home.link)
