"""Alpha and omega: by hand, beside statsmodels, and on simulated answers."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.multivariate.factor import Factor

from tracelib.stats import reliability


def of_factor(loadings, errors):
    """The covariance of answers with these loadings on one factor, and these error variances."""
    loadings = np.array(loadings, float)
    return np.outer(loadings, loadings) + np.diag(errors)


def simulated(loadings, errors, people, pages, seed):
    """Answers by a factor model, half of whose factor belongs to the person."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), pages)
    factor = (rng.normal(size=people)[person] + rng.normal(size=people * pages)) / 2**0.5
    noise = rng.normal(size=(people * pages, len(loadings))) * np.sqrt(errors)
    return pd.DataFrame(factor[:, None] * loadings + noise), pd.Series(person)


def test_alpha_by_hand():
    """Two questions with variances 1 and 1 and covariance 1/2: 2 x (1 - 2 / 3)."""
    covariance = np.array([[[1.0, 0.5], [0.5, 1.0]]])
    assert reliability.alpha(covariance) == pytest.approx([2 / 3])


def test_omega_is_what_the_factor_explains_of_the_sum():
    """Loadings 3, 2, 1 and error variances 1, 2, 3: 36 of 36 + 6. Alpha is smaller: they differ."""
    covariance = of_factor([3, 2, 1], [1, 2, 3])[None]
    assert reliability.omega(covariance) == pytest.approx([36 / 42], abs=1e-4)
    assert reliability.alpha(covariance)[0] < 36 / 42
    equal = of_factor([2, 2, 2, 2], [1, 2, 3, 4])[None]
    assert reliability.omega(equal) == pytest.approx(reliability.alpha(equal), abs=1e-4)


def test_loadings_are_statsmodels_principal_axes():
    correlation = of_factor([0.8, 0.7, 0.5, 0.4], 1 - np.array([0.8, 0.7, 0.5, 0.4]) ** 2)
    correlation[0, 1] = correlation[1, 0] = 0.6
    peer = Factor(corr=correlation, n_factor=1, method="pa", nobs=200).fit(maxiter=500, tol=1e-8)
    ours = reliability._loadings(correlation[None])[0]
    assert np.abs(ours) == pytest.approx(np.abs(peer.loadings[:, 0]), abs=1e-3)


def test_a_question_is_not_explained_by_more_than_its_variance():
    covariance = np.array([[[1.0, 0.9, 0.9], [0.9, 1.0, 0.5], [0.9, 0.5, 1.0]]])
    assert 0 < reliability.omega(covariance)[0] <= 1.05
    assert np.isfinite(reliability.omega(np.zeros((1, 3, 3)))).sum() == 0


def test_both_with_intervals_that_hold_the_truth():
    scores, people = simulated([1.0, 0.8, 0.6, 0.9], [1, 1, 1, 1], people=80, pages=5, seed=2)
    found = reliability.reliability(scores, people)
    truth = 3.3**2 / (3.3**2 + 4)
    assert found["omega"]["low"] < truth < found["omega"]["high"]
    assert found["alpha"]["estimate"] < found["omega"]["estimate"] + 0.01
    assert (found["omega"]["n"], found["omega"]["clusters"]) == (400, 80)


def test_alpha_is_the_textbooks_formula_and_incomplete_pages_are_left_out():
    scores, people = simulated([1.0, 1.0, 1.0], [1, 1, 1], people=20, pages=2, seed=0)
    scores.iloc[0, 1] = np.nan
    row, whole = reliability.reliability(scores, people)["alpha"], scores.iloc[1:]
    textbook = 3 / 2 * (1 - whole.var(ddof=1).sum() / whole.sum(axis=1).var(ddof=1))
    assert row["estimate"] == pytest.approx(textbook)
    assert row["n"] == 39
    assert "1 pages with an answer missing" in row["note"]


def test_a_note_says_why_there_is_no_number():
    scores, people = simulated([1.0, 1.0, 1.0], [1, 1, 1], people=40, pages=2, seed=0)
    two = reliability.reliability(scores[[0, 1]], people)
    assert two["alpha"]["estimate"] > 0
    assert (two["omega"]["estimate"], two["omega"]["note"]) == (None, "fewer than three questions")
    one = reliability.reliability(scores[[0]], people)
    assert one["alpha"]["note"] == "fewer than two questions"
    constant = reliability.reliability(scores * 0, people)
    assert constant["alpha"]["estimate"] is None
    assert constant["alpha"]["note"]


@pytest.mark.nightly
def test_coverage_over_simulated_studies():
    truth, held = 3.0**2 / (3.0**2 + 3), 0
    for seed in range(100):
        scores, people = simulated([1.0, 1.2, 0.8], [1, 1, 1], people=60, pages=4, seed=seed)
        row = reliability.reliability(scores, people, resamples=300, seed=seed)["omega"]
        held += row["low"] <= truth <= row["high"]
    assert held / 100 > 0.87
