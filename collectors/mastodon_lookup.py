"""Looking Mastodon's statuses up by id: twenty at once where the server can, else one by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from collectors.answers import Answer
from collectors.errors import FormatError, SourceError
from collectors.jsonread import items_at, text_at
from collectors.language import say
from collectors.paging import Item
from store.records import Post, Record

IDS_A_CALL = 20
"""What Mastodon allows; it refuses more."""
MOST_RESOLVED = 20
"""So many posts of which only the URI is known are searched for in one round: each costs a request, and may not be found at all."""

Ask = Callable[[str, Mapping[str, Any] | None], Awaitable[Answer]]
Refused = Callable[[Answer, str], SourceError]


class LookUp:
    """Asks one server. ``ask`` sends a request; ``refused`` says what an answer of 400 and more means."""

    def __init__(self, ask: Ask, refused: Refused) -> None:
        self._ask = ask
        self._refused = refused
        self._can_batch = True
        self._to_resolve = MOST_RESOLVED

    async def statuses(self, wanted: Mapping[str, str | None]) -> tuple[dict[str, Any], list[str]]:
        """Return (uri -> status as it is now, the uris of those that are gone). What is in neither could not be looked up.

        ``wanted`` gives the server's own id of each uri, None where it is not known. A batch says nothing of why a status is
        missing, and what is gone is erased for good: so each missing one is asked for by itself.

        Raises:
            SourceError: As ``Line.ask``.
        """
        found: dict[str, Any] = {}
        gone: list[str] = []
        known = {uri: local for uri, local in wanted.items() if local is not None}
        at_once = await self.batch(list(known.values())) or {}
        for uri, local in known.items():
            status = at_once.get(local) or await self._one(local)
            if status is None:
                gone.append(uri)
            elif text_at(status, "uri") == uri:
                found[uri] = status
        for uri in wanted.keys() - known.keys():
            status = await self._resolve(uri)
            if status is not None:
                found[uri] = status
        return found, gone

    async def batch(self, ids: Sequence[str]) -> dict[str, Any] | None:
        """Return those of at most ``IDS_A_CALL`` statuses that are shown, by their id; None where the server has no such call."""
        if not ids or not self._can_batch:
            return None if ids else {}
        answer = await self._ask("v1/statuses", {"id[]": list(ids)})
        self._can_batch = answer.status < 400
        return {text_at(status, "id") or "": status for status in items_at({"all": answer.json()}, "all")} if self._can_batch else None

    async def _one(self, local: str) -> Any:
        """Return the status; None where the server says that there is none."""
        answer = await self._ask(f"v1/statuses/{quote(local, safe='')}", None)
        if answer.status == 410 or (answer.status == 404 and _says_so(answer)):
            return None
        if answer.status >= 400:
            raise self._refused(answer, say("投稿", "posts"))
        status = answer.json()
        if not isinstance(status, dict):  # what is no status is no word of one that is gone either
            raise FormatError(say("Mastodon の応答が変わりました", "Mastodon's answer has changed"), answer.text())
        return status

    async def _resolve(self, uri: str) -> Any:
        """Return a status of which only the URI is known: the server's search finds it by that, for those who have a token."""
        if self._to_resolve <= 0:
            return None
        answer = await self._ask("v2/search", {"q": uri, "type": "statuses", "resolve": "true", "limit": 1})
        self._to_resolve = self._to_resolve - 1 if answer.status < 400 else 0
        found = items_at(answer.json(), "statuses") if answer.status < 400 else []
        return next((status for status in found if text_at(status, "uri") == uri), None)


class Parents:
    """Finds out which posts are answered: a status names only the server's own id of its parent."""

    def __init__(self, looking: LookUp) -> None:
        self._looking = looking
        self._uris: dict[str, str | None] = {}
        self._wanted: dict[str, str] = {}

    def saw(self, post: Post, local: str | None, parent: str | None) -> None:
        """Note a post's own id on this server, and its parent's where the post does not tell that by its URI."""
        if local is not None:
            self._uris[local] = post.native_id
        if parent is not None and post.parent_id is None:
            self._wanted[post.native_id] = parent

    async def put_into(self, items: Sequence[Item]) -> list[Item]:
        """Return ``items`` with the parents of their posts. One that is not shown, or cannot be asked for, stays unknown.

        Raises:
            SourceError: As ``Line.ask``.
        """
        unknown = sorted(set(self._wanted.values()) - self._uris.keys())
        for start in range(0, len(unknown), IDS_A_CALL):
            asked = unknown[start : start + IDS_A_CALL]
            found = await self._looking.batch(asked) or {}
            self._uris |= {local: text_at(found.get(local), "uri") for local in asked}
        return [replace(item, records=tuple(map(self._told, item.records))) for item in items]

    def _told(self, record: Record) -> Record:
        if not isinstance(record, Post) or record.native_id not in self._wanted:
            return record
        return replace(record, parent_id=self._uris.get(self._wanted[record.native_id]))


def _says_so(answer: Answer) -> bool:
    """Tell whether a 404 is the API's own word, and not that of something that stands before it."""
    try:
        return text_at(answer.json(), "error") is not None
    except FormatError:
        return False
