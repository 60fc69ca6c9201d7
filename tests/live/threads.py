"""Threads held against Meta's request collection: ``HIBIKI_SPECS=folder python -m tests.live.threads``.

The folder holds the collection as threads-postman.json. Each fake of Threads is read by its own collector; what the collector asks for
(paths, parameters, fields, metrics) and what the fake answers must be in the collection.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from tests.collectors.conftest import NOW, SINCE
from tests.collectors.fakes.threads import WIRES, ThreadsWire
from tests.collectors.wire import Asked, WireServer

FILE = "threads-postman.json"
TOLD_ELSEWHERE = {"since", "until", "limit", "after", "before", "access_token", "search_mode", "appsecret_proof"}
"""Parameters that every list takes; the collection leaves some of them out."""


def requests_of(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield from requests_of(item["item"]) if "item" in item else [item["request"]]


class Collection:
    """The requests of the collection: path pattern -> names of its parameters, and the names of fields and metrics."""

    def __init__(self, content: dict[str, Any]) -> None:
        variables = {one["key"]: str(one["value"]) for one in content["variable"]}
        self.fields = {
            name: set(re.sub(r"\{[^}]*\}", "", text).split(",")) for name, text in variables.items() if name.startswith("fields_")
        }
        self.metrics = set(variables["metrics_post"].split(","))
        self.paths: dict[str, set[str]] = {}
        for request in requests_of(content["item"]):
            if request["method"] == "GET":
                path = request["url"]["raw"].partition("?")[0].removeprefix("{{api_host}}").strip("/")
                pattern = re.sub(r"\{\{\w+\}\}", r"\\d+", path)
                self.paths.setdefault(pattern, set()).update(one["key"] for one in request["url"].get("query", []))

    def faults(self, asked: Asked) -> Iterator[str]:
        """Yield what of a request is not in the collection."""
        path = asked.path.strip("/").removeprefix("v1.0/")
        pattern = next((known for known in self.paths if re.fullmatch(known, path)), None)
        if pattern is None:
            if "ids" not in asked.query:  # look-ups by several ids are tried, and given up where they are refused
                yield f"{path}: not in the collection"
            return
        yield from (f"{path}?{name}: no such parameter" for name in asked.query if name not in self.paths[pattern] | TOLD_ELSEWHERE)
        known = set().union(*self.fields.values())
        yield from (f"{path}: no field {name}" for name in asked.one("fields").split(",") if name and name not in known)
        yield from (f"{path}: no metric {name}" for name in asked.one("metric").split(",") if name and name not in self.metrics)


async def read(wire: ThreadsWire, server: WireServer) -> None:
    """Let the collector collect, look up and check."""
    async with Http(patience=5.0) as http:
        context = Context(http, BrandWords("yomori", ("ヨモリ",), ()), dict(wire.secrets), lambda: NOW)
        collector = make(wire.settings(server.url), context)
        await collector.check()
        async for _ in collector.collect(Bookmark(), SINCE):
            pass
        async for _ in collector.refresh([Known(wire.native_id(post), post.at, kind="reply") for post in wire.said]):
            pass


def main() -> int:
    """Print what is not in the collection, and return how many faults there are."""
    folder = os.environ.get("HIBIKI_SPECS")
    if not folder or not (Path(folder) / FILE).is_file():
        print(f"HIBIKI_SPECS names no folder with {FILE}: nothing was checked")
        return 0
    collection = Collection(json.loads((Path(folder) / FILE).read_text(encoding="utf-8")))
    faults: dict[str, None] = {}
    asked = 0
    for wire_type in WIRES:
        wire = wire_type()
        for number in range(60):
            wire.say(f"ヨモリ {number}", NOW - timedelta(hours=2, minutes=number))
            wire.figures[number + 1] = {"views": 5, "likes": 1}
        with WireServer(wire) as server:
            asyncio.run(read(wire, server))
        for one in server.asked:
            faults |= dict.fromkeys(f"{wire.name}: {fault}" for fault in collection.faults(one))
        known = set().union(*collection.fields.values()) | {"insights"}
        faults |= dict.fromkeys(f"{wire.name}: the fake says {key}" for key in wire.fields_of(wire.said[0]) if key not in known)
        asked += len(server.asked)
    print(*faults, f"{asked} requests of {len(WIRES)} lists, {len(faults)} faults", sep="\n")
    return len(faults)


if __name__ == "__main__":
    sys.exit(min(1, main()))
