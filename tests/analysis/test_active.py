"""Which post is asked next: what teaches, and the random share that measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.active import HELD, choose, is_held, plan, uncertainty

WORDS = (
    "珈琲",
    "店員さん",
    "値段",
    "アプリ",
    "新作",
    "待ち時間",
    "席",
    "香り",
    "クーポン",
    "閉店",
    "駐車場",
    "限定",
    "味",
    "接客",
    "量",
    "雰囲気",
)
ENDS = (
    "がよかった",
    "はどうなの",
    "が残念だった",
    "を楽しみにしている",
    "に並んだ",
    "のことを考えている",
    "がなくなった",
    "を友達と話した",
)


def pool(size: int = 400, seed: int = 3, **given: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    moods, stances = rng.dirichlet([1, 1, 1], size), rng.dirichlet([1, 1, 1, 1], size)
    texts = [f"{rng.choice(WORDS)}と{rng.choice(WORDS)}{rng.choice(ENDS)}、{rng.choice(WORDS)}{rng.choice(ENDS)}" for _ in range(size)]
    columns: dict[str, Any] = {
        "post_key": np.arange(size) + 1000, "platform": rng.choice(["x", "instagram"], size, p=[0.7, 0.3]),
        "day": pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 90, size), "D"), "text": texts,
        "p_negative": moods[:, 0], "p_neutral": moods[:, 1], "p_positive": moods[:, 2],
        "p_promoter": stances[:, 0], "p_critic": stances[:, 1], "p_request": stances[:, 2],
        "labelled": np.zeros(size, bool), "drawn": np.zeros(size, bool), "lot": [f"{n:08d}" for n in rng.permutation(size)],
    }  # fmt: skip
    return pd.DataFrame(columns | given)


def test_the_held_pot_has_its_share_and_copies_share_their_pot() -> None:
    texts = [f"投稿その{chr(0x4E00 + n)}{chr(0x5000 + n * 7 % 900)}" for n in range(3000)]
    share = np.mean([is_held("b", text) for text in texts])
    assert share == pytest.approx(HELD, abs=0.03)
    for text in texts[:50]:
        assert is_held("b", text) == is_held("b", f"@someone {text} https://t.test/abc 12")
    assert any(is_held("b", text) != is_held("c", text) for text in texts[:50])


def test_held_posts_are_asked_by_lot_and_learning_ones_are_not_held() -> None:
    frame = pool()
    asks = plan(frame, "b", [], 100)
    texts = dict(zip(frame["post_key"], frame["text"], strict=True))
    assert len({ask.post_key for ask in asks}) == len(asks) == 100
    assert all(ask.held == is_held("b", texts[ask.post_key]) for ask in asks)
    assert all(ask.drawn == "random" for ask in asks if ask.held)
    assert sum(ask.held for ask in asks) == pytest.approx(30, abs=1)
    assert sum(ask.held for ask in asks[:20]) == pytest.approx(6, abs=1)  # at any moment, not only at the end
    by_lot = frame.sort_values("lot")
    held = [key for key, text in zip(by_lot["post_key"], by_lot["text"], strict=True) if is_held("b", text)]
    assert [ask.post_key for ask in asks if ask.held] == held[: sum(ask.held for ask in asks)]
    learning = [ask for ask in asks if not ask.held]
    assert 0.05 < sum(ask.drawn == "random" for ask in learning) / len(learning) < 0.25


def test_the_measuring_sample_does_not_lean_to_the_unsure() -> None:
    """What measures must look like the pool; what teaches must be less sure than it."""
    frame = pool(1200)
    asks = plan(frame, "b", [], 300)
    doubt = pd.Series(uncertainty(frame), index=frame["post_key"])
    held = doubt[[ask.post_key for ask in asks if ask.held]]
    taught = doubt[[ask.post_key for ask in asks if ask.drawn == "asked"]]
    assert held.mean() == pytest.approx(doubt.mean(), abs=3 * doubt.std() / np.sqrt(len(held)))
    assert taught.mean() > doubt.mean() + doubt.std() / 2


def test_a_post_labelled_at_the_desk_stays_in_the_lot_and_a_drawn_one_is_not_asked_again() -> None:
    frame = pool()
    first = next(ask for ask in plan(frame, "b", [], 10) if ask.held)
    frame.loc[frame["post_key"] == first.post_key, "labelled"] = True
    assert first.post_key in {ask.post_key for ask in plan(frame, "b", [], 10)}
    frame.loc[frame["post_key"] == first.post_key, "drawn"] = True
    assert first.post_key not in {ask.post_key for ask in plan(frame, "b", [], 100)}
    taught = next(ask for ask in plan(frame, "b", [], 10) if not ask.held)
    frame.loc[frame["post_key"] == taught.post_key, "labelled"] = True
    assert taught.post_key not in {ask.post_key for ask in plan(frame, "b", [], 100)}


def test_near_duplicates_are_asked_once() -> None:
    frame = pool(60)
    frame.loc[:29, "text"] = [f"フォロー＆リポストで珈琲が当たる！応募しました {n}" for n in range(30)]
    chosen = choose(frame, [], 60)
    assert sum(row < 30 for row in chosen) == 1
    known = choose(frame, ["フォロー＆リポストで珈琲が当たる！応募しました"], 60)
    assert not any(row < 30 for row in known)


def test_no_platform_is_forgotten() -> None:
    frame = pool(400)
    sure = frame["platform"] == "instagram"
    frame.loc[sure, ["p_negative", "p_neutral", "p_positive"]] = [0.1, 0.3, 0.6]
    chosen = frame.loc[choose(frame, [], 60), "platform"]
    assert (chosen == "instagram").mean() > 0.1


def test_the_same_pool_gives_the_same_order_and_an_empty_one_nothing() -> None:
    assert plan(pool(), "b", ["既知"], 40) == plan(pool().sample(frac=1, random_state=1), "b", ["既知"], 40)
    assert plan(pool(400).iloc[:0], "b", [], 10) == []
    assert len(plan(pool(8), "b", [], 50)) <= 8


def test_unknown_probabilities_are_no_error() -> None:
    frame = pool(40, p_promoter=None, p_critic=None, p_request=None)
    assert len(choose(frame, [], 5)) == 5
