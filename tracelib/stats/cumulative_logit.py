"""The proportional-odds model with errors that are robust to dependence within a cluster.

The log odds of a rating above k are an intercept of k plus the same linear predictor for all k (McCullagh
1980). Ratings are fitted as if independent; the sandwich estimate of the errors allows for clusters (Liang
and Zeger 1986). These are the estimates of statsmodels' OrdinalGEE with OrdinalIndependence, some hundred
times as fast: simulations of power need tens of thousands of fits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

STEPS, CLOSE = 50, 1e-8  # of Fisher scoring: most steps, change of a parameter at which it ends
LARGEST = 15.0  # a log odds ratio beyond this has no finite estimate
TINY = 1e-12  # least chance of a rating


class Fit(NamedTuple):
    """Log odds of a rating above each level but the last; log odds ratios, and their robust covariance."""

    intercepts: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray


def fit(ratings: ArrayLike, design: ArrayLike, clusters: ArrayLike) -> Fit | None:
    """Fit the model.

    Args:
        ratings: (n,) numbers; their order counts, not their distances.
        design: (n, k) full-rank columns without a constant.
        clusters: (n,) labels.

    Returns:
        None if the ratings are all alike, or have no finite estimate.
    """
    levels, rank = np.unique(ratings, return_inverse=True)
    design = np.asarray(design, float)
    if len(levels) < 2:
        return None
    above = np.array([(rank > cut).mean() for cut in range(len(levels) - 1)])
    params = np.concatenate([np.log(above / (1 - above)), np.zeros(design.shape[1])])
    for _ in range(STEPS):
        scores, information = _derivatives(rank, design, params, len(levels))
        try:
            step = np.linalg.solve(information, scores)
        except np.linalg.LinAlgError:
            return None
        params = _stepped(rank, design, params, step, len(levels))
        if params is None or np.abs(params).max() > LARGEST:
            return None
        if np.abs(step).max() < CLOSE:
            break
    else:
        return None
    return _robust(rank, design, params, np.unique(clusters, return_inverse=True)[1], len(levels))


def _robust(
    rank: np.ndarray, design: np.ndarray, params: np.ndarray, cluster: np.ndarray, levels: int
) -> Fit | None:
    """The slopes with their robust covariance, corrected for the influence of each cluster on its own fit.

    Mancl and DeRouen (2001): the residuals of a cluster are divided by one minus its leverage. In terms of
    scores this takes the information of the cluster, not the inverse of its residuals' covariance.
    """
    scores, by_cuts = _scores(rank, design, params, levels)
    cuts, number = levels - 1, cluster.max() + 1
    whole = np.concatenate(
        [np.broadcast_to(np.eye(cuts), (len(rank), cuts, cuts)), np.repeat(design[:, None], cuts, axis=1)],
        axis=2,
    )
    sums, own = np.zeros((number, whole.shape[2])), np.zeros((number, *[whole.shape[2]] * 2))
    np.add.at(sums, cluster, scores)
    np.add.at(own, cluster, whole.transpose(0, 2, 1) @ by_cuts @ whole)
    bread = np.linalg.inv(own.sum(axis=0))
    try:
        corrected = np.linalg.solve(np.eye(len(bread)) - own @ bread, sums[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        return None
    covariance = bread @ (corrected.T @ corrected) @ bread
    return Fit(params[:cuts], params[cuts:], covariance[cuts:, cuts:])


def _stepped(
    rank: np.ndarray, design: np.ndarray, params: np.ndarray, step: np.ndarray, levels: int
) -> np.ndarray | None:
    """The parameters after a step, halved until the intercepts fall and the likelihood does not."""
    before = _likelihood(rank, design, params, levels)
    for halved in range(20):
        tried = params + step / 2**halved
        falling = (np.diff(tried[: levels - 1]) < 0).all()
        if falling and _likelihood(rank, design, tried, levels) >= before - CLOSE:
            return tried
    return None


def _likelihood(rank: np.ndarray, design: np.ndarray, params: np.ndarray, levels: int) -> float:
    chances, _ = _chances(design, params, levels)
    return float(np.log(chances[np.arange(len(rank)), rank]).sum())


def _chances(design: np.ndarray, params: np.ndarray, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """The chance of each rating, (n, levels), and of a rating above each cut, (n, levels - 1)."""
    cuts = levels - 1
    above = expit(params[:cuts] + (design @ params[cuts:])[:, None])
    ends = np.ones((len(design), 1)), np.zeros((len(design), 1))
    return np.maximum(-np.diff(np.hstack([ends[0], above, ends[1]]), axis=1), TINY), above


def _derivatives(
    rank: np.ndarray, design: np.ndarray, params: np.ndarray, levels: int
) -> tuple[np.ndarray, np.ndarray]:
    """The total score, and the expected information."""
    scores, by_cuts = _scores(rank, design, params, levels)
    of_cuts = by_cuts.sum(axis=2)
    mixed = of_cuts.T @ design
    slopes = (design * of_cuts.sum(axis=1, keepdims=True)).T @ design
    return scores.sum(axis=0), np.block([[by_cuts.sum(axis=0), mixed], [mixed.T, slopes]])


def _scores(
    rank: np.ndarray, design: np.ndarray, params: np.ndarray, levels: int
) -> tuple[np.ndarray, np.ndarray]:
    """The score of each rating, (n, parameters), and its information on the cuts, (n, cuts, cuts).

    The information by the linear predictors of the cuts is tridiagonal.
    """
    rows, at = np.arange(len(rank)), np.arange(levels - 1)
    chances, above = _chances(design, params, levels)
    slope = np.zeros((len(rank), levels + 1))  # nothing is below the lowest rating, or above the highest
    slope[:, 1:-1] = above * (1 - above)
    own = np.zeros_like(slope)
    own[rows, rank] = slope[rows, rank] / chances[rows, rank]
    own[rows, rank + 1] -= slope[rows, rank + 1] / chances[rows, rank]
    own, slope = own[:, 1:-1], slope[:, 1:-1]
    by_cuts = np.zeros((len(rank), len(at), len(at)))
    by_cuts[:, at, at] = slope**2 * (1 / chances[:, :-1] + 1 / chances[:, 1:])
    beside = -slope[:, :-1] * slope[:, 1:] / chances[:, 1:-1]
    by_cuts[:, at[:-1], at[1:]] = by_cuts[:, at[1:], at[:-1]] = beside
    return np.hstack([own, own.sum(axis=1, keepdims=True) * design]), by_cuts
