"""Intervals over two crossed samples: training runs (seeds), and the problems (items) that each run answers.

An interval over seeds alone says what other seeds would give on *these* problems. An interval over seeds and
items also allows for other problems. The mean over S seeds and I items has the variance

    variance of seeds / S + variance of items / I + residual variance / (S I)

with each variance from its mean square in the two-way table. This is two-way clustering (Cameron, Gelbach and
Miller 2011). The bootstrap of Owen (2007) estimates the same variance, but its intervals are too narrow with
five seeds. The sum is never taken to be smaller than any of its three terms. Student's t has Satterthwaite's
degrees of freedom: about S - 1 if most of the variance is between seeds, more if it is between items.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tracelib.stats.estimate import Estimate, estimated
from tracelib.stats.paired import ALPHA
from tracelib.stats.proportions import CONFIDENCE, wilson
from tracelib.stats.seeds import ROUNDING

METHOD = "t over seeds and problems"


@dataclass(frozen=True)
class Estimates:
    """One estimate per seed, and the influence of each item on it.

    Attributes:
        by_seed: (seeds,) the estimates, indexed by seed.
        influence: (seeds, items) how much an item raises or lowers its seed's estimate. Each row sums to
            zero. An item that the seed lacks has influence zero.
    """

    by_seed: pd.Series
    influence: pd.DataFrame

    def __sub__(self, other: "Estimates") -> "Estimates":
        """The difference in each seed that both have. The items may differ."""
        common = self.by_seed.index.intersection(other.by_seed.index)
        mine, theirs = (part.influence.loc[common] for part in (self, other))
        return Estimates(
            self.by_seed[common] - other.by_seed[common], mine.sub(theirs, fill_value=0.0).fillna(0.0)
        )


def means(values: pd.DataFrame) -> Estimates:
    """The mean over items of each seed.

    Args:
        values: (seeds, items), NaN where a seed lacks an item. Columns of two levels are items within
            problems: problems are then the sample, and the influences of a problem's items are added up.
    """
    known = values.dropna(how="all").dropna(how="all", axis=1)
    by_seed = known.mean(axis=1)
    influence = known.sub(by_seed, axis=0).div(known.notna().sum(axis=1), axis=0).fillna(0.0)
    if influence.columns.nlevels > 1:
        influence = influence.T.groupby(level=0, sort=False).sum().T
    return Estimates(by_seed, influence)


def interval(estimates: Estimates, confidence: float = CONFIDENCE) -> Estimate:
    """The mean over seeds, its interval over seeds and items, and the t test that the mean is zero.

    Returns:
        estimate, low, high, n (seeds), items, p, error (standard error), df, method, note. With one
        seed, with one item, or with values that are all equal there is no interval and no test. If all seeds
        agree in every item, the interval is over items alone, and the note says so.
    """
    n, items = estimates.influence.shape
    middle = float(estimates.by_seed.mean()) if n else None
    if middle is not None and abs(middle) < ROUNDING:
        middle = 0.0  # rounding may have left -0.0, which would print a sign
    row = estimated(middle, None, None, n, METHOD, items=items, p=None, error=None, df=None)
    if n == 0:
        return row | {"note": "no seed with anything to compare"}
    if n < 2 or items < 2:
        return row | {"note": f"one {'seed' if n < 2 else 'problem'}: no interval"}
    variance, df = _spread(estimates.by_seed.to_numpy(), estimates.influence.to_numpy())
    error = float(np.sqrt(variance))
    if error < ROUNDING:
        return row | {"note": "all seeds and problems equal: no interval"}
    half = stats.t.ppf((1 + confidence) / 2, df) * error
    alike = max(estimates.by_seed.std(), estimates.influence.std().max()) < ROUNDING
    return row | {
        "low": float(row["estimate"] - half),
        "high": float(row["estimate"] + half),
        "p": float(2 * stats.t.sf(abs(row["estimate"]) / error, df)),
        "error": error,
        "df": float(df),
        "note": "seeds do not differ at all: the interval is over problems alone" if alike else "",
    }


def p_above(row: Estimate, margin: float) -> float:
    """One-sided p-value for an effect of `interval` above the margin."""
    return float(stats.t.sf((row["estimate"] - margin) / row["error"], row["df"]))


def equivalence(row: Estimate, margin: float, alpha: float = ALPHA) -> dict:
    """Two one-sided t tests that an effect lies within plus or minus a margin (Schuirmann 1987).

    Args:
        row: the result of `interval`.

    Returns:
        p (the larger of the two), equivalent. Both are None if the row has no interval.
    """
    if row["error"] is None:
        return {"p": None, "equivalent": None}
    above, below = ((margin + side * row["estimate"]) / row["error"] for side in (1, -1))
    p = float(stats.t.sf(min(above, below), row["df"]))
    return {"p": p, "equivalent": p < alpha}


def _spread(by_seed: np.ndarray, influence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the mean over seeds, and its degrees of freedom: (...,) each.

    Args:
        by_seed: (..., seeds).
        influence: (..., seeds, items).
    """
    seeds, items = influence.shape[-2:]
    shared = influence.mean(axis=-2, keepdims=True)  # mean influence of an item
    of_seeds = by_seed.var(axis=-1, ddof=1) / seeds
    of_items = (shared**2).sum(axis=(-2, -1)) * items / (items - 1)
    freedom = (seeds - 1) * (items - 1)
    of_rest = ((influence - shared) ** 2).sum(axis=(-2, -1)) * items / (freedom * seeds)
    return combined(of_seeds, of_items, of_rest, (seeds - 1, items - 1, freedom))


