"""The posterior of several effects' mean and spread, compared with closed forms and with a grid over both."""

import numpy as np
import pytest
from scipy.stats import norm

from tracelib.core.errors import InputError
from tracelib.stats import hierarchical

EFFECTS, ERRORS = np.array([0.0, 2.0, 4.0, 3.0]), np.array([1.0, 2.0, 1.5, 0.5])


def test_given_tau_the_mean_is_the_conjugate_one():
    """Effects have variance s^2 + tau^2 around mu, and mu is normal(0, 10^2): precisions add up."""
    tau = 1.5
    mean, sd, _ = hierarchical.given_tau(EFFECTS, ERRORS, np.array([tau]), 10.0)
    weights = [1 / (error**2 + tau**2) for error in ERRORS]
    precision = 1 / 100 + sum(weights)
    expected = sum(weight * effect for weight, effect in zip(weights, EFFECTS, strict=True)) / precision
    assert (mean[0], sd[0]) == pytest.approx((expected, precision**-0.5))


def test_the_likelihood_of_tau_is_the_multivariate_normals():
    from scipy.stats import multivariate_normal

    taus = np.array([0.0, 0.7, 3.0])
    _, _, fit = hierarchical.given_tau(EFFECTS, ERRORS, taus, 10.0)
    exact = [
        multivariate_normal.logpdf(EFFECTS, np.zeros(4), np.diag(ERRORS**2 + tau**2) + 100) for tau in taus
    ]
    assert fit - fit[0] == pytest.approx(np.array(exact) - exact[0])


def test_probabilities_are_those_of_a_grid_over_mean_and_spread():
    known = hierarchical.posterior(EFFECTS, ERRORS, mu_sd=10, tau_sd=5)
    mu, tau = np.linspace(-20, 25, 1501), np.linspace(0, 25, 501)
    log = norm.logpdf(mu, 0, 10)[:, None] + norm.logpdf(tau, 0, 5)
    for effect, error in zip(EFFECTS, ERRORS, strict=True):
        log += norm.logpdf(effect, mu[:, None], np.hypot(error, tau))
    weight = np.exp(log - log.max())
    weight[:, 0] /= 2
    weight /= weight.sum()
    assert known.mu_within(3) == pytest.approx(weight[np.abs(mu) <= 3].sum(), abs=0.005)
    assert known.mu_below(0) == pytest.approx(weight[mu < 0].sum(), abs=0.005)
    spread = np.where(tau > 0, tau, 1e-9)
    new = norm.cdf(3, mu[:, None], spread) - norm.cdf(-3, mu[:, None], spread)
    assert known.new_within(3) == pytest.approx((weight * new).sum(), abs=0.005)
    assert known.interval()["estimate"] == pytest.approx((weight.sum(axis=1) * mu).sum(), abs=0.01)


def test_a_coarser_grid_says_the_same():
    fine, coarse = (hierarchical.posterior(EFFECTS, ERRORS, 10, 5, points) for points in (2001, 501))
    assert fine.mu_within(3) == pytest.approx(coarse.mu_within(3), abs=5e-4)
    assert fine.new_within(3) == pytest.approx(coarse.new_within(3), abs=5e-4)


def test_with_one_effect_and_a_narrow_spread_it_is_the_textbook_posterior():
    """With prior normal(0, 1), one effect of 1 with error 1 and no spread, mu is normal(1/2, 1/2)."""
    known = hierarchical.posterior(np.array([1.0]), np.array([1.0]), mu_sd=1, tau_sd=1e-6)
    half = norm.ppf(0.975) * np.sqrt(0.5)
    expected = {"estimate": 0.5, "low": 0.5 - half, "high": 0.5 + half}
    assert known.interval() == pytest.approx(expected, abs=1e-6)
    assert known.mu_below(0.5) == pytest.approx(0.5)
    assert known.new_interval() == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)


def test_a_further_effect_is_less_certain_than_the_mean():
    known = hierarchical.posterior(EFFECTS, ERRORS, 10, 5)
    mean, (low, high) = known.interval(), known.new_interval()
    assert low < mean["low"] < mean["high"] < high
    assert known.new_below(high) - known.new_below(low) == pytest.approx(0.95)


def test_what_is_no_effect_is_refused():
    for effects, errors, scale in (([], [], 1), ([1.0], [0.0], 1), ([1.0], [1.0], 0)):
        with pytest.raises(InputError, match="above zero"):
            hierarchical.posterior(np.array(effects), np.array(errors), scale, 1)
