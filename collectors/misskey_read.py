"""Reading Misskey's answers: a note's text, its place, what it answers; what an error means. Forks (Sharkey, CherryPick) speak alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collectors.answers import Answer, refused
from collectors.errors import AccessError, FormatError, SourceError
from collectors.fediverse import full_name
from collectors.jsonread import Counts, dig, items_at, moment_at, text_at
from collectors.language import say
from collectors.mfm import plain_mfm
from collectors.text import clean
from collectors.values import LARGEST, NotReadable
from collectors.words import hashtags

OPEN = ("public", "home")
CLOSED = ("followers", "specified")
NEEDS_TOKEN = ("CREDENTIAL_REQUIRED", "SIGNIN_REQUIRED")
WRONG_TOKEN = ("AUTHENTICATION_FAILED", "USER_IS_DELETED", "YOUR_ACCOUNT_SUSPENDED")
NO_RIGHT = ("PERMISSION_DENIED", "ROLE_PERMISSION_DENIED", "ACCESS_DENIED")


class MisskeyRefused(Exception):
    """Misskey refused a call; ``code`` is its word for why ("" where it gave none)."""

    def __init__(self, answer: Answer, host: str) -> None:
        try:
            body = answer.json()
        except FormatError:
            body = None
        self.code = text_at(body, "error", "code") or ""
        self.message = text_at(body, "error", "message") or text_at(body, "error") or ""
        self.answer = answer
        self.host = host
        super().__init__(self.code or self.message)

    def as_source_error(self, token_env: str | None, what: str) -> SourceError:
        """Return what the user is told; ``what`` names what was asked for."""
        said = f"{self.code or f'HTTP {self.answer.status}'}{': ' if self.message else ''}{self.message[:200]}"
        host, code, status = self.host, self.code, self.answer.status
        if code == "UNAVAILABLE":
            return AccessError(
                say(f"{host} はこのアカウントに検索を許していません({said})", f"{host} does not let this account search ({said})"),
                say(
                    "サーバーの管理者にノート検索のロールを頼むか、tags でハッシュタグを読んでください",
                    "Ask the server's administrator for a role that may search notes, or read hashtags (tags)",
                ),
            )
        if code in NEEDS_TOKEN or (status == 401 and token_env is None):
            return AccessError(
                say(f"{host} はトークンなしでは{what}を見せません({said})", f"{host} shows no {what} without a token ({said})"),
                say(
                    "Misskey の 設定 > API でトークン(アカウントの情報を見る)を作り、.env に書いて、その変数名を token_env に書いてください",
                    "Make a token in Misskey's Settings > API (view your account), write it into .env, and the variable's name into token_env",
                ),
            )
        if code in WRONG_TOKEN or status == 401:
            return AccessError(
                say(f"{host} がトークンを受け付けません({said})", f"{host} does not take the token ({said})"),
                say(
                    f"新しいトークンを作って、.env の {token_env} に書いてください",
                    f"Make a new token and write it into .env as {token_env}",
                ),
            )
        if code in NO_RIGHT or status == 403:
            return AccessError(
                say(f"{host} が{what}を断りました({said})", f"{host} refuses {what} ({said})"),
                say("トークンの権限(アカウントの情報を見る)を確かめてください", "Check the token's permission (view your account)"),
            )
        if status >= 400:
            return refused(host, status, self.answer.text())
        return FormatError(say(f"{host} の応答が変わりました({said})", f"{host}'s answer has changed ({said})"), self.answer.text())


def is_open(note: Any) -> bool:
    """Tell whether anybody may read ``note``.

    Raises:
        NotReadable: It does not say.
    """
    said = dig(note, "visibility")
    if said in OPEN:
        return dig(note, "isHidden") is not True
    if said in CLOSED:
        return False
    raise NotReadable(say("visibility: だれが読めるノートか、わかりません", "visibility: it is not said who may read the note"))


def is_renote(note: Any) -> bool:
    """Tell whether ``note`` repeats another and says nothing itself."""
    own = any(dig(note, name) for name in ("text", "cw", "fileIds", "files", "poll", "replyId"))
    return (dig(note, "renoteId") is not None or dig(note, "renote") is not None) and not own


def uri_of(note: Any, server: str) -> str:
    """Return the note's id, the same on every server: its own server's address for it."""
    uri, local = text_at(note, "uri"), text_at(note, "id")
    if local is None:
        raise NotReadable(say("id: ノートの ID がありません", "id: the note has no id"))
    return uri or f"{server}/notes/{local}"


def created(note: Any) -> datetime:
    """Return when the note was made."""
    at = moment_at(note, "createdAt")
    if at is None:
        raise NotReadable(say("createdAt: ノートの日時がありません", "createdAt: the note has no time"))
    return at


def text_of(note: Any) -> str:
    """Return the text as people read it, behind its content warning; "" for a note of pictures alone."""
    text = dig(note, "text")
    if not isinstance(text, str) and not (text is None and any(dig(note, name) for name in ("cw", "fileIds", "files", "poll"))):
        raise NotReadable(say("text: 本文がありません", "text: there is no text"))
    return clean(f"{text_at(note, 'cw') or ''}\n{plain_mfm(text or '')}")


def tags_of(note: Any, text: str) -> tuple[str, ...]:
    """Return the hashtags, as the note writes them."""
    found: dict[str, str] = {}
    for tag in (*hashtags(text), *(tag for tag in items_at(note, "tags") if isinstance(tag, str) and text_at({"tag": tag}, "tag"))):
        found.setdefault(tag.casefold(), text_at({"tag": tag}, "tag") or tag)
    return tuple(found.values())


def searchable(note: Any, text: str) -> Iterator[str]:
    """Yield everything in which a brand may be named: text, hashtags, poll, descriptions of files."""
    yield text
    yield from (tag for tag in items_at(note, "tags") if isinstance(tag, str))
    yield from (text_at(choice, "text") or "" for choice in items_at(note, "poll", "choices"))
    yield from (text_at(file, "comment") or "" for file in items_at(note, "files"))


def parent_of(note: Any, server: str) -> str | None:
    """Return the id of the note that is answered, or else quoted; None where there is none, or it was not sent along."""
    other = dig(note, "reply") if dig(note, "replyId") is not None else dig(note, "renote")
    try:
        return uri_of(other, server) if other is not None else None
    except NotReadable:
        return None


def author_of(note: Any, host: str) -> str | None:
    """Return the author's name with its server."""
    name = text_at(note, "user", "username")
    return full_name(name, text_at(note, "user", "host") or host) if name else None


def likes_of(note: Any, counts: Counts) -> int | None:
    """Return how many reactions there are, whatever their emoji; older servers give them only one by one."""
    if dig(note, "reactionCount") is not None or not isinstance(dig(note, "reactions"), dict):
        return counts.get("reactionCount")
    given = [counts.get("reactions", name) for name in dig(note, "reactions")]
    known = [number for number in given if number is not None]
    return sum(known) if len(known) == len(given) and sum(known) <= LARGEST else None
