"""A Bayesian random-effects model: the posterior of the mean mu and the spread tau of several effects.

Each effect is drawn from a normal distribution with mean mu and standard deviation tau. It is observed with a
known normal error. The priors are independent: mu is normal around zero, tau is half-normal. Given tau, the
posterior of mu is normal in closed form, so only tau needs a grid.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import norm

from tracelib.core.errors import InputError
from tracelib.stats.proportions import CONFIDENCE

POINTS = 2001  # a quarter as many give the same results to three decimals (tested)
REACH = 5  # the grid ends at this many prior standard deviations of tau


@dataclass(frozen=True)
class Posterior:
    """The joint posterior of mu and tau: a mixture of normals, one for each tau of the grid.

    Attributes:
        tau: (points,) the grid.
        weight: (points,) the probability of each tau; they sum to one.
        mean, sd: (points,) mean and standard deviation of mu given each tau.
    """

    tau: np.ndarray
    weight: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    def mu_below(self, value: float) -> float:
        """Probability that the mean effect is below a value."""
        return float(self.weight @ norm.cdf(value, self.mean, self.sd))

    def mu_within(self, margin: float) -> float:
        """Probability that the mean effect lies within plus or minus a margin."""
        return self.mu_below(margin) - self.mu_below(-margin)

    def new_below(self, value: float) -> float:
        """Probability that a new effect of the same kind is below a value."""
        return float(self.weight @ norm.cdf(value, self.mean, np.hypot(self.sd, self.tau)))

    def new_within(self, margin: float) -> float:
        """Probability that a new effect lies within plus or minus a margin."""
        return self.new_below(margin) - self.new_below(-margin)

    def interval(self, confidence: float = CONFIDENCE) -> dict:
        """Posterior mean of mu with its equal-tailed interval: estimate, low, high."""
        low, high = self._ends(self.mu_below, confidence)
        return {"estimate": float(self.weight @ self.mean), "low": low, "high": high}

    def new_interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Equal-tailed prediction interval of a new effect. It allows for the uncertainty of tau."""
        return self._ends(self.new_below, confidence)

    def _ends(self, below: Callable[[float], float], confidence: float) -> tuple[float, float]:
        far = float(np.abs(self.mean).max() + 10 * np.hypot(self.sd, self.tau).max())
        low, high = (
            brentq(lambda value, p=p: below(value) - p, -far, far)
            for p in (0.5 - confidence / 2, 0.5 + confidence / 2)
        )
        return low, high


def posterior(
    effects: ArrayLike, errors: ArrayLike, mu_sd: float, tau_sd: float, points: int = POINTS
) -> Posterior:
    """Posterior of mu and tau.

    Args:
        effects, errors: (k,) estimates and their standard errors, all in one unit.
        mu_sd, tau_sd: scales of the two priors in the same unit, above zero.

    Raises:
        InputError: there is no effect, or an error or a scale is not above zero.
    """
    effects, errors = np.asarray(effects, float), np.asarray(errors, float)
    if not len(effects) or len(errors) != len(effects) or not (errors > 0).all() or min(mu_sd, tau_sd) <= 0:
        raise InputError("expected effects with errors above zero, and scales above zero")
    tau = np.linspace(0, REACH * tau_sd, points)
    mean, sd, fit = given_tau(effects, errors, tau, mu_sd)
    log = fit + norm.logpdf(tau, 0, tau_sd)
    weight = np.exp(log - log.max())
    weight[[0, -1]] /= 2  # the trapezium rule
    return Posterior(tau, weight / weight.sum(), mean, sd)


def given_tau(
    effects: np.ndarray, errors: np.ndarray, tau: np.ndarray, mu_sd: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and standard deviation of mu given each tau, and the log likelihood of the effects given each tau.

    The likelihood is integrated over mu and lacks a constant. The model is conjugate normal: the posterior
    precision of mu is the sum of the prior's and the effects' precisions.
    """
    variance = errors**2 + tau[:, None] ** 2
    precision = 1 / mu_sd**2 + (1 / variance).sum(axis=1)
    mean = (effects / variance).sum(axis=1) / precision
    # log N(effects | 0, diag(variance) + mu_sd^2), by the matrix determinant lemma
    fit = -0.5 * (np.log(variance).sum(axis=1) + np.log(precision) + (effects**2 / variance).sum(axis=1))
    return mean, precision**-0.5, fit + 0.5 * mean**2 * precision
