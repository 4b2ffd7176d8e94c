"""What means alone imply: by hand, by enumeration of all ratings, and by simulation."""

from collections import Counter
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from scipy import stats

from tracelib.stats import bounded
from tracelib.stats.bounded import Scale


def test_the_greatest_variance_by_hand():
    """Mean 3 of ratings 1 and 5: variance 4. Mean 4.86: 0.14 x 3.86."""
    assert bounded.greatest_variance(3) == 4
    assert bounded.greatest_variance(4.86) == pytest.approx(0.5404)
    assert bounded.greatest_variance(5) == 0


def test_no_ratings_vary_more_than_the_bound():
    for ratings in combinations_with_replacement(range(1, 6), 5):
        assert np.var(ratings) <= bounded.greatest_variance(np.mean(ratings)) + 1e-12


def test_no_pairs_of_ratings_differ_more_than_the_bound():
    """All samples of three persons who rate two things from 1 to 3; some of them reach the bound."""
    scale, reached = Scale(1, 3), 0
    for people in combinations_with_replacement(list(product(range(1, 4), repeat=2)), 3):
        first, second = np.array(people).T
        most = bounded.greatest_variance_of_difference(first.mean(), second.mean(), scale)
        variance = np.var(first - second)
        assert variance <= most + 1e-12
        reached += np.isclose(variance, most)
    assert reached


def test_the_share_of_the_top_by_hand():
    """Mean 4.86: the others rated 4, then 86% rated 5; or 1, then 96.5% did. Mean 3.39: none need have."""
    assert bounded.shares_of_top(4.86) == pytest.approx((0.86, 0.965))
    assert bounded.shares_of_top(3.39) == pytest.approx((0.0, 0.5975))


def test_cliffs_delta_is_within_its_range():
    """All groups of four ratings from 1 to 3 with means 1.5 and 2.5, and the two extremes."""
    scale, found = Scale(1, 3), []
    groups = list(combinations_with_replacement(range(1, 4), 4))
    for first, second in product(groups, groups):
        if (np.mean(first), np.mean(second)) == (2.5, 1.5):
            found.append(np.mean(np.sign(np.subtract.outer(first, second))))
    low, high = bounded.cliffs_delta_range(2.5, 1.5, scale)
    assert (min(found), max(found)) == pytest.approx((low, high))
    assert bounded.cliffs_delta_range(5, 1) == (1, 1)
    assert bounded.cliffs_delta_range(3, 3) == pytest.approx(
        (-1 / 3, 1 / 3)
    )  # all 3, and a third 1, the rest 4


def test_the_widest_interval_of_a_mean_by_hand():
    """Four ratings with mean 3: at most 1, 1, 5, 5, whose t interval is 3 +- 3.1824 x 2.3094 / 2."""
    row = bounded.widest_mean(3, 4, Scale(-9, 15))
    ends = stats.ttest_1samp([-9, -9, 15, 15], 0).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx((max(-9, ends.low), min(15, ends.high)))
    row = bounded.widest_mean(3, 40)
    ends = stats.ttest_1samp([1, 5] * 20, 0).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx(tuple(ends))


def test_the_widest_difference_of_the_same_raters_is_that_of_the_most_opposed_ones():
    """Ten persons: means 4.2 and 3.4, and as many as possible rate one thing 1 and the other 5."""
    first, second = np.array([5] * 8 + [1] * 2), np.array([1] * 4 + [5] * 6)
    row = bounded.widest_difference(first.mean(), second.mean(), 10, paired=True)
    assert row["p"] == pytest.approx(stats.ttest_rel(first, second).pvalue)
    ends = stats.ttest_rel(first, second).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx(tuple(ends))


@pytest.mark.parametrize("paired", [False, True])
def test_no_ratings_have_a_wider_interval_of_the_difference(paired):
    test = stats.ttest_rel if paired else stats.ttest_ind
    options = {} if paired else {"equal_var": False}
    rng = np.random.default_rng(0)
    for _ in range(200):
        first, second = (rng.choice([1, 2, 3, 4, 5], 8, p=rng.dirichlet([0.3] * 5)) for _ in range(2))
        if (first - second).std() and first.std() and second.std():
            row = bounded.widest_difference(first.mean(), second.mean(), 8, paired)
            found = test(first, second, **options)
            assert found.pvalue <= row["p"] + 1e-9
            low, high = found.confidence_interval()
            assert row["low"] <= max(-4, low) + 1e-9
            assert row["high"] >= min(4, high) - 1e-9


