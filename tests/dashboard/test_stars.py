"""The stars of reviews on the model page and beside a review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from store.home import Home
from store.inbox import Inbox
from store.owner import Owner
from store.records import Post
from tests.dashboard.conftest import visit, words
from tests.dashboard.world import BRANDS


def review(number: int, stars: float, brand: str) -> Post:
    at = datetime.now(UTC) - timedelta(days=2, minutes=number)
    return Post(
        platform="appstore", native_id=str(number), brand=brand, relation="mention", source="ios", text=f"使いました{number}",
        created_at=at, seen_at=at, kind="review", stars=stars,
    )  # fmt: skip


def test_without_stars_the_model_page_says_nothing_of_them(home: Home) -> None:
    assert "レビューの星と判定" not in words(visit("model"))


def test_how_often_stars_and_readings_agree_is_a_table(home: Home) -> None:
    brand = next(iter(BRANDS))
    posts = [review(0, 1, brand), review(1, 2, brand), review(2, 5, brand), review(3, 5, brand)]
    moods = ["negative", "positive", "positive", "positive"]
    with Owner.open(home) as owner:
        Inbox(home).land(posts)
        owner.ingest()
        rows = [
            {
                "post_key": post.key,
                "brand": brand,
                "model": "model-1",
                "sentiment": mood,
                "unsure": False,
                "relevance": 1.0,
                "intents": [],
                "why": "[]",
            }
            for post, mood in zip(posts, moods, strict=True)
        ]
        owner.save_scores(pa.Table.from_pylist(rows))
        owner.publish()
    said = words(visit("model", brand=brand))
    assert "星つきレビュー4件" in said
    assert "75" in said
    assert "星1〜2" in said
    assert "星3" not in said.rpartition("レビューの星と判定")[2].partition("</table>")[0].partition("<tbody>")[2]
    one = words(visit("posts", brand=brand, of="mention", q="使いました2"))
    assert "★5" in one
    assert "App Store" in one
