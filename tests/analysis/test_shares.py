"""Shares and net promoter scores."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.shares import net_promoter_score, survey_nps, wilson


def test_wilson_by_a_worked_example() -> None:
    # 10 of 100: centre (0.1 + 1.9207/100) / (1 + 3.8415/100), by hand.
    share = wilson(10, 100)
    assert share.value == 0.1
    assert share.low == pytest.approx(0.0552, abs=1e-4)
    assert share.high == pytest.approx(0.1744, abs=1e-4)


def test_wilson_at_the_edges_stays_within_0_and_1() -> None:
    none, everyone = wilson(0, 5), wilson(5, 5)
    assert none.low == pytest.approx(0.0, abs=1e-12)
    assert none.high is not None
    assert none.high > 0.3
    assert everyone.high == pytest.approx(1.0)


def test_nothing_counted_is_no_share() -> None:
    assert wilson(0, 0).value is None
    assert net_promoter_score(0, 0, 0).value is None


def test_survey_nps_counts_9_and_10_against_0_to_6() -> None:
    nps = survey_nps({10: 30, 9: 20, 8: 20, 7: 10, 6: 10, 0: 10})
    assert nps.value == pytest.approx(30.0)
    assert (nps.promoters, nps.critics, nps.total) == (50, 20, 100)


def test_survey_scores_outside_the_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        survey_nps({11: 1})


@pytest.mark.parametrize(("n", "p", "q"), [(20, 0.5, 0.2), (20, 0.05, 0.8), (200, 0.3, 0.3)])
def test_nps_interval_covers_the_truth(n: int, p: float, q: float) -> None:
    rng = np.random.default_rng(7)
    counts = rng.multinomial(n, [p, q, 1 - p - q], size=2000)
    scores = [net_promoter_score(int(a), int(b), n) for a, b, _ in counts]
    covered = np.mean([s.low <= 100 * (p - q) <= s.high for s in scores if s.low is not None and s.high is not None])
    assert 0.93 <= covered <= 0.98


def test_more_hits_than_units_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and total"):
        wilson(6, 5)
    with pytest.raises(ValueError, match="within total"):
        net_promoter_score(4, 4, 7)
