"""Servers of the fediverse as two people use them: they post, like, repeat, quote, edit and delete by plain calls of its API."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

import httpx

Circle = Literal["all", "followers", "us"]
LONGEST_WAIT = 90.0


@dataclass(frozen=True)
class Note:
    """A post on the server: its own id there, its id everywhere, its text, and who may delete it."""

    local: str
    uri: str
    text: str
    author: str


@dataclass
class Person:
    """An account of a server."""

    place: Place
    token: str = field(repr=False)
    name: str = ""
    number: str = ""

    def post(self, text: str, reply_to: Note | None = None, quote: Note | None = None, circle: Circle = "all") -> Note:
        return self.place.keep(self, self.place.post(self, text, reply_to, quote, circle))

    def like(self, note: Note) -> None:
        self.place.like(self, note)

    def repost(self, note: Note) -> None:
        self.place.keep(self, self.place.repost(self, note))

    def edit(self, note: Note, text: str) -> Note:
        """Change a post's text, where the server can; return it as it is then."""
        return self.place.edit(self, note, text)

    def delete(self, note: Note) -> None:
        self.place.delete(self, note)
        self.place.made.remove((self, note))


class Place(ABC):
    """A server with the brand's account and a fan's."""

    kind: ClassVar[str]

    def __init__(self, url: str, token: str, fan_token: str) -> None:
        self.url = url.rstrip("/")
        self.made: list[tuple[Person, Note]] = []
        self.brand, self.fan = Person(self, token), Person(self, fan_token)
        for person in (self.brand, self.fan):
            person.name, person.number = self.who(person)

    @classmethod
    def variables(cls) -> tuple[str, str, str]:
        lead = f"HIBIKI_LIVE_{cls.kind.upper()}"
        return f"{lead}_URL", f"{lead}_TOKEN", f"{lead}_FAN_TOKEN"

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Self | None:
        """Return the place that the environment names; None where any of its variables is missing."""
        given = [environment.get(name, "").strip() for name in cls.variables()]
        return cls(*given) if all(given) else None

    def keep(self, person: Person, note: Note) -> Note:
        self.made.append((person, note))
        return note

    def clean_up(self) -> list[str]:
        """Delete everything that was posted; return what could not be."""
        left = []
        for person, note in reversed(self.made):
            try:
                self.delete(person, note)
            except httpx.HTTPError as error:
                left.append(f"{note.uri} ({error})")
        self.made.clear()
        return left

    def settle(self, expected: dict[str, dict[str, int]], gone: list[Note], seconds: float = 60) -> None:
        """Wait until the server shows the ``expected`` counts, and none of ``gone``.

        Raises:
            TimeoutError: it does not within ``seconds``.
        """
        notes = {note.uri: note for _, note in self.made}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            views = {uri: self.view(notes[uri]) or {} for uri in expected}
            if all(views[uri].get(name) == value for uri, wanted in expected.items() for name, value in wanted.items()) and not any(
                self.view(note) for note in gone
            ):
                return
            time.sleep(0.5)
        raise TimeoutError(f"{self.url} did not catch up")

    def call(self, method: str, path: str, token: str = "", json: Any = None, missing: tuple[int, ...] = ()) -> Any:
        """Return the answer of a call, after the waits that its limits ask for; None where its status is one of ``missing``."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        waited = 0.0
        while True:
            answer = httpx.request(method, f"{self.url}{path}", json=json, headers=headers, timeout=30)
            if answer.status_code != 429 or waited >= LONGEST_WAIT:
                break
            wait = answer.headers.get("retry-after", "")
            pause = min(float(wait) if wait.isdecimal() else 5.0, LONGEST_WAIT)
            waited += pause
            time.sleep(pause)
        if answer.status_code in missing:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @abstractmethod
    def who(self, person: Person) -> tuple[str, str]:
        """Return whose token it is: name, and id on the server."""

    @abstractmethod
    def post(self, person: Person, text: str, reply_to: Note | None, quote: Note | None, circle: Circle) -> Note: ...

    @abstractmethod
    def like(self, person: Person, note: Note) -> None: ...

    @abstractmethod
    def repost(self, person: Person, note: Note) -> Note: ...

    @abstractmethod
    def edit(self, person: Person, note: Note, text: str) -> Note: ...

    @abstractmethod
    def delete(self, person: Person, note: Note) -> None: ...

    @abstractmethod
    def view(self, note: Note) -> dict[str, Any] | None:
        """Return what the server shows of a post, in the published file's columns; None where it is gone."""


