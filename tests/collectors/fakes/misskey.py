"""A Misskey server in the form of its own OpenAPI description (2025.4): reading, and as much writing as people in a scenario need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from collectors.misskey import PAGE, MisskeySettings
from tests.collectors.wire import Asked, Reply, Said, Wire

TOKEN = "misskey-token-of-yomori"
FAN_TOKEN = "misskey-token-of-hana"
VARIABLE = "YOMORI_MISSKEY_TOKEN"
_TAG = re.compile(r"#([^\s#]+)")


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refusal(status: int, code: str, message: str, **info: Any) -> Reply:
    error = {"message": message, "code": code, "id": "00000000-0000-4000-8000-000000000000", "kind": "client"}
    return Reply({"error": {**error, "info": info} if info else error}, status)


NO_NOTE = refusal(400, "NO_SUCH_NOTE", "No such note.")
NO_USER = refusal(404, "NO_SUCH_USER", "No such user.")
NO_LOGIN = refusal(401, "CREDENTIAL_REQUIRED", "Credential required.")
WRONG_LOGIN = refusal(401, "AUTHENTICATION_FAILED", "Authentication failed. Please ensure your token is correct.")
NO_SEARCH = refusal(400, "UNAVAILABLE", "Search of notes unavailable.")
INVALID = refusal(400, "INVALID_PARAM", "Invalid param.")


class Misskey(Wire):
    """One server. ``more`` of a note: author, host, visibility, cw, parent, renoted (numbers of notes), reactions, files, hidden, updated.

    ``searches``: whether the server's policy lets accounts search. ``members_only``: notes that need a login to be seen.
    """

    people: ClassVar[Mapping[str, str]] = {TOKEN: "yomori", FAN_TOKEN: "hana"}

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.searches = True
        self.members_only: set[int] = set()
        self.gone: set[int] = set()
        self.reactions: dict[int, dict[str, str]] = {}

    def settings(self, url: str) -> MisskeySettings:
        self.url = url
        values = {"name": "k-own", "brand": "yomori", "server": url + "/", "account": "@yomori", "token_env": VARIABLE}
        return MisskeySettings.model_validate(values)

    def native_id(self, post: Said) -> str:
        host = post.more.get("host")
        return f"https://{host}/notes/r{post.number}" if host else f"{self.url}/notes/{self.local(post)}"

    def local(self, post: Said) -> str:
        """Return the id that this server gives the note; a later note's is larger."""
        return f"a{int(post.at.timestamp() * 1000):012x}{post.number:05x}"

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "yomori"))

    def alive(self) -> list[Said]:
        return [post for post in self.newest_first() if post.number not in self.gone]

    def answer(self, asked: Asked) -> Reply:
        if asked.method != "POST":
            return Reply({"error": "Method Not Allowed"}, 405)
        sent = asked.json()
        who = self.people.get(sent.get("i") or "")
        if sent.get("i") and who is None:
            return WRONG_LOGIN
        call = asked.path.removeprefix("/api/")
        public = [post for post in self.alive() if post.more.get("visibility", "public") == "public"]
        if call == "users/show":
            known = {self.author(post) for post in self.said} | set(self.people.values())
            return Reply(self.user(sent["username"])) if sent.get("username") in known and not sent.get("host") else NO_USER
        if call == "i":
            return Reply(self.user(who)) if who else NO_LOGIN
        if call == "users/notes":
            own = [post for post in self.alive() if f"id{self.author(post)}" == sent.get("userId") and self._seen(post, who)]
            return self._list(sent, own)
        if call == "notes/search-by-tag":
            tag = sent.get("tag", "").casefold()
            return (
                self._list(sent, [post for post in public if tag in (found.casefold() for found in self._tags(post))]) if tag else INVALID
            )
        if call == "notes/search":
            return self._list(sent, [post for post in public if sent.get("query") in post.text]) if self.searches else NO_SEARCH
        if call == "notes/mentions":
            return self._list(sent, [post for post in self.alive() if self._addresses(post, who)]) if who else NO_LOGIN
        post = next((post for post in self.alive() if self.local(post) == sent.get("noteId")), None)
        if call == "notes/show":
            if post is not None and post.number in self.members_only and who is None:
                return refusal(400, "SIGNIN_REQUIRED", "Signin required.")
            return Reply(self.note(post)) if post is not None and self._seen(post, who) else NO_NOTE
        return self._write(call, sent, who, post)

    def _seen(self, post: Said, who: str | None) -> bool:
        return post.more.get("visibility", "public") in ("public", "home") or who == self.author(post)

    def _addresses(self, post: Said, who: str | None) -> bool:
        parent = self._numbered(post.more.get("parent"))
        return self.author(post) != who and (f"@{who}" in post.text or (parent is not None and self.author(parent) == who))

    def _list(self, sent: Mapping[str, Any], posts: list[Said]) -> Reply:
        limit, until = sent.get("limit", 10), sent.get("untilId")
        if not isinstance(limit, int) or not 1 <= limit <= 100:
            return INVALID
        older = [post for post in posts if until is None or self.repeat or self.local(post) < until]
        return Reply([self.note(post) for post in older[:limit]])

    def _numbered(self, number: Any) -> Said | None:
        return self.said[number - 1] if number else None

    def _tags(self, post: Said) -> list[str]:
        return _TAG.findall(post.text)

    def user(self, name: str, host: str | None = None) -> dict[str, Any]:
        return {
            "id": f"id{name}",
            "name": f"{name}です",
            "username": name,
            "host": host,
            "avatarUrl": None,
            "avatarBlurhash": None,
            "avatarDecorations": [],
            "isBot": False,
            "isCat": False,
            "emojis": {},
            "onlineStatus": "unknown",
            "badgeRoles": [],
            "notesCount": sum(self.author(post) == name for post in self.alive()),
        }

    def note(self, post: Said, detail: bool = True) -> dict[str, Any]:
        author, parent, renoted = self.author(post), self._numbered(post.more.get("parent")), self._numbered(post.more.get("renoted"))
        given = list(self.reactions.get(post.number, {}).values())
        counts = {"❤": post.likes} if post.likes else {}
        counts |= {name: given.count(name) for name in given} | post.more.get("reactions", {})
        shown: dict[str, Any] = {
            "id": self.local(post),
            "createdAt": stamp(post.at),
            "userId": f"id{author}",
            "user": self.user(author, post.more.get("host")),
            "text": post.text or None,
            "cw": post.more.get("cw"),
            "visibility": post.more.get("visibility", "public"),
            "localOnly": False,
            "reactionAcceptance": None,
            "reactionCount": sum(counts.values()),
            "reactions": counts,
            "reactionEmojis": {},
            "renoteCount": sum(other.more.get("renoted") == post.number for other in self.alive()),
            "repliesCount": sum(other.more.get("parent") == post.number for other in self.alive()),
            "fileIds": [file["id"] for file in post.more.get("files", [])],
            "files": post.more.get("files", []),
            "replyId": self.local(parent) if parent else None,
            "replyUserId": f"id{self.author(parent)}" if parent else None,
            "renoteId": self.local(renoted) if renoted else None,
            "clippedCount": 0,
        }
        if self._tags(post):
            shown["tags"] = [tag.lower() for tag in self._tags(post)]
        if "host" in post.more:
            shown["uri"] = self.native_id(post)
        if post.more.get("hidden"):
            shown |= {"isHidden": True, "text": None}
        if "updated" in post.more:
            shown["updatedAt"] = stamp(post.more["updated"])
        for name, other in (("reply", parent), ("renote", renoted)):
            if other is not None and detail:
                shown[name] = self.note(other, detail=False)
        return shown

    def _write(self, call: str, sent: Mapping[str, Any], who: str | None, post: Said | None) -> Reply:
        if who is None:
            return NO_LOGIN
        if call == "notes/create":
            more: dict[str, Any] = {"author": who, "visibility": sent.get("visibility", "public")}
            for name, key in (("parent", "replyId"), ("renoted", "renoteId")):
                other = next((other for other in self.alive() if self.local(other) == sent.get(key)), None)
                if other is not None:
                    more[name] = other.number
            return Reply({"createdNote": self.note(self.say(sent.get("text") or "", datetime.now(UTC), **more))})
        if post is None:
            return NO_NOTE
        if call == "notes/delete":
            self.gone.add(post.number)
        elif call == "notes/reactions/create":
            self.reactions.setdefault(post.number, {})[who] = sent["reaction"]
        else:
            return refusal(404, "UNKNOWN_API_ENDPOINT", "Unknown API endpoint.")
        return Reply(b"", 204)


