"""The columns of an estimate: every table of estimates has these names."""

from collections.abc import Mapping
from typing import TypedDict


class Estimate(TypedDict, total=False):
    """An estimate as a row of a table.

    The first six columns are always present. A function's docstring names the others that it gives. The
    columns of a second quantity in the same row begin with its name: ``kappa``, ``kappa_low``,
    ``kappa_high``.

    Attributes:
        estimate: None if it cannot be estimated.
        low, high: the ends of its 95% interval, in the same unit. None if there is no interval.
        n: the number of units behind it, such as items or seeds.
        method: the names of the interval and the test.
        note: why a value is missing, or a limitation. Empty if there is nothing to note.

        p: the p-value of a two-sided test of no difference, or of no association. None if there is no test.
        p_holm: the p-value, adjusted over a family of tests (`tracelib.stats.holm`).
        statistic, df: the statistic of that test, and its degrees of freedom.
        error: the standard error of the estimate.
        sd: the standard deviation of the units.
        clusters, strata, items, outputs: how many of these the n units come from.
        only_first, only_second: the numbers of pairs in which only the first, or only the second, is right.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    note: str
    p: float | None
    p_holm: float | None
    statistic: float | None
    df: float | None
    error: float | None
    sd: float | None
    clusters: int
    strata: int
    items: int
    outputs: int
    only_first: int
    only_second: int


INTERVAL = ("estimate", "low", "high")
COLUMNS = (*INTERVAL, "n", "method", "note")


def estimated(
    estimate: float | None,
    low: float | None,
    high: float | None,
    n: int,
    method: str,
    note: str = "",
    **more: object,
) -> Estimate:
    """The row of an estimate. `more` are further columns, which come before method and note."""
    ends = {"estimate": estimate, "low": low, "high": high, "n": n}
    return {**ends, **more, "method": method, "note": note}


def not_estimated(n: int, method: str, note: str, **more: object) -> Estimate:
    """The row of a quantity that cannot be estimated. The note says why."""
    return estimated(None, None, None, n, method, note, **more)


def interval_of(row: Mapping) -> dict:
    """The estimate and its interval alone."""
    return {name: row[name] for name in INTERVAL}


def unprefixed(name: str, row: Mapping) -> dict:
    """The quantity of this name in a row, as an estimate and its interval: the inverse of `prefixed`."""
    return {"estimate": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}


def prefixed(name: str, row: Mapping) -> dict:
    """Rename an estimate and its interval, so that another row can hold them as a second quantity."""
    return {name: row["estimate"], f"{name}_low": row["low"], f"{name}_high": row["high"]}


def noted(*notes: str) -> str:
    """Join notes. Empty and repeated notes are left out."""
    return "; ".join(filter(None, dict.fromkeys(notes)))
