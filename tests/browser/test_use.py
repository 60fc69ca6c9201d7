"""What readers do: share a view, choose a post, take a case, wait for news."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Post
from tests.browser.conftest import serve
from tests.browser.walk import Visit
from tests.dashboard.world import build


@pytest.fixture
def own_home(tmp_path: Path) -> Home:
    """A home of this test alone, to write to."""
    return build(tmp_path / "home", posts=800, days=60)


@pytest.fixture
def own_address(own_home: Home, tmp_path: Path) -> Iterator[str]:
    """The address of its dashboard."""
    yield from serve(own_home, tmp_path / "streamlit.log")


def test_a_view_can_be_shared_and_back_goes_back(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    visit.go("/?period=90d&on=instagram,x&rate=all")
    assert visit.page.locator(".hb-panel-value").count() == 2
    expect(visit.page.get_by_text("絞り込み（2）")).to_be_visible()
    visit.page.get_by_role("link", name="投稿").first.click()
    visit.wait()
    assert "period=90d" in visit.page.url
    assert "rate=all" in visit.page.url
    visit.page.go_back()
    visit.page.wait_for_url(lambda url: "/posts" not in url)
    visit.wait()
    assert visit.page.locator(".hb-panel-value").count() == 2
    visit.close()


def test_a_definition_is_one_click_away(browser: Browser, address: str, shots: Path) -> None:
    visit = Visit(browser, address, 390)
    visit.go()
    first = visit.page.locator(".hb-define").first
    first.locator("summary").click()
    text = first.locator(".hb-define-text")
    expect(text).to_be_visible()
    box = text.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    visit.close()


def test_choosing_a_post_on_a_phone_opens_a_sheet(browser: Browser, address: str, shots: Path) -> None:
    visit = Visit(browser, address, 390)
    visit.go("/posts?of=mention")
    assert not visit.page.locator(".st-key-post_detail").is_visible()
    visit.page.get_by_role("button", name="くわしく").nth(2).click()
    visit.wait()
    expect(visit.page.locator(".st-key-post_detail")).to_be_visible()
    assert "post=" in visit.page.url
    visit.page.screenshot(path=shots / "post-390.png")
    assert not visit.judge()
    visit.page.get_by_role("button", name="閉じる").click()
    visit.wait()
    assert not visit.page.locator(".st-key-post_detail").is_visible()
    visit.close()


def test_text_of_posts_stays_text(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    visit.page.on("dialog", lambda dialog: visit.errors.append(f"a post opened a dialog: {dialog.message}"))
    visit.go("/posts?of=mention&period=90d&q=注文と違う")
    text = visit.page.locator(".st-key-post_detail .hb-text").inner_text()
    assert "<script>alert(1)</script> **太字** $x^2$ :red[赤] [押して](javascript:alert(1)) <img src=x onerror=alert(1)>" in text
    assert visit.page.locator(".st-key-post_detail .hb-text *").count() == 0
    visit.close()


def test_taking_a_case_is_seen_at_once(browser: Browser, own_home: Home, own_address: str, shots: Path) -> None:
    visit = Visit(browser, own_address)
    visit.go("/desk")
    visit.page.get_by_placeholder("あなたの名前（記録に残ります）").fill("佐藤")
    visit.page.keyboard.press("Enter")
    visit.wait()
    visit.page.get_by_role("button", name="担当する").first.click()
    expect(visit.page.get_by_text("対応中 1件")).to_be_visible(timeout=20_000)
    assert [event["actor"] for event in Inbox(own_home).pending("review_events").to_pylist()] == ["佐藤"]
    visit.wait()
    visit.shoot(shots / "desk-taken.png")
    visit.close()


def test_labelling_by_keys_alone(browser: Browser, own_home: Home, own_address: str, shots: Path) -> None:
    visit = Visit(browser, own_address)
    visit.go("/label?me=佐藤")
    before = len(Inbox(own_home).pending("review_events").to_pylist())
    for number, keys in enumerate(("35", "17", "x"), 1):
        for key in keys:
            visit.page.keyboard.press(key)
            visit.wait()
        expect(visit.page.get_by_text(f"ラベル {number}件")).to_be_visible(timeout=20_000)
    visit.page.keyboard.press("z")
    expect(visit.page.get_by_text("ラベル 2件")).to_be_visible(timeout=20_000)
    visit.wait()
    events = Inbox(own_home).pending("review_events").to_pylist()[before:]
    said = [" ".join((event["value"] or "taken back").split()[:2]) for event in events]
    assert said[:2] == ["sentiment=negative stance=critic", "sentiment=positive stance=none"]
    assert said[2].startswith("relevant=no")
    assert said[3] == "taken back"
    visit.shoot(shots / "label.png")
    assert not visit.judge()
    visit.close()


def test_a_new_file_is_shown_without_a_reload(browser: Browser, own_home: Home, own_address: str) -> None:
    visit = Visit(browser, own_address)
    visit.go("/posts?period=today&of=own")
    now = datetime.now(UTC)
    post = Post(
        platform="x", native_id="fresh", brand="soramame", relation="own", source="x-soramame", text="いま届いたばかりの投稿", created_at=now, seen_at=now
    )  # fmt: skip
    Inbox(own_home).land([post])
    with Owner.open(own_home) as owner:
        owner.ingest()
        owner.publish()
    expect(visit.page.get_by_text("いま届いたばかりの投稿").first).to_be_visible(timeout=20_000)
    visit.close()


def test_the_first_start_is_followed_until_there_is_data(browser: Browser, tmp_path: Path, shots: Path) -> None:
    home = Home(tmp_path / "home").prepare()
    serving = serve(home, tmp_path / "streamlit.log")
    visit = Visit(browser, next(serving))
    visit.go()
    expect(visit.page.get_by_text("まだデータがありません")).to_be_visible()
    visit.shoot(shots / "first-start.png")
    status = {"phase": "scoring", "pid": 1, "heartbeat_at": datetime.now(UTC).isoformat(), "done": 400, "total": 1000}
    home.status.write_text(json.dumps(status), encoding="utf-8")
    expect(visit.page.get_by_text("感情と立場を判定しています")).to_be_visible(timeout=20_000)
    visit.shoot(shots / "waiting.png")
    build(home.root, posts=300, days=40)
    expect(visit.page.get_by_text("エンゲージメント率の推移")).to_be_visible(timeout=40_000)
    visit.close()
    serving.close()
