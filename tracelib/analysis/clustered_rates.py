"""Accuracy, joint and conditional rates of runs, with bootstrap intervals that draw whole problems."""

import numpy as np
import pandas as pd

from tracelib.core.errors import InputError
from tracelib.scoring.outcomes import ALL_METRICS, RUN
from tracelib.stats import bootstrap
from tracelib.stats.bootstrap import divided, interval
from tracelib.stats.estimate import Estimate, noted
from tracelib.stats.proportions import CONFIDENCE

# Trace judged: both right, only the trace, only the answer, neither. Trace not judged: answer right, wrong.
CELLS = 6
RATES = {  # the cells of the numerator and of the denominator
    "accuracy": ([0, 2, 4], [0, 1, 2, 3, 4, 5]),
    "joint": ([0], [0, 1, 2, 3]),
    "given_right": ([0], [0, 1]),
    "given_wrong": ([2], [2, 3]),
}


def cells(
    outcomes: pd.DataFrame,
    metric: str = "correct",
    resamples: int = bootstrap.RESAMPLES,
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
    sums = bootstrap.cluster_sums(totals.reshape(len(labels), -1), labels, first, resamples, seed)
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
    if any(part["clusters"] < bootstrap.FEW for part in parts):
        return {**row, "note": noted(row["note"], bootstrap.TOO_FEW)}
    return row
