"""The fakes held against the platforms' own specifications: ``HIBIKI_SPECS=folder python -m tests.live.specs [name …]``.

The folder holds OpenAPI documents (JSON, or YAML where PyYAML is there) and Google's discovery documents under the names of ``SPECS``. Each fake of
``tests.collectors.fakes`` is read by its own collector (collect, look up, check), so that what is checked is both: what the collector
asks, and what the fake answers. A document that is not in the folder is passed over, and told.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from collectors.base import Collector, Context
from collectors.bookmark import Bookmark
from collectors.errors import SourceError
from collectors.http import Http
from collectors.refresh import Known
from collectors.registry import make
from collectors.words import BrandWords
from store.records import Post
from tests.collectors import fakes
from tests.collectors.conftest import NOW, SINCE
from tests.collectors.wire import Asked, Reply, Wire, WireServer
from tests.live.discovery import KIND, as_openapi

VARIABLE = "HIBIKI_SPECS"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Spec:
    """A document: its file, and what a server puts before its paths; of a discovery document, what the fake leaves out of them."""

    file: str
    prefix: str = ""
    strip: str = ""


SPECS: dict[str, Spec] = {
    "x": Spec("x-openapi-2.166.json"),
    "x-post": Spec("x-openapi-2.167.json"),
    "mastodon": Spec("mastodon-openapi.json"),
    "misskey": Spec("misskey-openapi.json", "/api"),
    "line": Spec("line-insight.yml"),
    "youtube": Spec("youtube.v3.json", strip="youtube/v3"),
}
"""Fake's module (and dialect, where it has several) -> document."""


class Document:
    """An OpenAPI document that requests and answers are held against."""

    def __init__(self, content: dict[str, Any], prefix: str = "") -> None:
        self._content: dict[str, Any] = _modern(content)
        self._prefix = prefix
        resource: Resource[Any] = Resource.from_contents(self._content, DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("spec:", resource)
        # a path without parameters comes before one that would take it as a parameter
        self._paths = sorted(self._content["paths"], key=lambda path: path.count("{"))

    def faults(self, asked: Asked, reply: Reply) -> Iterator[str]:
        """Yield what of a request or its answer is not as the document has it."""
        found = self._operation(asked)
        if found is None:
            yield f"{asked.method} {asked.path}: not in the document"
            return
        path, operation = found
        where = f"{asked.method} {path}"
        if reply.status != 400:  # what the platform itself refuses need not be right
            yield from (f"{where} asked: {fault}" for fault in self._request(operation, path, asked))
        yield from (f"{where} {reply.status}: {fault}" for fault in self._response(operation, path, asked, reply))

    def _operation(self, asked: Asked) -> tuple[str, Any] | None:
        for path in self._paths:
            pattern = re.escape(self._prefix) + re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))
            if re.fullmatch(pattern, asked.path) and asked.method.lower() in self._content["paths"][path]:
                return path, self._content["paths"][path][asked.method.lower()]
        return None

    def _request(self, operation: Any, path: str, asked: Asked) -> Iterator[str]:
        declared = [self._resolved(one) for one in (*self._content["paths"][path].get("parameters", ()), *operation.get("parameters", ()))]
        known = {one["name"].removesuffix("[]"): one for one in declared if one["in"] == "query"}
        for name, values in asked.query.items():
            one = known.get(name.removesuffix("[]"))
            if one is None:
                yield f"no such parameter: {name}"
            elif "schema" in one:
                value = _typed(self._resolved(one["schema"]), values)
                yield from (f"{name}: {fault}" for fault in self._validate(one["schema"], value))
        for name, one in known.items():
            if one.get("required") and name not in {asked_name.removesuffix("[]") for asked_name in asked.query}:
                yield f"missing parameter: {name}"
        content = self._resolved(operation.get("requestBody", {})).get("content", {})
        if asked.body and "application/json" in content:
            yield from self._validate(content["application/json"].get("schema", {}), asked.json())

    def _response(self, operation: Any, path: str, asked: Asked, reply: Reply) -> Iterator[str]:
        responses = operation["responses"]
        answer = responses.get(str(reply.status), responses.get("default"))
        if answer is None:
            yield "no such status"
            return
        content = self._resolved(answer).get("content", {})
        kinds = [content[kind] for kind in ("application/json", "application/problem+json") if kind in content]
        if not kinds:
            return
        found = [list(self._validate(kind.get("schema", {}), json.loads(reply.bytes()))) for kind in kinds]
        yield from min(found, key=len)  # a fault may be told in either form

    def _resolved(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self._content
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _validate(self, schema: Any, value: Any) -> Iterator[str]:
        validator = Draft202012Validator(_absolute(schema), registry=self._registry)
        for error in validator.iter_errors(value):
            place = re.sub(r"\[\d+\]", "[…]", error.json_path)
            yield f"{place}: {error.message[:200]}"


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: f"spec:{one}" if key == "$ref" and str(one).startswith("#") else _absolute(one) for key, one in node.items()}
    return [_absolute(one) for one in node] if isinstance(node, list) else node


