"""A row of a table that is no platform's own: a mention that somebody else's tool found, or figures of a day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from collectors.jsonread import storable
from collectors.language import say
from collectors.layout import KPI, Export, squeeze
from collectors.values import DayOrder, NotReadable, count_of, day_of, narrow, number_of
from collectors.words import hashtags
from store.records import Kpi, Metrics, Post

COUNTS = ("views", "likes", "comments", "shares", "saves")
PLATFORM_KEPT = 40
_NAMES = {
    "twitter": "x",
    "xtwitter": "x",
    "x旧twitter": "x",
    "ツイッター": "x",
    "エックス": "x",
    "インスタ": "instagram",
    "インスタグラム": "instagram",
    "ig": "instagram",
    "フェイスブック": "facebook",
    "fb": "facebook",
    "ユーチューブ": "youtube",
    "yt": "youtube",
    "ティックトック": "tiktok",
    "スレッズ": "threads",
    "マストドン": "mastodon",
    "ミスキー": "misskey",
    "ブルースカイ": "bluesky",
    "ライン": "line",
    "ブログ": "blog",
    "ニュース": "news",
    "レビュー": "review",
    "口コミ": "review",
    "クチコミ": "review",
}
_POST_ID = {"x": re.compile(r"/status(?:es)?/(\d{5,20})", re.ASCII), "tiktok": re.compile(r"/(?:video|photo)/(\d{5,20})", re.ASCII)}
_STARS = re.compile(r"(?:[★☆⭐]{1,5}|([0-5](?:\.\d+)?)\s*(?:点|/\s*5(?:\.0+)?|つ星|stars?)?)", re.IGNORECASE | re.ASCII)


def platform_of(name: str) -> str:
    """Return the platform that a cell names: one of ours by any of its usual names ("Twitter" is x), else the name itself, small."""
    known = squeeze(name)
    return _NAMES.get(known) or (known if known.isascii() else " ".join(narrow(name).casefold().split()))[:PLATFORM_KEPT]


def stars_of(cell: str) -> float | None:
    """Read a rating of 1 to 5: "4", "4.5", "4/5", "★★★★☆". None for an empty cell.

    Raises:
        NotReadable: It is none.
    """
    text = narrow(cell).strip()
    if not text or text in ("-", "なし"):
        return None
    match = _STARS.fullmatch(text)
    stars = (float(match[1]) if match[1] else float(sum(c in "★⭐" for c in text))) if match else 0.0
    if not 1 <= stars <= 5:
        raise NotReadable(say(f"評価は 1 から 5 です: 「{cell[:20]}」", f"a rating is 1 to 5: “{cell[:20]}”"))
    return stars


def mention_of(
    export: Export, values: Mapping[str, str], brand: str, source: str, observed_at: datetime, created_at: datetime
) -> tuple[Post] | tuple[Post, Metrics]:
    """Return the mention of a row, and its counts where the row has any.

    Its id is the platform's own where the row or its address holds it, so that a post which a collector found too stays one post; else
    its address; else what it says, when and by whom.

    Raises:
        NotReadable: It says nothing, or a value cannot be read.
    """
    title, text = storable(values.get("title", "")), storable(values.get("text", ""))
    text = f"{title}\n{text}".strip() if title and not text.startswith(title) else text
    if not text:
        raise NotReadable(say("本文が空です", "there is no text"))
    platform = platform_of(values.get("platform", "")) or export.platform
    stars, url, author = stars_of(values.get("stars", "")), storable(values.get("url", "")), storable(values.get("author", "")) or None
    post = Post(
        platform=platform,
        native_id=_id(platform, values, url, f"{created_at}\x00{author}\x00{text}"),
        brand=brand,
        relation="mention",
        source=source,
        text=text,
        created_at=created_at,
        seen_at=observed_at,
        kind="review" if stars is not None or platform == "review" else "post",
        author_name=author,
        url=url if url.startswith(("https://", "http://")) else None,
        tags=hashtags(text),
        stars=stars,
    )
    counts = {name: count_of(values[name]) for name in COUNTS if name in values}
    if all(count is None for count in counts.values()):
        return (post,)
    return post, Metrics(platform=platform, native_id=post.native_id, observed_at=max(observed_at, created_at), **counts)


def _id(platform: str, values: Mapping[str, str], url: str, words: str) -> str:
    inside = _POST_ID[platform].search(url) if platform in _POST_ID else None
    if inside:
        return inside[1]
    return (
        storable(values.get("id", "")).lstrip("'")
        or url
        or "row-" + hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).hexdigest()
    )


def kpis_of(values: Mapping[str, str], brand: str, zone: ZoneInfo, days: DayOrder) -> list[Kpi]:
    """Return the figures of a row: one in a long table, one for each column of a wide one. Empty cells are none, and not 0.

    Raises:
        NotReadable: The day or a figure cannot be read, or the figure has no name.
    """
    day = day_of(values["time"], zone, days)
    if "name" in values:
        cells = {storable(values["name"]): values["value"]}
        if "" in cells:
            raise NotReadable(say("指標の名前が空です", "the measure has no name"))
    else:
        cells = {field.removeprefix(KPI): cell for field, cell in values.items() if field.startswith(KPI)}
    read = {name: number_of(cell) for name, cell in cells.items()}
    return [Kpi(brand=brand, day=day, name=name, value=value) for name, value in read.items() if value is not None]
