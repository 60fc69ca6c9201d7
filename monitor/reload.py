"""Notices that the settings were saved while the service runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.settings import Settings
    from store.home import Home

Stamp = tuple[tuple[int, int, int] | None, ...]


class SettingsFiles:
    """``hibiki.toml`` and ``.env`` of a home; ``changed`` is true once for each time that one of them was saved."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._stamp = self._look()

    def changed(self) -> bool:
        """Tell whether a file is another than at the last look."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        return True

    def load(self) -> Settings:
        """Read the settings.

        Raises:
            monitor.problems.SettingsError: They cannot be, as ``monitor.settings.load``.
        """
        return load(self._home)

    def _look(self) -> Stamp:
        return tuple(self._of(file) for file in (self._home.settings, self._home.env))

    @staticmethod
    def _of(file: Path) -> tuple[int, int, int] | None:
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
