"""A small server on this machine that speaks Bluesky's and RSS's own wire format, for the demo and for tests.

    /xrpc/<method>                    see monitor.demo.xrpc
    /feeds/<name>.rss, .rdf, .atom    with ETag, Last-Modified and 304
    POST /_faults                     switch a fault on: {"kind": "busy", "path": "/feeds/*", "times": 3}; DELETE switches all off

As a command: ``python -m monitor.demo.server --port 8765`` shows a few invented posts.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from monitor.demo.faults import Fault, Faults
from monitor.demo.feedxml import FORMATS
from monitor.demo.network import MemoryNetwork, Network
from monitor.demo.xrpc import Xrpc, XrpcError

RATE_LIMIT = 3000
PAGE = "<!doctype html><html><head><title>Maintenance</title></head><body>メンテナンス中です</body></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came: when (seconds of a clock that never goes back), what, and whether it carried a token."""

    at: float
    verb: str
    path: str
    query: dict[str, list[str]]
    token: str | None
    conditional: bool


@dataclass(slots=True)
class Reply:
    """What goes out."""

    status: int
    body: bytes
    headers: dict[str, str]


class DemoServer:
    """The server, in a thread of its own; a context manager. ``asked`` lists the requests in the order in which they came.

    ``delay`` seconds pass before each answer. ``most_at_once`` is the highest number of requests that were under way together.
    """

    def __init__(self, network: Network, port: int = 0, delay: float = 0.0) -> None:
        self.network = network
        self.faults = Faults()
        self.delay = delay
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.stopping = threading.Event()
        self._at_once = 0
        self._lock = threading.Lock()
        self._xrpc = Xrpc(network)
        self._server = _Server(("127.0.0.1", port), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="demo-server", daemon=True)

    @property
    def url(self) -> str:
        """Where the server listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> DemoServer:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Serve no more; answers that are being waited for are given up."""
        self.stopping.set()
        ending = threading.Thread(target=self._server.shutdown)
        ending.start()
        # The server looks up when somebody calls; by itself it does so twenty times a second.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self._server.server_port), timeout=1).close()
        ending.join()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> DemoServer:
        return self.start()

    def __exit__(self, *args: object) -> None:
        self.stop()

    def count(self, path: str = "") -> int:
        """Return how many requests came whose path holds ``path``."""
        return sum(path in asked.path for asked in self.asked)

    def enter(self, asked: Asked) -> None:
        """Note a request."""
        with self._lock:
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)

    def leave(self) -> None:
        """Note that a request is done."""
        with self._lock:
            self._at_once -= 1

    def reply(self, asked: Asked, body: Any, headers: Any, fault: Fault | None) -> Reply:
        """Return the answer to a request, with the fault in it."""
        self.stopping.wait(self.delay + (fault.seconds if fault and fault.kind == "slow" else 0.0))
        if fault and fault.kind == "busy":
            return _json(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, fault.headers)
        if fault and fault.kind == "error":
            return _json(fault.status, {"error": "InternalServerError", "message": "Internal Server Error"}, fault.headers)
        if fault and fault.kind == "html":
            return Reply(200, PAGE.encode(), {"content-type": "text/html; charset=utf-8"})
        try:
            reply = self._right(asked, body, headers, fault)
        except XrpcError as error:
            return _json(error.status, error.body, {})
        return _spoil(reply, asked, fault)

    def _right(self, asked: Asked, body: Any, headers: Any, fault: Fault | None) -> Reply:
        if asked.path.startswith("/xrpc/"):
            if fault and fault.kind == "expired":
                raise self._xrpc.expire(asked.token)
            answer = self._xrpc.answer(asked.verb, asked.path.removeprefix("/xrpc/"), asked.query, body, asked.token)
            reset = str(int(time.time()) // 300 * 300 + 300)
            limits = {"ratelimit-limit": str(RATE_LIMIT), "ratelimit-remaining": str(RATE_LIMIT - 1), "ratelimit-reset": reset}
            return _json(200, answer, {**limits, "ratelimit-policy": f"{RATE_LIMIT};w=300"})
        if asked.path.startswith("/feeds/") and asked.verb == "GET":
            return self._feed(unquote(asked.path.removeprefix("/feeds/")), headers)
        return Reply(404, b"Not Found", {"content-type": "text/plain"})

    def _feed(self, name: str, headers: Any) -> Reply:
        stem, _, end = name.rpartition(".")
        channel = self.network.channel(stem) if end in FORMATS else None
        if channel is None:
            return Reply(404, b"Not Found", {"content-type": "text/plain"})
        write, content_type = FORMATS[end]
        body = write(channel).encode("utf-8")
        newest = max((article.at for article in channel.articles if article.at), default=datetime(2000, 1, 1, tzinfo=UTC))
        tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        known = {"etag": tag, "last-modified": format_datetime(newest.astimezone(UTC), usegmt=True)}
        if headers.get("if-none-match") == tag:
            return Reply(304, b"", known)
        return Reply(200, body, {**known, "content-type": f"{content_type}; charset=utf-8"})


def _json(status: int, body: Any, headers: dict[str, str]) -> Reply:
    return Reply(
        status,
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        {"content-type": "application/json; charset=utf-8", **headers},
    )


def _spoil(reply: Reply, asked: Asked, fault: Fault | None) -> Reply:
    if fault is None:
        return reply
    if fault.kind == "broken_json":
        reply.body = reply.body[: len(reply.body) // 2] + b"}]"
    elif fault.kind == "same_cursor" and reply.status == 200:
        answer = json.loads(reply.body)
        answer["cursor"] = (
            f"{time.monotonic_ns()}__again" if fault.status == 1 else asked.query.get("cursor", ["9999999999999999__loop"])[0]
        )
        reply.body = json.dumps(answer).encode()
    elif fault.kind == "change" and fault.change:
        changed = fault.change(json.loads(reply.body) if "json" in reply.headers.get("content-type", "") else reply.body)
        reply.body = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
    return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    block_on_close = False


def _handler_of(server: DemoServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 30

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing; ``asked`` holds what came."""

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("content-length") or 0))
            if parts.path == "/_faults":
                return self._switch(sent)
            scheme, _, token = self.headers.get("authorization", "").partition(" ")
            asked = Asked(
                time.monotonic(),
                self.command,
                parts.path,
                parse_qs(parts.query),
                token if scheme == "Bearer" else None,
                "if-none-match" in self.headers or "if-modified-since" in self.headers,
            )
            server.enter(asked)
            try:
                fault = server.faults.take(parts.path)
                self._write(server.reply(asked, _read(sent), self.headers, fault), fault)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                server.leave()

        def _switch(self, sent: bytes) -> None:
            if self.command == "DELETE":
                server.faults.clear()
                return self._write(_json(200, {}, {}), None)
            try:
                server.faults.add(**_read(sent))
            except (TypeError, ValueError) as error:
                return self._write(_json(400, {"error": "InvalidRequest", "message": str(error)}, {}), None)
            return self._write(_json(200, {}, {}), None)

        def _write(self, reply: Reply, fault: Fault | None) -> None:
            cut = fault is not None and fault.kind in ("cut", "cut_unseen")
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if fault is not None and fault.kind == "cut_unseen":
                self.send_header("connection", "close")
            else:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)
            self.wfile.flush()
            self.close_connection = self.close_connection or cut

    return Handler


def _read(sent: bytes) -> Any:
    try:
        return json.loads(sent) if sent else None
    except ValueError:
        return None


def main(make: Callable[[], Network] | None = None) -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m monitor.demo.server", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    with DemoServer((make or _few)(), options.port, options.delay) as server:
        print(f"{server.url}/xrpc/app.bsky.feed.getAuthorFeed?actor=brand.test", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


def _few() -> MemoryNetwork:
    network = MemoryNetwork()
    brand = network.add_account("brand.test", name="ブランド公式")
    for number in range(5):
        network.add_post(brand, f"新商品「抹茶ラテ」 第{number}弾 #抹茶ラテ", network.now(), likes=number * 3)
    return network


if __name__ == "__main__":
    main()
