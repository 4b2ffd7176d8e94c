"""Hand-computed paired comparisons; size of the test and coverage of the interval."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests

from tracelib.stats.paired import holm, paired_difference


def pair(both, first, second, neither):
    """Two series with these counts: both right, only first, only second, neither."""
    a = [True] * (both + first) + [False] * (second + neither)
    b = [True] * both + [False] * first + [True] * second + [False] * neither
    items = [f"i{k}" for k in range(len(a))]
    return pd.Series(a, items), pd.Series(b, items)


def test_by_hand():
    """Discordant 8 and 2: p = 2 * P(X <= 2), X ~ Bin(10, 1/2) = 2 * 56 / 1024."""
    row = paired_difference(*pair(20, 8, 2, 10))
    assert row["estimate"] == pytest.approx(6 / 40)
    assert (row["n"], row["only_first"], row["only_second"]) == (40, 8, 2)
    assert row["p"] == pytest.approx(112 / 1024)
    # Bonett-Price: p1 = 9/42, p2 = 3/42, difference 6/42, se = sqrt((12/42 - (6/42)^2) / 42)
    middle, half = 6 / 42, 1.959964 * np.sqrt((12 / 42 - (6 / 42) ** 2) / 42)
    assert (row["low"], row["high"]) == pytest.approx((middle - half, middle + half), abs=1e-6)


def test_items_are_matched_by_name_and_only_common_ones_count():
    first = pd.Series([True, False, True], ["a", "b", "c"])
    second = pd.Series([False, False, True], ["d", "b", "a"])
    row = paired_difference(first, second)
    assert (row["n"], row["only_first"], row["only_second"]) == (2, 0, 0)


def test_no_discordant_pairs_and_no_common_items_say_so():
    same = paired_difference(*pair(5, 0, 0, 5))
    assert same["p"] is None
    assert same["note"] == "no discordant pairs, no test"
    assert same["low"] < 0 < same["high"]
    none = paired_difference(pd.Series([True], ["a"]), pd.Series([True], ["b"]))
    assert (none["estimate"], none["note"]) == (None, "no common items")


def test_the_test_never_exceeds_its_level():
    """Enumerated: with m discordant pairs, P(p <= 0.05) under the null is at most 0.05."""
    for m in (5, 12, 40):
        p = np.array([paired_difference(*pair(3, k, m - k, 3))["p"] for k in range(m + 1)])
        assert binom.pmf(np.arange(m + 1), m, 0.5) @ (p <= 0.05) <= 0.05


@pytest.mark.parametrize("cells", [(0.5, 0.15, 0.1, 0.25), (0.8, 0.03, 0.03, 0.14), (0.1, 0.3, 0.1, 0.5)])
def test_the_interval_covers(cells):
    """2,000 simulated data sets of 120 pairs: never below 0.95 by more than 3 Monte Carlo errors.

    With few discordant pairs (the second setting has about 7) the interval is wider than it need be.
    """
    rng = np.random.default_rng(8)
    truth, covered = cells[1] - cells[2], 0
    for both, first, second, neither in rng.multinomial(120, cells, size=2000):
        row = paired_difference(*pair(both, first, second, neither))
        covered += row["low"] <= truth <= row["high"]
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 2000) <= covered / 2000 < 0.99


def test_holm_by_hand_and_against_statsmodels():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, None, 0.03]) == pytest.approx([0.02, None, 0.03])
    assert holm([]) == []
    assert holm([None]) == [None]
    p = [0.2, 0.001, 0.02, 0.6]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())
