"""Statistics over seeds: by hand, compared with scipy, and coverage of the intervals."""

import numpy as np
import pytest
from scipy import stats

from tracelib.core.errors import InputError
from tracelib.stats import seeds


def test_the_mean_by_hand():
    """Values 1, 2, 3, 4, 5: mean 3, sd sqrt(2.5), t quantile 2.776 with four degrees of freedom."""
    row = seeds.mean([1, 2, 3, 4, 5])
    half = 2.7764451 * np.sqrt(2.5 / 5)
    assert (row["estimate"], row["n"]) == (3.0, 5)
    assert (row["low"], row["high"]) == pytest.approx((3 - half, 3 + half), abs=1e-5)
    assert row["p"] == pytest.approx(stats.ttest_1samp([1, 2, 3, 4, 5], 0).pvalue)


def test_paired_differences_are_the_paired_t_test():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 7))
    assert seeds.mean(first - second)["p"] == pytest.approx(stats.ttest_rel(first, second).pvalue)


def test_one_seed_and_equal_seeds_have_no_test():
    assert seeds.mean([0.4]) | {"note": "", "method": ""} == {
        "estimate": 0.4, "low": None, "high": None, "p": None, "n": 1, "sd": None,
        "statistic": None, "df": 0, "method": "", "note": "",
    }  # fmt: skip
    row = seeds.mean([0.5, 0.5, 0.5])
    assert (row["low"], row["high"], row["p"]) == (None, None, None)
    assert row["note"] == "all seeds equal: no interval"
    assert seeds.equivalence([0.0, 0.0], 5)["equivalent"] is None
    assert seeds.mean([0.1 + 0.2, 0.3, 0.3])["note"] == "all seeds equal: no interval"


@pytest.mark.filterwarnings("error")
def test_no_seeds_and_no_doses_have_no_number():
    assert seeds.mean([])["note"] == "no seeds"
    assert (seeds.mean([])["estimate"], seeds.equivalence([], 5)["equivalent"]) == (None, None)
    assert seeds.mean([0.1], unit="problem")["note"] == "one problem: no interval"
    with pytest.raises(InputError, match="two different doses"):
        seeds.slopes([5, 5], [[1, 2]])


@pytest.mark.parametrize(("spread", "expected"), [(1.0, True), (10.0, False)])
def test_equivalence_holds_when_the_interval_lies_within_the_margin(spread, expected):
    differences = spread * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    row = seeds.equivalence(differences, margin=5)
    assert row["equivalent"] is expected
    assert expected == (row["low"] > -5 and row["high"] < 5)
    half = 2.1318468 * spread * np.sqrt(2.5 / 5)  # the 90% interval
    assert row["high"] == pytest.approx(half, abs=1e-5)


def test_the_spread_by_hand():
    """Of 0.4, 0.5, 0.6 the standard deviation is 0.1; chi-square limits 7.378 and 0.0506 with 2 df."""
    row = seeds.spread([0.4, 0.5, 0.6])
    assert row["estimate"] == pytest.approx(0.1)
    expected = [0.1 * np.sqrt(2 / quantile) for quantile in (7.3778, 0.05064)]
    assert [row["low"], row["high"]] == pytest.approx(expected, rel=1e-4)
    assert (seeds.spread([0.4])["estimate"], seeds.spread([0.4])["note"]) == (
        None,
        "one seed alone, no spread",
    )
    assert seeds.spread([], unit="run")["note"] == "no run, no spread"
    equal = seeds.spread([0.5, 0.5])
    assert (equal["estimate"], equal["low"], equal["note"]) == (0.0, None, "all seeds equal, no interval")


def test_below_a_margin_is_the_one_sided_t_test():
    values = [-0.02, 0.0, 0.01, 0.03, 0.04]
    row = seeds.mean(values)
    assert seeds.error(row) == pytest.approx(np.std(values, ddof=1) / np.sqrt(5))
    assert seeds.p_below(row, 0.05) == pytest.approx(
        stats.ttest_1samp(values, 0.05, alternative="less").pvalue
    )


def test_slopes_by_hand():
    assert seeds.slopes([0, 50, 100], [[0, 5, 10], [9, 9, 9], [4, 2, 0]]) == pytest.approx([0.1, 0, -0.04])


@pytest.mark.nightly
def test_t_covers_where_a_bootstrap_over_five_seeds_does_not():
    """In 4,000 simulated experiments of five normal seeds the percentile bootstrap covers about 83%."""
    rng = np.random.default_rng(1)
    experiments = rng.normal(size=(4000, 5))
    rows = [seeds.mean(values) for values in experiments]
    covered = np.mean([row["low"] < 0 < row["high"] for row in rows])
    assert abs(covered - 0.95) < 0.015
    drawn = np.take_along_axis(experiments[:, None], rng.integers(0, 5, (4000, 999, 5)), 2).mean(2)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    assert np.mean((low < 0) & (high > 0)) < 0.88


def test_a_bootstrap_over_five_seeds_covers_too_little():
    """Simulated: t covers as stated; the percentile bootstrap of five values falls well short."""
    found = seeds.coverage(5, simulations=1000, resamples=300)
    assert found["t"]["low"] < 0.95 < found["t"]["high"]
    assert found["bootstrap"]["high"] < 0.9
    assert found["t"]["n"] == 1000
