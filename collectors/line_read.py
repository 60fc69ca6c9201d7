"""Reading the answers of LINE's insight API. Fields: the OpenAPI document ``insight.yml`` of line/line-openapi."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from collectors.answers import Answer, refused
from collectors.errors import AccessError, FormatError, SourceError
from collectors.jsonread import Counts, dig, items_at, text_at, unix_at
from collectors.language import say
from collectors.values import NotReadable


@dataclass(frozen=True, slots=True)
class Daily:
    """An endpoint that gives figures of one day. ``fields``: field of its answer -> name of the KPI."""

    name: str
    endpoint: str
    fields: Mapping[str, str]


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda match: f"_{match[1].lower()}", name)


_SENT = (
    *("broadcast", "targeting", "autoResponse", "welcomeResponse", "chat"),
    *("apiBroadcast", "apiPush", "apiMulticast", "apiNarrowcast", "apiReply"),
)
DAILY = (
    Daily("followers", "followers", {name: f"line.{_snake(name)}" for name in ("followers", "targetedReaches", "blocks")}),
    Daily("delivery", "message/delivery", {name: f"line.sent_{_snake(name)}" for name in _SENT}),
)


@dataclass(frozen=True, slots=True)
class Told:
    """The figures that an answer gives. ``settled``: they will not be given later if they are not now."""

    figures: dict[str, int]
    settled: bool
    faults: tuple[str, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: when it was sent (None: LINE does not say yet), how many opened it, and clicked a link in it."""

    at: datetime | None
    views: int | None
    clicks: int | None
    faults: tuple[str, ...] = ()
    raw: str = ""


def day_text(day: date) -> str:
    """Return ``day`` as LINE writes it."""
    return day.strftime("%Y%m%d")


def figures_of_day(kind: Daily, answer: Any) -> Told:
    """Return the figures of one day. What LINE does not say is left out: "unready" is not zero.

    Raises:
        FormatError: The answer says neither that it is ready nor that it is not.
    """
    status = text_at(answer, "status")
    if status == "unready":
        return Told({}, False)
    if status == "out_of_service":  # before LINE began to count
        return Told({}, True)
    if status != "ready":
        raise FormatError(say("LINE の応答に status がありません", "LINE's answer has no status"), json.dumps(answer))
    return _told(answer, Counts(answer), kind.fields)


def figures_of_unit(unit: str, answer: Any) -> Told:
    """Return the figures of one day of an aggregation unit; LINE keeps those of few people to itself.

    Raises:
        FormatError: The answer has no overview.
    """
    fields = {"uniqueImpression": f"line.unit.{unit}.unique_impressions", "uniqueClick": f"line.unit.{unit}.unique_clicks"}
    return _told(answer, Counts(_overview(answer)), fields)


def message_of(answer: Any) -> Message | None:
    """Return what LINE says of a message; None where it has not counted yet.

    Views are the people who opened it; where LINE tells only how often each bubble was shown, the bubble that was shown most.

    Raises:
        FormatError: The answer has no overview.
    """
    overview = _overview(answer)
    try:
        at = unix_at(overview, "timestamp")
    except NotReadable as error:
        raise FormatError(f"LINE: {error}", json.dumps(answer)) from None
    counts = Counts(overview)
    views, clicks, faults = counts.get("uniqueImpression"), counts.get("uniqueClick"), list(counts.faults)
    if views is None and not faults:
        bubbles = [Counts(bubble) for bubble in items_at(answer, "messages")]
        views = max((shown for bubble in bubbles if (shown := bubble.get("impression")) is not None), default=None)
        faults += [fault for bubble in bubbles for fault in bubble.faults]
    if at is None and views is None and clicks is None and not faults:
        return None
    return Message(at, views, clicks, tuple(faults), json.dumps(answer) if faults else "")


def refusal(answer: Answer, token_env: str, redact: Callable[[str], str]) -> SourceError:
    """Return what the user is told about an answer of 400 and more."""
    try:
        said = text_at(answer.json(), "message") or ""
    except FormatError:
        said = ""
    said = redact(said)[:200] or f"HTTP {answer.status}"
    if answer.status == 401:
        return AccessError(
            say(f"LINE がチャネルアクセストークンを受け付けません({said})", f"LINE does not take the channel access token ({said})"),
            say(
                f"LINE Developers コンソールの「Messaging API設定」で発行し直して、.env の {token_env} に書いてください",
                f"Issue a new one in the LINE Developers Console (Messaging API) and write it into .env as {token_env}",
            ),
        )
    if answer.status == 403:
        return AccessError(
            say(f"LINE に読み取りを断られました({said})", f"LINE refuses to be read ({said})"),
            say(
                "チャネルが LINE 公式アカウントとつながっているか、分析の API を使えるアカウントかを確かめてください",
                "Check that the channel belongs to the official account, and that the account may use the insight API",
            ),
        )
    if answer.status in (400, 404):
        return FormatError(
            say(
                f"LINE が要求を受け付けません(HTTP {answer.status}、{said})",
                f"LINE does not accept the request (HTTP {answer.status}, {said})",
            ),
            answer.text(),
        )
    return refused("LINE", answer.status, answer.text())


def _overview(answer: Any) -> Any:
    overview = dig(answer, "overview")
    if not isinstance(overview, dict):
        raise FormatError(say("LINE の応答に overview がありません", "LINE's answer has no overview"), json.dumps(answer))
    return overview


def _told(answer: Any, counts: Counts, fields: Mapping[str, str]) -> Told:
    figures = {name: value for field, name in fields.items() if (value := counts.get(field)) is not None}
    return Told(figures, True, tuple(counts.faults), json.dumps(answer) if counts.faults else "")
