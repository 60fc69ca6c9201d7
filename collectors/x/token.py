"""The token that X is asked with: the app's, or the account's, which is renewed."""

from __future__ import annotations

import base64
from datetime import timedelta

from collectors.base import Collector
from collectors.errors import AccessError, FormatError
from collectors.jsonread import dig, text_at
from collectors.language import say
from collectors.tokens import Token
from collectors.x.settings import XSettings


async def bearer(collector: Collector[XSettings], worn: str | None) -> str:
    """Return the token to ask with; ``worn`` is one that was just refused.

    Raises:
        SourceError: There is none, or it cannot be renewed.
    """
    settings = collector.settings
    if settings.user_token_env is None:
        return collector.secret(settings.bearer_token_env, say("X の Bearer Token", "X Bearer Token"))
    name, access = f"x-{settings.user_token_env}", collector.secret(settings.user_token_env, say("X のトークン", "X token"))
    if settings.refresh_token_env is None:
        return (await collector.token(name, access)).access
    refresh = collector.secret(settings.refresh_token_env, say("X のリフレッシュトークン", "X refresh token"))
    client = collector.secret(settings.client_id_env or "", "X Client ID")
    key = collector.secret(settings.client_secret_env, "X Client Secret") if settings.client_secret_env else None

    async def renewed(old: Token) -> Token:
        return await renew(collector, client, key, old)

    return (await collector.token(name, Token(access, refresh), renewed, worn=worn)).access


def refused_token(settings: XSettings) -> AccessError:
    """Return the error for a token that X does not take."""
    name = settings.user_token_env or settings.bearer_token_env
    return AccessError(
        say(f"X がトークンを受け付けません(環境変数 {name})", f"X does not take the token (environment variable {name})"),
        say(
            "X の開発者コンソールで新しいトークンを作り、.env に書いてください",
            "Make a new token in X's developer console and write it into .env",
        ),
    )


async def renew(collector: Collector[XSettings], client_id: str, client_secret: str | None, old: Token) -> Token:
    """Return the token that X gives for the refresh token of ``old`` (which is void afterwards).

    Raises:
        SourceError: As ``Line.ask``; AccessError where X does not take it.
    """
    headers, line, settings = dict[str, str](), collector.line, collector.settings
    if client_secret:
        line.http.hide(basic := base64.b64encode(f"{client_id}:{client_secret}".encode()).decode())
        headers["authorization"] = f"Basic {basic}"
    answer = await line.ask(
        settings.service.rstrip("/") + "/2/oauth2/token",
        method="POST",
        data={"grant_type": "refresh_token", "refresh_token": old.refresh or "", "client_id": client_id},
        headers=headers,
        allow=(400, 401, 403),
        expect_json=True,
        budget_name="token",
    )
    if answer.status >= 400:
        raise refused_token(settings)
    body = answer.json()
    access, refresh, lasts = text_at(body, "access_token"), text_at(body, "refresh_token"), dig(body, "expires_in")
    if not access:
        raise FormatError(say("X のトークンの応答が変わりました", "X's answer to the renewal of a token has changed"))
    ends = collector.context.now() + timedelta(seconds=lasts) if isinstance(lasts, int) and 0 < lasts < 10**8 else None
    return Token(access, refresh or old.refresh, ends)
