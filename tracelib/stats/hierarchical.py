"""A Bayesian estimate of several effects' mean and spread, on a grid: what is probable, given a prior.

Each effect is normal around mu with standard deviation tau, and is seen with a known normal error. Priors: mu
normal around zero, tau half-normal, the two independent. Given tau, mu is normal in closed form, so that the
grid is over tau alone and nothing is approximated in mu.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import norm

from tracelib.core.files import InputError
from tracelib.stats.proportions import CONFIDENCE

POINTS = 2001  # of the grid; a quarter of them gives the same to three decimals (tested)
REACH = 5  # the grid of tau ends at so many prior standard deviations


@dataclass(frozen=True)
class Posterior:
    """What is known of mu and tau: a mixture of normals, one for each tau.

    Attributes:
        tau: (points,) the grid.
        weight: (points,) probability of each tau, sums to one.
        mean, sd: (points,) of mu, given each tau.
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
        """Probability that the effect of a further cell of the same kind is below a value."""
        return float(self.weight @ norm.cdf(value, self.mean, np.hypot(self.sd, self.tau)))

    def new_within(self, margin: float) -> float:
        """Probability that a further effect lies within plus or minus a margin."""
        return self.new_below(margin) - self.new_below(-margin)

    def interval(self, confidence: float = CONFIDENCE) -> dict:
        """Mean of mu, with the interval that leaves equal probability on either side: estimate, low, high."""
        low, high = self._ends(self.mu_below, confidence)
        return {"estimate": float(self.weight @ self.mean), "low": low, "high": high}

    def new_interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Where a further effect lies with this probability; tau is not taken as known."""
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
        mu_sd, tau_sd: scales of the two priors, in that unit, above zero.

    Raises:
        InputError: no effect, or an error or a scale that is not above zero.
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
    """For each tau: mean and standard deviation of mu, and the log likelihood of the effects (mu integrated).

    Conjugate normal: precision is the prior's plus those of the effects around mu.
    """
    variance = errors**2 + tau[:, None] ** 2
    precision = 1 / mu_sd**2 + (1 / variance).sum(axis=1)
    mean = (effects / variance).sum(axis=1) / precision
    # log N(effects | 0, diag(variance) + mu_sd^2), by the matrix determinant lemma
    fit = -0.5 * (np.log(variance).sum(axis=1) + np.log(precision) + (effects**2 / variance).sum(axis=1))
    return mean, precision**-0.5, fit + 0.5 * mean**2 * precision
