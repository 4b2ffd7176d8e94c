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
from tracelib.scoring.outcomes import ALL_METRICS, RUN
from tracelib.stats.estimate import Estimate, estimated, not_estimated, noted
from tracelib.stats.proportions import CONFIDENCE

RESAMPLES = 10_000
FEW = 30  # with fewer clusters the intervals are noticeably too narrow (see the tests)
BLOCK = 2**20  # counts held in memory at a time: 8 MB
EXACT = 2**24  # single precision holds every whole number up to here
TOO_FEW = f"fewer than {FEW} clusters, the interval is too narrow"
AT_EDGE = "a limit is the edge of the resamples, the interval is too narrow"
# Trace judged: both right, only the trace, only the answer, neither. Trace not judged: answer right, wrong.
CELLS = 6
RATES = {  # the cells of the numerator and of the denominator
    "accuracy": ([0, 2, 4], [0, 1, 2, 3, 4, 5]),
    "joint": ([0], [0, 1, 2, 3]),
    "given_right": ([0], [0, 1]),
    "given_wrong": ([2], [2, 3]),
}


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


def cells(
    outcomes: pd.DataFrame,
    metric: str = "correct",
    resamples: int = RESAMPLES,
    seed: int = 0,
    by: str = "problem",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Rates of each run and category (and ``all``) with intervals clustered on the problem.

    All runs of a dataset share the same draws of clusters. The categories are strata, because the benchmark
    fixes their sizes.

    Args:
        outcomes: as `tracelib.scoring.outcomes.score` gives them.
        metric: one of `outcomes.ALL_METRICS` (datasets without it are left out), or ``correct``, the primary
            metric of each dataset.
        by: column with the clusters; ``item`` treats the items of a run as independent.

    Returns:
        A row per run, category and rate: `RUN`, category, metric, rate, estimate, low, high, n, clusters,
        method, note. Rates: ``accuracy``; ``joint``, ``given_right`` and ``given_wrong`` as in
        `tracelib.stats.association.joint_and_conditional`; ``difference``, given_right minus given_wrong. All
        but the accuracy are over the items whose trace was judged.

    Raises:
        InputError: the metric is unknown, or an item has no cluster.
    """
    if metric not in (*ALL_METRICS, "correct"):
        raise InputError(f"unknown metric '{metric}', expected correct, {', '.join(ALL_METRICS)}")
    known = outcomes[outcomes[f"answer_{metric}"].notna()]
    rows = []
    for _, part in known.groupby("dataset", sort=False):
        for run, category, totals, sums in _groups(part, f"answer_{metric}", by, resamples, seed):
            rates = _rates(totals, sums, confidence)
            name = {**run, "category": category, "metric": metric}
            rows += [{**name, "rate": rate, **row} for rate, row in rates.items()]
    return pd.DataFrame(rows)


def _groups(part: pd.DataFrame, answer: str, by: str, resamples: int, seed: int):
    """Yield each run and category of one dataset, with its totals (clusters, `CELLS`) and its resampled sums.

    The sums are (resamples, `CELLS`).
    """
    grouped = part.groupby([*RUN, "category"], dropna=False, sort=False)
    group = grouped.ngroup().to_numpy()
    names = grouped.size().index.to_frame(index=False)
    if part[by].isna().any():
        raise InputError(f"missing values in column '{by}', expected the cluster of every item")
    cluster, labels = pd.factorize(part[by], sort=True)
    first = part.groupby(by)["category"].min().reindex(labels)  # most clusters have only one
    judged, right = part["trace_correct"].notna(), part["trace_correct"].fillna(False)
    trace = np.where(judged, 1 - right.to_numpy(int), 2)
    cell = 2 * trace + ~part[answer].to_numpy(bool)
    shape = (len(labels), len(names), CELLS)
    totals = np.bincount(np.ravel_multi_index((cluster, group, cell), shape), minlength=np.prod(shape))
    sums = cluster_sums(totals.reshape(len(labels), -1), labels, first, resamples, seed)
    totals, sums = totals.reshape(shape), sums.reshape(resamples, *shape[1:])
    for values, members in names.groupby(RUN, dropna=False, sort=False):
        run = dict(zip(RUN, values, strict=True))
        for place, category in members["category"].items():
            yield run, category, totals[:, place], sums[:, place]
        yield run, "all", totals[:, members.index].sum(1), sums[:, members.index].sum(1)


def _rates(totals: np.ndarray, sums: np.ndarray, confidence: float) -> dict[str, Estimate]:
    """The rates of one 2x2 table with their intervals, from its totals per cluster and its resampled sums."""
    both = np.vstack([totals.sum(0), sums])  # the estimate first, then its resamples
    rows, drawn = {}, {}
    for rate, (top, bottom) in RATES.items():
        drawn[rate] = divided(both[:, top].sum(1), both[:, bottom].sum(1))
        of = totals[:, bottom].sum(1)
        rows[rate] = interval(drawn[rate][0], drawn[rate][1:], int(of.sum()), int((of > 0).sum()), confidence)
    rows["difference"] = _difference(rows, drawn["given_right"] - drawn["given_wrong"], confidence)
    return rows


def _difference(rows: dict[str, Estimate], drawn: np.ndarray, confidence: float) -> Estimate:
    """given_right minus given_wrong.

    If one of the two rates has no interval, the difference has none. If one has too few clusters, the note
    says so.
    """
    parts = rows["given_right"], rows["given_wrong"]
    whole = rows["joint"]
    row = interval(drawn[0], drawn[1:], whole["n"], whole["clusters"], confidence)
    if row["estimate"] is None:
        return {**row, "note": "a group has no items"}
    if any(part["low"] is None for part in parts):
        return {**row, "low": None, "high": None, "note": "one of the two rates has no interval"}
    if any(part["clusters"] < FEW for part in parts):
        return {**row, "note": noted(row["note"], TOO_FEW)}
    return row


def divided(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Quotients, NaN where `bottom` is zero."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom != 0)