def test_one_rater_and_ratings_at_one_end_have_no_t_interval():
    row = bounded.widest_difference(4, 3, 1, paired=False)
    assert (row["estimate"], row["low"], row["p"]) == (1, None, None)
    assert row["note"] == "one rater, no interval"
    row = bounded.widest_difference(5, 1, 9, paired=True)
    assert (row["estimate"], row["low"], row["p"]) == (4, None, None)
    assert row["note"].startswith("all ratings are at an end")


def test_the_guaranteed_interval_by_hand():
    """At the ends n kl(share, end) is ln 40: 25 ratings with mean 3 are a share of a half.

    For a half, kl(1/2, m) = -ln(4 m (1 - m)) / 2, so 4 m (1 - m) = 40^(-2/25) and m = (1 +- root) / 2.
    """
    row = bounded.guaranteed_mean(3, 25)
    root = (1 - 40 ** (-2 / 25)) ** 0.5
    assert (row["low"], row["high"]) == pytest.approx((3 - 2 * root, 3 + 2 * root))
    assert bounded.guaranteed_mean(5, 10)["high"] == 5
    assert bounded.guaranteed_mean(5, 10)["low"] == pytest.approx(1 + 4 * 40 ** (-1 / 10))
    assert bounded.guaranteed_mean(1, 1)["low"] == 1


def test_raters_needed_are_just_enough():
    for paired in (False, True):
        n = bounded.raters_needed(1.46, paired)
        assert bounded.guaranteed_difference(4.86, 3.40, n, paired)["p"] <= 0.05
        assert bounded.guaranteed_difference(4.86, 3.40, n - 1, paired)["p"] > 0.05


def test_p_and_interval_of_the_guaranteed_difference_agree():
    for paired in (False, True):
        n = bounded.raters_needed(1.5, paired)
        assert bounded.guaranteed_difference(4.5, 3, n, paired)["low"] > 0
        assert bounded.guaranteed_difference(4.5, 3, n - 1, paired)["low"] < 0
        turned = bounded.guaranteed_difference(3, 4.5, n, paired)
        assert turned["high"] == pytest.approx(-bounded.guaranteed_difference(4.5, 3, n, paired)["low"])


def test_p_at_the_ends_by_hand():
    """Two raters each. 5, 5 against 1, 1: 2 x 1/16 at most. The same two, 4 points up each: 2 x 1/4."""
    assert bounded.p_at_the_ends(4, 2, paired=False) == pytest.approx(1 / 8)
    assert bounded.p_at_the_ends(-4, 2, paired=True) == pytest.approx(1 / 2)
    assert bounded.p_at_the_ends(0, 2, paired=True) == pytest.approx(1)


@pytest.mark.parametrize("paired", [False, True])
def test_the_guaranteed_p_is_no_smaller_than_the_one_at_the_ends(paired):
    for n, fives in product((5, 25, 100), (1, 2, 3)):
        gap = 4 * fives / 5
        guaranteed = bounded.guaranteed_difference(1 + gap, 1, n, paired)["p"]
        assert bounded.p_at_the_ends(gap, n, paired) <= guaranteed + 1e-12


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_the_guaranteed_interval_holds_for_simulated_extreme_ratings(share):
    """Ratings of 1 and 5 alone vary most; at least 95% of the intervals hold the expected mean."""
    drawn = Counter(np.random.default_rng(1).binomial(12, share, 2000).tolist())
    held = 0
    for fives, times in drawn.items():
        row = bounded.guaranteed_mean(1 + 4 * fives / 12, 12)
        held += times * (row["low"] <= 1 + 4 * share <= row["high"])
    assert held >= 0.95 * 2000


@pytest.mark.parametrize(
    ("mean", "possible"),
    [("3.39", [18, 23, 28, 31, 100]), ("4.86", [7, 14, 21, 22, 100]), ("0.5", [])],
)
def test_means_that_n_whole_numbers_can_have(mean, possible):
    """61 / 18 = 3.389, 34 / 7 = 4.857; of 25 ratings a mean is a multiple of 0.04."""
    for n in range(1, 60):
        rounded = {f"{total / n:.2f}" for total in range(n, 5 * n + 1)}
        assert bounded.is_possible(mean, n) >= (mean in rounded), n
    assert all(bounded.is_possible(mean, n) for n in possible)
    assert not bounded.is_possible(mean, 25)


def test_a_half_may_be_rounded_either_way():
    """29 / 8 = 3.625."""
    assert [bounded.is_possible(mean, 8) for mean in ("3.62", "3.63", "3.64")] == [True, True, False]
