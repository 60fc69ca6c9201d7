"""A server on 127.0.0.1 for any platform's wire format, and what a platform has to say of itself to be put through ``test_wire``."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from collectors.base import SourceSettings
from monitor.demo.faults import Fault, Faults

PAGE = b"<!doctype html><html><head><title>Maintenance</title></head><body>\xe3\x83\xa1\xe3\x83\xb3\xe3\x83\x86\xe3\x83\x8a\xe3\x83\xb3\xe3\x82\xb9\xe4\xb8\xad</body></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came. ``headers`` have small names; ``query`` keeps every value of a name."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def json(self) -> Any:
        """Return the body read as JSON; {} where it is empty."""
        return json.loads(self.body or b"{}")

    def form(self) -> dict[str, str]:
        """Return the body read as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(slots=True)
class Reply:
    """What goes out: ``body`` as JSON unless it is bytes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        """Return the body as it is sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class Said:
    """A post of the fake platform. ``number`` is unique and makes the platform's own id; the rest is what every platform knows of it."""

    number: int
    text: str
    at: datetime
    likes: int = 0
    more: dict[str, Any] = field(default_factory=dict)


class Wire(ABC):
    """A platform that listens: its posts (``said``), and how it answers. One instance for each test.

    ``repeat``: the cursor leads to the page that was asked for, for ever. What a platform does not have is None or empty, and the
    scenarios that need it are left out for it.
    """

    name: ClassVar[str]
    """How the tests call it, such as ``x-own``."""
    listing: ClassVar[str]
    """The path of the request that lists posts, as in a shell (``*/tweets``)."""
    page_size: ClassVar[int]
    """How many posts the collector gets a page, so that the tests can make several pages."""
    secrets: ClassVar[Mapping[str, str]] = {}
    """The environment's secrets."""
    id_field: ClassVar[str | None] = None
    """The key of an item's own id in the listing's JSON: without it the item cannot be read, and becomes a reject."""
    likes_field: ClassVar[str | None] = None
    """The key of the number of likes in the listing's JSON; None where listings do not give it."""
    text_field: ClassVar[str | None] = None
    """The key of the text in the listing's JSON."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Keys that the platform is renaming, old to new: both must be read alike."""
    limited: ClassVar[tuple[Mapping[str, str], ...]] = ({}, {"retry-after": "1"})
    """The headers that a 429 may come with; the waits they ask for are short."""
    expired: ClassVar[Reply | None] = None
    """The answer where a token is not taken (any more); it ends in an AccessError with advice."""
    error_inside: ClassVar[Reply | None] = None
    """An answer of HTTP 200 that says inside that something is wrong."""
    pages: ClassVar[bool] = True
    """Whether the listing has pages at all."""
    reaches_back: ClassVar[int | None] = None
    """How many days the platform reaches back, where that is less than what the tests ask for: what lies before is a gap."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.repeat = False

    def say(self, text: str, at: datetime, likes: int = 0, **more: Any) -> Said:
        """Post something, and return it."""
        post = Said(len(self.said) + 1, text, at, likes, more)
        self.said.append(post)
        return post

    def newest_first(self) -> list[Said]:
        """Return the posts, newest first."""
        return sorted(self.said, key=lambda post: post.at, reverse=True)

    @abstractmethod
    def settings(self, url: str) -> SourceSettings:
        """Return the settings of a source (brand "yomori") that reads this platform from ``url``."""

    @abstractmethod
    def native_id(self, post: Said) -> str:
        """Return the id under which a collector yields ``post``."""

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """Return the answer to a request, as the platform's specification has it. Runs in a thread of the server."""


class WireServer:
    """Serves a ``Wire`` (or anything with ``answer``) on 127.0.0.1; a context manager. ``asked`` lists what was asked, in order."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire
        self.faults = Faults()
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> WireServer:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        ending = threading.Thread(target=self._server.shutdown)
        ending.start()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self._server.server_port), timeout=1).close()
        ending.join()
        self._thread.join()
        self._server.server_close()

    def count(self, path: str = "") -> int:
        """Return how many requests came whose path holds ``path``."""
        return sum(path in asked.path for asked in self.asked)

    def reply(self, asked: Asked) -> tuple[Reply, Fault | None]:
        """Return the answer to ``asked``, and the fault that is to be shown with it."""
        with self._lock:
            self.asked.append(asked)
            fault = self.faults.take(asked.path)
            if fault is not None and fault.kind == "busy":
                return Reply({"error": "rate limited"}, 429, fault.headers), fault
            if fault is not None and fault.kind == "error":
                return Reply({"error": "broken"}, fault.status, fault.headers), fault
            if fault is not None and fault.kind == "html":
                return Reply(PAGE, 200, {"content-type": "text/html; charset=utf-8"}), fault
            if fault is not None and fault.kind == "broken_json":
                return Reply(b'{"data": [}', 200), fault
            if fault is not None and fault.kind == "expired" and self.wire.expired is not None:
                return self.wire.expired, fault
            reply = self.wire.answer(asked)
            if fault is not None and fault.change is not None:
                reply = Reply(fault.change(json.loads(reply.bytes())), reply.status, reply.headers)
            return reply, fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


def _handler_of(server: WireServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(parts.query, keep_blank_values=True)
            reply, fault = server.reply(Asked(self.command, parts.path, query, headers, self.rfile.read(length)))
            body = reply.bytes()
            cut = fault is not None and fault.kind in ("cut", "cut_unseen")
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            if fault is not None and fault.kind == "cut_unseen":
                self.send_header("connection", "close")
            else:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            if cut:
                self.wfile.flush()
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    return Handler


def change_each(value: Any, key: str, change: Callable[[dict[str, Any]], None]) -> Any:
    """Call ``change`` with every object inside ``value`` that has ``key``, outermost first, and return ``value``."""
    if isinstance(value, dict):
        if key in value:
            change(value)
        for inner in list(value.values()):
            change_each(inner, key, change)
    elif isinstance(value, list):
        for inner in value:
            change_each(inner, key, change)
    return value
