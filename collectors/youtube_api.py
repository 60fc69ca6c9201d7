"""Asking the YouTube Data API v3: its two quota buckets, and what it refuses.

Quota (developers.google.com/youtube/v3/determine_quota_cost, November 2026): ``search.list`` has a bucket of its own of 100 calls a day; all
else here costs one unit of the 10,000 of a day. A request that is refused costs as well. Days begin at midnight Pacific time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.allowance import PACIFIC_DAY, Allowance, Allowances, Charge
from collectors.answers import refused
from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.http import Line
from collectors.jsonread import dig, items_at, text_at
from collectors.language import say

IDS_A_CALL = 50
_READ = (400, 401, 403, 404, 409, 410)
_DAY_IS_OVER = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg", "DAILY_LIMIT_EXCEEDED"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded", "concurrentLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_KEY = {"keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_EXPIRED", "CREDENTIALS_MISSING", "authError", "required"}
_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_BLOCKED = {
    *("ipRefererBlocked", "API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_SERVICE_BLOCKED"),
    *("API_KEY_ANDROID_APP_BLOCKED", "API_KEY_IOS_APP_BLOCKED"),
}
_PASSING = {"backendError", "internalError", "processingFailure", "SERVICE_UNAVAILABLE"}


class YouTubeRefused(Exception):
    """YouTube refused one request; ``reasons`` are its words for why. The API as a whole works."""

    def __init__(self, reasons: set[str], status: int, said: str, raw: str) -> None:
        super().__init__(said)
        self.reasons = reasons
        self.status = status
        self.said = said
        self.raw = raw

    def as_source_error(self) -> SourceError:
        """Return what the user is told."""
        if self.status in (403, 404) or "forbidden" in self.reasons:
            return AccessError(
                say(f"YouTube に読み取りを断られました({self.said})", f"YouTube refuses to be read ({self.said})"),
                say(
                    "設定の channel と videos が正しいか、公開されているかを確かめてください",
                    "Check that channel and videos in the settings are right and public",
                ),
            )
        return FormatError(
            say(f"YouTube が要求を受け付けません({self.said})", f"YouTube does not accept the request ({self.said})"), self.raw
        )


class YouTubeApi:
    """One source's calls. ``key`` gives the API key; ``units`` and ``searches`` are the two buckets."""

    def __init__(
        self,
        line: Line,
        service: str,
        allowances: Allowances,
        units: Allowance,
        searches: Allowance,
        key: Callable[[], str],
        key_env: str,
        now: Callable[[], datetime],
    ) -> None:
        self._line = line
        self._service = service.rstrip("/")
        self._allowances = allowances
        self._buckets = {"search": searches}
        self._units = units
        self._key = key
        self._key_env = key_env
        self._now = now

    async def list(self, resource: str, params: Mapping[str, Any]) -> Any:
        """Return the answer of ``<resource>.list``; ``items`` is always a list of it.

        Raises:
            YouTubeRefused: This request is refused.
            SourceError: As ``Line.ask``; BusyError where a bucket is empty, AccessError where the key is not taken.
        """
        key = self._key()
        charge = Charge(self._allowances, self._buckets.get(resource, self._units), 1, refused_costs=True)
        answer = await self._line.ask(
            f"{self._service}/{resource}",
            params=params,
            headers={"x-goog-api-key": key},
            allow=_READ,
            expect_json=True,
            budget_name=resource,
            charge=charge,
        )
        charge.settle(1)
        try:
            body = answer.json()
        except FormatError:
            raise refused("YouTube", answer.status, answer.text()) from None
        if answer.status >= 400 or dig(body, "error") is not None:
            raise self._refusal(body, answer.status)
        items = dig(body, "items")
        if items is None and (text_at(body, "kind") or "").endswith("ListResponse"):
            return {**body, "items": []}  # YouTube leaves out what is empty
        if not isinstance(items, list):
            raise FormatError(say("YouTube の応答に items がありません", "YouTube's answer has no items"), json.dumps(body))
        return body

    def _refusal(self, body: Any, status: int) -> Exception:
        told = [*items_at(body, "error", "errors"), *items_at(body, "error", "details")]
        reasons = {reason for one in told if (reason := text_at(one, "reason"))}
        message = self._line.http.redact(text_at(body, "error", "message") or "")[:200]
        said = ": ".join(part for part in (", ".join(sorted(reasons)) or f"HTTP {status}", message) if part)
        if reasons & _DAY_IS_OVER:
            until = PACIFIC_DAY.end(self._now())
            return BusyError(say("YouTube の今日の割り当てを使い切りました", "YouTube's quota of the day is used up"), until, limited=True)
        if reasons & _TOO_FAST:
            until = self._now() + timedelta(minutes=1)
            return BusyError(say("YouTube の回数制限に達しました", "YouTube's request limit is reached"), until, limited=True)
        if reasons & _OFF:
            return AccessError(
                say("YouTube Data API v3 が有効になっていません", "YouTube Data API v3 is not enabled"),
                say(
                    "Google Cloud コンソールの「API とサービス」で YouTube Data API v3 を有効にしてください",
                    "Enable YouTube Data API v3 in the Google Cloud console (APIs & Services)",
                ),
            )
        if reasons & _BLOCKED:
            return AccessError(
                say(f"API キーの制限で断られました({said})", f"The API key's restrictions refuse this ({said})"),
                say(
                    "Google Cloud コンソールで、API キーの制限にこの機械の IP アドレスと YouTube Data API v3 を加えてください",
                    "Add this machine's IP address and YouTube Data API v3 to the key's restrictions in the Google Cloud console",
                ),
            )
        if reasons & _KEY or status == 401 or "api key" in message.lower():
            return AccessError(
                say(f"YouTube が API キーを受け付けません({said})", f"YouTube does not take the API key ({said})"),
                say(
                    f"Google Cloud コンソールで API キーを確かめ、.env の {self._key_env} に書いてください",
                    f"Check the API key in the Google Cloud console and write it into .env as {self._key_env}",
                ),
            )
        if reasons & _PASSING:
            return BusyError(say(f"YouTube が一時的に使えません({said})", f"YouTube is down for now ({said})"))
        return YouTubeRefused(reasons, status, said, json.dumps(body))
