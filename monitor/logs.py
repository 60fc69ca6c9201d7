"""The log file of a home: what went wrong inside, for whoever mends it. Nothing secret is written there."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from store.home import Home


def log_into(home: Home) -> Path:
    """Write the log of this process into ``data/logs/hibiki.log`` (at most 3 files of 2 MB) and return its path."""
    home.logs.mkdir(parents=True, exist_ok=True)
    file = home.logs / "hibiki.log"
    handler = RotatingFileHandler(file, maxBytes=2_000_000, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for name in ("hibiki", "stamina"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.handlers = [handler]
    return file


def quiet() -> None:
    """Let retries and our own log not end up among the lines for the user, where nobody asked for a log file.

    stamina would write to structlog where that happens to be installed, and its lines would reach any handler of the root logger.
    """
    from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

    set_on_retry_hooks((LoggingOnRetryHook,))
    for name in ("hibiki", "stamina"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger("stamina").propagate = False
