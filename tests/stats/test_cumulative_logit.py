"""The proportional-odds fit: by hand, beside statsmodels, and on simulated ratings."""

import numpy as np
import pytest
from statsmodels.genmod.cov_struct import OrdinalIndependence
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE

from tracelib.stats import cumulative_logit


def test_two_ratings_of_two_groups_by_hand():
    """3 of 4 against 1 of 4 are high: the log odds ratio is ln 9, the error of single answers sqrt(8/3).

    With two groups an answer has a leverage of a quarter, so that error is divided by 3/4.
    """
    group, rating = np.repeat([0.0, 1.0], 4), np.array([1, 1, 1, 2, 1, 2, 2, 2])
    found = cumulative_logit.fit(rating, group[:, None], np.arange(8))
    assert found.intercepts == pytest.approx([np.log(1 / 3)])
    assert found.slopes == pytest.approx([np.log(9)])
    assert found.covariance[0, 0] ** 0.5 == pytest.approx((8 / 3) ** 0.5 * 4 / 3)


def test_intercepts_are_the_log_odds_above_each_point():
    rating = np.repeat([1, 2, 4, 5], [1, 2, 3, 4])
    found = cumulative_logit.fit(rating, np.empty((10, 0)), np.arange(10))
    assert found.intercepts == pytest.approx(np.log([9 / 1, 7 / 3, 4 / 6]))


@pytest.mark.parametrize("levels", [3, 5])
def test_the_numbers_are_those_of_statsmodels(levels):
    rng = np.random.default_rng(levels)
    people = np.repeat(np.arange(25), 6)
    design = np.column_stack([rng.normal(size=150), rng.integers(0, 2, 150)])
    latent = design @ [0.8, -0.5] + rng.normal(size=25)[people] + rng.logistic(size=150)
    rating = np.digitize(latent, np.linspace(-1.5, 1.5, levels - 1))
    found = cumulative_logit.fit(rating, design, people)
    peer = OrdinalGEE(rating, design, people, cov_struct=OrdinalIndependence())
    peer = peer.fit(ctol=1e-9, cov_type="bias_reduced")
    assert np.concatenate([found.intercepts, found.slopes]) == pytest.approx(np.asarray(peer.params))
    assert np.diag(found.covariance) ** 0.5 == pytest.approx(np.asarray(peer.bse)[-2:])


def test_the_order_of_answers_and_the_names_of_ratings_do_not_matter():
    rng = np.random.default_rng(1)
    people, x = np.repeat(np.arange(20), 4), rng.normal(size=(80, 1))
    rating = np.digitize(x[:, 0] + rng.logistic(size=80), [-1, 1])
    whole = cumulative_logit.fit(rating, x, people)
    order = rng.permutation(80)
    other = cumulative_logit.fit(np.array([10, 20, 70])[rating][order], x[order], people[order])
    assert other.slopes == pytest.approx(whole.slopes)
    assert other.covariance == pytest.approx(whole.covariance)


@pytest.mark.parametrize(
    ("rating", "x"),
    [
        ([3, 3, 3, 3], [0, 1, 0, 1]),  # all alike
        ([1, 1, 2, 2], [0, 0, 1, 1]),  # separated
        ([1, 2, 1, 2], [1, 1, 1, 1]),  # a constant
    ],
)
def test_what_has_no_estimate_has_none(rating, x):
    assert cumulative_logit.fit(rating, np.array(x, float)[:, None], range(4)) is None
