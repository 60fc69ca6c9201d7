"""A walk over every page, at a desk and on a phone, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.walk import Visit

PAGES = {"overview": "概況", "posts": "投稿", "desk": "要対応", "label": "ラベル付け", "sources": "収集状況", "model": "モデルの成績"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page(browser: Browser, address: str, shots: Path, width: int, scheme: str) -> None:
    visit = Visit(browser, address, width, scheme=scheme)
    found = []
    visit.go()
    for name, title in PAGES.items():
        if name != "overview":
            visit.page.get_by_role("link", name=title).first.click()
            visit.page.wait_for_url(f"**/{name}*")
            visit.wait()
        assert visit.page.evaluate("document.documentElement.lang") == "ja"
        assert title in visit.page.title()
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} px wide"
        visit.shoot(shots / f"{name}-{width}-{scheme}.png")
        found += [f"{name}: {finding}" for finding in visit.judge()]
    visit.close()
    assert not found, "\n".join(found)


def test_in_english(browser: Browser, address: str, shots: Path) -> None:
    visit = Visit(browser, address)
    visit.go("/?lang=en&period=90d")
    expect(visit.page.get_by_text("Engagement rate over time")).to_be_visible()
    assert visit.page.evaluate("document.documentElement.lang") == "en"
    visit.shoot(shots / "overview-english.png")
    for name in ("Posts", "Needs a reply", "Sources"):
        visit.page.get_by_role("link", name=name).first.click()
        visit.wait()
        assert "lang=en" in visit.page.url
        visit.shoot(shots / f"{name.split()[0].lower()}-english.png")
    visit.close()
