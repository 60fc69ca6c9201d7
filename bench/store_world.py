"""Made-up posts and counts for the store's benchmark: long tails, six platforms, 400 days, three brands."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 400
PLATFORMS = np.array(["x", "instagram", "youtube", "tiktok", "bluesky", "facebook"])
BRANDS = np.array(["sorato", "hoshimi", "kazemachi"])
OWN_SHARE = 0.2
_WORDS = np.array(
    [
        "新作",
        "ココア",
        "が",
        "おいしい",
        "店員さん",
        "丁寧",
        "待ち時間",
        "長い",
        "また",
        "行きたい",
        "値上げ",
        "残念",
        "限定",
        "かわいい",
        "アプリ",
        "落ちる",
        "配送",
        "遅れ",
        "早い",
        "対応",
        "神",
        "最高",
        "微妙",
        "朝",
        "夜",
        "駅前",
        "混んで",
        "いた",
        "友だち",
        "誘って",
        "炎上",
        "返金",
        "電話",
        "つながらない",
        "ありがとう",
        "うれしい",
        "ポイント",
        "使えない",
        "改悪",
        "推し",
        "コラボ",
        "楽しみ",
        "春",
        "夏",
        "秋",
        "冬",
        "カフェ",
        "ソラト",
        "星見",
        "珈琲",
        "風待ち",
    ]
)
_MICROS = 86_400_000_000

Ints = npt.NDArray[np.int64]


def _times(micros: Ints) -> pa.Array:
    return pa.array(int(START.timestamp() * 1e6) + micros, pa.int64()).cast(pa.timestamp("us"))


def created(index: Ints, total: int) -> Ints:
    """Return when the posts were made, in microseconds after START: one after the other, evenly over the days."""
    return index * DAYS * 86_400 // total * 1_000_000


def posts(index: Ints, seed: int, total: int, prefix: str = "p") -> pa.Table:
    """Return a table for ``Inbox.land_table("posts", …)``."""
    dice = np.random.default_rng(seed)
    n = len(index)
    words = _WORDS[dice.integers(0, len(_WORDS), (n, 14))]
    own = (index * 2_654_435_761 % 1000) < 1000 * OWN_SHARE
    brand = BRANDS[np.minimum(index * 40_503 % 10 // 4, 2)]
    made = created(index, total)
    return pa.table(
        {
            "platform": PLATFORMS[index % 6],
            "native_id": [f"{prefix}{i}" for i in index.tolist()],
            "brand": brand,
            "relation": np.where(own, "own", "mention"),
            "source": np.where(own, "own", "search"),
            "text": ["".join(row) for row in words.tolist()],
            "kind": ["post"] * n,
            "author_id": [f"u{i}" for i in (dice.pareto(1.2, n) * 500).astype(np.int64).tolist()],
            "url": [f"https://sns.example/{prefix}{i}" for i in index.tolist()],
            "created_at": _times(made),
            "seen_at": _times(made + 3_600_000_000),
        }
    )


def metrics(index: Ints, step: int, seed: int, total: int, prefix: str = "p") -> pa.Table:
    """Return the ``step``-th observation of each post for ``Inbox.land_table("metrics", …)``; a tenth has no views."""
    dice = np.random.default_rng(seed)
    n = len(index)
    views = (dice.lognormal(6, 1.5, n) * (step + 1)).astype(np.int64)
    unknown = index % 10 == 3
    return pa.table(
        {
            "platform": PLATFORMS[index % 6],
            "native_id": [f"{prefix}{i}" for i in index.tolist()],
            "observed_at": _times(created(index, total) + (step + 1) ** 2 * 3_600_000_000),
            "views": pa.array(views, mask=unknown),
            "likes": dice.binomial(views, 0.02),
            "comments": dice.binomial(views, 0.002),
            "shares": dice.binomial(views, 0.004),
        }
    )


def scores(keys: pa.Array, brands: pa.Array, seed: int) -> pa.Table:
    """Return scores by model ``bench`` for the mentions."""
    dice = np.random.default_rng(seed)
    n = len(keys)
    chance = dice.dirichlet((0.8, 5, 2), n)
    critic = dice.random(n) * chance[:, 0]
    return pa.table(
        {
            "post_key": keys,
            "brand": brands,
            "model": ["bench"] * n,
            "sentiment": np.array(["negative", "neutral", "positive"])[chance.argmax(1)],
            "p_negative": chance[:, 0],
            "p_neutral": chance[:, 1],
            "p_positive": chance[:, 2],
            "stance": np.select([critic > 0.3, chance[:, 2] > 0.5], ["critic", "promoter"], "none"),
            "p_critic": critic,
            "mention_type": np.where(dice.random(n) < 0.8, "personal", "news"),
            "unsure": chance.max(1) < 0.45,
            "relevance": np.full(n, 0.9),
            "scored_at": _times(np.full(n, DAYS * _MICROS)),
        }
    )
