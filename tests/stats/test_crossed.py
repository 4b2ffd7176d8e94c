"""Intervals over seeds and items: by hand on a table of two seeds and three items, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tracelib.stats import crossed, seeds

TABLE = pd.DataFrame([[0.0, 1.0, 2.0], [2.0, 2.0, 5.0]], index=[1, 2], columns=list("abc"))


def test_the_interval_by_hand():
    """Row means 1 and 3; column means 1, 1.5, 3.5; residuals 0, 0.5, -0.5 and 0, -0.5, 0.5."""
    row = crossed.interval(crossed.means(TABLE))
    of_seeds, of_items, of_rest = 2 / 2, (1 + 0.25 + 2.25) / 2 / 3, 1 / 2 / 6
    variance = of_seeds + of_items - of_rest
    df = variance**2 / (of_seeds**2 / 1 + of_items**2 / 2 + of_rest**2 / 2)
    half = stats.t.ppf(0.975, df) * variance**0.5
    assert (row["estimate"], row["n"], row["items"]) == (2.0, 2, 3)
    assert (row["error"], row["df"]) == (pytest.approx(1.5**0.5), pytest.approx(df))
    assert (row["low"], row["high"]) == pytest.approx((2 - half, 2 + half))
    assert row["p"] == pytest.approx(2 * stats.t.sf(2 / 1.5**0.5, df))


def test_the_variance_is_never_below_that_of_seeds_items_or_residuals():
    """In the rows 1 0 and 0 1, all seeds and items have the same mean, but the residuals vary."""
    for table, alone in (
        (pd.DataFrame([[1.0, 0.0], [0.0, 1.0]]), 1.0 / 4),  # residuals: one degree of freedom
        (pd.DataFrame([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), 1 / 4 / 3),  # seeds: means 1, 0.5, 0
        (pd.DataFrame([[1.0, 0.5, 0.0], [1.0, 0.0, 0.5]]), 0.1875 / 3),  # items: means 1, 0.25, 0.25
    ):
        row = crossed.interval(crossed.means(table))
        assert row["error"] ** 2 == pytest.approx(alone)


def test_with_equal_items_it_is_the_t_interval_over_seeds():
    """All items of a seed are equal, so only seeds vary."""
    values = [0.1, 0.4, 0.3]
    row = crossed.interval(crossed.means(pd.DataFrame({name: values for name in "abcd"})))
    assert {key: row[key] for key in ("low", "high", "p")} == pytest.approx(
        {key: seeds.mean(values)[key] for key in ("low", "high", "p")}
    )


def test_a_difference_pairs_common_seeds_and_items():
    other = TABLE * 0.5 + 1
    together = crossed.interval(crossed.means(TABLE - other))
    apart = crossed.interval(crossed.means(TABLE) - crossed.means(other))
    assert apart == pytest.approx(together)
    halves = crossed.means(TABLE[["a", "b"]]) - crossed.means(TABLE[["c"]].assign(d=[2.0, 3.0]))
    assert halves.by_seed.tolist() == [0.5 - 2.0, 2.0 - 4.0]
    assert halves.influence.sum(axis=1).tolist() == [0.0, 0.0]
    third = crossed.means(TABLE.rename(index={1: 3}))
    assert (crossed.means(TABLE) - third).by_seed.index.tolist() == [2]


def test_an_item_that_a_seed_lacks_has_no_influence():
    gaps = TABLE.copy()
    gaps.loc[1, "c"] = np.nan
    estimates = crossed.means(gaps)
    assert estimates.by_seed.tolist() == [0.5, 3.0]
    assert estimates.influence.loc[1].tolist() == [-0.25, 0.25, 0.0]
    empty = crossed.interval(crossed.means(gaps * np.nan))
    assert (empty["estimate"], empty["note"]) == (None, "no seed with anything to compare")


@pytest.mark.filterwarnings("error")
def test_with_equal_seeds_the_interval_is_over_items_and_a_note_says_so():
    """Two seeds give the same answer to every item, so only items vary."""
    alike = pd.DataFrame([[1.0, 0.0, 0.0, 1.0, 1.0]] * 2)
    row = crossed.interval(crossed.means(alike))
    assert row["error"] ** 2 == pytest.approx(alike.loc[0].var() / 5)
    assert row["note"] == "seeds do not differ at all: the interval is over problems alone"
    assert crossed.interval(crossed.means(TABLE))["note"] == ""


def test_without_common_items_the_variance_is_that_of_seeds():
    """Each seed has its own problems. The variance of seeds contains that of problems; it counts once."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(np.nan, index=range(6), columns=range(240))
    for seed in table.index:
        table.loc[seed, 40 * seed : 40 * seed + 39] = rng.normal(size=40)
    row = crossed.interval(crossed.means(table))
    assert row["error"] == pytest.approx(seeds.mean(table.mean(axis=1))["sd"] / 6**0.5, rel=0.15)


