"""robots.txt, for sources whose pages are scraped. Feeds and interfaces for machines need it not."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from protego import Protego

from collectors.errors import AccessError
from collectors.http import USER_AGENT, Line
from collectors.language import say

_ANY_4XX = frozenset(range(400, 500)) - {408, 425, 429}


class Robots:
    """What hosts allow, asked once a host and round (RFC 9309: no robots.txt allows all; one that cannot be read, nothing)."""

    def __init__(self) -> None:
        self._rules: dict[str, Protego] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, line: Line, url: str) -> float:
        """Return the seconds to keep between two requests (0 where the host does not say).

        Raises:
            AccessError: The host does not want ``url`` to be read by machines.
            BusyError: Its robots.txt cannot be read just now.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            if origin not in self._rules:
                answer = await line.ask(f"{origin}/robots.txt", allow=_ANY_4XX, budget_name="robots.txt")
                self._rules[origin] = Protego.parse(answer.text() if answer.status == 200 else "")
        rules = self._rules[origin]
        if not rules.can_fetch(url, USER_AGENT):
            raise AccessError(
                say(
                    f"{parts.netloc} の robots.txt がこのページの自動取得を断っています", f"robots.txt of {parts.netloc} forbids this page"
                ),
                say("RSS や公式の API、CSV の取り込みを使ってください", "Use its RSS, its official API, or import a CSV file"),
            )
        return float(rules.crawl_delay(USER_AGENT) or 0.0)
