"""Regress right answers of all runs of a dataset on condition, model and category, clustered on the problem.

Both regressions have a parameter per model x condition and one per category. They report contrasts of
conditions within a model. A contrast that the answers do not identify has no number, and a note says why.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import orth
from scipy.special import expit
from scipy.stats import chi2, norm
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.regression.mixed_linear_model import MixedLM

from tracelib.stats.estimate import noted
from tracelib.stats.paired import paired_difference
from tracelib.stats.proportions import Z
from tracelib.stats.separation import overlapping

REFERENCE = "vanilla"
LEAST_CLUSTERS = 40  # with fewer, robust errors are too small (Mancl and DeRouen 2001; see the tests)
ROUNDING = 1e-5  # a standard error below this is zero; the fit leaves some rounding
ROW = (
    "model", "condition", "estimate", "low", "high", "odds_ratio", "odds_ratio_low", "odds_ratio_high",
    "statistic", "df", "p", "n", "clusters", "method", "note",
)  # fmt: skip
NAMED = 3  # unidentified contrasts named in a note, at most
USED = ["right", "condition", "model", "category", "problem"]


@dataclass(frozen=True)
class Fit:
    """A fitted regression: its parameters, their covariance, and which combinations of them are identified.

    Attributes:
        basis: (columns, rank) orthonormal columns, or the identity. A combination is identified if it lies in
            their span.
        params: (columns,) parameters; only their part in the span has a meaning.
        covariance: (columns, columns) likewise.
        left_out: number of answers left out because the design predicts them without exception.
        note: why there is no fit. An empty note without parameters says that no answer was left to fit.
    """

    basis: np.ndarray | None = None
    params: np.ndarray | None = None
    covariance: np.ndarray | None = None
    left_out: int = 0
    note: str = ""

    def identifies(self, *combinations: np.ndarray) -> bool:
        """Whether the answers identify all these combinations of parameters, (columns,) each."""
        if self.params is None:
            return False
        rows = np.array(combinations)
        return bool(np.allclose(rows @ self.basis @ self.basis.T, rows, atol=1e-8))


def gee(answers: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """Logistic regression of right answers by generalised estimating equations (Liang and Zeger 1986).

    The working correlation is exchangeable within a problem; standard errors are robust (sandwich). There is
    no odds ratio if conditions and categories separate right from wrong answers
    (`tracelib.stats.separation`), for instance if a condition is always right. There is no interval from
    fewer than `LEAST_CLUSTERS` problems, or if the two conditions agree on every problem. In these cases the
    difference is the paired one (Bonett and Price, exact McNemar test), provided that each problem was
    answered once under either condition.

    Args:
        answers: a row per answer, with columns right (boolean), condition, model, category, problem. Rows
            with a missing value are left out.

    Returns:
        Columns `ROW`. One row per model and condition other than the reference: estimate, low, high (the
        difference of the rates of right answers, averaged over categories, by the delta method); odds_ratio,
        odds_ratio_low, odds_ratio_high; p; n (answers), clusters (problems), method, note. The rows
        ``interaction`` and ``interaction with category`` follow: statistic, df and p of Wald tests that the
        odds ratios are the same in all models, and in all categories. A number that is not identified is
        missing, and the note says why.
    """
    table, design, missing = _design(answers)
    base = _base(table, "logistic GEE, exchangeable within problems, robust errors")
    fit = _logistic(table, design)
    rows, contrasts = [], []
    for model, condition, cell, vanilla in _cells(design, reference):
        found = _odds(table, design, fit, cell, vanilla) | {"model": model, "condition": condition}
        rows.append(base | found | {"note": noted(found["note"], missing)})
        if vanilla is not None:
            contrasts.append((model, condition, _unit(design, cell) - _unit(design, vanilla)))
    rows += [base | row for row in _interaction(contrasts, fit, base["clusters"])]
    rows += [base | row for row in _with_categories(table, design, reference, base["clusters"])]
    return pd.DataFrame(rows, columns=list(ROW))


def mixed(answers: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """The contrasts of `gee` from a linear mixed model with a random intercept per problem.

    This checks `gee` by another model of the dependence within a problem. The model is linear: its contrasts
    are differences of rates. For a logistic mixed model statsmodels has only a variational approximation,
    whose intervals are too narrow.

    Returns:
        As `gee`, without odds ratios and interactions. A fit that does not converge gives no numbers.
    """
    table, design, missing = _design(answers)
    base = _base(table, "linear mixed model, random intercept per problem")
    fit = _linear(table, design)
    rows = []
    for model, condition, cell, vanilla in _cells(design, reference):
        found = _gap(design, fit, base["clusters"], cell, vanilla) | {"model": model, "condition": condition}
        rows.append(base | found | {"note": noted(found["note"], missing)})
    columns = [name for name in ROW if not name.startswith("odds") and name not in ("statistic", "df")]
    return pd.DataFrame(rows, columns=columns)


# --- Design and fit ---------------------------------------------------------------------------


def _design(answers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """The complete answers sorted by problem, their design, and a note on the rows left out.

    The design has a column per cell (model x condition), and one per category except the first.
    """
    known = answers.dropna(subset=USED)
    table = known.sort_values("problem", kind="stable").reset_index(drop=True)
    cells = list(dict.fromkeys(zip(known["model"], known["condition"], strict=True)))
    columns = {
        ("cell", model, condition): (table["model"] == model) & (table["condition"] == condition)
        for model, condition in cells
    }
    for category in list(dict.fromkeys(known["category"]))[1:]:
        columns["category", category, ""] = table["category"] == category
    lost = len(answers) - len(known)
    design = pd.DataFrame(columns, index=table.index).astype(float)
    return table, design, f"{lost} answers with something missing, left out" if lost else ""


def _base(table: pd.DataFrame, method: str) -> dict:
    return {"n": len(table), "clusters": table["problem"].nunique(), "method": method, "note": ""}


def _logistic(table: pd.DataFrame, design: pd.DataFrame) -> Fit:
    """Logistic GEE of the answers that the design does not separate."""
    if table.empty:
        return Fit(note="no answers")
    right = table["right"].to_numpy(bool)
    try:
        used = overlapping(design, right)
    except ValueError as error:
        return Fit(note=f"could not be fitted ({error})")
    left_out = int((~used).sum())
    if not used.any():
        return Fit(left_out=left_out)
    part = design.to_numpy()[used]
    basis = _basis(part)
    model = GEE(
        right[used].astype(float),
        part @ basis,
        groups=table.loc[used, "problem"],
        family=Binomial(),
        cov_struct=Exchangeable(),
    )
    return _fit(model.fit, basis, left_out)


def _linear(table: pd.DataFrame, design: pd.DataFrame) -> Fit:
    if table.empty:
        return Fit(note="no answers")
    basis = _basis(design.to_numpy())
    model = MixedLM(table["right"].to_numpy(float), design.to_numpy() @ basis, groups=table["problem"])
    return _fit(model.fit, basis)


def _basis(design: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the row space of a design; the identity if the design has full rank."""
    columns = design.shape[1]
    whole = np.linalg.matrix_rank(design) == columns
    return np.eye(columns) if whole else orth(design.T)