@pytest.mark.parametrize(
    ("table", "note"),
    [
        (TABLE.head(1), "one seed: no interval"),
        (TABLE[["a"]], "one problem: no interval"),
        (TABLE * 0 + 1, "all seeds and problems equal: no interval"),
    ],
)
def test_without_spread_there_is_no_interval(table, note):
    row = crossed.interval(crossed.means(table))
    assert (row["low"], row["p"], row["note"]) == (None, None, note)
    assert crossed.equivalence(row, 0.05) == {"p": None, "equivalent": None}


def test_equivalence_holds_where_the_90_percent_interval_lies_within_the_margin():
    row = crossed.interval(crossed.means(TABLE))
    wide = stats.t.ppf(0.95, row["df"]) * row["error"]
    for margin, holds in ((2 + 1.01 * wide, True), (2 + 0.99 * wide, False)):
        assert crossed.equivalence(row, margin)["equivalent"] is holds
    assert crossed.equivalence(row, 2.0)["p"] == pytest.approx(0.5)


SPREADS = [(0.0, 0.0, 0.5), (0.03, 0.3, 0.5), (0.0, 0.3, 0.5), (0.1, 0.3, 0.5), (0.06, 0.1, 0.5)]


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("items", [30, 120])
def test_intervals_cover_the_mean_whichever_source_varies(spread, items):
    """Simulated with five seeds: coverage is 93 to 99 %, even if neither seeds nor items differ."""
    found = crossed.coverage(5, items, spread)["crossed"]
    assert 0.93 < found["estimate"] < 0.995, found


def test_intervals_over_seeds_alone_are_too_short_if_items_differ():
    found = crossed.coverage(5, 120, (0.0, 0.3, 0.5))
    assert found["t over seeds"]["high"] < 0.88
    assert found["crossed"]["low"] > 0.93


def test_intervals_cover_differences_of_right_and_wrong_answers():
    """Simulated answers depend on the item's ease, the condition's effect, the run's level, and chance."""
    rng = np.random.default_rng(2)
    count, seed, item = 2000, (2000, 5, 1), (2000, 1, 60)
    ease, of_item, of_run = 1.0, 0.7, 0.2

    def answers(level: float) -> np.ndarray:
        latent = level + eases + of_item * rng.normal(size=item) + of_run * rng.normal(size=seed)
        return (latent + rng.normal(size=(count, 5, 60)) > 0).astype(float)

    eases = ease * rng.normal(size=item)
    total = (ease**2 + of_item**2 + of_run**2 + 1) ** 0.5
    truth = stats.norm.cdf(-0.2 / total) - stats.norm.cdf(-0.5 / total)
    found = crossed.covered(answers(-0.2) - answers(-0.5), truth)
    assert 0.93 < found["crossed"]["estimate"] < 0.985, found
    assert found["t over seeds"]["high"] < 0.92


def test_items_of_one_problem_are_one_sample():
    """With two copies of each item, the mean and its error are those without copies."""
    rng = np.random.default_rng(2)
    once = pd.DataFrame(rng.normal(size=(4, 30)), columns=range(30))
    columns = pd.MultiIndex.from_product([once.columns, ["a", "b"]])
    twice = pd.DataFrame(np.repeat(once.to_numpy(), 2, axis=1), columns=columns)
    expected, found = (crossed.interval(crossed.means(table)) for table in (once, twice))
    assert found == pytest.approx(expected)
    assert found["items"] == 30


def test_the_spread_of_a_table_is_found_again():
    """Standard deviations of 0.1, 0.3 and 0.5, put in; many seeds and items, so the estimates are close."""
    rng = np.random.default_rng(4)
    values = (
        0.1 * rng.normal(size=(60, 1)) + 0.3 * rng.normal(size=(1, 400)) + 0.5 * rng.normal(size=(60, 400))
    )
    found = crossed.spread(crossed.means(pd.DataFrame(values)))
    assert found == pytest.approx((0.1, 0.3, 0.5), rel=0.15)


def test_a_spread_by_hand():
    """Two seeds, two items, no interaction: each item differs by 2 from the other, each seed by 1."""
    found = crossed.spread(crossed.means(pd.DataFrame([[0.0, 2.0], [1.0, 3.0]])))
    assert found == pytest.approx((np.sqrt(0.5), np.sqrt(2.0), 0.0))
    assert crossed.spread(crossed.means(pd.DataFrame([[0.0, 1.0], [1.0, 0.0]])))[:2] == (0.0, 0.0)


def test_the_interval_of_the_spread_between_seeds_by_hand():
    """Without a rest: the variance of the estimates times 4, over the chi-squared quantiles for 4 degrees."""
    rows = np.array([0.1, 0.2, 0.3, 0.4, 0.5])[:, None] + np.array([-0.3, 0.0, 0.3])
    low, high = crossed.between_seeds(crossed.means(pd.DataFrame(rows)))
    assert low == pytest.approx(np.sqrt(0.1 / 11.1433), rel=1e-4)
    assert high == pytest.approx(np.sqrt(0.1 / 0.484419), rel=1e-4)


def test_seeds_that_differ_by_less_than_the_rest_may_not_differ_at_all():
    noise = np.random.default_rng(1).normal(size=(5, 200))
    low, high = crossed.between_seeds(crossed.means(pd.DataFrame(noise)))
    assert low == 0 < high < 1
