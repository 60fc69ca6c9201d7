"""The check of fakes against specifications can fail, and takes both versions of OpenAPI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.wire import Asked, Reply
from tests.live.specs import Document

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.0",
    "paths": {
        "/users/{id}/posts": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {
                "parameters": [
                    {"name": "max", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 5}},
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string", "enum": ["text", "likes"]}}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Posts"}}}},
                    "default": {"content": {"application/json": {"schema": {"required": ["error"]}}}},
                },
            },
        },
        "/users/me/posts": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"required": ["i"]}}}},
                "responses": {"200": {"description": "nothing"}},
            }
        },
    },
    "components": {
        "parameters": {"Id": {"name": "id", "in": "path", "schema": {"type": "string"}}},
        "schemas": {
            "Posts": {"type": "array", "items": {"$ref": "#/components/schemas/Post"}},
            "Post": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "likes": {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True},
                },
            },
        },
    },
}


def faults(body: Any, status: int = 200, path: str = "/api/users/7/posts", sent: bytes = b"", **query: str) -> list[str]:
    asked = Asked("POST" if sent else "GET", path, {name: [value] for name, value in query.items()}, {}, sent)
    return list(Document(DOCUMENT, "/api").faults(asked, Reply(body, status)))


def test_what_is_as_the_document_has_it_is_well() -> None:
    assert faults([{"id": "1", "likes": None}, {"id": "2", "likes": 3}], max="10", fields="text,likes") == []
    assert faults({"error": "x"}, 503, max="10") == []
    assert faults({}, path="/api/users/me/posts", sent=b'{"i": 1}') == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (lambda: faults([{"likes": 3}], max="10"), "'id' is a required property"),
        (lambda: faults([{"id": "1", "likes": "3"}], max="10"), "$[…].likes"),
        (lambda: faults([]), "missing parameter: max"),
        (lambda: faults([], max="3"), "max: $: 3 is less than the minimum"),
        (lambda: faults([], max="many"), "max: $: 'many' is not of type 'integer'"),
        (lambda: faults([], max="5", fields="text,views"), "'views' is not one of"),
        (lambda: faults([], max="5", other="1"), "no such parameter: other"),
        (lambda: faults({}, 500, max="5"), "'error' is a required property"),
        (lambda: faults([], path="/api/users"), "not in the document"),
        (lambda: faults([], path="/users/7/posts"), "not in the document"),
        (lambda: faults({}, path="/api/users/me/posts", sent=b'{"j": 1}'), "'i' is a required property"),
        (lambda: faults({}, 404, path="/api/users/me/posts", sent=b'{"i": 1}'), "no such status"),
    ],
)
def test_what_is_not_is_told(found: Any, told: str) -> None:
    assert any(told in fault for fault in found()), found()
