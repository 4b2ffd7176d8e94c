"""All runs of a dataset in one model: condition, model and category, with the problems they share.

Both regressions have a rate of right answers per model x condition and a shift per category; what they
report are contrasts of conditions within a model.
"""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from tracelib.stats.proportions import CONFIDENCE

REFERENCE = "vanilla"
Z = norm.ppf(0.5 + CONFIDENCE / 2)


def gee(answers: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """Logistic regression of right answers by generalised estimating equations (Liang and Zeger 1986).

    Exchangeable working correlation within a problem, robust (sandwich) standard errors.

    Args:
        answers: columns right (boolean), condition, model, category, problem; a row per answer.

    Returns:
        A row per model x condition other than the reference: estimate, low, high, the difference in the
        rate of right answers averaged over categories (delta method); odds_ratio, odds_low, odds_high; p;
        n (answers), clusters (problems), method, note. The last rows, models ``interaction`` and
        ``interaction with category``, have statistic, df and p of Wald tests that conditions differ alike
        in all models, and in all categories.
    """
    table, design = _design(answers)
    method = "logistic GEE, exchangeable within problems, robust errors"
    fitted, note = _fit(lambda: _logistic(table, design).fit())
    base = {"n": len(table), "clusters": table["problem"].nunique(), "method": method, "note": note}
    if fitted is None:
        return pd.DataFrame([base])
    params, covariance = fitted.params.to_numpy(), np.asarray(fitted.cov_params())
    shares = design[[name for name in design if name[0] == "category"]].mean()
    rows, contrasts = [], []
    for model, condition, cell, vanilla in _cells(design, reference):
        log_odds = _unit(design, cell) - _unit(design, vanilla)
        gradient, gap = _marginal(design, params, shares, cell, vanilla)
        odds, odds_error = log_odds @ params, np.sqrt(log_odds @ covariance @ log_odds)
        error = np.sqrt(gradient @ covariance @ gradient)
        rows.append(
            {
                "model": model,
                "condition": condition,
                **_interval(gap, error),
                "odds_ratio": float(np.exp(odds)),
                "odds_low": float(np.exp(odds - Z * odds_error)),
                "odds_high": float(np.exp(odds + Z * odds_error)),
                "p": _two_sided(odds, odds_error),
                **base,
            }
        )
        contrasts.append((condition, log_odds))
    rows += _interaction(contrasts, fitted, base) + _with_categories(table, design, reference, base)
    return pd.DataFrame(rows)


def _logistic(table: pd.DataFrame, design: pd.DataFrame) -> GEE:
    right, groups = table["right"].astype(float), table["problem"]
    return GEE(right, design, groups=groups, family=Binomial(), cov_struct=Exchangeable())


def mixed(answers: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """The same contrasts from a linear mixed model of right answers, a random intercept per problem.

    A check on `gee` with another model of the dependence. Linear, so that its contrasts are differences of
    rates as well; for a logistic one statsmodels has only a variational approximation, whose intervals are
    too narrow.

    Returns:
        As `gee`, without odds ratios and interaction.
    """
    table, design = _design(answers)
    method = "linear mixed model, random intercept per problem"
    fitted, note = _fit(lambda: MixedLM(table["right"].astype(float), design, groups=table["problem"]).fit())
    base = {"n": len(table), "clusters": table["problem"].nunique(), "method": method, "note": note}
    if fitted is None:
        return pd.DataFrame([base])
    params = fitted.fe_params.to_numpy()
    covariance = np.asarray(fitted.cov_params())[: len(params), : len(params)]
    rows = []
    for model, condition, cell, vanilla in _cells(design, reference):
        contrast = _unit(design, cell) - _unit(design, vanilla)
        gap, error = contrast @ params, np.sqrt(contrast @ covariance @ contrast)
        names = {"model": model, "condition": condition}
        rows.append({**names, **_interval(gap, error), "p": _two_sided(gap, error), **base})
    return pd.DataFrame(rows)


def _design(answers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The answers sorted by problem, and their design: a column per cell, one per category but the first."""
    table = answers.sort_values("problem", kind="stable").reset_index(drop=True)
    cells = list(dict.fromkeys(zip(answers["model"], answers["condition"], strict=True)))
    columns = {
        ("cell", model, condition): (table["model"] == model) & (table["condition"] == condition)
        for model, condition in cells
    }
    for category in list(dict.fromkeys(answers["category"]))[1:]:
        columns["category", category, ""] = table["category"] == category
    return table, pd.DataFrame(columns).astype(float)


def _fit(fit: Callable) -> tuple[object | None, str]:
    """The fitted model, or None; what went wrong, in words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = fit()
        except (np.linalg.LinAlgError, ValueError) as error:
            return None, f"could not be fitted ({error})"
    failed = [entry for entry in caught if issubclass(entry.category, ConvergenceWarning)]
    usable = np.all(np.isfinite(np.asarray(fitted.cov_params())))
    return (fitted if usable else None), "did not converge" if failed or not usable else ""


def _cells(design: pd.DataFrame, reference: str):
    """model, condition, its column and the reference's, for every other condition of every model."""
    cells = [name for name in design if name[0] == "cell"]
    for cell in cells:
        vanilla = ("cell", cell[1], reference)
        if cell[2] != reference and vanilla in cells:
            yield cell[1], cell[2], cell, vanilla


def _unit(design: pd.DataFrame, column: tuple) -> np.ndarray:
    return np.array([float(name == column) for name in design])


def _marginal(design, params, shares, cell, vanilla) -> tuple[np.ndarray, float]:
    """Difference of two cells' rates averaged over the categories, and its gradient in the parameters."""
    categories = [_unit(design, name) for name in shares.index]
    weights = [1 - shares.sum(), *shares]
    gradient, gap = np.zeros(len(params)), 0.0
    for sign, column in ((1, cell), (-1, vanilla)):
        for weight, category in zip(weights, [np.zeros(len(params)), *categories], strict=True):
            row = _unit(design, column) + category
            rate = 1 / (1 + np.exp(-row @ params))
            gap += sign * weight * rate
            gradient += sign * weight * rate * (1 - rate) * row
    return gradient, float(gap)


def _interaction(contrasts: list[tuple[str, np.ndarray]], fitted, base: dict) -> list[dict]:
    """The Wald test that each condition's log odds ratio is the same in all models."""
    rows = []
    for condition in dict.fromkeys(name for name, _ in contrasts):
        first, *others = [contrast for name, contrast in contrasts if name == condition]
        rows += [other - first for other in others]
    if not rows:
        return []
    test = fitted.wald_test(np.array(rows), scalar=True)
    found = {"statistic": float(test.statistic), "df": len(rows), "p": float(test.pvalue)}
    return [{"model": "interaction", "condition": "", **base, **found}]


def _with_categories(table: pd.DataFrame, design: pd.DataFrame, reference: str, base: dict) -> list[dict]:
    """The Wald test that each condition's log odds ratio is the same in all categories."""
    wide = design.copy()
    conditions = [name for name in dict.fromkeys(table["condition"]) if name != reference]
    for _, category, _ in [name for name in design if name[0] == "category"]:
        for condition in conditions:
            both = (table["category"] == category) & (table["condition"] == condition)
            wide["both", category, condition] = both.astype(float)
    added = [_unit(wide, name) for name in wide if name[0] == "both"]
    fitted, note = _fit(lambda: _logistic(table, wide).fit()) if added else (None, "")
    if fitted is None:
        return []
    test = fitted.wald_test(np.array(added), scalar=True)
    found = {"statistic": float(test.statistic), "df": len(added), "p": float(test.pvalue)}
    return [{"model": "interaction with category", "condition": "", **base, "note": note, **found}]


def _interval(estimate: float, error: float) -> dict:
    return {
        "estimate": float(estimate),
        "low": float(estimate - Z * error),
        "high": float(estimate + Z * error),
    }


def _two_sided(estimate: float, error: float) -> float:
    return float(2 * norm.sf(abs(estimate) / error)) if error > 0 else 1.0
