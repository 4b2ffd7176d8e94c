"""A logistic model with two crossed random effects: trainings and problems.

The log odds of a right answer are the sum of an intercept, the effect of an arm, a normal effect of the
problem and a normal effect of the training. Laplace's approximation integrates over the normal effects, as in
lme4's glmer (Bates et al. 2015). The likelihood is maximised over the fixed effects and the two standard
deviations. statsmodels fits this model by variational Bayes only, which takes the effects as independent, so
its standard errors are too small. gpboost gives the same numbers as this module (the test has them), but it
needs some twenty further packages.
"""

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

from tracelib.stats.estimate import Estimate, not_estimated
from tracelib.stats.proportions import Z

METHOD = "mixed logit, crossed random effects of trainings and problems (Laplace)"
STEPS, CLOSE = 100, 1e-10  # Newton's method: most steps, relative change of the deviance at which it ends
LOG_SD = (-6.0, 3.0)  # bounds of a log standard deviation; the lower one is practically no spread


def odds_ratio(answers: pd.DataFrame, first: str, second: str) -> Estimate:
    """The odds of a right answer under one arm, divided by those under another, on the same problems.

    Args:
        answers: columns condition, seed, item, right (0 or 1). A training is a condition and a seed.

    Returns:
        estimate, low, high (Wald on the log scale), n (trainings), items, p, sd_training, sd_item (log odds),
        method, note. There are no numbers if an arm is always right, always wrong, or has one training.
    """
    both = answers[answers["condition"].isin([first, second])]
    arm = both["condition"].eq(first).to_numpy(float)
    right = both["right"].to_numpy(float)
    trainings = both["condition"].str.cat(both["seed"].astype(str), "/")
    more = {"items": both["item"].nunique(), **dict.fromkeys(("p", "sd_training", "sd_item"))}
    row = not_estimated(trainings.nunique(), METHOD, "", **more)
    seeds = both.groupby("condition")["seed"].nunique()
    if any(right[arm == side].min(initial=1) == right[arm == side].max(initial=0) for side in (0, 1)):
        return row | {"note": "an arm is always right, or always wrong"}
    if seeds.min() < 2:
        return row | {"note": "an arm has one training"}
    design = np.column_stack([np.ones(len(both)), arm])
    effect, error, spreads = _fit(right, design, [pd.factorize(both["item"])[0], pd.factorize(trainings)[0]])
    return row | {
        "estimate": float(np.exp(effect)),
        "low": float(np.exp(effect - Z * error)),
        "high": float(np.exp(effect + Z * error)),
        "p": float(2 * norm.sf(abs(effect) / error)),
        "sd_item": float(spreads[0]),
        "sd_training": float(spreads[1]),
    }


def _fit(right: np.ndarray, design: np.ndarray, groups: list[np.ndarray]) -> tuple[float, float, np.ndarray]:
    """The last fixed effect with its standard error, and the two standard deviations.

    Args:
        right: (n,) 0 or 1.
        design: (n, fixed effects).
        groups: two arrays (n,), the item's number and the training's number of each row.
    """
    start = np.concatenate([np.zeros(design.shape[1]), [-0.5, -1.5]])
    free = [(None, None)] * design.shape[1]
    found = minimize(
        lambda at: _Laplace(right, design, groups, at).deviance, start, bounds=[*free, LOG_SD, LOG_SD]
    )
    best = _Laplace(right, design, groups, found.x)
    return found.x[design.shape[1] - 1], best.errors()[-1], np.exp(found.x[-2:])


class _Laplace:
    """The random effects at their mode, for given fixed effects and log standard deviations.

    Effects are in units of their standard deviations. A row has one item and one training, so the Hessian has
    two diagonal blocks. Once the items are eliminated, a system with one row per training is left.
    """

    def __init__(self, right: np.ndarray, design: np.ndarray, groups: list[np.ndarray], at: np.ndarray):
        self.design, self.groups = design, groups
        self.sizes = [group.max() + 1 for group in groups]
        self.spreads = np.exp(at[-2:])
        fixed = design @ at[:-2]
        values, last = [np.zeros(size) for size in self.sizes], np.inf
        for _ in range(STEPS):
            odds = fixed + sum(s * v[g] for s, v, g in zip(self.spreads, values, groups, strict=True))
            deviance = 2 * np.logaddexp(0, np.where(right > 0, -odds, odds)).sum()
            deviance += sum((value**2).sum() for value in values)
            probability = expit(odds)
            self.weight = probability * (1 - probability)
            self._factor()
            if last - deviance < CLOSE * (1 + deviance):
                break
            last = deviance
            slope = [part - v for part, v in zip(self._sums(right - probability), values, strict=True)]
            values = [v + step for v, step in zip(values, self._solve(slope), strict=True)]
        self.deviance = deviance + np.log(self.items).sum() + 2 * np.log(np.diag(self.factor[0])).sum()

    def _sums(self, rows: np.ndarray) -> list[np.ndarray]:
        """The sum over the rows of each item, and of each training, times the standard deviation."""
        parts = zip(self.spreads, self.groups, self.sizes, strict=True)
        return [spread * np.bincount(group, rows, size) for spread, group, size in parts]

    def _factor(self) -> None:
        first, second = self.spreads
        self.items = 1 + first * self._sums(self.weight)[0]
        self.cross = np.zeros(self.sizes)
        np.add.at(self.cross, tuple(self.groups), first * second * self.weight)
        trainings = np.diag(1 + second * self._sums(self.weight)[1])
        self.factor = cho_factor(trainings - self.cross.T @ (self.cross / self.items[:, None]))

    def _solve(self, side: list[np.ndarray]) -> list[np.ndarray]:
        of_trainings = cho_solve(self.factor, side[1] - self.cross.T @ (side[0] / self.items))
        return [(side[0] - self.cross @ of_trainings) / self.items, of_trainings]

    def errors(self) -> np.ndarray:
        """Standard errors of the fixed effects, given the standard deviations."""
        columns = self.design.T * self.weight
        sides = [self._sums(column) for column in columns]
        solved = [self._solve(side) for side in sides]
        taken = [[sum(a @ b for a, b in zip(s, t, strict=True)) for t in solved] for s in sides]
        return np.sqrt(np.diag(np.linalg.inv(columns @ self.design - np.array(taken))))