class _Counted(Misskey):
    """Gives the number of reactions and not which they are, so that an unreadable number cannot be made good from those."""

    def note(self, post: Said, detail: bool = True) -> dict[str, Any]:
        return {name: value for name, value in super().note(post, detail).items() if name != "reactions"}


class MisskeyOwn(_Counted):
    name = "misskey-own"
    listing = "*/users/notes"
    page_size = PAGE
    secrets: ClassVar[Mapping[str, str]] = {VARIABLE: TOKEN}
    id_field = "id"
    likes_field = "reactionCount"
    text_field = "text"
    limited = ({}, {"retry-after": "1"})
    expired: ClassVar[Reply | None] = WRONG_LOGIN
    error_inside: ClassVar[Reply | None] = Reply(refusal(200, "INTERNAL_ERROR", "Internal error occurred.").body)


class MisskeyTag(_Counted):
    """A hashtag's notes, without a token, at a server that lets nobody search."""

    name = "misskey-tag"
    listing = "*/notes/search-by-tag"
    page_size = PAGE
    id_field = "id"
    likes_field = "reactionCount"
    text_field = "text"
    error_inside: ClassVar[Reply | None] = Reply(refusal(200, "INTERNAL_ERROR", "Internal error occurred.").body)

    def __init__(self) -> None:
        super().__init__()
        self.searches = False

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "hana"))

    def _tags(self, post: Said) -> list[str]:
        return ["ヨモリ", *super()._tags(post)]

    def settings(self, url: str) -> MisskeySettings:
        self.url = url
        values = {"name": "k-tag", "brand": "yomori", "what": "mentions", "server": url, "tags": ["ヨモリ"], "queries": ["ヨモリ"]}
        return MisskeySettings.model_validate(values)


class MisskeyWhole(Misskey):
    """An account's notes with all that a note has."""

    name = "misskey-whole"
    listing, page_size, secrets = MisskeyOwn.listing, PAGE, MisskeyOwn.secrets

    def say(self, text: str, at: datetime, likes: int = 0, **more: Any) -> Said:
        earlier = {"parent": len(self.said), "cw": "お茶", "reactions": {":tea@.:": 3}} if self.said else {}
        return super().say(text, at, likes, **(earlier | more))


class MisskeyAll(MisskeyWhole):
    """Hashtag, search and what is addressed to the account at once."""

    name = "misskey-all"

    def author(self, post: Said) -> str:
        return str(post.more.get("author", "hana"))

    def _addresses(self, post: Said, who: str | None) -> bool:
        return True

    def settings(self, url: str) -> MisskeySettings:
        self.url = url
        values = {"name": "k-all", "brand": "yomori", "what": "mentions", "server": url, "token_env": VARIABLE}
        return MisskeySettings.model_validate(values)


WIRES = (MisskeyOwn, MisskeyTag)
EVERY = (MisskeyWhole, MisskeyAll)
