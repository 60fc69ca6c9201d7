"""The collector that CONTRIBUTING.md shows must work as it stands there."""

from __future__ import annotations

import importlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors.base import Context
from collectors.bookmark import Bookmark
from collectors.http import Http
from collectors.words import BrandWords
from store.records import Metrics, Post, Reject
from tests.collectors.conftest import NOW, SINCE

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"


def _answer(request: httpx.Request) -> httpx.Response:
    assert request.headers["authorization"] == "Bearer t0ken-t0ken"
    post = {"id": "1", "created_at": (NOW - timedelta(hours=1)).isoformat(), "text": "x", "views": "12000", "likes": None}
    first = {"posts": [post, {"id": None}], "next": "2"}
    return httpx.Response(200, json={"posts": [{**post, "id": "2"}], "next": None} if "cursor=2" in str(request.url) else first)


async def test_the_example_collector_works_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code
    (tmp_path / "hibiki_example.py").write_text(code[1], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    room: Any = importlib.import_module("hibiki_example")
    settings = room.ExampleSettings(name="e", brand="b", account="yomori")
    async with Http(transport=httpx.MockTransport(_answer)) as http:
        context = Context(http, BrandWords("b"), {"HIBIKI_EXAMPLE_TOKEN": "t0ken-t0ken"}, lambda: NOW)
        collector = room.ExampleCollector(settings, context)
        got = [record async for record in collector.collect(Bookmark(), SINCE)]
        assert "1 件" in await collector.check()
    assert [record.native_id for record in got if isinstance(record, Post)] == ["1", "2"]
    assert [(record.views, record.likes) for record in got if isinstance(record, Metrics)] == [(12000, None)] * 2
    assert sum(isinstance(record, Reject) for record in got) == 1
