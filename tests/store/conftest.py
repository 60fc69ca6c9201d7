from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from tests.store.build import new_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


@pytest.fixture
def inbox(home: Home) -> Inbox:
    return Inbox(home)


@pytest.fixture
def owner(home: Home) -> Iterator[Owner]:
    with Owner.open(home) as owner:
        yield owner
