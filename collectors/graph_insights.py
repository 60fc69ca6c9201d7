"""The figures (insights) of posts of Meta's family: asked for within lists or one by one, and read so that what is missing is unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors.graph import Graph
from collectors.graph_errors import GraphError
from collectors.jsonread import Counts, count_at, dig, items_at, text_at
from collectors.values import NotReadable


@dataclass(slots=True)
class Insights:
    """The figures of posts: ``metrics`` are asked for, fewer where the platform refuses some.

    They come within the lists (``inline``) where that works, else (``apart``) one question a post. ``trouble`` is the last refusal,
    ``missing`` holds the posts that are not there, it seems, ``denied`` those whose figures we may not read (now).
    """

    graph: Graph
    metrics: tuple[str, ...]
    apart: bool = False
    asked: int = 0
    answered: int = 0
    trouble: GraphError | None = None
    missing: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)

    @property
    def inline(self) -> tuple[str, ...]:
        """The field that makes a list hold the figures."""
        return () if self.apart or not self.metrics else (f"insights.metric({','.join(self.metrics)})",)

    async def within(self, path: str, fields: Sequence[str], params: Mapping[str, Any]) -> Any:
        """Return the list of ``path`` with the figures in it, where the platform lets us; errors as ``Graph.read``."""
        while not self.apart and self.metrics:
            try:
                return await self.graph.read(path, (*fields, *self.inline), params)
            except GraphError as error:
                narrowed = error.narrowed(self.metrics)
                if narrowed is None:
                    break
                self.metrics = narrowed
        answer = await self.graph.read(path, fields, params)
        self.apart = True  # one post of before the account was a business's spoils a whole list
        return answer

    async def within_ids(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the figures of at most ``IDS_A_CALL`` posts by their ids, in one question where the platform lets us; errors as ``of``."""
        while len(ids) > 1 and self.inline:
            try:
                answer = await self.graph.get("", {"ids": ",".join(ids), "fields": self.inline[0]})
            except GraphError as error:
                narrowed = error.narrowed(self.metrics)
                self.apart = narrowed is None
                self.metrics = self.metrics if narrowed is None else narrowed
            else:
                return {one: figures(items_at(answer, one, "insights", "data")) for one in ids}
        return await self.of_each(ids)

    async def of_each(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the figures of posts by their ids, one question each; errors as ``of``."""
        got = await asyncio.gather(*(self.of(one) for one in ids), return_exceptions=True)
        found: dict[str, dict[str, Any]] = {}
        for one, value in zip(ids, got, strict=True):
            if isinstance(value, BaseException):
                raise value
            found[one] = value
        return found

    async def of(self, native_id: str) -> dict[str, Any]:
        """Return the figures of one post by name; empty where the platform gives none (yet)."""
        self.asked += 1
        while self.metrics:
            asked = self.metrics  # others may learn at the same time
            try:
                answer = await self.graph.get(f"{native_id}/insights", {"metric": ",".join(asked)})
            except GraphError as error:
                narrowed = error.narrowed(asked)
                if narrowed is None:
                    if error.not_there:
                        self.missing.add(native_id)
                    elif error.forbidden:
                        self.denied.add(native_id)
                    self.trouble = error
                    return {}
                self.metrics = tuple(name for name in self.metrics if name in narrowed)
            else:
                self.answered += 1
                return figures(items_at(answer, "data"))
        return {}


def figures(rows: Iterable[Any]) -> dict[str, Any]:
    """Return the figures of insights rows by their names. A row that is missing, or has no value, is not known: never 0."""
    found: dict[str, Any] = {}
    for row in rows:
        name = text_at(row, "name")
        values = items_at(row, "values")
        value = dig(values[0], "value") if values else dig(row, "total_value", "value")
        if name and value is not None:
            found[name] = value
    return found


def sum_at(counts: Counts, value: Any, name: str) -> int | None:
    """Return the sum of the counts in the object at ``name`` (reactions by type); None without one, or where one cannot be read."""
    kinds = dig(value, name)
    if not isinstance(kinds, Mapping):
        return counts.get(name) if kinds is not None else None
    try:
        return sum(count_at(kinds, kind) or 0 for kind in kinds)
    except NotReadable as error:
        counts.faults.append(f"{name}.{error}")
        return None