def _fit(fit: Callable, basis: np.ndarray, left_out: int = 0) -> Fit:
    """Fit a model of statsmodels. Without convergence the result has a note and no numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = fit()
            rank = basis.shape[1]
            params = np.asarray(fitted.params)[:rank]
            covariance = np.asarray(fitted.cov_params())[:rank, :rank]
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError) as error:
            return Fit(left_out=left_out, note=f"could not be fitted ({error})")
    # Warnings are no sign of failure: statsmodels calls any variance below 0.01 "on the boundary".
    if not fitted.converged or not np.isfinite(covariance).all() or not np.isfinite(params).all():
        return Fit(left_out=left_out, note="did not converge")
    return Fit(basis, basis @ params, basis @ covariance @ basis.T, left_out)


# --- Contrasts and tests ----------------------------------------------------------------------


def _cells(design: pd.DataFrame, reference: str):
    """Yield model, condition, its column and the reference's column for each cell other than the reference.

    The reference's column is None if the model has no answers under it.
    """
    cells = [name for name in design if name[0] == "cell"]
    for cell in cells:
        vanilla = ("cell", cell[1], reference)
        if cell[2] != reference:
            yield cell[1], cell[2], cell, vanilla if vanilla in cells else None


def _odds(table: pd.DataFrame, design: pd.DataFrame, fit: Fit, cell: tuple, vanilla: tuple | None) -> dict:
    """Odds ratio and difference of two cells if they are identified, else the paired difference."""
    if vanilla is None:
        return {"note": "no answers under the reference"}
    contrast = _unit(design, cell) - _unit(design, vanilla)
    why = fit.note or ("" if fit.identifies(contrast) else _why(table, cell, vanilla))
    if why:
        return _of_pairs(table, cell, vanilla, why)
    odds, error = _value(contrast, fit)
    found = {"odds_ratio": float(np.exp(odds))}
    clusters = table["problem"].nunique()
    if clusters < LEAST_CLUSTERS:
        return found | _of_pairs(table, cell, vanilla, f"{_few(clusters)}, no interval of the odds ratio")
    if error < ROUNDING:
        why = "no problem tells the conditions apart, no interval of the odds ratio"
        return found | _of_pairs(table, cell, vanilla, why)
    found |= {
        "odds_ratio_low": float(np.exp(odds - Z * error)),
        "odds_ratio_high": float(np.exp(odds + Z * error)),
        "p": _two_sided(odds, error),
    }
    note = (
        f"{fit.left_out} answers that the design predicts without exception, left out" if fit.left_out else ""
    )
    marginal = _marginal(design, fit, cell, vanilla)
    if marginal is None:
        paired = _of_pairs(table, cell, vanilla, noted(note, "a category without exception"))
        return found | {name: value for name, value in paired.items() if name != "p"}
    return found | _interval(*marginal) | {"note": note}


def _why(table: pd.DataFrame, cell: tuple, vanilla: tuple) -> str:
    """Why the odds ratio of two cells has no finite estimate."""
    words = []
    for _, model, condition in (cell, vanilla):
        right = table.loc[(table["model"] == model) & (table["condition"] == condition), "right"].astype(bool)
        if right.all() or not right.any():
            words.append(f"{'every' if right.all() else 'no'} answer is right under {condition}")
    return f"no odds ratio: {' and '.join(words) or 'category and condition cannot be told apart'}"


def _few(clusters: int) -> str:
    return f"fewer than {LEAST_CLUSTERS} problems ({clusters})"


def _of_pairs(table: pd.DataFrame, cell: tuple, vanilla: tuple, why: str) -> dict:
    """The paired difference of two cells. There is none if a cell answered some problem more than once."""
    answers = [
        table[(table["model"] == model) & (table["condition"] == condition)].set_index("problem")["right"]
        for _, model, condition in (cell, vanilla)
    ]
    if not all(part.index.is_unique for part in answers):
        return {"note": noted(why, "no difference: a problem was answered more than once")}
    found = paired_difference(*answers)
    row = {name: found[name] for name in ("estimate", "low", "high", "p", "method")}
    return row | {"note": noted(why, found["note"])}


def _gap(design: pd.DataFrame, fit: Fit, clusters: int, cell: tuple, vanilla: tuple | None) -> dict:
    """Difference of two cells by the linear mixed model."""
    if vanilla is None:
        return {"note": "no answers under the reference"}
    contrast = _unit(design, cell) - _unit(design, vanilla)
    if fit.note or not fit.identifies(contrast):
        return {"note": fit.note or "category and condition cannot be told apart"}
    gap, error = _value(contrast, fit)
    if error < ROUNDING:
        return {"estimate": gap, "note": "no problem tells the conditions apart, no interval"}
    note = "" if clusters >= LEAST_CLUSTERS else f"{_few(clusters)}, the interval may be too narrow"
    return _interval(gap, error) | {"p": _two_sided(gap, error), "note": note}


def _unit(design: pd.DataFrame, column: tuple) -> np.ndarray:
    return np.array([float(name == column) for name in design])


def _value(contrast: np.ndarray, fit: Fit) -> tuple[float, float]:
    """The value of a combination of parameters, and its standard error."""
    return float(contrast @ fit.params), float(np.sqrt(max(0.0, contrast @ fit.covariance @ contrast)))


def _marginal(design: pd.DataFrame, fit: Fit, cell: tuple, vanilla: tuple) -> tuple[float, float] | None:
    """Difference of two cells' rates averaged over the categories, and its standard error (delta method).

    None if a rate is not identified in some category.
    """
    shares = design[[name for name in design if name[0] == "category"]].mean()
    categories = [np.zeros(design.shape[1]), *(_unit(design, name) for name in shares.index)]
    gradient, gap = np.zeros(design.shape[1]), 0.0
    for sign, column in ((1, cell), (-1, vanilla)):
        rows = [_unit(design, column) + category for category in categories]
        if not fit.identifies(*rows):
            return None
        for weight, row in zip([1 - shares.sum(), *shares], rows, strict=True):
            rate = expit(row @ fit.params)
            gap += sign * weight * rate
            gradient += sign * weight * rate * (1 - rate) * row
    return float(gap), _value(gradient, fit)[1]


def _interaction(contrasts: list[tuple[str, str, np.ndarray]], fit: Fit, clusters: int) -> list[dict]:
    """Wald test that each condition's log odds ratio is the same in all models."""
    rows, names = [], []
    for condition in dict.fromkeys(name for _, name, _ in contrasts):
        (_, first), *others = [(model, part) for model, name, part in contrasts if name == condition]
        rows += [part - first for _, part in others]
        names += [f"{condition} of {model}" for model, _ in others]
    return [_wald("interaction", names, rows, fit, clusters)] if rows else []


