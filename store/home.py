"""A home: the folder that holds one monitor's settings and data. Only this module knows its layout."""

from __future__ import annotations

import os
from pathlib import Path


class Home:
    """The paths of one home. Nothing is made before `prepare` is called."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root).expanduser().resolve()
        self.settings = self.root / "hibiki.toml"
        self.env = self.root / ".env"
        self.data = self.root / "data"
        self.database = self.data / "hibiki.duckdb"
        self.lock = self.data / "owner.lock"
        self.inbox = self.data / "inbox"
        self.aside = self.data / "aside"
        self.published = self.data / "published"
        self.link = self.published / "hibiki.duckdb"
        self.sources = self.data / "sources"
        self.tokens = self.data / "tokens"
        self.allowances = self.data / "allowances.jsonl"
        self.models = self.data / "models"
        self.status = self.data / "status.json"
        self.schedule = self.data / "schedule.json"
        self.author_key = self.data / "author.key"
        self.logs = self.data / "logs"

    @classmethod
    def resolve(cls, path: str | os.PathLike[str] | None = None) -> Home:
        """Return the home at ``path``, else where ``HIBIKI_HOME`` points, else the current folder."""
        return cls(path or os.environ.get("HIBIKI_HOME") or Path.cwd())

    def bookmark(self, source: str) -> Path:
        """Return the path of ``source``'s bookmark."""
        return self.sources / f"{source}.json"

    def prepare(self) -> Home:
        """Make the folders that are missing and return the home."""
        for folder in (self.inbox, self.aside, self.published, self.sources, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Home) and other.root == self.root

    def __hash__(self) -> int:
        return hash(self.root)

    def __repr__(self) -> str:
        return f"Home({str(self.root)!r})"
