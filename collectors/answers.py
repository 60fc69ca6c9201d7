"""An answer, and what a status that is no success means to the user."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.errors import AccessError, BusyError, FormatError, SourceError
from collectors.jsonread import dig
from collectors.language import say
from collectors.limits import LONGEST_WAIT, wait_in


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``url`` is where it came from in the end, after redirects."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def text(self) -> str:
        """Return the body as UTF-8, with the replacement character for what is not."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as JSON.

        Raises:
            FormatError: It is something else.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            if self.body.lstrip()[:1] == b"<":
                raise FormatError(
                    say("JSON の代わりに HTML が返ってきました", "The answer is HTML instead of JSON"),
                    self.text(),
                    say(
                        "メンテナンスかネットワークの認証のページのようです。ブラウザーで開けるか確かめてください。あとで自動的にやり直します",
                        "It seems to be a page of maintenance or of your network; see in a browser. It is tried again later",
                    ),
                ) from None
            raise FormatError(say("返ってきた JSON が壊れています", "The answer is broken JSON"), self.text()) from None


def wait_told(answer: Answer, now: datetime) -> timedelta | None:
    """Return how long the answer asks us to wait: its headers, or (a 429 of Misskey without them) ``error.info.resetMs`` of its body.

    That is a moment in unix milliseconds, or in some servers a number of milliseconds from now. None where nothing is said.
    """
    wait = wait_in(answer.headers, now)
    if wait is not None or answer.status != 429:
        return wait
    try:
        told = dig(answer.json(), "error", "info", "resetMs")
    except FormatError:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < 1e14:
        return None
    seconds = told / 1000 if told < 1e11 else told / 1000 - now.timestamp()
    return timedelta(seconds=seconds) if 0 <= seconds <= LONGEST_WAIT.total_seconds() else None


def used_up(host: str, wait: float) -> BusyError:
    """Return the error for a budget that is open again only in ``wait`` seconds."""
    until = datetime.now(UTC) + timedelta(seconds=wait)
    return BusyError(say(f"{host} に使える回数を使い切りました", f"The requests for {host} are used up"), until, limited=True)


def bad_url(url: str) -> AccessError:
    """Return the error for what is no URL."""
    return AccessError(
        say(f"URL が正しくありません: {url}", f"This is not a URL: {url}"),
        say("http:// か https:// で始まる URL を設定に書いてください", "Give a URL that begins with http:// or https:// in the settings"),
    )


def bad_redirect(host: str) -> AccessError:
    """Return the error for a host that leads to something that is not on the web."""
    return AccessError(
        say(f"{host} の転送先が http でも https でもありません", f"{host} redirects to something that is neither http nor https"),
        say("ブラウザーで開いて、新しい URL を設定に書いてください", "Open it in a browser and give the new URL in the settings"),
    )


def moved(host: str) -> AccessError:
    """Return the error for a host that leads elsewhere a request whose key must not go there."""
    return AccessError(
        say(f"{host} が別の場所へ転送しようとしました(キーは渡していません)", f"{host} leads elsewhere (the key was not sent there)"),
        say("設定の service と、途中のプロキシを確かめてください", "Check service in the settings, and proxies on the way"),
    )


def refused(host: str, status: int, body: str) -> SourceError:
    """Return the error for a status of 400 and more that no retry mends."""
    if status == 401:
        return AccessError(
            say(f"{host} が認証を求めています(HTTP 401)", f"{host} asks for credentials (HTTP 401)"),
            say("パスワードやトークンが正しく、期限内かを確かめてください", "Check that the password or token is right and not expired"),
        )
    if status in (403, 451):
        return AccessError(
            say(f"{host} に読み取りを断られました(HTTP {status})", f"{host} refuses to be read (HTTP {status})"),
            say(
                "アカウントの権限と、自動取得が許されているかを確かめてください",
                "Check the account's rights, and whether it may be read by machines",
            ),
        )
    if status in (404, 410):
        return AccessError(
            say(f"{host} に見つかりません(HTTP {status})", f"Not found on {host} (HTTP {status})"),
            say("URL やアカウント名が正しいか確かめてください", "Check the URL or the account's name"),
        )
    return FormatError(say(f"{host} が要求を受け付けません(HTTP {status})", f"{host} does not accept the request (HTTP {status})"), body)


def unreachable(host: str, error: BaseException) -> SourceError:
    """Return what it means that no connection came about."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return AccessError(
            say(f"{host} の証明書を確認できません", f"The certificate of {host} cannot be verified"),
            say(
                "URL と、この機械の日付、社内プロキシの証明書を確かめてください",
                "Check the URL, this machine's date, and your proxy's certificate",
            ),
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return BusyError(say(f"{host} が見つかりません(名前解決に失敗)", f"{host} is not found (no such name)"))
    return BusyError(say(f"{host} につながりません", f"{host} cannot be reached"))
