"""The page about the settings says what the settings are."""

from __future__ import annotations

import re
from pathlib import Path

from collectors.registry import KINDS
from monitor.document import FILE, page
from monitor.settings import Settings, parse


def test_the_page_is_what_the_settings_say() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run: python -m monitor.document"


def test_every_table_and_every_kind_is_there_and_every_key_explained() -> None:
    text = page()
    for field in Settings.model_fields.values():
        assert re.search(rf"^## `\[+{field.alias or ''}", text, re.MULTILINE)
    for kind in KINDS:
        assert f'kind = "{kind}"' in text
    assert not re.search(r"\|\s*\|$", text, re.MULTILINE), "a key without a word about it"


def test_the_example_is_right() -> None:
    example = page().partition("```toml\n")[2].partition("```")[0]
    settings = parse(example, Path("hibiki.toml"))
    assert [source.kind for source in settings.sources] == ["feed", "bluesky"]
