"""Google's discovery documents as OpenAPI, so that fakes of Google's APIs can be held against them.

The documents are inside the package google-api-python-client (``googleapiclient/discovery_cache/documents``), such as ``youtube.v3.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

KIND = "discovery#restDescription"


def as_openapi(document: dict[str, Any], strip: str = "") -> dict[str, Any]:
    """Return a discovery document as one of OpenAPI 3.1; ``strip`` is what the paths of the fake leave out. Unknown keys are faults."""
    paths: dict[str, Any] = {}
    for method in _methods(document):
        path = "/" + str(method["path"]).removeprefix(strip).lstrip("/")
        paths.setdefault(path, {})[method["httpMethod"].lower()] = _operation(method)
    schemas = {name: _schema(schema) for name, schema in document.get("schemas", {}).items()}
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}


def _methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)


def _operation(method: dict[str, Any]) -> dict[str, Any]:
    parameters = []
    for name, told in method.get("parameters", {}).items():
        one = _schema({key: value for key, value in told.items() if key not in ("location", "required", "repeated", "description")})
        schema = {"type": "array", "items": one} if told.get("repeated") else one
        parameters.append({"name": name, "in": told["location"], "required": told.get("required", False), "schema": schema})
    made: dict[str, Any] = {"parameters": parameters, "responses": {"200": _content(method.get("response")), "default": {}}}
    if "request" in method:
        made["requestBody"] = _content(method["request"])
    return made


def _content(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": _schema(schema)}}} if schema else {}


def _schema(told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in told:
        return {"$ref": f"#/components/schemas/{told['$ref']}"}
    made: dict[str, Any] = {key: told[key] for key in ("type", "enum", "pattern") if key in told and told[key] != "any"}
    made |= {key: int(told[key]) for key in ("minimum", "maximum") if key in told and told.get("type") == "integer"}
    if "items" in told:
        made["items"] = _schema(told["items"])
    if "properties" in told:
        made["properties"] = {name: _schema(one) for name, one in told["properties"].items()}
        made["additionalProperties"] = False
    elif isinstance(told.get("additionalProperties"), dict):
        made["additionalProperties"] = _schema(told["additionalProperties"])
    return made
