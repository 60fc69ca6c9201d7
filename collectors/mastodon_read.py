"""Reading Mastodon's answers: a status's text, its place, what it answers; what an error means; where the next page is.

The same API is spoken by GoToSocial, Pleroma, Akkoma, Fedibird and others, each with fields of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup

from collectors.answers import Answer, refused
from collectors.errors import AccessError, FormatError, SourceError
from collectors.fediverse import full_name, host_of
from collectors.jsonread import dig, items_at, moment_at, storable, text_at
from collectors.language import say
from collectors.text import clean, plain
from collectors.values import NotReadable
from collectors.words import hashtags

OPEN = ("public", "unlisted")
CLOSED = ("private", "direct", "local", "mutual", "limited", "personal", "list")
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_NEXT = re.compile(r";\s*rel\s*=\s*\"?next\"?", re.IGNORECASE)


def is_open(status: Any) -> bool:
    """Tell whether anybody may read ``status``.

    Raises:
        NotReadable: It does not say.
    """
    said = dig(status, "visibility")
    if said in OPEN:
        return True
    if said in CLOSED:
        return False
    raise NotReadable(say("visibility: だれが読める投稿か、わかりません", "visibility: it is not said who may read the post"))


def uri_of(status: Any) -> str:
    """Return the status's id, the same on every server."""
    uri = text_at(status, "uri")
    if uri is None or ":" not in uri:
        raise NotReadable(say("uri: 投稿の ID がありません", "uri: the post has no id"))
    return uri


def created(value: Any) -> datetime:
    """Return when a status or notification was made."""
    at = moment_at(value, "created_at")
    if at is None:
        raise NotReadable(say("created_at: 投稿の日時がありません", "created_at: the post has no time"))
    return at


def text_of(status: Any) -> str:
    """Return the text as people read it, behind its content warning; without the line that stands in for a quote on old servers."""
    content = dig(status, "content")
    if not isinstance(content, str):
        raise NotReadable(say("content: 本文がありません", "content: there is no text"))
    if "quote-inline" in content:
        soup = BeautifulSoup(f"<div>{content}</div>", "html.parser")
        for fallback in soup.select(".quote-inline"):
            fallback.extract()
        content = str(soup)
    return clean(f"{text_at(status, 'spoiler_text') or ''}\n{plain(content)}")


def tags_of(status: Any, text: str) -> tuple[str, ...]:
    """Return the hashtags, those that the server found first."""
    found: dict[str, str] = {}
    for tag in (*(text_at(tag, "name") for tag in items_at(status, "tags")), *hashtags(text)):
        if tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


def searchable(status: Any, text: str) -> Iterator[str]:
    """Yield everything in which a brand may be named: text, hashtags, link card, poll, image descriptions."""
    yield text
    yield from (text_at(tag, "name") or "" for tag in items_at(status, "tags"))
    yield from (text_at(status, "card", name) or "" for name in ("title", "description", "url"))
    yield from (text_at(option, "title") or "" for option in items_at(status, "poll", "options"))
    yield from (text_at(media, "description") or "" for media in items_at(status, "media_attachments"))


def quoted_of(status: Any) -> str | None:
    """Return the id of the post that is quoted: Mastodon wraps it (``quote.quoted_status``), others do not."""
    return text_at(status, "quote", "quoted_status", "uri") or text_at(status, "quote", "uri")


def parent_of(status: Any) -> str | None:
    """Return the id of the post that is answered where it can be told without asking: in an author's own thread."""
    parent, local, uri = text_at(status, "in_reply_to_id"), text_at(status, "id"), text_at(status, "uri")
    own = dig(status, "in_reply_to_account_id") == dig(status, "account", "id") is not None
    if parent and local and uri and own and uri.endswith(f"/{local}"):
        return uri.removesuffix(local) + parent
    return None


def names_of(account: Any, host: str) -> set[str]:
    """Return all names by which an account may be told: with its server, and its address."""
    acct, url = text_at(account, "acct") or text_at(account, "username"), (text_at(account, "url") or "").lower()
    names = {url} - {""}
    if acct:
        names.add(full_name(acct, host))
        if "@" not in acct and url:
            names.add(full_name(acct, host_of(url)))
    return names


def next_id(answer: Answer, items: list[Any]) -> str | None:
    """Return the ``max_id`` that leads to the next page: the Link header's, or (without one) the last item's own id.

    Only the id is taken from the header, never the address: a token is not sent wherever an answer points.
    """
    header = answer.headers.get("link")
    if header is None:
        return text_at(items[-1], "id") if items else None
    for url, rest in _LINK.findall(header):
        if _NEXT.search(rest):
            try:
                return storable(parse_qs(urlsplit(url).query)["max_id"][0])
            except (ValueError, KeyError):
                return text_at(items[-1], "id") if items else None
    return None


def list_of(answer: Answer, *path: str) -> list[Any]:
    """Return the list that the answer is, or holds at ``path``.

    Raises:
        SourceError: It is something else.
    """
    body = answer.json()
    found = dig(body, *path) if path else body
    if isinstance(found, list):
        return found
    told = text_at(body, "error")
    message = say("Mastodon の応答が変わりました", "Mastodon's answer has changed")
    raise FormatError(f"{message}: {told}" if told else message, json.dumps(body))


def why_refused(answer: Answer, host: str, token_env: str | None, what: str) -> SourceError:
    """Return what an answer of 400 and more means; ``what`` names to the user what was asked for."""
    try:
        told = text_at(answer.json(), "error") or ""
    except FormatError:
        told = ""
    said = f"HTTP {answer.status}{': ' if told else ''}{told[:200]}"
    login = answer.status == 401 or (answer.status == 422 and "authenticated user" in told)
    if login and token_env is None:
        return AccessError(
            say(f"{host} はトークンなしでは{what}を見せません({said})", f"{host} shows no {what} without a token ({said})"),
            say(
                "サーバーの 設定 > 開発 でアプリ(read 権限)を作り、トークンを .env に、その変数名を token_env に書いてください",
                "Make an application (scope read) in the server's Preferences > Development; write its token into .env, the variable's name into token_env",
            ),
        )
    if login:
        return AccessError(
            say(f"{host} がトークンを受け付けません({said})", f"{host} does not take the token ({said})"),
            say(
                f"新しいトークンを作って、.env の {token_env} に書いてください",
                f"Make a new token and write it into .env as {token_env}",
            ),
        )
    if answer.status == 403:
        return AccessError(
            say(f"{host} が{what}を断りました({said})", f"{host} refuses {what} ({said})"),
            say(
                "トークンの権限(read:accounts、read:statuses、read:search、read:notifications)を確かめてください",
                "Check the token's scopes (read:accounts, read:statuses, read:search, read:notifications)",
            ),
        )
    return refused(host, answer.status, answer.text())
