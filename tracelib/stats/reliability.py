"""How well the questions of a construct agree: Cronbach's (1951) alpha and McDonald's (1999) omega.

Alpha is the reliability of the sum of the answers if all questions measure the construct equally well. Omega
lets them differ: it is the share of the sum's variance that one common factor explains. Intervals come from a
bootstrap of participants, each with all of their pages.
"""

import numpy as np
import pandas as pd

from tracelib.stats import bootstrap
from tracelib.stats.estimate import Estimate, not_estimated, noted

RESAMPLES = 2000
STEPS, CLOSE = 200, 1e-5  # of principal-axis factoring


def reliability(
    scores: pd.DataFrame, participants: pd.Series, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Estimate]:
    """Alpha and omega of the questions, each with its interval.

    Args:
        scores: a row per page and a column per question, all in the same direction. Incomplete rows are left
            out.
        participants: who answered, in the same order.

    Returns:
        ``alpha`` and ``omega``: estimate, low, high, n (pages), clusters (participants), method, note.
    """
    whole = scores.notna().all(axis=1).to_numpy()
    lost = f"{(~whole).sum()} pages with an answer missing, left out" if not whole.all() else ""
    values, people = scores.to_numpy(float)[whole], participants.to_numpy()[whole]
    size = {"n": len(values), "clusters": len(np.unique(people))}
    questions = scores.shape[1]
    needed = {"alpha": 2, "omega": 3}
    if len(values) < 2 or questions < needed["alpha"]:
        why = "fewer than two questions" if questions < needed["alpha"] else "fewer than two pages"
        return {name: not_estimated(method=name, note=noted(why, lost), **size) for name in needed}
    products = values[:, :, None] * values[:, None, :]
    rows = np.column_stack([np.ones(len(values)), values, products.reshape(len(values), -1)])
    observed = _covariance(rows.sum(axis=0, keepdims=True), questions)
    drawn = _covariance(bootstrap.cluster_sums(rows, people, None, resamples, seed), questions)
    found = {}
    for name, function in (("alpha", alpha), ("omega", omega)):
        if questions < needed[name]:
            found[name] = not_estimated(method=name, note=noted("fewer than three questions", lost), **size)
            continue
        row = bootstrap.interval(function(observed)[0], function(drawn), **size)
        found[name] = row | {"note": noted(row["note"], lost)}
    return found


def _covariance(sums: np.ndarray, questions: int) -> np.ndarray:
    """Covariance matrices, (resamples, questions, questions), from counts, sums and sums of products."""
    n = sums[:, 0, None, None]
    means = sums[:, 1 : questions + 1] / sums[:, :1]
    products = sums[:, questions + 1 :].reshape(-1, questions, questions)
    return (products - n * means[:, :, None] * means[:, None, :]) / (n - 1)


def alpha(covariance: np.ndarray) -> np.ndarray:
    """Cronbach's alpha of covariance matrices, (..., questions, questions); NaN if the sum does not vary."""
    questions, total = covariance.shape[-1], covariance.sum(axis=(-2, -1))
    own = np.trace(covariance, axis1=-2, axis2=-1)
    return questions / (questions - 1) * (1 - bootstrap.divided(own, total))


def omega(covariance: np.ndarray) -> np.ndarray:
    """McDonald's omega of covariance matrices, (..., questions, questions); NaN if the sum does not vary."""
    total = covariance.sum(axis=(-2, -1))
    return bootstrap.divided(_loadings(covariance).sum(axis=-1) ** 2, total)


def _loadings(covariance: np.ndarray) -> np.ndarray:
    """Loadings on one factor by principal axes (minimum residuals), (..., questions).

    The diagonal is replaced by what the factor explains of it, until that settles. No question is explained
    by more than its variance.
    """
    at = np.arange(covariance.shape[-1])
    variances = covariance[..., at, at]
    explained = np.abs(covariance - np.eye(len(at)) * variances[..., None]).max(axis=-1)
    reduced = covariance.copy()
    for _ in range(STEPS):
        reduced[..., at, at] = np.minimum(explained, variances)
        sizes, directions = np.linalg.eigh(reduced)
        loadings = directions[..., -1] * np.sqrt(np.maximum(sizes[..., -1:], 0))
        change = np.abs(loadings**2 - explained).max(initial=0)
        explained = loadings**2
        if change < CLOSE:
            break
    return loadings
