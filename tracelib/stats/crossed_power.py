"""The power of tests over seeds and items (`tracelib.stats.crossed`), by simulation.

In a balanced two-way table of normal effects, the mean and the three mean squares are independent, and each
mean square is a multiple of a chi-squared variable (Searle, Casella and McCulloch 1992, Variance Components).
So a study is simulated by four draws, not by its table.
"""

import numpy as np
from scipy import stats

from tracelib.stats import crossed
from tracelib.stats.estimate import Estimate
from tracelib.stats.paired import ALPHA
from tracelib.stats.proportions import wilson

SIMULATIONS = 10_000


def power(
    seeds: int,
    items: int,
    spread: tuple[float, float, float],
    truth: float,
    margin: float | None = None,
    alpha: float = ALPHA,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> Estimate:
    """The share of simulated studies whose test is significant, with its Wilson interval.

    Args:
        spread: standard deviations of a difference between seeds, between items, and of the rest.
        truth: the true difference.
        margin: with it, the one-sided test that the difference is above minus the margin; without it, the
            two-sided test that it is not zero.
    """
    mean, error, df = drawn(seeds, items, spread, simulations, seed)
    if margin is None:
        p = 2 * stats.t.sf(np.abs(truth + mean) / error, df)
    else:
        p = stats.t.sf((truth + mean + margin) / error, df)
    return wilson(int((p < alpha).sum()), simulations)


def limit(seeds: int, between: float, truth: float, margin: float, alpha: float = ALPHA) -> float:
    """The power of the one-sided test of `power` that no number of items can exceed.

    With ever more items only the spread between seeds is left, and the test is a t test over seeds.

    Args:
        between: the standard deviation of a difference between seeds, above zero.
    """
    shift = (truth + margin) / (between / np.sqrt(seeds))
    return float(stats.nct.sf(stats.t.isf(alpha, seeds - 1), seeds - 1, shift))


def drawn(
    seeds: int, items: int, spread: tuple[float, float, float], simulations: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates minus the truth, their standard errors, and degrees of freedom: (simulations,) each."""
    rng = np.random.default_rng(seed)
    between_seeds, between_items, rest = (size**2 for size in spread)
    freedom = (seeds - 1, items - 1, (seeds - 1) * (items - 1))
    expected = (
        between_seeds / seeds + rest / (seeds * items),
        between_items / items + rest / (seeds * items),
        rest / (seeds * items),
    )
    squares = [size * rng.chisquare(df, simulations) / df for size, df in zip(expected, freedom, strict=True)]
    variance, df = crossed.combined(*squares, freedom)
    true_variance = between_seeds / seeds + between_items / items + rest / (seeds * items)
    return rng.normal(0, np.sqrt(true_variance), simulations), np.sqrt(variance), df
