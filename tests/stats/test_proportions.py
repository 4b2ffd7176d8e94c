"""Values by hand and from the literature; coverage by exact enumeration and simulation."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from tracelib.stats import bootstrap
from tracelib.stats.proportions import (
    clustered_wilson,
    difference,
    difference_tested,
    error,
    p_below,
    wilson,
)


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


def test_fishers_test_beside_the_difference():
    """Fisher's tea: 3 of 4 and 1 of 4, p = 34/70."""
    row = difference_tested(3, 4, 1, 4)
    assert (row["estimate"], row["p"]) == (0.5, pytest.approx(34 / 70))
    assert row["method"] == "Newcombe hybrid score, Fisher's exact test"
    assert (difference_tested(0, 4, 0, 3)["p"], difference_tested(0, 4, 0, 3)["note"]) == (
        None,
        "all items alike, no test",
    )
    assert difference_tested(0, 0, 1, 3)["note"] == "a group has no items"


def test_a_difference_at_the_margin_is_as_often_below_it_as_not():
    assert p_below(50, 100, 50, 100, 0.0) == pytest.approx(0.5)
    assert p_below(50, 100, 50, 100, 0.2) < 0.01 < p_below(50, 100, 50, 100, 0.1)


def test_the_error_is_that_of_a_normal_interval():
    half = norm.ppf(0.975) * 0.1
    assert error({"low": 0.3 - half, "high": 0.3 + half}) == pytest.approx(0.1)


# --- Outputs of one problem stand or fall together --------------------------------------------


def test_the_interval_is_wilsons_at_the_effective_number():
    """Four problems with 3, 2, 1, 0 of 3 right: share 1/2, sum of squared deviations 5.

    The variance is 4/3 x 5 / 12^2 = 5/108. The effective number is 1/4 / (5/108) = 5.4 outputs instead of 12.
    The 97.5% quantiles are 1.959964 (normal) and 3.182446 (t with 3 df): 5.4 x 0.379297 = 2.048202.
    """
    row = clustered_wilson([3, 2, 1, 0], [3, 3, 3, 3])
    effective, z = 2.048202, 1.959964
    half = z / (effective + z**2) * sqrt(effective / 4 + z**2 / 4)
    assert (row["estimate"], row["n"], row["outputs"]) == (0.5, 4, 12)
    assert [row["low"], row["high"]] == pytest.approx([0.5 - half, 0.5 + half], abs=1e-5)
    assert row["method"] == "Wilson score, clustered on the problem"


def test_repeating_every_output_gives_no_narrower_interval():
    once = clustered_wilson([1, 0, 1, 1, 0], [1] * 5)
    nine_times = clustered_wilson([9, 0, 9, 9, 0], [9] * 5)
    assert [nine_times[name] for name in ("low", "high")] == pytest.approx([once["low"], once["high"]])


@pytest.mark.parametrize("share", [0, 1])
def test_where_all_agree_each_problem_counts_once(share):
    row, plain = clustered_wilson([9 * share] * 7, [9] * 7), wilson(7 * share, 7)
    assert [row[name] for name in ("estimate", "low", "high")] == [
        plain[name] for name in ("estimate", "low", "high")
    ]


def test_without_outputs_there_is_a_note():
    row = clustered_wilson([], [])
    assert (row["estimate"], row["low"], row["n"], row["note"]) == (None, None, 0, "no items")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=40))
def test_the_interval_holds_the_estimate_and_stays_within_its_scale(parts):
    right, wrong = zip(*parts, strict=True)
    of = [one + other for one, other in parts]
    if not sum(of):
        return
    row = clustered_wilson(right, of)
    assert -1e-12 <= row["low"] <= row["estimate"] + 1e-12
    assert row["estimate"] - 1e-12 <= row["high"] <= 1 + 1e-12
    mirrored = clustered_wilson(wrong, of)
    assert [1 - mirrored["high"], 1 - mirrored["low"]] == pytest.approx([row["low"], row["high"]])


def test_many_problems_give_the_clustered_bootstraps_interval():
    rng = np.random.default_rng(5)
    right, of = rng.binomial(9, rng.beta(0.5, 0.4, 400)), np.full(400, 9)
    row = clustered_wilson(right, of)
    drawn = bootstrap.ratio(right, of, np.arange(400), resamples=4000)
    assert [row["low"], row["high"]] == pytest.approx([drawn["low"], drawn["high"]], abs=0.006)


def coverage(problems: int, a: float, b: float, outputs: int, sets: int) -> float:
    """Share of intervals that hold a / (a + b), the mean of the problems' beta-distributed rates."""
    rng, hits = np.random.default_rng(1), 0
    for _ in range(sets):
        right = rng.binomial(outputs, rng.beta(a, b, problems))
        row = clustered_wilson(right, np.full(problems, outputs))
        hits += row["low"] <= a / (a + b) <= row["high"]
    return hits / sets


@pytest.mark.parametrize("problems", [5, 20, 43])
def test_coverage_exactly_where_all_outputs_of_a_problem_agree(problems):
    """Exact coverage over all numbers of solved problems: 95% on average, like Wilson's interval."""
    rows = [clustered_wilson([9] * k + [0] * (problems - k), [9] * problems) for k in range(problems + 1)]
    low, high = (np.array([row[name] for row in rows]) for name in ("low", "high"))
    chances = np.linspace(0.05, 0.95, 181)
    held = (low <= chances[:, None]) & (chances[:, None] <= high)
    covered = (held * binom.pmf(np.arange(problems + 1), problems, chances[:, None])).sum(axis=1)
    assert covered.mean() > 0.95
    assert covered.min() > 0.89


SETTINGS = [(10, 0.5, 0.4, 9), (43, 0.5, 0.4, 9), (113, 0.3, 0.7, 9), (20, 0.2, 2, 3), (87, 2, 0.5, 3)]


@pytest.mark.parametrize(("problems", "a", "b", "outputs"), SETTINGS[1:3])
def test_coverage(problems, a, b, outputs):
    assert coverage(problems, a, b, outputs, 400) > 0.95 - 3 * sqrt(0.95 * 0.05 / 400)


@pytest.mark.nightly
@pytest.mark.parametrize(("problems", "a", "b", "outputs"), SETTINGS)
def test_coverage_at_length(problems, a, b, outputs):
    assert coverage(problems, a, b, outputs, 4000) > 0.95 - 0.005 - 3 * sqrt(0.95 * 0.05 / 4000)
