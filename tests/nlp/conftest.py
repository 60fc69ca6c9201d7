from __future__ import annotations

import pytest

from nlp.scorer import Scorer


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer.load()
