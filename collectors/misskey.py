"""Misskey, at any server: an account's own notes, and what the server shows of the brand.

Mentions come by up to three ways: hashtags, search (where the server's policy lets the account search), and with the account's own
token the notes that mention or answer it. Every call is a POST; the token travels in its body. Views are not published.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import Field

from collectors.errors import AccessError, FormatError
from collectors.fediverse import FediverseCollector, FediverseSettings, Way
from collectors.jsonread import Counts, dig, moment_at, text_at
from collectors.language import say, thousands
from collectors.limits import Budget
from collectors.misskey_read import (
    NEEDS_TOKEN,
    OPEN,
    MisskeyRefused,
    author_of,
    created,
    is_open,
    is_renote,
    likes_of,
    parent_of,
    searchable,
    tags_of,
    text_of,
    uri_of,
)
from collectors.paging import OVERLAP, Item, Page
from collectors.refresh import Known
from collectors.values import NotReadable
from store.records import Gone, Kind, Metrics, Post, Record

PAGE = 100
GONE = "NO_SUCH_NOTE"
_REFUSALS = (400, 401, 403, 404, 405, 410, 418)


class MisskeySettings(FediverseSettings):
    """An account of a server (``own``), or what that server shows of the brand (``mentions``)."""

    kind: Literal["misskey"] = Field(default="misskey", description='"misskey"')


class MisskeyCollector(FediverseCollector[MisskeySettings]):
    """Reads one server."""

    platform: ClassVar[str] = "misskey"
    budget: ClassVar[Budget | None] = Budget(300, timedelta(minutes=5))
    refreshes: ClassVar[bool] = True
    must_recheck: ClassVar[bool] = True

    @property
    def _server(self) -> str:
        return self.settings.server.rstrip("/")

    async def check(self) -> str:
        """Say how many notes the account has, or what each way of finding mentions shows."""
        if self.settings.what == "mentions":
            return await self.try_ways()
        user = await self._user()
        notes, name = Counts(user).get("notesCount"), text_at(user, "name") or self.settings.account
        await self._page("users/notes", {"userId": text_at(user, "id")}, self._own_item, None)
        return say(f"{name} ノート {thousands(notes)} 件", f"{name}: {thousands(notes)} notes")

    async def ways(self) -> list[Way]:
        """Return the account's own notes; or hashtags, search, and (with a token) what mentions the account."""
        if self.settings.what == "own":
            whose = {"userId": text_at(await self._user(), "id"), "withReplies": True, "withRenotes": True, "withChannelNotes": True}
            return [Way("own", say("ノート", "notes"), partial(self._page, "users/notes", whose, self._own_item))]
        ways = [
            Way(f"tag {name}", f"#{name}", partial(self._page, "notes/search-by-tag", {"tag": name}, self._found_item))
            for name in self.tag_names()
        ]
        for word in self.spellings(self.settings.queries):
            called = say(f"検索「{word}」", f"search “{word}”")
            ways.append(Way(f"search {word}", called, partial(self._page, "notes/search", {"query": word}, self._found_item)))
        if self.settings.token_env is not None:
            ways.append(Way("mentions", say("自社あて", "notes to us"), partial(self._page, "notes/mentions", {}, self._addressed_item)))
        return ways

    async def _ask(self, call: str, body: Mapping[str, Any]) -> Any:
        """Return the answer of a call as JSON values.

        Raises:
            MisskeyRefused: The call was refused, or the answer holds an error.
            SourceError: As ``Line.ask``.
        """
        token = self.secret_token()
        sent = {**body, **({"i": token} if token else {})}
        # The limits are each call's own, hence its name for the budget.
        url = f"{self._server}/api/{call}"
        answer = await self.line.ask(url, method="POST", json=sent, allow=_REFUSALS, expect_json=True, budget_name=call)
        if answer.status >= 400 or (isinstance(found := answer.json(), dict) and dig(found, "error") is not None):
            raise MisskeyRefused(answer, self.settings.host)
        return found

    async def _user(self) -> Any:
        name, _, server = (self.settings.account or "").removeprefix("@").partition("@")
        host = server if server and server.lower() != self.settings.host else None
        try:
            user = await self._ask("users/show", {"username": name, "host": host})
        except MisskeyRefused as error:
            if error.code in ("NO_SUCH_USER", "FAILED_TO_RESOLVE_REMOTE_USER", "USER_SUSPENDED"):
                raise AccessError(
                    say(f"{self.settings.host} にアカウント {name} が見つかりません", f"{self.settings.host} has no account {name}"),
                    say("設定の account のつづりを確かめてください", "Check the spelling of account in the settings"),
                ) from None
            raise self.safe(error.as_source_error(self.settings.token_env, say("アカウント", "account"))) from None
        if text_at(user, "id") is None:
            raise FormatError(say("Misskey の応答に id がありません", "Misskey's answer has no id"), json.dumps(user))
        return user

    async def _page(self, call: str, body: Mapping[str, Any], make: Callable[[Any, str], Item], cursor: str | None) -> Page:
        """Fetch a page; what cannot be read becomes a reject, the rest goes in."""
        sent = {**body, "limit": PAGE, **({"untilId": cursor} if cursor else {})}
        try:
            notes = await self._ask(call, sent)
        except MisskeyRefused as error:
            raise self.safe(error.as_source_error(self.settings.token_env, say("ノート", "notes"))) from None
        if not isinstance(notes, list):
            raise FormatError(say("Misskey の応答が変わりました", "Misskey's answer has changed"), json.dumps(notes))
        items, rejects = self.items(notes, f"{call} {cursor or '-'}", make, _shown)
        # A page may be short although more follows: only an empty one is the last.
        ids = [local for local in (text_at(note, "id") for note in notes) if local]
        return Page(items, ids[-1] if ids else None, rejects=tuple(rejects))

    def _own_item(self, note: Any, place: str) -> Item:
        if not is_renote(note):
            return Item(uri_of(note, self._server), created(note), tuple(self._records(note, place)) if is_open(note) else ())
        # Its place is when it was renoted; somebody else's words do not become ours by that.
        inner = dig(note, "renote")
        own = dig(inner, "userId") == dig(note, "userId") is not None
        records = tuple(self._records(inner, place)) if own and is_open(inner) else ()
        return Item(f"renote {text_at(note, 'id')}", created(note), records)

    def _found_item(self, note: Any, place: str, addressed: bool = False) -> Item:
        if not is_open(note) or is_renote(note):
            return Item(uri_of(note, self._server), created(note), ())
        text, author = text_of(note), author_of(note, self.settings.host)
        wanted = self.wanted(" ".join(searchable(note, text)), tags_of(note, text), {author} if author else set(), addressed)
        return Item(uri_of(note, self._server), created(note), tuple(self._records(note, place)) if wanted else ())

    def _addressed_item(self, note: Any, place: str) -> Item:
        return self._found_item(note, place, addressed=True)

    def _records(self, note: Any, place: str) -> Iterator[Record]:
        post, local = self._post(note), text_at(note, "id")
        if local is not None:
            self.know(post.native_id, local)
        yield post
        yield from self._metrics(note, post.native_id, place)

    def _post(self, note: Any) -> Post:
        uri, text = uri_of(note, self._server), text_of(note)
        parent = parent_of(note, self._server)
        quotes = dig(note, "renoteId") is not None or dig(note, "renote") is not None
        kind: Kind = "reply" if dig(note, "replyId") is not None else "quote" if quotes else "post"
        author = author_of(note, self.settings.host)
        return Post(
            platform=self.platform,
            native_id=uri,
            brand=self.settings.brand,
            relation=self.relation,
            source=self.settings.name,
            text=text,
            created_at=created(note),
            seen_at=self.context.now(),
            kind=kind,
            author_id=author or text_at(note, "userId"),
            author_name=text_at(note, "user", "name") or text_at(note, "user", "username"),
            url=text_at(note, "url") or uri,
            parent_id=parent,
            lang=text_at(note, "lang"),
            tags=tags_of(note, text),
        )

    def _metrics(self, note: Any, uri: str, place: str) -> Iterator[Record]:
        counts = Counts(note)
        yield Metrics(
            platform=self.platform,
            native_id=uri,
            observed_at=self.context.now(),
            likes=likes_of(note, counts),
            comments=counts.get("repliesCount"),
            shares=counts.get("renoteCount"),
            saves=counts.get("clippedCount"),
        )
        if counts.faults:
            yield self.reject(place, " / ".join(counts.faults), _shown(note))

    async def refresh(self, posts: Sequence[Known]) -> AsyncIterator[Metrics | Gone | Post]:
        """Yield the counts of ``posts`` as they are now, ``Gone`` for what nobody may read any more, the post where it was edited."""
        lost = 0
        for known in posts:
            local = self.local_of(known.native_id)
            try:
                note = await self._ask("notes/show", {"noteId": local}) if local else None
            except MisskeyRefused as error:
                if error.code == GONE:
                    yield Gone(platform=self.platform, native_id=known.native_id, seen_at=self.context.now())
                    continue
                if error.code not in NEEDS_TOKEN:
                    raise self.safe(error.as_source_error(self.settings.token_env, say("ノート", "notes"))) from None
                note = None  # its author shows it to members only; with a token it is still there
            if note is None:
                lost += 1
                continue
            for record in self._news_of(known, note):
                yield record
        if lost:
            self.remarks.append(
                say(f"{lost} 件のノートは、ここからは取り直せません", f"{lost} notes cannot be looked up from here")
                + ("" if self.settings.token_env else say("(token_env を書くと読めるものがあります)", " (a token_env may help)"))
            )

    def _news_of(self, known: Known, note: Any) -> Iterator[Metrics | Gone | Post]:
        """Yield what is to be said of a note that was found."""
        try:
            if not is_open(note):
                yield Gone(platform=self.platform, native_id=known.native_id, seen_at=self.context.now())
                return
            if uri_of(note, self._server) != known.native_id:
                return
            edited = moment_at(note, "updatedAt")
            if edited is not None and (known.observed_at is None or edited > known.observed_at - OVERLAP):
                yield self._post(note)
        except NotReadable:
            return  # one that cannot be read is neither gone nor news; reading the lists tells of it
        for record in self._metrics(note, known.native_id, known.native_id):
            if isinstance(record, Metrics):
                yield record


def _shown(note: Any) -> str:
    """Return what is kept of a note that cannot be read: nothing but its ids where it is not certain that anybody may read it."""
    if isinstance(note, dict) and (note.get("visibility") not in OPEN or note.get("isHidden") or note.get("renote") or note.get("reply")):
        note = {name: note.get(name) for name in ("id", "uri", "visibility", "createdAt")}
    return json.dumps(note)
