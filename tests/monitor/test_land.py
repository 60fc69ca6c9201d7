"""YouTube, TikTok and LINE from the settings to the tables: posts, counts, figures of days, and what is gone."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.candidates import candidates_of
from monitor.retention import policy_of
from monitor.round import Part, Round
from monitor.settings import load, secrets
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.published import connect
from tests.collectors.fakes.line import TOKEN, LineOA
from tests.collectors.fakes.tiktok import CLIENT, REFRESH, SECRET, TikTok
from tests.collectors.fakes.youtube import KEY, OURS, YouTube
from tests.collectors.wire import Said, WireServer
from tests.monitor.conftest import BRAND

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY = (NOW.astimezone(ZoneInfo("Asia/Tokyo")) - timedelta(days=1)).date()


@pytest.fixture
def youtube() -> YouTube:
    wire = YouTube()
    video = wire.say("ソラトの新商品", NOW - timedelta(hours=3), likes=5, views=1200)
    wire.comments[video.number] = [
        Said(1, "ソラトいいね", NOW - timedelta(hours=2), 3, {"replies": [Said(2, "わかる", NOW - timedelta(hours=1))]})
    ]
    return wire


@pytest.fixture
def tiktok() -> TikTok:
    wire = TikTok()
    wire.say("ソラトで一日", NOW - timedelta(hours=4), likes=9, views=800)
    wire.say("消える動画", NOW - timedelta(hours=5))
    return wire


@pytest.fixture
def line() -> LineOA:
    wire = LineOA()
    wire.say("新商品のお知らせ", NOW - timedelta(hours=6), opened=321, clicked=45)
    day = YESTERDAY.strftime("%Y%m%d")
    wire.days[day] = {"followers": {"status": "ready", "followers": 7620, "blocks": 0}, "delivery": {"status": "unready"}}
    return wire


def test_a_round_lands_all_three_and_the_next_one_what_changed(home: Home, youtube: YouTube, tiktok: TikTok, line: LineOA) -> None:
    with ExitStack() as stack:
        urls = [stack.enter_context(WireServer(wire)).url for wire in (youtube, tiktok, line)]
        home.settings.write_text(BRAND + _sources(line, *urls), encoding="utf-8")
        home.env.write_text(
            f"HIBIKI_YOUTUBE_KEY={KEY}\nHIBIKI_TIKTOK_CLIENT_KEY={CLIENT}\nHIBIKI_TIKTOK_CLIENT_SECRET={SECRET}\n"
            f"HIBIKI_TIKTOK_REFRESH_TOKEN={REFRESH}\nHIBIKI_LINE_TOKEN='{TOKEN}'\n",
            encoding="utf-8",
        )
        assert {part.source: (part.outcome, part.message) for part in go(home)} == dict.fromkeys(
            ("yt", "yt-voices", "tt", "line"), ("ok", None)
        )
        assert rows(home, "SELECT platform, kind, count(*) FROM posts GROUP BY ALL ORDER BY ALL") == [
            ("line", "message", 1),
            ("tiktok", "post", 2),
            ("youtube", "comment", 2),
            ("youtube", "post", 1),
        ]
        assert rows(home, "SELECT views, likes, comments, shares FROM post_latest WHERE platform = 'line'") == [(321, None, None, 45)]
        assert rows(home, "SELECT name, value FROM kpis WHERE brand = 'solato' ORDER BY name") == [
            ("line.blocks", 0.0),
            ("line.followers", 7620.0),
        ]
        tiktok.gone = {2}
        line.days[YESTERDAY.strftime("%Y%m%d")]["delivery"] = {"status": "ready", "broadcast": 5385}
        youtube.said[0].likes = 50
        go(home, NOW + timedelta(minutes=1), refresh_all=True)
        assert rows(home, "SELECT text FROM posts WHERE platform = 'tiktok' ORDER BY created_at") == [(None,), ("ソラトで一日",)]
        assert rows(home, "SELECT likes FROM post_latest WHERE platform = 'youtube' AND kind = 'post'") == [(50,)]
        assert rows(home, "SELECT value FROM kpis WHERE name = 'line.sent_broadcast'") == [(5385.0,)]
        with Owner.open(home) as owner:
            owner.retain(policy_of(load(home).retention), now=NOW + timedelta(days=31))
            owner.publish()
        left = rows(home, "SELECT DISTINCT p.platform FROM metrics JOIN posts p USING (post_key) ORDER BY ALL", ingest=False)
        assert left == [("line",), ("tiktok",)], "YouTube's statistics are kept for 30 days"


def _sources(line: LineOA, youtube_url: str, tiktok_url: str, line_url: str) -> str:
    message = line.native_id(line.said[0])
    return f'''
[[source]]
name = "yt"
kind = "youtube"
brand = "solato"
channel = "@yomori"
service = "{youtube_url}"

[[source]]
name = "yt-voices"
kind = "youtube"
brand = "solato"
what = "mentions"
channel = "{OURS}"
search = false
service = "{youtube_url}"

[[source]]
name = "tt"
kind = "tiktok"
brand = "solato"
service = "{tiktok_url}"

[[source]]
name = "line"
kind = "line"
brand = "solato"
messages = {{ "{message}" = "新商品のお知らせ" }}
service = "{line_url}"
'''


def go(home: Home, at: datetime = NOW, **more: Any) -> list[Part]:
    settings = load(home)
    with Owner.open(home) as owner:
        owner.ingest()
        find = candidates_of(owner.refresh_candidates, timedelta(days=30))
        return asyncio.run(Round(home, settings, Inbox(home), secrets(home), candidates=find, now=lambda: at, **more).go(settings.sources))


def rows(home: Home, statement: str, ingest: bool = True) -> list[tuple[Any, ...]]:
    if ingest:
        with Owner.open(home) as owner:
            owner.ingest()
            owner.publish()
    with connect(home) as connection:
        return connection.execute(statement).fetchall()
