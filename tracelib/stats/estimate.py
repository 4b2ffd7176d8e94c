"""One estimate, as a row of a table: what each of its columns is called, in every table."""

from collections.abc import Mapping
from typing import TypedDict


class Estimate(TypedDict, total=False):
    """A row. The first six are always there. Of the others a function says which it gives.

    A second quantity in the same row has its name before these: ``kappa``, ``kappa_low``, ``kappa_high``.

    Attributes:
        estimate: None if it cannot be estimated.
        low, high: the ends of its 95% interval, in the same unit. None if there is no interval.
        n: how many units it is from, such as items or seeds.
        method: the names of the interval and of the test.
        note: why something is missing, or what limits it. Empty if there is nothing to say.

        p: of a two-sided test of no difference, or no association. None if there is no test.
        p_holm: the same, adjusted over a family (`tracelib.stats.holm`).
        statistic, df: of that test.
        error: the standard error. sd: the standard deviation of the units.
        clusters, strata, items, outputs: how many of these the n are in.
        only_first, only_second: discordant pairs, by the condition that is right.
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
    """An estimate with its interval; `more` are further columns, before method and note."""
    ends = {"estimate": estimate, "low": low, "high": high, "n": n}
    return {**ends, **more, "method": method, "note": note}


def not_estimated(n: int, method: str, note: str, **more: object) -> Estimate:
    """The row where nothing can be estimated; the note says why."""
    return estimated(None, None, None, n, method, note, **more)


def interval_of(row: Mapping) -> dict:
    """The estimate and its interval alone."""
    return {name: row[name] for name in INTERVAL}


def unprefixed(name: str, row: Mapping) -> dict:
    """The second quantity of this name in a row as an estimate of its own: `prefixed` undone."""
    return {"estimate": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}


def prefixed(name: str, row: Mapping) -> dict:
    """An estimate and its interval as the second quantity of another row."""
    return {name: row["estimate"], f"{name}_low": row["low"], f"{name}_high": row["high"]}


def noted(*notes: str) -> str:
    """Several notes as one. Empty ones are left out, and each is said once."""
    return "; ".join(filter(None, dict.fromkeys(notes)))
