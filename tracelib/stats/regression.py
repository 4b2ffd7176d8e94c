"""All runs of a dataset in one model: condition, model and category, with the problems they share.

Both regressions have a rate of right answers per model x condition and a shift per category; what they
report are contrasts of conditions within a model. What the answers cannot tell has no number, and a note.
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

from tracelib.stats.paired import paired_difference
from tracelib.stats.proportions import CONFIDENCE
from tracelib.stats.separation import overlapping

REFERENCE = "vanilla"
Z = norm.ppf(0.5 + CONFIDENCE / 2)
LEAST_CLUSTERS = 40  # below it robust errors are too small (Mancl and DeRouen 2001; simulated in the tests)
ROUNDING = 1e-5  # an error below it is none: what is left of zero after a fit
ROW = (
    "model", "condition", "estimate", "low", "high", "odds_ratio", "odds_low", "odds_high", "statistic", "df",
    "p", "n", "clusters", "method", "note",
)  # fmt: skip
NAMED = 3  # of what is not identified, in a note
USED = ["right", "condition", "model", "category", "problem"]


@dataclass(frozen=True)
class Fit:
    """Parameters of a design and their covariance, as far as the answers tell them apart.

    Attributes:
        basis: (columns, rank) orthonormal columns, or the identity; only what they span is identified.
        params, covariance: of all columns; anything outside the span is zero in them, and means nothing.
        left_out: answers that the fit cannot use, because the design predicts them without exception.
        note: why there is no fit; without one and without numbers, no answer is left to fit.
    """

    basis: np.ndarray | None = None
    params: np.ndarray | None = None
    covariance: np.ndarray | None = None
    left_out: int = 0
    note: str = ""

    def identifies(self, *combinations: np.ndarray) -> bool:
        """Whether the answers tell the value of these combinations of parameters."""
        if self.params is None:
            return False
        rows = np.array(combinations)
        return bool(np.allclose(rows @ self.basis @ self.basis.T, rows, atol=1e-8))


def gee(answers: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """Logistic regression of right answers by generalised estimating equations (Liang and Zeger 1986).

    Exchangeable working correlation within a problem, robust (sandwich) standard errors. There is no odds
    ratio where a condition is always or never right, or categories and conditions together tell right from
    wrong without exception (`tracelib.stats.separation`); and no interval from fewer than `LEAST_CLUSTERS`
    problems, or where no problem tells the two conditions apart. The difference is then that of the pairs
    (Bonett and Price, exact McNemar test), if each problem was answered once under either condition.

    Args:
        answers: columns right (boolean), condition, model, category, problem; a row per answer. Rows in which
            one of them is missing are left out.

    Returns:
        Columns `ROW`. A row per model x condition other than the reference: estimate, low, high, the
        difference in the rate of right answers averaged over categories (delta method); odds_ratio, odds_low,
        odds_high; p; n (answers), clusters (problems), method, note. The last rows, ``interaction`` and
        ``interaction with category``, have statistic, df and p of Wald tests that conditions differ alike
        in all models, and in all categories. What is not identified is missing, and the note says why.
    """
    table, design, missing = _design(answers)
    base = _base(table, "logistic GEE, exchangeable within problems, robust errors")
    fit = _logistic(table, design)
    rows, contrasts = [], []
    for model, condition, cell, vanilla in _cells(design, reference):
        found = _odds(table, design, fit, cell, vanilla) | {"model": model, "condition": condition}
        rows.append(base | found | {"note": _notes(found["note"], missing)})
        if vanilla is not None:
            contrasts.append((model, condition, _unit(design, cell) - _unit(design, vanilla)))
    rows += [base | row for row in _interaction(contrasts, fit, base["clusters"])]
    rows += [base | row for row in _with_categories(table, design, reference, base["clusters"])]
    return pd.DataFrame(rows, columns=list(ROW))


def mixed(answers: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """The same contrasts from a linear mixed model of right answers, a random intercept per problem.

    A check on `gee` with another model of the dependence. Linear, so that its contrasts are differences of
    rates as well; for a logistic one statsmodels has only a variational approximation, whose intervals are
    too narrow.

    Returns:
        As `gee`, without odds ratios and interaction. A fit that did not converge gives no number.
    """
    table, design, missing = _design(answers)
    base = _base(table, "linear mixed model, random intercept per problem")
    fit = _linear(table, design)
    rows = []
    for model, condition, cell, vanilla in _cells(design, reference):
        found = _gap(design, fit, base["clusters"], cell, vanilla) | {"model": model, "condition": condition}
        rows.append(base | found | {"note": _notes(found["note"], missing)})
    columns = [name for name in ROW if not name.startswith("odds") and name not in ("statistic", "df")]
    return pd.DataFrame(rows, columns=columns)


# --- What is fitted ---------------------------------------------------------------------------


def _design(answers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """The answers sorted by problem, and their design: a column per cell, one per category but the first.

    And how many rows are left out because something is missing, in words.
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
    """What the answers tell that the design does not predict without exception."""
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
    """Orthonormal directions that the rows of a design span: the columns themselves where they are enough."""
    columns = design.shape[1]
    whole = np.linalg.matrix_rank(design) == columns
    return np.eye(columns) if whole else orth(design.T)