class MastodonPlace(Place):
    kind = "mastodon"

    def who(self, person: Person) -> tuple[str, str]:
        told = self.call("GET", "/api/v1/accounts/verify_credentials", person.token)
        return told["username"], told["id"]

    def post(self, person: Person, text: str, reply_to: Note | None, quote: Note | None, circle: Circle) -> Note:
        visibility = {"all": "public", "followers": "private", "us": "direct"}[circle]
        body = {"status": text, "visibility": visibility, "language": "ja"}
        body |= {"in_reply_to_id": reply_to.local} if reply_to else {}
        body |= {"quoted_status_id": quote.local} if quote else {}
        return self._note(self.call("POST", "/api/v1/statuses", person.token, body), text, person)

    def _note(self, told: Any, text: str, person: Person) -> Note:
        return Note(told["id"], told["uri"], text, person.name)

    def like(self, person: Person, note: Note) -> None:
        self.call("POST", f"/api/v1/statuses/{note.local}/favourite", person.token)

    def repost(self, person: Person, note: Note) -> Note:
        return self._note(self.call("POST", f"/api/v1/statuses/{note.local}/reblog", person.token), "", person)

    def edit(self, person: Person, note: Note, text: str) -> Note:
        self.call("PUT", f"/api/v1/statuses/{note.local}", person.token, {"status": text})
        return replace(note, text=text)

    def delete(self, person: Person, note: Note) -> None:
        self.call("DELETE", f"/api/v1/statuses/{note.local}", person.token, missing=(404,))

    def view(self, note: Note) -> dict[str, Any] | None:
        shown = self.call("GET", f"/api/v1/statuses/{note.local}", self.brand.token, missing=(404, 410))
        if shown is None:
            return None
        return {
            "text": note.text,
            "views": None,
            "likes": shown["favourites_count"],
            "comments": shown["replies_count"],
            "shares": shown["reblogs_count"] + (shown.get("quotes_count") or 0),
            "saves": None,
        }


class MisskeyPlace(Place):
    kind = "misskey"

    def _ask(self, call: str, person: Person, missing: tuple[int, ...] = (), **body: Any) -> Any:
        return self.call("POST", f"/api/{call}", json={**body, "i": person.token}, missing=missing)

    def who(self, person: Person) -> tuple[str, str]:
        told = self._ask("i", person)
        return told["username"], told["id"]

    def post(self, person: Person, text: str, reply_to: Note | None, quote: Note | None, circle: Circle) -> Note:
        body: dict[str, Any] = {"text": text, "visibility": {"all": "public", "followers": "followers", "us": "specified"}[circle]}
        body |= {"replyId": reply_to.local} if reply_to else {}
        body |= {"renoteId": quote.local} if quote else {}
        body |= {"visibleUserIds": [self.brand.number]} if circle == "us" else {}
        return self._note(self._ask("notes/create", person, **body), text, person)

    def _note(self, told: Any, text: str, person: Person) -> Note:
        local = told["createdNote"]["id"]
        address = urlsplit(self.url)
        return Note(local, f"{address.scheme}://{address.netloc}/notes/{local}", text, person.name)

    def like(self, person: Person, note: Note) -> None:
        self._ask("notes/reactions/create", person, noteId=note.local, reaction="❤")

    def repost(self, person: Person, note: Note) -> Note:
        return self._note(self._ask("notes/create", person, renoteId=note.local), "", person)

    def edit(self, person: Person, note: Note, text: str) -> Note:
        return note  # Misskey's notes cannot be edited

    def delete(self, person: Person, note: Note) -> None:
        self._ask("notes/delete", person, missing=(400,), noteId=note.local)
        time.sleep(0 if "127.0.0.1" in self.url else 1.1)  # it takes one deletion a second

    def view(self, note: Note) -> dict[str, Any] | None:
        shown = self._ask("notes/show", self.brand, missing=(400, 404), noteId=note.local)
        if shown is None:
            return None
        return {
            "text": note.text,
            "views": None,
            "likes": sum(shown["reactions"].values()),
            "comments": shown["repliesCount"],
            "shares": shown["renoteCount"],
            "saves": shown.get("clippedCount"),
        }
