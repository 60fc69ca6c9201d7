"""A published home, made once, and the dashboard run on a copy of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from store.home import Home
from tests.dashboard.world import build

APP = str(Path(__file__).parents[2] / "app.py")
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give ``__main__`` back after each test: AppTest puts the app there, and a process spawned later would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to read, never to write to."""
    return build(tmp_path_factory.mktemp("world"), posts=1200, days=100).root


@pytest.fixture
def home(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A copy of the world, named by HIBIKI_HOME."""
    shutil.copytree(world, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("HIBIKI_HOME", str(tmp_path / "home"))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield Home(tmp_path / "home")
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which nothing has happened yet."""
    monkeypatch.setenv("HIBIKI_HOME", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    return Home(tmp_path)


def visit(page: str = "overview", **params: str) -> AppTest:
    """Open a page of the dashboard with what its URL says; fail on any error on it."""
    app = AppTest.from_file(APP, default_timeout=60)
    if page != "overview":
        app.switch_page(f"dashboard/{page}.py")
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    """Return everything that the page says in HTML elements."""
    return "\n".join(str(element.proto.body) for element in app.get("html") if "<style>" not in str(element.proto.body))
