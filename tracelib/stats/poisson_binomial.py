"""How many of several independent events happen, each with a chance of its own: the Poisson binomial."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import poisson_binom


def chances(of_each: Iterable[float]) -> np.ndarray:
    """The chance of 0, 1, ..., k events, from the chance of each of k: (k + 1,)."""
    found = np.ones(1)
    for chance in of_each:
        found = np.convolve(found, [1 - chance, chance])
    return found


def p_two_sided(observed: int, of_each: ArrayLike) -> float | None:
    """Exact test that so many events happen by these chances: twice the smaller tail. None for no events."""
    if not len(of_each):
        return None
    drawn = poisson_binom(of_each)
    return float(min(1.0, 2 * min(drawn.cdf(observed), drawn.sf(observed - 1))))
