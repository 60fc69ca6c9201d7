"""LINE's insight API as ``insight.yml`` of line/line-openapi has it: followers, deliveries, messages and aggregation units."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from collectors.line import LineSettings
from tests.collectors.wire import Asked, Reply, Said, Wire

TOKEN = "lineChannelAccessToken0123456789abcdef/+="


class LineOA(Wire):
    """``days``: day (yyyymmdd) -> answers of ``followers`` and ``delivery``; every other day is not ready. ``units``: unit -> day -> overview.

    A message's ``more``: ``opened``, ``clicked`` (None: fewer than 20 people), ``shown`` (of each bubble), ``counted`` (False: not yet).
    """

    name = "line"
    listing = "*/message/event"
    page_size = 3
    pages = False
    secrets: ClassVar[dict[str, str]] = {"HIBIKI_LINE_TOKEN": TOKEN}
    expired: ClassVar[Reply | None] = Reply(
        {"message": "Authentication failed. Confirm that the access token in the authorization header is valid."}, 401
    )
    error_inside: ClassVar[Reply | None] = Reply({"message": "Something is wrong"})

    def __init__(self) -> None:
        super().__init__()
        self.days: dict[str, dict[str, Any]] = {}
        self.units: dict[str, dict[str, Any]] = {}
        self.options: dict[str, Any] = {}

    def settings(self, url: str) -> LineSettings:
        messages = {self.native_id(post): post.text for post in self.said}
        return LineSettings.model_validate({"name": "line", "brand": "yomori", "service": url, "messages": messages, **self.options})

    def native_id(self, post: Said) -> str:
        return f"f70dd685-499a-4231-a441-{post.number:012}"

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.expired or Reply({}, 401)
        endpoint = asked.path.removeprefix("/v2/bot/insight/")
        if endpoint == "message/event":
            return self.message(asked.one("requestId"))
        if endpoint == "message/event/aggregation":
            none = {"uniqueImpression": None, "uniqueClick": None, "uniqueMediaPlayed": None, "uniqueMediaPlayed100Percent": None}
            told = self.units.get(asked.one("customAggregationUnit"), {}).get(asked.one("from"), {})
            assert asked.one("from") == asked.one("to")
            return Reply({"overview": none | told, "messages": [], "clicks": []})
        if not re.fullmatch("[0-9]{8}", asked.one("date")):
            return Reply({"message": "The value for the 'date' parameter is invalid"}, 400)
        if endpoint not in ("followers", "message/delivery"):
            return Reply({"message": "Not found"}, 404)
        told = self.days.get(asked.one("date"), {}).get(endpoint.removeprefix("message/"))
        return Reply({"status": "unready"} if told is None else told)

    def message(self, ident: str) -> Reply:
        """Answer ``message/event``."""
        post = next((post for post in self.said if self.native_id(post) == ident), None)
        if post is None:
            return Reply({"message": "The requestId is invalid"}, 400)
        counted = post.more.get("counted", True)
        overview = {
            "requestId": ident,
            "timestamp": int(post.at.timestamp()) if counted else None,
            "delivered": 320 if counted else None,
            "uniqueImpression": post.more.get("opened", 82) if counted else None,
            "uniqueClick": post.more.get("clicked", 51) if counted else None,
            "uniqueMediaPlayed": None,
            "uniqueMediaPlayed100Percent": None,
        }
        bubbles = [{"seq": seq, "impression": shown, "mediaPlayed": None} for seq, shown in enumerate(post.more.get("shown", []), start=1)]
        return Reply({"overview": overview, "messages": bubbles, "clicks": []})


WIRES: tuple[type[Wire], ...] = (LineOA,)