def _with_categories(table: pd.DataFrame, design: pd.DataFrame, reference: str, clusters: int) -> list[dict]:
    """Wald test that each condition's log odds ratio is the same in all categories."""
    wide = design.copy()
    conditions = [name for name in dict.fromkeys(table["condition"]) if name != reference]
    for _, category, _ in [name for name in design if name[0] == "category"]:
        for condition in conditions:
            both = (table["category"] == category) & (table["condition"] == condition)
            wide["both", category, condition] = both.astype(float)
    added = [name for name in wide if name[0] == "both"]
    if not added:
        return []
    names = [f"{condition} in {category}" for _, category, condition in added]
    rows = [_unit(wide, name) for name in added]
    return [_wald("interaction with category", names, rows, _logistic(table, wide), clusters)]


def _wald(title: str, names: list[str], rows: list[np.ndarray], fit: Fit, clusters: int) -> dict:
    """Wald test that all these combinations of parameters are zero. All must be identified, else no test."""
    row = {"model": title, "condition": "", "df": len(rows)}
    unknown = [name for name, part in zip(names, rows, strict=True) if not fit.identifies(part)]
    if fit.note or unknown:
        listed = f"not identified: {', '.join(unknown[:NAMED])}{' and others' if unknown[NAMED:] else ''}"
        return row | {"note": f"no test, {fit.note or listed}"}
    values, covariance = np.array(rows) @ fit.params, np.array(rows) @ fit.covariance @ np.array(rows).T
    if clusters < LEAST_CLUSTERS:
        return row | {"note": f"{_few(clusters)}, no test"}
    sizes = np.linalg.eigvalsh(covariance)
    if sizes[0] < max(ROUNDING**2, ROUNDING**2 * sizes[-1]):
        return row | {"note": "no test, some of the differences do not vary between problems"}
    statistic = float(values @ np.linalg.solve(covariance, values))
    return row | {"statistic": statistic, "p": float(chi2.sf(statistic, len(rows))), "note": ""}


def _interval(estimate: float, error: float) -> dict:
    return {
        "estimate": estimate,
        "low": max(-1.0, estimate - Z * error),
        "high": min(1.0, estimate + Z * error),
    }


def _two_sided(estimate: float, error: float) -> float:
    return float(2 * norm.sf(abs(estimate) / error))
