"""Format estimates with their intervals, counts and p-values as text for tables."""

from collections.abc import Mapping

import pandas as pd

from tracelib.stats.proportions import wilson

NONE = "–"  # stands for a missing number
VERDICT = {True: "right", False: "wrong"}


def percent(row: Mapping) -> str:
    """An estimate with its interval, in percent: ``62.1 [51.6, 71.6]``. A dash stands for a missing number.

    Args:
        row: estimate, low and high as fractions; a missing one is None or NaN.
    """
    if pd.isna(row["estimate"]):
        return NONE
    if pd.isna(row["low"]):
        return f"{100 * row['estimate']:.1f} [–]"
    return f"{100 * row['estimate']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"


def percentage(share: float | None) -> str:
    """A share in percent, without an interval: ``62.1``. A dash stands for a missing number."""
    return NONE if pd.isna(share) else f"{100 * share:.1f}"


def points(row: Mapping) -> str:
    """A difference with its interval, in signed percentage points: ``+1.2 [-0.3, +2.7]``.

    A dash stands for a missing number. `row` is as for `percent`.
    """
    if pd.isna(row["estimate"]):
        return NONE
    if pd.isna(row["low"]):
        return f"{100 * row['estimate']:+.1f} [–]"
    return f"{100 * row['estimate']:+.1f} [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"


def plain(row: Mapping, digits: int = 2) -> str:
    """An estimate with its interval, in its own unit: ``1.61 [1.50, 1.72]``. A dash is a missing number."""
    if pd.isna(row["estimate"]):
        return NONE
    low, high = ("–" if pd.isna(row[end]) else f"{row[end]:.{digits}f}" for end in ("low", "high"))
    return f"{row['estimate']:.{digits}f} [{low}, {high}]"


def p_value(p: float | None) -> str:
    """A p-value to three decimals, or ``< 0.001``; a dash where there was no test."""
    if p is None or pd.isna(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count_of(count: int, n: int) -> str:
    """A count and its total: ``258 of 1,950``."""
    return f"{int(count):,} of {int(n):,}"


def share_of(count: int, n: int) -> str:
    """A share with its Wilson interval and its total: ``62.1% [51.6, 71.6] of 1,950``."""
    if not n:
        return f"{NONE} of 0"
    estimate, interval = percent(wilson(int(count), int(n))).split(" ", 1)
    return f"{estimate}% {interval} of {int(n):,}"


def span(shares: pd.Series, digits: int = 1, sign: str = "") -> str:
    """The smallest and the largest of several shares, in percent: ``3.2 to 5.0``.

    If both read the same, there is one number. Missing shares are left out; if all are missing, the text is a
    dash.

    Args:
        shares: fractions.
        sign: ``+`` puts a sign before every number.
    """
    known = shares.dropna().astype(float)
    if known.empty:
        return NONE
    least, greatest = (f"{100 * value:{sign}.{digits}f}" for value in (known.min(), known.max()))
    return least if least == greatest else f"{least} to {greatest}"


def decimal(value: float) -> str:
    """A number to two decimals; a dash for a missing one."""
    return NONE if pd.isna(value) else f"{value:.2f}"
