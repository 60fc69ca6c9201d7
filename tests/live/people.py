"""People on the live network: they sign up, post, like, reply, quote, repost and delete, by plain XRPC calls."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.live.servers import Network

PASSWORD = "only-for-this-run"  # of accounts that end with the run


@dataclass(frozen=True)
class Ref:
    """A record on the network, as others point at it."""

    uri: str
    cid: str

    def json(self) -> dict[str, str]:
        return {"uri": self.uri, "cid": self.cid}


@dataclass
class Person:
    """An account of the live network."""

    network: Network
    name: str
    did: str = ""
    token: str = field(default="", repr=False)

    @property
    def handle(self) -> str:
        return f"{self.name}.test"

    def sign_up(self) -> Person:
        told = self._call(
            "com.atproto.server.createAccount", {"handle": self.handle, "email": f"{self.name}@example.com", "password": PASSWORD}
        )
        self.did, self.token = told["did"], told["accessJwt"]
        self.record("app.bsky.actor.profile", {"displayName": self.name}, rkey="self")
        return self

    def app_password(self) -> str:
        """Return an app password, the kind of secret that a collector is given."""
        return str(self._call("com.atproto.server.createAppPassword", {"name": "hibiki"})["password"])

    def post(self, text: str, reply_to: tuple[Ref, Ref] | None = None, quote: Ref | None = None, mention: Person | None = None) -> Ref:
        """Post ``text`` with facets for its hashtags and for ``mention``'s handle; ``reply_to`` is (root, parent)."""
        record: dict[str, Any] = {"text": text, "langs": ["ja"], "facets": [*_tags(text), *_mention(text, mention)]}
        if reply_to is not None:
            record["reply"] = {"root": reply_to[0].json(), "parent": reply_to[1].json()}
        if quote is not None:
            record["embed"] = {"$type": "app.bsky.embed.record", "record": quote.json()}
        return self.record("app.bsky.feed.post", record)

    def like(self, subject: Ref) -> Ref:
        return self.record("app.bsky.feed.like", {"subject": subject.json()})

    def repost(self, subject: Ref) -> Ref:
        return self.record("app.bsky.feed.repost", {"subject": subject.json()})

    def delete(self, subject: Ref) -> None:
        _, _, repo, collection, rkey = subject.uri.split("/")
        self._call("com.atproto.repo.deleteRecord", {"repo": repo, "collection": collection, "rkey": rkey})

    def record(self, collection: str, record: dict[str, Any], rkey: str | None = None) -> Ref:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body: dict[str, Any] = {"repo": self.did, "collection": collection, "record": {"$type": collection, "createdAt": now, **record}}
        if rkey:
            body["rkey"] = rkey
        told = self._call("com.atproto.repo.createRecord", body)
        return Ref(told["uri"], told["cid"])

    def _call(self, method: str, body: dict[str, Any]) -> Any:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        answer = httpx.post(f"{self.network.pds}/xrpc/{method}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def views(network: Network, refs: list[Ref]) -> dict[str, dict[str, Any]]:
    """Return what the app view shows of ``refs``, by uri; what is gone is not in it."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(refs), 25):
        uris = [("uris", ref.uri) for ref in refs[start : start + 25]]
        answer = httpx.get(f"{network.appview}/xrpc/app.bsky.feed.getPosts", params=uris, timeout=30)
        answer.raise_for_status()
        found |= {post["uri"]: post for post in answer.json()["posts"]}
    return found


def settle(network: Network, refs: list[Ref], expected: dict[str, dict[str, int]], gone: list[Ref], seconds: float = 60) -> None:
    """Wait until the app view shows every ref with the ``expected`` counts and none of ``gone``.

    Raises:
        TimeoutError: it does not within ``seconds``.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        shown = views(network, refs)
        complete = set(shown) == {ref.uri for ref in refs} - {ref.uri for ref in gone}
        counts = all(shown.get(uri, {}).get(name, 0) == value for uri, wanted in expected.items() for name, value in wanted.items())
        if complete and counts:
            return
        time.sleep(0.5)
    raise TimeoutError("the app view did not catch up")


def _tags(text: str) -> list[dict[str, Any]]:
    facets = []
    for word in text.split():
        if word.startswith("#"):
            facets.append(_facet(text, word, {"$type": "app.bsky.richtext.facet#tag", "tag": word[1:]}))
    return facets


def _mention(text: str, person: Person | None) -> list[dict[str, Any]]:
    if person is None:
        return []
    return [_facet(text, f"@{person.handle}", {"$type": "app.bsky.richtext.facet#mention", "did": person.did})]


def _facet(text: str, part: str, feature: dict[str, Any]) -> dict[str, Any]:
    start = len(text[: text.index(part)].encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(part.encode())}, "features": [feature]}
