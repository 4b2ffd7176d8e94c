"""Estimates as people read them: in percent or plain, with their intervals; counts; and p-values."""

from collections.abc import Mapping

import pandas as pd

from tracelib.stats.proportions import wilson

NONE = "–"  # what there is not
VERDICT = {True: "right", False: "wrong"}


def percent(row: Mapping) -> str:
    """An estimate with its interval, in percent: ``62.1 [51.6, 71.6]``; a dash for what there is not."""
    if pd.isna(row["estimate"]):
        return NONE
    if pd.isna(row["low"]):
        return f"{100 * row['estimate']:.1f} [–]"
    return f"{100 * row['estimate']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"


def points(row: Mapping) -> str:
    """A difference with its interval, in signed points: ``+1.2 [-0.3, +2.7]``; a dash where there is none."""
    if pd.isna(row["estimate"]):
        return NONE
    if pd.isna(row["low"]):
        return f"{100 * row['estimate']:+.1f} [–]"
    return f"{100 * row['estimate']:+.1f} [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"


def plain(row: Mapping, digits: int = 2) -> str:
    """An estimate that is no share, with its interval: ``1.61 [1.50, 1.72]``; a dash where there is none."""
    if pd.isna(row["estimate"]):
        return NONE
    low, high = ("–" if pd.isna(row[end]) else f"{row[end]:.{digits}f}" for end in ("low", "high"))
    return f"{row['estimate']:.{digits}f} [{low}, {high}]"


def p_value(p: float | None) -> str:
    """A p-value to three decimals, or as below 0.001; a dash where there was no test."""
    if p is None or pd.isna(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count_of(count: int, n: int) -> str:
    """A count and of how many: ``258 of 1,950``."""
    return f"{int(count):,} of {int(n):,}"


def share_of(count: int, n: int) -> str:
    """A share with Wilson's interval, and of how many: ``62.1% [51.6, 71.6] of 1,950``."""
    if not n:
        return f"{NONE} of 0"
    estimate, interval = percent(wilson(int(count), int(n))).split(" ", 1)
    return f"{estimate}% {interval} of {int(n):,}"


def span(shares: pd.Series, digits: int = 1, sign: str = "") -> str:
    """The least and the greatest of some shares, in percent: ``3.2 to 5.0``, or one where they are the same.

    Shares of no items are left out; without any others there is a dash. The sign ``+`` stands before all.
    """
    known = shares.dropna().astype(float)
    if known.empty:
        return NONE
    least, greatest = (f"{100 * value:{sign}.{digits}f}" for value in (known.min(), known.max()))
    return least if least == greatest else f"{least} to {greatest}"


def decimal(value: float) -> str:
    """A number to two decimals; a dash for what there is not."""
    return NONE if pd.isna(value) else f"{value:.2f}"
