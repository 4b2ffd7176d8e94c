"""Two samples at once: trainings (seeds), and problems (items) that every training answers.

An estimate over seeds says what other trainings would give on *these* problems. Whether other problems
would give it too depends on how much problems differ. The variance of a mean over S seeds and I items is that
of seeds / S, plus that of items / I, plus the rest / (S I): each from its mean square in the two-way table
(two-way clustering: Cameron, Gelbach and Miller 2011; the bootstrap of Owen 2007 estimates the same, but
covers too little with five seeds). It is never taken to be less than any of the three alone.
Student's t has Satterthwaite's degrees of freedom: about S - 1 where seeds decide, more where items do.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tracelib.stats.paired import ALPHA
from tracelib.stats.proportions import CONFIDENCE, wilson
from tracelib.stats.seeds import ROUNDING

METHOD = "t over seeds and problems"


@dataclass(frozen=True)
class Estimates:
    """One estimate per seed, and how far each item moves it.

    Attributes:
        by_seed: indexed by seed.
        influence: seeds in rows, items in columns: what an item adds to its seed's estimate; a row adds up
            to zero, and is zero where the seed lacks the item.
    """

    by_seed: pd.Series
    influence: pd.DataFrame

    def __sub__(self, other: "Estimates") -> "Estimates":
        """The difference in every seed that both have; items need not be the same."""
        common = self.by_seed.index.intersection(other.by_seed.index)
        mine, theirs = (part.influence.loc[common] for part in (self, other))
        return Estimates(
            self.by_seed[common] - other.by_seed[common], mine.sub(theirs, fill_value=0.0).fillna(0.0)
        )


def means(values: pd.DataFrame) -> Estimates:
    """The mean over items in every seed: seeds in rows, items in columns, NaN where a seed lacks an item.

    Columns of two levels are items within problems: then problems are what was sampled, and the influences of
    a problem's items are added up.
    """
    known = values.dropna(how="all").dropna(how="all", axis=1)
    by_seed = known.mean(axis=1)
    influence = known.sub(by_seed, axis=0).div(known.notna().sum(axis=1), axis=0).fillna(0.0)
    if influence.columns.nlevels > 1:
        influence = influence.T.groupby(level=0, sort=False).sum().T
    return Estimates(by_seed, influence)


def interval(estimates: Estimates, confidence: float = CONFIDENCE) -> dict:
    """The mean over seeds, its interval for other seeds and other items, and the test that it is zero.

    Keys: estimate, low, high, p_value, n (seeds), items, error (standard error), df, method, note. One seed
    or one item has no interval and no test, and neither has what is the same in all of them. Where seeds do
    not differ in any item, the interval is over items alone, and the note says so.
    """
    n, items = estimates.influence.shape
    middle = float(estimates.by_seed.mean()) if n else None
    if middle is not None and abs(middle) < ROUNDING:
        middle = 0.0  # and not minus zero
    row = {"estimate": middle, "low": None, "high": None}
    row |= {"p_value": None, "n": n, "items": items, "error": None, "df": None, "method": METHOD, "note": ""}
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
        "p_value": float(2 * stats.t.sf(abs(row["estimate"]) / error, df)),
        "error": error,
        "df": float(df),
        "note": "seeds do not differ at all: the interval is over problems alone" if alike else "",
    }


def equivalence(row: dict, margin: float, alpha: float = ALPHA) -> dict:
    """Two one-sided t tests that an effect lies within plus or minus a margin (Schuirmann 1987).

    `row` is of `interval`. Keys: p_value (the larger of the two), equivalent; None without an interval.
    """
    if row["error"] is None:
        return {"p_value": None, "equivalent": None}
    above, below = ((margin + side * row["estimate"]) / row["error"] for side in (1, -1))
    p_value = float(stats.t.sf(min(above, below), row["df"]))
    return {"p_value": p_value, "equivalent": p_value < alpha}


def _spread(by_seed: np.ndarray, influence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the mean over seeds, and its degrees of freedom.

    Shapes: `by_seed` (..., seeds), `influence` (..., seeds, items).
    """
    seeds, items = influence.shape[-2:]
    shared = influence.mean(axis=-2, keepdims=True)  # what an item does in every seed
    of_seeds = by_seed.var(axis=-1, ddof=1) / seeds
    of_items = (shared**2).sum(axis=(-2, -1)) * items / (items - 1)
    freedom = (seeds - 1) * (items - 1)
    of_rest = ((influence - shared) ** 2).sum(axis=(-2, -1)) * items / (freedom * seeds)
    variance = np.max([of_seeds + of_items - of_rest, of_seeds, of_items, of_rest], axis=0)
    weighed = of_seeds**2 / (seeds - 1) + of_items**2 / (items - 1) + of_rest**2 / freedom
    with np.errstate(invalid="ignore"):
        return variance, variance**2 / weighed


def coverage(
    seeds: int, items: int, spread: tuple[float, float, float], simulations: int = 2000, seed: int = 0
) -> dict[str, dict]:
    """How often 95 % intervals hold the true mean: this one, and Student's t over the seeds alone.

    *Simulated*: normal values with standard deviations of a seed, of an item, and of what is left. Of each
    method the share of simulations, with its Wilson interval.
    """
    rng = np.random.default_rng(seed)
    shapes = ((simulations, seeds, 1), (simulations, 1, items), (simulations, seeds, items))
    return covered(sum(size * rng.normal(size=shape) for size, shape in zip(spread, shapes, strict=True)))


def covered(values: np.ndarray, truth: float = 0.0) -> dict[str, dict]:
    """Of simulated tables (simulations, seeds, items): how often either interval holds the true mean."""
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
