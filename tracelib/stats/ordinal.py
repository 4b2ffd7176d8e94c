"""Odds ratios of ratings of several kinds by several persons: a cumulative logit by statsmodels' OrdinalGEE.

A row of `ratings` is one answer: participant, kind, rating, and columns for effects and covariates. Answers
of one participant depend on each other; participants are independent.
"""

import warnings
from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats
from scipy.linalg import orth
from statsmodels.genmod.cov_struct import OrdinalIndependence
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE

from tracelib.stats.cumulative_logit import LARGEST, Fit
from tracelib.stats.estimate import not_estimated, noted
from tracelib.stats.proportions import CONFIDENCE

LEAST = 10  # participants that a regression needs
ROUNDING = 1e-10  # a variance below this is zero; the fit leaves some rounding
GEE = "ordinal GEE, clustered on the participant, Mancl-DeRouen errors, t"
Pairs = Sequence[tuple[str, str]]


def design(
    ratings: pd.DataFrame, effects: Sequence[str] = ("problem",), covariates: Sequence[str] = ()
) -> pd.DataFrame:
    """A column per kind and per level of each effect, except for the first of each; then the covariates.

    The columns are centred: the intercepts of the model take up the rest.
    """
    columns = {}
    for name in ("kind", *effects):
        for level in sorted(ratings[name].unique())[1:]:
            columns[name, level] = (ratings[name] == level).to_numpy(float)
    for name in covariates:
        columns["covariate", name] = ratings[name].to_numpy(float)
    made = pd.DataFrame(columns, index=ratings.index)
    return made - made.mean()


def odds_ratios(
    ratings: pd.DataFrame,
    pairs: Pairs,
    effects: Sequence[str] = ("problem",),
    covariates: Sequence[str] = (),
) -> pd.DataFrame:
    """The odds of a higher rating of one kind, divided by those of another, at every point of the scale.

    A cumulative logit by generalised estimating equations: answers of a participant are one cluster, and the
    problems have fixed effects. statsmodels has no cumulative logit with crossed random effects, so problems
    are taken as these problems, not as a sample.

    Args:
        ratings: columns participant, kind, rating, the effects and covariates.
        pairs: kinds to compare, (first, second).

    Returns:
        A row per pair: first, second, estimate (odds ratio), low, high, n (answers), clusters (participants),
        p, method, note. A pair that the answers do not identify has no numbers, and a note says why.
    """
    known = ratings.dropna(subset=["participant", "kind", "rating", *effects, *covariates])
    lost = len(ratings) - len(known)
    columns = design(known, effects, covariates)
    basis = _basis(columns.to_numpy())
    fit, why = fitted(known["rating"], columns.to_numpy() @ basis, known["participant"])
    people = known["participant"].nunique()
    rows = []
    for first, second in pairs:
        gap = contrast(columns, first, second)
        row = not_estimated(len(known), GEE, why, clusters=people, p=None)
        if missing := [kind for kind in (first, second) if kind not in set(known["kind"])]:
            row["note"] = f"no ratings of {missing[0]}"
        elif fit and not np.allclose(basis @ (basis.T @ gap), gap, atol=1e-8):
            row["note"] = "kind and problem cannot be told apart"
        elif fit:
            row |= _odds(gap @ basis, fit, people)
        row["note"] = noted(row["note"], f"{lost} answers with something missing, left out" if lost else "")
        rows.append({"first": first, "second": second, **row})
    return pd.DataFrame(rows)


def _basis(columns: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the combinations of columns that vary; the identity if all do."""
    rank = np.linalg.matrix_rank(columns) if columns.size else 0
    return np.eye(columns.shape[1]) if rank == columns.shape[1] else orth(columns.T)


def contrast(columns: pd.DataFrame, first: str, second: str) -> np.ndarray:
    """The combination of the columns of `design` that is the difference of two kinds."""
    return np.array([float(name == ("kind", first)) - float(name == ("kind", second)) for name in columns])


def fitted(ratings: pd.Series, columns: np.ndarray, participants: pd.Series) -> tuple[Fit | None, str]:
    """The fit of a cumulative logit by statsmodels, or None and the reason.

    Args:
        ratings, participants: (n,) of each answer.
        columns: (n, k) of full rank, without a constant.
    """
    if ratings.nunique() < 2:
        return None, "all ratings are alike"
    if not columns.size:
        return None, "one kind alone"
    if participants.nunique() < LEAST:
        return None, f"fewer than {LEAST} participants, no odds ratio"
    people = pd.factorize(participants)[0]
    order = np.argsort(people, kind="stable")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = OrdinalGEE(
            ratings.to_numpy()[order], columns[order], people[order], cov_struct=OrdinalIndependence()
        )
        try:
            found = model.fit(cov_type="bias_reduced")
        except (np.linalg.LinAlgError, ValueError) as error:
            return None, f"could not be fitted ({error})"
    params, covariance = np.asarray(found.params), np.asarray(found.cov_params())
    if not (found.converged and np.isfinite(params).all() and np.isfinite(covariance).all()):
        return None, "did not converge"
    cuts = len(params) - columns.shape[1]
    return Fit(params[:cuts], params[cuts:], covariance[cuts:, cuts:]), ""


def _odds(gap: np.ndarray, fit: Fit, people: int) -> dict:
    """The odds ratio of a combination of slopes, with its t interval and test over participants."""
    log_odds, variance = float(gap @ fit.slopes), float(gap @ fit.covariance @ gap)
    if abs(log_odds) > LARGEST / 2:
        return {"note": "no finite odds ratio: the ratings of a kind are predicted without exception"}
    found = {"estimate": float(np.exp(log_odds))}
    if variance < ROUNDING:
        return found | {"note": "no participant tells the kinds apart, no interval"}
    error = sqrt(variance)
    half = error * stats.t.ppf(0.5 + CONFIDENCE / 2, people - 1)
    ends = {"low": float(np.exp(log_odds - half)), "high": float(np.exp(log_odds + half))}
    return found | ends | {"p": float(2 * stats.t.sf(abs(log_odds) / error, people - 1))}
