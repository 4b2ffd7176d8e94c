"""Clustered bootstrap: intervals for items that repeat the same problems and so are not independent.

Whole clusters are drawn with replacement, within strata if there are any. Each resample is a row of counts,
one per cluster, so one matrix product gives the sums of all resamples. Intervals are percentiles (Efron and
Tibshirani 1993, chapter 13). Drawing whole clusters is right for many clusters (Field and Welsh 2007); with
few the intervals are too narrow.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tracelib.core.errors import InputError
from tracelib.stats.estimate import Estimate, estimated, not_estimated, noted
from tracelib.stats.proportions import CONFIDENCE

RESAMPLES = 10_000
FEW = 30  # with fewer clusters the intervals are noticeably too narrow (see the tests)
BLOCK = 2**20  # counts held in memory at a time: 8 MB
EXACT = 2**24  # single precision holds every whole number up to here
TOO_FEW = f"fewer than {FEW} clusters, the interval is too narrow"
AT_EDGE = "a limit is the edge of the resamples, the interval is too narrow"


def cluster_sums(
    values: ArrayLike,
    clusters: ArrayLike,
    strata: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> np.ndarray:
    """Column sums of `values` in bootstrap samples of whole clusters.

    Args:
        values: (n, k) numbers, a row per item.
        clusters: (n,) labels; items with the same label are drawn together.
        strata: (n,) labels; each stratum gives as many clusters to a resample as it has.

    Returns:
        (resamples, k) sums; all columns come from the same draws. The order of the items does not matter,
        except for rounding if values are not whole numbers.

    Raises:
        InputError: a value or label is missing, or a cluster is in two strata.
    """
    totals, sizes = _totals(np.asarray(values), clusters, strata)
    if np.issubdtype(totals.dtype, np.integer) and np.abs(totals).max(initial=0) * len(totals) < EXACT:
        totals = totals.astype(np.float32)  # twice as fast, and still exact
    else:
        totals = totals.astype(float)
    rng = np.random.default_rng(seed)
    step = max(1, BLOCK // max(1, len(totals)))
    sums = np.empty((resamples, totals.shape[1]))
    for start in range(0, resamples, step):
        part = sums[start : start + step]
        part[:] = _counts(rng, sizes, len(part)).astype(totals.dtype) @ totals
    return sums


def _totals(
    values: np.ndarray, clusters: ArrayLike, strata: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray]:
    """Sums per cluster, sorted by stratum and label; and the number of clusters in each stratum."""
    clusters = np.asarray(clusters)
    strata = np.zeros(len(clusters), int) if strata is None else np.asarray(strata)
    frame = pd.DataFrame({"stratum": strata, "cluster": clusters})
    if frame.isna().to_numpy().any() or pd.isna(values).any():
        raise InputError("missing values, expected a number, a cluster and a stratum for each item")
    order = frame.groupby(["stratum", "cluster"], sort=True)
    labels = order.size().index.to_frame(index=False)
    if labels["cluster"].duplicated().any():
        raise InputError("a cluster is in two strata, expected all of its items in one")
    kind = np.int64 if values.dtype.kind in "biu" else float
    totals = np.zeros((len(labels), values.shape[1]), kind)
    np.add.at(totals, order.ngroup().to_numpy(), values)
    return totals, labels["stratum"].value_counts(sort=False).to_numpy()


def _counts(rng: np.random.Generator, sizes: np.ndarray, resamples: int) -> np.ndarray:
    """How often each resample draws each cluster: (resamples, clusters)."""
    ends = np.cumsum(sizes, dtype=int)
    clusters = int(sizes.sum())
    drawn = np.empty((resamples, clusters), np.int64)
    for size, end in zip(sizes, ends, strict=True):
        drawn[:, end - size : end] = end - size + rng.integers(size, size=(resamples, size))
    drawn += clusters * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * clusters).reshape(resamples, clusters)


def ratio(
    top: ArrayLike,
    bottom: ArrayLike,
    clusters: ArrayLike,
    strata: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Sum of `top` over sum of `bottom` with its clustered percentile interval.

    For a rate, `bottom` is one for each item of the denominator. For a mean, `bottom` is one everywhere. For
    a paired difference, `top` holds the differences. If every item is its own cluster, this is the ordinary
    bootstrap.

    Args:
        top, bottom: (n,) numbers.
        clusters, strata: as in `cluster_sums`.

    Returns:
        estimate, low, high, n (items whose `bottom` is not zero), clusters (of these items), method, note.
    """
    values = np.column_stack([top, bottom])
    sums = cluster_sums(values, clusters, strata, resamples, seed)
    counted = values[:, 1] != 0
    return interval(
        divided(*values.sum(0, keepdims=True).T)[0],
        divided(*sums.T),
        n=int(counted.sum()),
        clusters=len(np.unique(np.asarray(clusters)[counted])),
        confidence=confidence,
    )


def interval(
    estimate: float, resampled: np.ndarray, n: int, clusters: int, confidence: float = CONFIDENCE
) -> Estimate:
    """The percentile interval of a statistic.

    If all resamples are equal (all items right, one cluster), there is no interval. If a limit is the
    smallest or largest resample (about three wrong items or fewer), the note says that the interval is too
    narrow. Use Wilson's interval in both cases.

    Args:
        resampled: (resamples,) the statistic in each resample, NaN where it is undefined.

    Returns:
        estimate, low, high, n, clusters, method, note.
    """
    method = f"clustered bootstrap percentile, {len(resampled)} resamples"
    if not np.isfinite(estimate):
        return not_estimated(n, method, "no items", clusters=clusters)
    defined = resampled[np.isfinite(resampled)]
    gaps = len(resampled) - len(defined)
    note = f"undefined in {gaps} resamples, left out" if gaps else ""
    if len(defined) == 0 or defined.min() == defined.max():
        note = noted(note, "the resamples do not vary, no interval")
        return estimated(float(estimate), None, None, n, method, note, clusters=clusters)
    low, high = map(float, np.quantile(defined, [0.5 - confidence / 2, 0.5 + confidence / 2]))
    at_edge = low == defined.min() or high == defined.max()
    note = noted(note, AT_EDGE if at_edge else "", TOO_FEW if clusters < FEW else "")
    return estimated(float(estimate), low, high, n, method, note, clusters=clusters)


def divided(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Quotients, NaN where `bottom` is zero."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom != 0)
