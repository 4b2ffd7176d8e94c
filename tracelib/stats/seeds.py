"""Statistics over training seeds. The seed is the unit; seeds are few, so Student's t.

`tracelib.stats.crossed` takes items as a sample too.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from tracelib.core.errors import InputError
from tracelib.stats.estimate import Estimate, estimated, not_estimated
from tracelib.stats.paired import ALPHA
from tracelib.stats.proportions import CONFIDENCE, wilson

ROUNDING = 1e-12  # rates that differ by less are equal: 0.1 + 0.2 is not exactly 0.3


def mean(values: ArrayLike, confidence: float = CONFIDENCE, unit: str = "seed") -> Estimate:
    """Mean over seeds with its t interval, and the two-sided t test that the mean is zero.

    Given the differences of two conditions, one per seed, this is the paired t test.

    Args:
        values: (n,) one number per seed.
        unit: the name of the unit in method and note, if it is not a seed.

    Returns:
        estimate, low, high, n (seeds), statistic, df, p, sd, method, note. One seed has no interval and no
        test. Neither have values that are all equal: with few seeds a spread of zero does not make the mean
        certain.
    """
    values = np.asarray(values, dtype=float)
    n = len(values)
    method = f"Student's t over {unit}s"
    if n == 0:
        return not_estimated(n, method, f"no {unit}s", statistic=None, df=0, p=None, sd=None)
    middle, sd = float(values.mean()), float(values.std(ddof=1)) if n > 1 else None
    if sd is None or sd < ROUNDING:
        note = f"{f'one {unit}' if n == 1 else f'all {unit}s equal'}: no interval"
        return estimated(middle, None, None, n, method, note, statistic=None, df=n - 1, p=None, sd=sd)
    tested = stats.ttest_1samp(values, 0.0)
    low, high = map(float, tested.confidence_interval(confidence))
    test = {"statistic": float(tested.statistic), "df": n - 1, "p": float(tested.pvalue)}
    return estimated(middle, low, high, n, method, **test, sd=sd)


def spread(values: ArrayLike, confidence: float = CONFIDENCE, unit: str = "seed") -> Estimate:
    """Standard deviation over seeds with its chi-square interval, which takes the values to be normal.

    One seed has no spread. Values that are all equal have the estimate zero and no interval.
    """
    values = np.asarray(values, dtype=float)
    n, method = len(values), "chi-square interval of a standard deviation"
    if n < 2:
        return not_estimated(n, method, f"{(f'no {unit}', f'one {unit} alone')[n]}, no spread")
    sd, df = float(values.std(ddof=1)), n - 1
    if sd < ROUNDING:
        return estimated(0.0, None, None, n, method, f"all {unit}s equal, no interval")
    ends = stats.chi2.ppf([0.5 + confidence / 2, 0.5 - confidence / 2], df)
    low, high = map(float, sd * (df / ends) ** 0.5)
    return estimated(sd, low, high, n, method)


def error(row: Estimate) -> float:
    """The standard error of a mean of `mean`, from its interval; the row also has df."""
    return (row["high"] - row["estimate"]) / stats.t.ppf(0.5 + CONFIDENCE / 2, row["df"])


def p_below(row: Estimate, margin: float) -> float:
    """One-sided p-value for a mean below the margin, of a row as in `error`."""
    return float(stats.t.cdf((row["estimate"] - margin) / error(row), row["df"]))


def equivalence(differences: ArrayLike, margin: float, alpha: float = ALPHA) -> Estimate:
    """Two one-sided t tests that the mean difference lies within plus or minus a margin (Schuirmann 1987).

    Args:
        differences: (n,) one number per seed.
        margin: in the unit of the differences.

    Returns:
        estimate, low, high (the interval of confidence 1 - 2 alpha), n, df, p (the larger of the two),
        equivalent, margin, method, note.
    """
    differences = np.asarray(differences, dtype=float)
    row = mean(differences, 1 - 2 * alpha)
    row |= {"margin": margin, "equivalent": None, "method": "two one-sided t tests over seeds"}
    del row["sd"], row["statistic"]
    if row["p"] is None:
        return row
    above = stats.ttest_1samp(differences, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(differences, margin, alternative="less").pvalue
    p = float(max(above, below))
    return row | {"p": p, "equivalent": p < alpha}


def slopes(doses: ArrayLike, by_seed: ArrayLike) -> np.ndarray:
    """Least-squares slope of each seed's curve.

    Args:
        doses: (doses,) numbers.
        by_seed: (seeds, doses) the value at each dose.

    Returns:
        (seeds,) slopes.

    Raises:
        InputError: fewer than two different doses.
    """
    doses = np.asarray(doses, dtype=float)
    if len(np.unique(doses)) < 2:
        raise InputError("expected at least two different doses")
    centred = doses - doses.mean()
    return np.asarray(by_seed, dtype=float) @ centred / (centred @ centred)


def coverage(n: int, simulations: int = 2000, resamples: int = 1000, seed: int = 0) -> dict[str, dict]:
    """How often 95 % intervals from `n` normal values hold the true mean, by simulation.

    Returns:
        ``t`` (Student's) and ``bootstrap`` (percentile): the share of simulations whose interval holds
        the mean, with its Wilson interval.
    """
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(simulations, n))
    half = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * values.std(axis=1, ddof=1) / n**0.5
    held = int((np.abs(values.mean(axis=1)) <= half).sum())
    drawn = rng.integers(n, size=(simulations, resamples, n))
    means = np.take_along_axis(values[:, None, :], drawn, axis=2).mean(axis=2)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=1)
    of_bootstrap = int(((low <= 0) & (high >= 0)).sum())
    return {"t": wilson(held, simulations), "bootstrap": wilson(of_bootstrap, simulations)}