def _fit(fit: Callable, basis: np.ndarray, left_out: int = 0) -> Fit:
    """A model of statsmodels fitted; without numbers where it did not converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = fit()
            rank = basis.shape[1]
            params = np.asarray(fitted.params)[:rank]
            covariance = np.asarray(fitted.cov_params())[:rank, :rank]
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError) as error:
            return Fit(left_out=left_out, note=f"could not be fitted ({error})")
    # Not by its warnings: one says "on the boundary" of any variance below 0.01, which rates have.
    if not fitted.converged or not np.isfinite(covariance).all() or not np.isfinite(params).all():
        return Fit(left_out=left_out, note="did not converge")
    return Fit(basis, basis @ params, basis @ covariance @ basis.T, left_out)


# --- What it says -----------------------------------------------------------------------------


def _cells(design: pd.DataFrame, reference: str):
    """model, condition, its column and the reference's (None where it has no answers), of every other one."""
    cells = [name for name in design if name[0] == "cell"]
    for cell in cells:
        vanilla = ("cell", cell[1], reference)
        if cell[2] != reference:
            yield cell[1], cell[2], cell, vanilla if vanilla in cells else None


def _odds(table: pd.DataFrame, design: pd.DataFrame, fit: Fit, cell: tuple, vanilla: tuple | None) -> dict:
    """Odds ratio and difference of two cells as far as they are identified; else the paired difference."""
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
        "odds_low": float(np.exp(odds - Z * error)),
        "odds_high": float(np.exp(odds + Z * error)),
        "p": _two_sided(odds, error),
    }
    note = (
        f"{fit.left_out} answers that the design predicts without exception, left out" if fit.left_out else ""
    )
    marginal = _marginal(design, fit, cell, vanilla)
    if marginal is None:
        paired = _of_pairs(table, cell, vanilla, _notes(note, "a category without exception"))
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
    """The difference by the pairs of answers to one problem, where each was answered once in either cell."""
    answers = [
        table[(table["model"] == model) & (table["condition"] == condition)].set_index("problem")["right"]
        for _, model, condition in (cell, vanilla)
    ]
    if not all(part.index.is_unique for part in answers):
        return {"note": _notes(why, "no difference: a problem was answered more than once")}
    found = paired_difference(*answers)
    row = {name: found[name] for name in ("estimate", "low", "high", "p", "method")}
    return row | {"note": _notes(why, found["note"])}


def _gap(design: pd.DataFrame, fit: Fit, clusters: int, cell: tuple, vanilla: tuple | None) -> dict:
    """Difference of two cells by a linear model."""
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
    """A combination of parameters and its standard error."""
    return float(contrast @ fit.params), float(np.sqrt(max(0.0, contrast @ fit.covariance @ contrast)))


def _marginal(design: pd.DataFrame, fit: Fit, cell: tuple, vanilla: tuple) -> tuple[float, float] | None:
    """Difference of two cells' rates averaged over the categories, and its error (delta method).

    None where a rate is not identified in some category.
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
    """The Wald test that each condition's log odds ratio is the same in all models."""
    rows, names = [], []
    for condition in dict.fromkeys(name for _, name, _ in contrasts):
        (_, first), *others = [(model, part) for model, name, part in contrasts if name == condition]
        rows += [part - first for _, part in others]
        names += [f"{condition} of {model}" for model, _ in others]
    return [_wald("interaction", names, rows, fit, clusters)] if rows else []


def _with_categories(table: pd.DataFrame, design: pd.DataFrame, reference: str, clusters: int) -> list[dict]:
    """The Wald test that each condition's log odds ratio is the same in all categories."""
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
    """That all these combinations of parameters are zero; no test where one of them is not identified."""
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


def _notes(*notes: str) -> str:
    return "; ".join(filter(None, dict.fromkeys(notes)))


def _interval(estimate: float, error: float) -> dict:
    return {
        "estimate": estimate,
        "low": max(-1.0, estimate - Z * error),
        "high": min(1.0, estimate + Z * error),
    }


def _two_sided(estimate: float, error: float) -> float:
    return float(2 * norm.sf(abs(estimate) / error))
