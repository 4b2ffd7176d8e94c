"""Paired comparisons by hand; size of the tests, coverage of the interval, power."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, chi2, norm

from tracelib.stats.paired import (
    Pairs,
    cochrans_q,
    equivalence,
    equivalence_power,
    minimum_detectable,
    paired_difference,
    power,
)


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
    """In 2,000 simulated data sets of 120 pairs, coverage is at least 0.95 minus 3 Monte Carlo errors.

    With few discordant pairs (about 7 in the second setting) the interval is wider than necessary.
    """
    rng = np.random.default_rng(8)
    truth, covered = cells[1] - cells[2], 0
    for both, first, second, neither in rng.multinomial(120, cells, size=2000):
        row = paired_difference(*pair(both, first, second, neither))
        covered += row["low"] <= truth <= row["high"]
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 2000) <= covered / 2000 < 0.99


def test_items_that_only_one_has_are_counted_in_the_note():
    first, second = pd.Series([True, False], ["a", "b"]), pd.Series([True, True, False], ["b", "c", "d"])
    assert paired_difference(first, second)["note"] == "3 items that only one of the two has, left out"


def test_equivalence_is_the_90_percent_interval_within_the_margin():
    """Discordant 8 and 2 of 40: adjusted 6/42, error sqrt((12/42 - (6/42)^2) / 42)."""
    first, second = pair(20, 8, 2, 10)
    row = equivalence(first, second, 0.2)
    centre, error = 6 / 42, np.sqrt((12 / 42 - (6 / 42) ** 2) / 42)
    assert (row["low"], row["high"]) == pytest.approx(
        (centre - 1.644854 * error, centre + 1.644854 * error), abs=1e-6
    )
    assert row["p"] == pytest.approx(norm.cdf((centre - 0.2) / error))
    assert row["p_noninferior"] == pytest.approx(norm.sf((centre + 0.2) / error))
    assert row["smallest_margin"] == pytest.approx(row["high"])
    assert equivalence(first, second, row["smallest_margin"] + 1e-9)["p"] < 0.05
    assert equivalence(first, second, row["smallest_margin"] - 1e-9)["p"] > 0.05


def test_equivalence_without_common_items_says_so():
    row = equivalence(pd.Series([True], ["a"]), pd.Series([True], ["b"]), 0.05)
    assert (row["estimate"], row["p"], row["note"]) == (None, None, "no common items")


@pytest.mark.parametrize(("times", "highest"), [(2, 0.054), (4, 0.0515), (1, 0.065)])
def test_the_size_of_the_equivalence_test_at_the_releases_n_by_enumeration(times, highest):
    """All outcomes of 950 pairs are enumerated at a true difference of exactly the margin.

    If the share of discordant pairs is at least twice the margin, as in the release, the size is at most 5.4
    percent. If almost all discordant pairs favour one condition, it is up to 6.5.
    """
    n, margin, discordant = 950, 0.05, 0.05 * times
    total, first = np.arange(n + 1)[:, None], np.arange(n + 1)[None, :]
    weight = binom.pmf(total, n, discordant) * binom.pmf(first, total, (discordant + margin) / 2 / discordant)
    p1, p2 = (first + 1) / (n + 2), np.maximum(total - first + 1, 0) / (n + 2)
    half = norm.ppf(0.95) * np.sqrt((p1 + p2 - (p1 - p2) ** 2).clip(min=0) / (n + 2))
    claimed = (p1 - p2 - half > -margin) & (p1 - p2 + half < margin)
    assert 0.05 < (weight * claimed).sum() <= highest
    place = (60, 30)  # the formula above agrees with the code
    low, high = Pairs(n, place[1], place[0] - place[1]).interval(0.9)
    assert (high - low) / 2 == pytest.approx(half[place])


def test_cochrans_q_by_hand():
    """Right on 4, 2 and 1 of 4 items, row sums 3, 2, 1, 1: Q = 2 * (3 * 21 - 49) / (21 - 15) = 14/3."""
    answers = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0]], columns=["a", "b", "c"]).astype(bool)
    row = cochrans_q(answers)
    assert row["statistic"] == pytest.approx(14 / 3)
    assert (row["df"], row["n"], row["note"]) == (2, 4, "")
    assert row["p"] == pytest.approx(chi2.sf(14 / 3, 2))


def test_cochrans_q_of_two_conditions_is_mcnemars_statistic():
    first, second = pair(20, 8, 2, 10)
    assert cochrans_q(pd.concat([first, second], axis=1))["statistic"] == pytest.approx(
        (8 - 2) ** 2 / (8 + 2)
    )


def test_cochrans_q_without_variation_or_with_missing_items_says_so():
    same = pd.DataFrame([[True, True], [False, False], [True, None]], columns=["a", "b"]).astype("boolean")
    row = cochrans_q(same)
    assert (row["statistic"], row["p"], row["n"]) == (None, None, 2)
    assert (
        row["note"]
        == "no item on which the conditions differ, no test; 1 items that not all conditions have, left out"
    )


def test_the_detectable_difference_has_the_wanted_power():
    """With a fifth of 950 pairs discordant, the power at a difference of two points is below one third."""
    found = minimum_detectable(0.2, 950)
    assert power(found, 0.2, 950) == pytest.approx(0.8)
    assert power(0.02, 0.2, 950) < 1 / 3
    assert minimum_detectable(0.2, 5) is None
    assert minimum_detectable(0.0, 950) is None


@pytest.mark.parametrize("data_sets", [400, pytest.param(4000, marks=pytest.mark.nightly)])
def test_power_is_as_designed_by_simulation(data_sets):
    """The exact test finds the minimum detectable difference in 80 percent of data sets."""
    n, discordant = 950, 0.2
    difference = minimum_detectable(discordant, n)
    rng = np.random.default_rng(1)
    shares = [(discordant + difference) / 2, (discordant - difference) / 2, 1 - discordant]
    counts = rng.multinomial(n, shares, data_sets)[:, :2]
    p = 2 * binom.cdf(counts.min(axis=1), counts.sum(axis=1), 0.5)
    found = (p < 0.05).mean()
    error = np.sqrt(0.8 * 0.2 / data_sets)
    assert abs(found - 0.8) < 3.5 * error


def test_the_power_of_a_small_test_by_hand():
    """Six pairs, all discordant, a third of them one way. The test rejects if all six agree: 2/64 < 0.05."""
    assert power(1 / 3, 1.0, 6) == pytest.approx((2 / 3) ** 6 + (1 / 3) ** 6)
    assert power(1 / 3, 1.0, 5) == 0  # 2/32 > 0.05: no outcome rejects


def test_the_power_of_the_equivalence_test_counts_outcomes():
    """Two pairs, each discordant with chance 1/2: add outcomes whose 90% interval is within the margin."""
    claimed = 0.0
    for total, chance in enumerate(binom.pmf(range(3), 2, 0.5)):
        for only_first in range(total + 1):
            low, high = Pairs(2, only_first, total - only_first).interval(0.9)
            claimed += chance * binom.pmf(only_first, total, 0.5) * (low >= -0.75 and high <= 0.75)
    assert equivalence_power(0.75, 0.5, 2) == pytest.approx(claimed)
    assert 0 < claimed < 1


def test_a_margin_of_two_points_has_no_power_at_the_releases_n():
    """16 percent of 950 pairs are discordant, without a difference. A margin of five points has power."""
    assert equivalence_power(0.02, 0.16, 950) < 0.1
    assert equivalence_power(0.05, 0.16, 950) > 0.95
