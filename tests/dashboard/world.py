"""An invented world, small and quick, that enters through the store's own doors.

``python -m tests.dashboard.world DIR [POSTS] [DAYS]`` makes a home to look at.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from store.declare import Brand, Campaign, Goal, Source
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Gap, Kpi, Record, Reject, Run, SurveyAnswer, post_key

BRANDS = ("soramame", "kazamidori", "mikazuki")
NAMES = {"soramame": "そらまめ珈琲", "kazamidori": "喫茶かざみどり", "mikazuki": "みかづきカフェ"}
PLATFORMS = {"x": 0.38, "instagram": 0.2, "youtube": 0.08, "tiktok": 0.14, "bluesky": 0.12, "feed": 0.08}
RATES = {"x": 0.016, "instagram": 0.034, "youtube": 0.022, "tiktok": 0.061, "bluesky": 0.045, "feed": 0.004}
REACH = {"x": 7.6, "instagram": 8.1, "youtube": 8.8, "tiktok": 9.0, "bluesky": 5.8, "feed": 6.5}
TRICKY = (
    "注文と違うものが出てきた <script>alert(1)</script> **太字** $x^2$ :red[赤] [押して](javascript:alert(1)) <img src=x onerror=alert(1)>"
)
TEXTS = {
    "own": (
        "【新発売】焙煎したてのさくらラテ、本日から全国の店舗で。#そらまめ春",
        "朝活応援！平日10時まで全ドリンク50円引き",
        "豆の選び方講座 その3：浅煎りと深煎りのちがい",
    ),
    "negative": (
        "30分待たされて出てきたのが冷めたコーヒー。もう行かない",
        "値上げしたのに量が減ってるのどういうこと",
        "アプリのクーポンが使えないと言われた。何のためのアプリ？",
        TRICKY,
    ),
    "neutral": ("そらまめ珈琲、来週駅ナカに新店オープンらしい", "ポイントの有効期限っていつまで？", "そらまめ珈琲の前で待ち合わせ"),
    "positive": (
        "朝の一杯がほんとうに幸せ。新作、香りがいい☕",
        "店員さんの対応が丁寧で気持ちよかった！また行く",
        "期間限定のラテ、うますぎて二日連続で飲んでる",
    ),
}
WHY = {
    "negative": [["冷め", -1.4], ["もう行かない", -0.9], ["丁寧", 0.3]],
    "neutral": [["発売", 0.1]],
    "positive": [["幸せ", 1.2], ["香りがいい", 0.8], ["待た", -0.2]],
}
STANCES = {"negative": "critic", "neutral": "none", "positive": "promoter"}
AGES = (1, 6, 24, 72, 168, 336, 720)


@dataclass
class Columns:
    """Rows on their way to a table, kept by column."""

    rows: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, **values: Any) -> None:
        for name, value in values.items():
            self.rows.setdefault(name, []).append(value)

    def table(self) -> pa.Table:
        return pa.table(self.rows)


def build(root: Path, posts: int = 1500, days: int = 120, seed: int = 7, demo: bool = True) -> Home:
    """Fill the home at ``root`` and publish it."""
    home = Home(root)
    rng = np.random.default_rng(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    written, counts, scores = Columns(), Columns(), Columns()
    for number in range(posts):
        _post(rng, number, now, days, written, counts, scores)
    inbox = Inbox(home)
    inbox.land_table("posts", written.table())
    inbox.land_table("metrics", counts.table())
    today = (now + timedelta(hours=9)).date()
    inbox.land([*_machinery(now), *_figures(today)])
    with Owner.open(home) as owner:
        owner.declare(
            brands=[Brand(brand, NAMES[brand], "own" if n == 0 else "competitor", n) for n, brand in enumerate(BRANDS)],
            sources=[Source(f"{p}-{b}", p, p, b, "mentions", 3600) for b in BRANDS for p in PLATFORMS],
            campaigns=_campaigns(today),
            goals=[
                Goal("soramame", "er_basic", 0.001, today + timedelta(days=39)),
                Goal("soramame", "negative_share", 0.01, today - timedelta(days=2)),
                Goal("soramame", "nps", 30.0, None),
                Goal("kazamidori", "nps", 30.0, None),
            ],
            meta={"demo": "1" if demo else None},
        )
        owner.ingest()
        owner.save_scores(scores.table())
        owner.flag()
        owner.publish()
    return home


def _post(rng: np.random.Generator, number: int, now: datetime, days: int, written: Columns, counts: Columns, scores: Columns) -> None:
    platform = str(rng.choice(list(PLATFORMS), p=list(PLATFORMS.values())))
    brand = str(rng.choice(BRANDS, p=[0.5, 0.3, 0.2]))
    own = bool(rng.random() < 0.25)
    created = now - timedelta(days=float(rng.random() ** 1.1) * days, hours=1)
    if platform == "tiktok" and 40 < (now - created).days < 55:
        return
    mood = str(rng.choice(["negative", "neutral", "positive"], p=[0.2, 0.5, 0.3]))
    native = f"n{number}"
    text = str(rng.choice(TEXTS["own" if own else mood]))
    written.add(
        platform=platform, native_id=native, brand=brand, relation="own" if own else "mention", source=f"{platform}-{brand}", text=text,
        created_at=created, seen_at=created + timedelta(minutes=5), kind="post", author_id=f"a{rng.integers(400)}",
        author_name="公式" if own else None, url=f"https://example.invalid/{native}",
    )  # fmt: skip
    views = float(np.exp(rng.normal(REACH[platform] - (0 if own else 2.2), 1.1)))
    rate = RATES[platform] * float(np.exp(rng.normal(0, 0.5)))
    most = 0
    for age in AGES:
        at = created + timedelta(hours=age)
        if at > now:
            break
        seen = int(views * (1 - np.exp(-((age / 30) ** 0.6))))
        most = max(most, int(rng.binomial(seen, min(0.9, rate))))
        counts.add(
            platform=platform, native_id=native, observed_at=at, views=None if platform == "feed" else seen, likes=most,
            comments=most // 5, shares=most // 7, saves=None,
        )  # fmt: skip
    if not own:
        sure = {"negative": 0.1, "neutral": 0.1, "positive": 0.1} | {mood: 0.8}
        scores.add(
            post_key=post_key(platform, native), brand=brand, model="model-1", sentiment=mood, p_negative=sure["negative"],
            p_neutral=sure["neutral"], p_positive=sure["positive"], stance=STANCES[mood], p_promoter=0.1,
            p_critic=float(rng.random()), p_request=0.1, unsure=bool(rng.random() < 0.1),
            mention_type=str(rng.choice(["personal", "news"], p=[0.9, 0.1])), intents=["complaint"] if mood == "negative" else [],
            irony=0.02, relevance=0.9, why=json.dumps(WHY[mood], ensure_ascii=False), scored_at=created.replace(tzinfo=None),
        )  # fmt: skip


def _machinery(now: datetime) -> list[Record]:
    records: list[Record] = [
        Gap(
            source="tiktok-soramame", platform="tiktok", brand="soramame", from_at=now - timedelta(days=55), to_at=now - timedelta(days=40),
            reason="HTTP 503", recorded_at=now,
        ),
        Gap(
            source="x-soramame", platform="x", brand="soramame", from_at=now - timedelta(days=12), to_at=now - timedelta(days=11),
            reason="HTTP 429", recorded_at=now,
        ),
        Reject(source="file-instagram", place="投稿.csv:14", reason="再生数「一万」を数として読めません", raw="2026/11/01,一万", seen_at=now),
    ]  # fmt: skip
    for brand in BRANDS:
        for platform in PLATFORMS:
            for hours in range(0, 48, 6):
                bad = platform == "youtube" and brand == "soramame" and hours < 20
                soon = platform == "instagram" and brand == "soramame"  # works, and will not for long
                records.append(
                    Run(
                        source=f"{platform}-{brand}", platform=platform, brand=brand, started_at=now - timedelta(hours=hours, minutes=3),
                        finished_at=now - timedelta(hours=hours, minutes=2), outcome="access" if bad else "ok", posts=0 if bad else 20,
                        metrics=0 if bad else 60, requests=5, message="トークンが受け付けられませんでした (401)" if bad else "トークンは 2030-01-02 09:00(日本時間)に切れます" if soon else None,
                        advice="環境変数 HIBIKI_YOUTUBE_KEY を入れ直してください" if bad else "新しいトークンを作ってください" if soon else None,
                    )
                )  # fmt: skip
    return records


def _figures(today: date) -> list[Record]:
    days = [today - timedelta(days=n) for n in range(60) if n % 9]  # days without a figure leave no point
    return [
        *(Kpi(brand="kazamidori", day=day, name="line.followers", value=12_000.0 - 11 * (today - day).days) for day in days),
        *(Kpi(brand="kazamidori", day=day, name="来店数", value=300.0 + 40 * (day.weekday() > 4)) for day in days),
        *(
            SurveyAnswer(
                brand="soramame", answer_id=f"s{n}", answered_on=today - timedelta(days=1 + n % 25), score=(10, 9, 8, 10, 4)[n % 5]
            )
            for n in range(60)
        ),
    ]


def _campaigns(today: date) -> list[Campaign]:
    return [
        Campaign("haru", "soramame", "さくらラテ発売", today - timedelta(days=40), today - timedelta(days=22), ("そらまめ春",)),
        Campaign("natsu", "soramame", "夏のアイス祭り", today - timedelta(days=100), today - timedelta(days=80)),
    ]


if __name__ == "__main__":
    build(Path(sys.argv[1]), *(int(value) for value in sys.argv[2:4]))