def _modern(node: Any) -> Any:
    """Return a document of OpenAPI 3.0 as one of 3.1, whose schemas are JSON Schema: ``nullable`` becomes a type."""
    if isinstance(node, list):
        return [_modern(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _modern(one) for key, one in node.items()}
    if made.pop("nullable", None) is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        else:
            made = {"anyOf": [made, {"type": "null"}]}
    if "oneOf" in made and "anyOf" not in made:  # documents that are generated say "one of" of forms that overlap
        made["anyOf"] = made.pop("oneOf")
    for bound in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(made.get(bound), bool):
            del made[bound]
    return made


def _typed(schema: Any, values: list[str]) -> Any:
    """Return the value of a query parameter as the type that it is meant to have."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    kind = next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind
    if kind == "array":
        parts = [part for value in values for part in value.split(",")]
        return [_typed(schema.get("items", {}), [part]) for part in parts]
    value = values[0]
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if kind == "integer" else float(value)
    return value == "true" if kind == "boolean" and value in ("true", "false") else value


class Listener:
    """Answers as a wire does, and keeps what was asked and answered."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.heard: list[tuple[Asked, Reply]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wire, name)

    def answer(self, asked: Asked) -> Reply:
        """Answer as the wire does."""
        reply = self.wire.answer(asked)
        self.heard.append((asked, reply))
        return reply


async def exchange(wire: Wire) -> list[tuple[Asked, Reply]]:
    """Let the wire's own collector read it, and return all that was asked and answered."""
    for number in range(wire.page_size + 3 if wire.pages else 3):
        wire.say(f"ヨモリの新茶🍵 {number}", NOW - timedelta(hours=3, minutes=number), likes=number)
    listener = Listener(wire)
    with WireServer(listener) as server:
        async with Http(patience=10.0) as http:
            words = BrandWords("yomori", ("ヨモリ", "yomori"))
            context = Context(http, words, dict(wire.secrets), lambda: NOW)
            collector: Collector[Any] = make(wire.settings(server.url), context)
            await collector.check()
            got = [record async for record in collector.collect(Bookmark(), SINCE)]
            posts = [record for record in got if isinstance(record, Post)]
            if collector.refreshes:
                known = [Known(post.native_id, post.created_at) for post in posts[:5]]
                async for _ in collector.refresh([*known, Known("1", NOW)] if known and known[0].native_id.isdecimal() else known):
                    pass
            _, again = wire.say("ヨモリの新しい話", NOW - timedelta(minutes=1)), make(wire.settings(server.url), context)
            async for _ in again.collect(collector.next_bookmark, SINCE):
                pass
    return listener.heard


def wires(names: list[str]) -> Iterator[tuple[str, type[Wire]]]:
    """Yield the fakes that ``names`` names (all, where none is), each with the name of its document."""
    for found in pkgutil.iter_modules(fakes.__path__):
        module = importlib.import_module(f"{fakes.__name__}.{found.name}")
        for wire in getattr(module, "EVERY", getattr(module, "WIRES", ())):
            dialect = f"{found.name}-{getattr(wire, 'dialect', '')}"
            spec = dialect if dialect in SPECS else found.name
            if spec in SPECS and (not names or found.name in names):
                yield spec, wire


def load(folder: Path, spec: Spec) -> Document | None:
    """Return a document of ``folder``; None where it is not there."""
    file = folder / spec.file
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".json":
        import yaml

        return Document(yaml.safe_load(text), spec.prefix)
    content = json.loads(text)
    return Document(as_openapi(content, spec.strip) if content.get("kind") == KIND else content, spec.prefix)


def main(names: list[str]) -> int:
    """Check the fakes, print one line each and what is wrong, and return how many are wrong."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        print(f"{VARIABLE} names no folder with specifications", file=sys.stderr)
        return 2
    documents: dict[str, Document | None] = {}
    wrong = 0
    for name, wire_type in wires(names):
        if name not in documents:
            documents[name] = load(Path(folder), SPECS[name])
        document = documents[name]
        if document is None:
            print(f"- {wire_type.__name__}: {SPECS[name].file} is not there")
            continue
        try:
            heard = asyncio.run(exchange(wire_type()))
        except SourceError as error:
            print(f"✗ {wire_type.__name__}: {error.message}")
            wrong += 1
            continue
        faults = list(dict.fromkeys(fault for asked, reply in heard for fault in document.faults(asked, reply)))
        print(f"{'✗' if faults else '✓'} {wire_type.__name__}: {len(heard)} exchanges against {SPECS[name].file}")
        for fault in faults[:SHOWN]:
            print(f"    {fault}")
        if len(faults) > SHOWN:
            print(f"    … and {len(faults) - SHOWN} more")
        wrong += bool(faults)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
