"""Estimates as people read them: in percent or plain, with their intervals; and p-values."""

from collections.abc import Mapping

import pandas as pd

NONE = "–"  # what there is not


def percent(row: Mapping) -> str:
    """An estimate with its interval, in percent: ``62.1 [51.6, 71.6]``; a dash for what there is not."""
    if pd.isna(row["estimate"]):
        return NONE
    if pd.isna(row["low"]):
        return f"{100 * row['estimate']:.1f} [–]"
    return f"{100 * row['estimate']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"


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