def combined(
    of_seeds: np.ndarray, of_items: np.ndarray, of_rest: np.ndarray, freedom: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the mean, and its degrees of freedom, from its three mean squares and theirs."""
    variance = np.max([of_seeds + of_items - of_rest, of_seeds, of_items, of_rest], axis=0)
    parts = zip((of_seeds, of_items, of_rest), freedom, strict=True)
    with np.errstate(invalid="ignore"):
        return variance, variance**2 / sum(part**2 / df for part, df in parts)


def spread(estimates: Estimates) -> tuple[float, float, float]:
    """The standard deviations between seeds, between items, and of the rest; zero if none is left.

    The expected mean squares of the two-way table are solved for its three variances. All seeds should have
    the same items.
    """
    seeds, items = estimates.influence.shape
    values = estimates.influence.to_numpy() * items
    own = values.mean(axis=0)
    rest = ((values - own) ** 2).sum() / ((seeds - 1) * (items - 1))
    between_items = (own**2).sum() / (items - 1) - rest / seeds
    between_seeds = estimates.by_seed.var(ddof=1) - rest / items
    return tuple(float(np.sqrt(max(0.0, part))) for part in (between_seeds, between_items, rest))


def between_seeds(estimates: Estimates, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of the standard deviation between seeds, for seeds with normal effects.

    It is that of Tukey and Williams (Williams 1962) for a rest with very many degrees of freedom: the limits
    of the variance of the seeds' estimates, less the rest's part in it; zero if none is left.
    """
    seeds, items = estimates.influence.shape
    *_, rest = spread(estimates)
    squares = (seeds - 1) * estimates.by_seed.var(ddof=1)
    tails = ((1 + confidence) / 2, (1 - confidence) / 2)
    limits = (squares / stats.chi2.ppf(tail, seeds - 1) - rest**2 / items for tail in tails)
    return tuple(float(np.sqrt(max(0.0, limit))) for limit in limits)


def coverage(
    seeds: int, items: int, spread: tuple[float, float, float], simulations: int = 2000, seed: int = 0
) -> dict[str, dict]:
    """How often the 95 % intervals of `covered` hold the true mean, by simulation of normal values.

    Args:
        spread: standard deviations of a seed's effect, an item's effect, and the residual.
    """
    rng = np.random.default_rng(seed)
    shapes = ((simulations, seeds, 1), (simulations, 1, items), (simulations, seeds, items))
    return covered(sum(size * rng.normal(size=shape) for size, shape in zip(spread, shapes, strict=True)))


def covered(values: np.ndarray, truth: float = 0.0) -> dict[str, dict]:
    """How often 95 % intervals from simulated tables hold the true mean.

    Args:
        values: (simulations, seeds, items).

    Returns:
        ``crossed`` (the interval over seeds and items) and ``t over seeds``: the share of simulations whose
        interval holds the mean, with its Wilson interval.
    """
    by_seed = values.mean(axis=-1)
    seeds, items = values.shape[-2:]
    variance, df = _spread(by_seed, (values - by_seed[..., None]) / items)
    of_seeds = by_seed.var(axis=-1, ddof=1) / seeds
    reach = {"crossed": (variance, df), "t over seeds": (of_seeds, seeds - 1)}
    off = np.abs(by_seed.mean(axis=-1) - truth)
    return {
        name: wilson(int((off <= stats.t.ppf((1 + CONFIDENCE) / 2, df) * np.sqrt(size)).sum()), len(values))
        for name, (size, df) in reach.items()
    }
