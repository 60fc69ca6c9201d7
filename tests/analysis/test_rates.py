"""The rate's interval: it must cover the truth about as often as it says, on posts that behave like real ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.rates import Rate, ratio_of_sums
from analysis.shares import wilson


def rate_of(reactions: np.ndarray, views: np.ndarray) -> Rate:
    r, v = reactions.astype(float), views.astype(float)
    return ratio_of_sums(len(r), r.sum(), v.sum(), (r * r).sum(), (r * v).sum(), (v * v).sum())


def draw(rng: np.random.Generator, posts: int) -> tuple[np.ndarray, np.ndarray]:
    """Posts with log-normal views (σ 1.5) and their own appeal (σ 0.7), reactions binomial: long tails, overdispersion."""
    views = np.floor(np.exp(7 + 1.5 * rng.standard_normal(posts))).astype(int)
    appeal = np.minimum(0.9, 0.02 * np.exp(0.7 * rng.standard_normal(posts) - 0.7**2 / 2))
    return rng.binomial(views, appeal), views


@pytest.mark.parametrize("posts", [10, 30, 100])
def test_interval_covers_the_truth_where_the_pooled_one_does_not(posts: int) -> None:
    rng = np.random.default_rng(20)
    rounds, given, covered, pooled = 600, 0, 0, 0
    for _ in range(rounds):
        reactions, views = draw(rng, posts)
        rate = rate_of(reactions, views)
        if rate.low is not None and rate.high is not None:
            given += 1
            covered += rate.low <= 0.02 <= rate.high
        share = wilson(int(reactions.sum()), int(views.sum()))
        assert share.low is not None
        assert share.high is not None
        pooled += share.low <= 0.02 <= share.high
    assert given / rounds > 0.98
    assert 0.90 <= covered / given <= 0.985
    assert pooled / rounds < 0.35


def test_value_is_the_ratio_of_sums_not_the_mean_of_ratios() -> None:
    rate = rate_of(np.array([1, 90]), np.array([10, 9990]))
    assert rate.value == pytest.approx(91 / 10000)


def test_no_views_is_no_rate() -> None:
    assert ratio_of_sums(0, 0, 0, 0, 0, 0).value is None
    assert ratio_of_sums(3, 5, 0, 9, 0, 0).value is None


def test_one_post_has_a_rate_without_interval_or_verdict() -> None:
    rate = rate_of(np.array([5]), np.array([100]))
    assert rate.value == pytest.approx(0.05)
    assert rate.low is None
    assert not rate.enough


def test_one_post_with_nearly_all_views_is_not_enough() -> None:
    views = np.array([1_000_000, *[100] * 40])
    rate = rate_of(views // 50, views)
    assert rate.effective_posts < 1.1
    assert not rate.enough


def test_identical_posts_leave_no_doubt() -> None:
    rate = rate_of(np.full(50, 2), np.full(50, 100))
    assert rate.low == pytest.approx(rate.value)
    assert rate.high == pytest.approx(rate.value)


def test_sums_add_up_over_days() -> None:
    rng = np.random.default_rng(5)
    reactions, views = draw(rng, 40)
    whole = rate_of(reactions, views)
    halves = [(reactions[:20].astype(float), views[:20].astype(float)), (reactions[20:].astype(float), views[20:].astype(float))]
    sums = [sum(s) for s in zip(*[(len(r), r.sum(), v.sum(), r @ r, r @ v, v @ v) for r, v in halves], strict=True)]
    again = ratio_of_sums(int(sums[0]), *sums[1:])
    assert again.low == pytest.approx(whole.low)
    assert again.high == pytest.approx(whole.high)


@pytest.mark.parametrize("bad", [(-1, 1, 1, 1, 1, 1, 0.95), (1, 1, 1, 1, 1, 1, 1.0), (1, 1, -1, 1, 1, 1, 0.9)])
def test_bad_input_is_refused(bad: tuple[float, ...]) -> None:
    posts, *rest = bad
    with pytest.raises(ValueError, match="must"):
        ratio_of_sums(int(posts), *rest)


def test_interval_is_finite_or_absent() -> None:
    rate = rate_of(np.array([0, 1]), np.array([1, 10**9]))
    assert rate.low is None or math.isfinite(rate.low)
