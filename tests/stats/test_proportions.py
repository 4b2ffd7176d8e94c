"""Values by hand and from the literature; coverage by exact enumeration."""

import numpy as np
import pytest
from scipy.stats import binom

from tracelib.stats.proportions import difference, wilson


def test_wilson_by_the_formula():
    """Wilson (1927) with 15 of 148: the worked example of Newcombe (1998), 0.0624 to 0.1605."""
    row = wilson(15, 148)
    assert row["estimate"] == pytest.approx(15 / 148)
    assert (row["low"], row["high"]) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert row["n"] == 148
    assert row["method"] == "Wilson score"


def test_wilson_at_the_ends_and_without_items():
    assert wilson(0, 10)["low"] == 0
    assert wilson(10, 10)["high"] == pytest.approx(1)
    assert wilson(0, 0)["estimate"] is None
    assert wilson(0, 0)["note"] == "no items"


def test_difference_of_newcombes_example():
    """Newcombe (1998, table II): 56/70 - 48/80 = 0.2, method 10 gives 0.0524 to 0.3339."""
    row = difference(56, 70, 48, 80)
    assert row["estimate"] == pytest.approx(0.2)
    assert (row["low"], row["high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_difference_with_an_empty_group():
    assert difference(0, 0, 3, 5)["estimate"] is None
    assert difference(0, 0, 3, 5)["note"] == "a group has no items"


@pytest.mark.parametrize("n", [20, 87, 200])
def test_wilson_covers_95_percent_on_average(n):
    """Exact coverage over a grid of true rates: near 0.95 on average, nowhere far below."""
    rows = [wilson(k, n) for k in range(n + 1)]
    low, high = (np.array([row[side] for row in rows]) for side in ("low", "high"))
    rates = np.linspace(0.02, 0.98, 97)
    covered = np.array([binom.pmf(np.arange(n + 1), n, p) @ ((low <= p) & (p <= high)) for p in rates])
    assert covered.mean() == pytest.approx(0.95, abs=0.01)
    assert covered.min() > 0.83


@pytest.mark.nightly
def test_difference_covers_at_many_settings():
    """Exact coverage of Newcombe's interval, all pairs of counts enumerated."""
    n1, n2 = 30, 45
    table = [[difference(a, n1, b, n2) for b in range(n2 + 1)] for a in range(n1 + 1)]
    low, high = (np.array([[cell[side] for cell in row] for row in table]) for side in ("low", "high"))
    for p1, p2 in [(0.5, 0.5), (0.2, 0.6), (0.9, 0.8), (0.05, 0.1)]:
        weights = np.outer(binom.pmf(np.arange(n1 + 1), n1, p1), binom.pmf(np.arange(n2 + 1), n2, p2))
        covered = weights[(low <= p1 - p2) & (p1 - p2 <= high)].sum()
        assert 0.92 < covered < 0.99
