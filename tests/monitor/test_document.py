"""The page about the settings says what the settings are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collectors.guides import GUIDES
from collectors.registry import KINDS
from monitor import document_platforms as platforms
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


# --- the page about platforms, and the guides that it is made of


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_about_platforms_is_what_the_guides_say(language: str) -> None:
    assert platforms.FILES[language].read_text(encoding="utf-8") == platforms.page(language), "run: python -m monitor.document"


def test_every_kind_has_a_guide() -> None:
    assert set(KINDS) <= set(GUIDES)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_guide_asks_for_what_the_settings_have(kind: str) -> None:
    guide, fields = GUIDES[kind], KINDS[kind].settings.model_fields
    required = {name for name, field in fields.items() if field.is_required()} - {"name", "kind", "brand"}
    assert required <= {ask.key for ask in guide.asks if ask.needed}
    assert {one.key for one in (*guide.asks, *guide.secrets)} <= set(fields)
    named = {name for name, field in fields.items() if name.endswith("_env") and field.default}
    assert named <= {secret.key for secret in guide.secrets}, "a secret that nobody is asked for"
    for secret in guide.secrets:
        assert fields[secret.key].default in (None, secret.variable)
    deciding = {step.only.key for step in guide.steps if step.only.key}
    assert deciding <= {ask.key for ask in guide.asks}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_examples_of_all_kinds_are_right_and_in_one_language(language: str) -> None:
    text = platforms.page(language)
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    brand = '[[brand]]\nid = "yomori"\nname = "ヨモリ"\n'
    settings = parse(brand + "".join(examples), Path("hibiki.toml"))
    assert {source.kind for source in settings.sources} == set(KINDS)
    for kind in KINDS:
        whats = {source.what for source in settings.sources if source.kind == kind}
        assert whats <= set(GUIDES[kind].whats)
    if language == "en":
        assert not re.search(r"[ぁ-ん]", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
