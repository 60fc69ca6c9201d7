"""Comparisons: a change is called one only when the data can tell, and false calls keep to their level."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.compare import compare_counts, compare_nps, compare_rates, compare_shares
from analysis.rates import ratio_of_sums
from analysis.shares import net_promoter_score, wilson
from tests.analysis.test_rates import draw, rate_of


def test_false_alarms_on_rates_keep_to_the_level() -> None:
    rng = np.random.default_rng(3)
    verdicts = [compare_rates(rate_of(*draw(rng, 40)), rate_of(*draw(rng, 60))).verdict for _ in range(600)]
    called = sum(v in ("up", "down") for v in verdicts) / len(verdicts)
    assert called <= 0.08


def test_a_doubled_rate_is_called_up() -> None:
    rng = np.random.default_rng(4)
    reactions, views = draw(rng, 400)
    change = compare_rates(rate_of(reactions * 2, views), rate_of(*draw(rng, 400)))
    assert change.verdict == "up"
    assert change.low is not None
    assert change.low > 0


def test_too_few_posts_give_no_verdict() -> None:
    few = ratio_of_sums(2, 30, 1000, 500, 16000, 520000)
    many = rate_of(*draw(np.random.default_rng(1), 100))
    assert compare_rates(few, many).verdict == "not_enough"
    assert compare_rates(ratio_of_sums(0, 0, 0, 0, 0, 0), many).verdict == "not_enough"


def test_shares_by_newcombes_own_example() -> None:
    # 56/70 against 48/80: Newcombe 1998, table II, method 10: 0.0524 to 0.3339.
    change = compare_shares(wilson(56, 70), wilson(48, 80))
    assert change.difference == pytest.approx(0.2)
    assert change.low == pytest.approx(0.0524, abs=1e-4)
    assert change.high == pytest.approx(0.3339, abs=1e-4)
    assert change.verdict == "up"


def test_nps_change_has_no_relative_part() -> None:
    change = compare_nps(net_promoter_score(10, 60, 100), net_promoter_score(60, 10, 100))
    assert change.relative is None
    assert change.difference == pytest.approx(-100)
    assert change.verdict == "down"


def test_counts_that_wobble_together_are_not_called() -> None:
    rng = np.random.default_rng(9)

    def series() -> list[float]:
        level, out = 0.0, []
        for _ in range(28):
            level = 0.6 * level + 0.4 * rng.standard_normal()
            out.append(float(rng.poisson(30 * np.exp(0.5 * level))))
        return out

    called = sum(compare_counts(series(), series()).verdict in ("up", "down") for _ in range(600)) / 600
    assert called <= 0.09


def test_a_real_jump_in_counts_is_called() -> None:
    change = compare_counts([52, 47, 55, 60, 49, 51, 58], [30, 28, 33, 25, 31, 29, 30])
    assert change.verdict == "up"
    assert change.relative == pytest.approx(372 / 206 - 1)


def test_two_days_or_no_days_are_not_enough() -> None:
    assert compare_counts([5, 6], [50, 60]).verdict == "not_enough"
    assert compare_counts([], [1, 2, 3]).verdict == "not_enough"


def test_zeros_on_both_sides_say_nothing() -> None:
    change = compare_counts([0] * 7, [0] * 7)
    assert change.verdict == "not_enough"
    assert change.relative is None
