"""What Meta's Graph API says when it refuses, and in the headers that tell how much of a limit is used.

Codes and subcodes: developers.facebook.com/docs/graph-api/guides/error-handling; limits: …/docs/graph-api/overview/rate-limiting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.jsonread import dig, text_at
from collectors.language import say

_ENDED = frozenset((102, 190, 2500))
_LIMITED = frozenset((4, 17, 32, 341, 368, 613, *range(80000, 80015)))
_PASSING = frozenset((1, 2))
_FORBIDDEN = frozenset((3, 10, 294, *range(200, 300)))
_NO_SUCH_OBJECT = frozenset((33,))
_ALIASES = frozenset((803,))
_OLD_VERSION = frozenset((12, 2635))

_FIELD = re.compile(r"nonexisting field \(([\w.]+)\)")
_ALLOWED = re.compile(r"must be one of the following values:\s*([\w, ]+)")
_METRIC = re.compile(r"(?:does not support the|metric)\s+\(?([a-z]\w+)\)?(?:\s+metric)?")

FULL = 95.0
"""At so many per cent of a limit we stop by ourselves, and leave the rest to whoever else uses the account."""
REST = timedelta(minutes=10)
"""For so long, where Meta does not say for how long. Its windows are of an hour and roll."""
LONGEST = timedelta(days=1)


class GraphError(Exception):
    """Graph refused a request: ``code`` and ``subcode`` are its own, ``message`` its words (without secrets)."""

    def __init__(self, code: int, subcode: int, message: str, passing: bool = False) -> None:
        super().__init__(f"{code}/{subcode}")
        self.code = code
        self.subcode = subcode
        self.message = message[:300]
        self.passing = passing or code in _PASSING

    @classmethod
    def of(cls, body: Any, redact: Any = str) -> GraphError | None:
        """Return the error that an answer holds, whatever its status; None where it holds none."""
        error = dig(body, "error")
        if not isinstance(error, Mapping):
            return None
        said = text_at(error, "error_user_msg") or text_at(error, "message") or ""
        return cls(_number(error.get("code")), _number(error.get("error_subcode")), redact(said), error.get("is_transient") is True)

    @property
    def ended(self) -> bool:
        """Whether the token is not taken (any more)."""
        return self.code in _ENDED

    @property
    def limited(self) -> bool:
        """Whether a limit is reached."""
        return self.code in _LIMITED

    @property
    def forbidden(self) -> bool:
        """Whether a permission is missing, or (code 10) the platform keeps figures of few people to itself."""
        return self.code in _FORBIDDEN

    @property
    def not_there(self) -> bool:
        """Whether the object that was asked for is not there, or not for us; Graph does not tell the two apart."""
        return self.code in _ALIASES or (self.code == 100 and self.subcode in _NO_SUCH_OBJECT)

    @property
    def about_the_question(self) -> bool:
        """Whether only what was asked for is wrong, so that another question may be answered."""
        return self.too_much or not (self.ended or self.limited or self.passing)

    @property
    def too_much(self) -> bool:
        """Whether we asked for more than Graph can gather in time; it says so as if it were broken."""
        return self.code == 1 and "reduce the amount" in self.message

    @property
    def unknown_field(self) -> str | None:
        """The field that the platform does not know, where that is what is wrong."""
        found = _FIELD.search(self.message)
        return found[1] if found and self.code == 100 else None

    def narrowed(self, metrics: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return which of ``metrics`` to ask for instead; None where this is not about metrics.

        Three forms are known: one names those that are allowed, one the one that is not, and one neither: then the last is left out.
        """
        if self.code != 100 or not metrics:
            return None
        allowed = _ALLOWED.search(self.message)
        if allowed:
            names = {name.strip() for name in allowed[1].split(",")}
            left = tuple(metric for metric in metrics if metric in names)
        else:
            named = {name for name in _METRIC.findall(self.message) if name in metrics}
            if not named and "metric" not in self.message:
                return None
            left = tuple(metric for metric in metrics if metric not in (named or {metrics[-1]}))
        return left if left != metrics else None

    def as_source_error(self, mend_token: str, mend_rights: str, until: datetime | None = None) -> SourceError:
        """Return what the user is told; ``mend_…`` say how to get a new token, and which permissions are needed."""
        if self.ended:
            why = _WHY.get(self.subcode)
            japanese, english = (f"({why[0]})", f" ({why[1]})") if why else ("", "")
            return AccessError(say(f"トークンが受け付けられません{japanese}", f"The token is not taken{english}"), mend_token)
        if self.limited:
            return BusyError(say("Meta の回数制限に達しました", "Meta's request limit is reached"), until, limited=True)
        if self.passing:
            return BusyError(say("Meta が一時的に使えません", "Meta is down for now"))
        if self.forbidden:
            return AccessError(say(f"権限がありません({self._said})", f"A permission is missing ({self._said})"), mend_rights)
        if self.not_there:
            return AccessError(say(f"見つかりません({self._said})", f"Not found ({self._said})"), mend_rights)
        newer = say("設定の version を、Meta がいま使えるものに変えてください", "Set version in the settings to one that Meta still serves")
        text = say(f"Meta が要求を受け付けません({self._said})", f"Meta does not accept the request ({self._said})")
        return FormatError(text, advice=newer if self.code in _OLD_VERSION else None)

    @property
    def _said(self) -> str:
        return f"{self.code}: {self.message}" if self.message else str(self.code)


_WHY: dict[int, tuple[str, str]] = {
    458: ("アプリの連携が解除されました", "the app was removed"),
    459: ("アカウントの確認を求められています", "the account must be confirmed"),
    460: ("パスワードが変わりました", "the password was changed"),
    463: ("期限切れ", "expired"),
    464: ("アカウントが確認されていません", "the account is not confirmed"),
    467: ("無効になりました", "made invalid"),
    492: ("ページの役割がなくなりました", "no role on the Page any more"),
}


def rest_in(headers: Mapping[str, str]) -> timedelta | None:
    """Return for how long the usage headers ask us to rest; None where there is room.

    ``X-Business-Use-Case-Usage`` is ``{account: [{call_count, total_cputime, total_time, estimated_time_to_regain_access}]}`` (per cent;
    minutes), ``X-App-Usage`` one such object without the last.
    """
    minutes, used = 0.0, 0.0
    for one in _usages(headers):
        minutes = max(minutes, _float(one.get("estimated_time_to_regain_access")))
        used = max([used, *(_float(one.get(name)) for name in ("call_count", "total_cputime", "total_time"))])
    if minutes > 0:
        return min(timedelta(minutes=minutes), LONGEST)
    return REST if used >= FULL else None


def _usages(headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    for name in ("x-business-use-case-usage", "x-app-usage"):
        try:
            value = json.loads(headers.get(name) or "{}")
        except (ValueError, RecursionError):
            continue
        if not isinstance(value, Mapping):
            continue
        if name == "x-app-usage":
            yield value
        for many in value.values():
            yield from (one for one in (many if isinstance(many, list) else ()) if isinstance(one, Mapping))


def _float(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return number if 0 <= number < 1e6 else 0.0


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
