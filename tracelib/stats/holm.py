"""Holm's (1979) adjustment of p-values, within families of tests."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """The adjusted p-values of one family. None or NaN means no test: it stays None and does not count."""
    # Not statsmodels' multipletests: it collects garbage at every call, a quarter of a second in a notebook.
    tested = np.array([p for p in p_values if pd.notna(p)], dtype=float)
    order, left = np.argsort(tested, kind="stable"), np.arange(len(tested), 0, -1)
    adjusted = np.empty_like(tested)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(tested[order] * left))
    found = iter(adjusted.tolist())
    return [next(found) if pd.notna(p) else None for p in p_values]


def adjusted(rows: pd.DataFrame, by: str = "", p: str = "p", into: str = "p_holm") -> pd.DataFrame:
    """The rows with a further column, `into`: the column `p` adjusted.

    Args:
        by: the column whose values name the families; without it, all rows are one family.
    """
    if not len(rows):
        return rows.assign(**{into: []})
    families = rows.groupby(by, sort=False).indices.values() if by else [np.arange(len(rows))]
    found = pd.Series(index=range(len(rows)), dtype=object)
    for places in families:
        found.iloc[places] = holm(rows[p].iloc[places].tolist())
    return rows.assign(**{into: found.tolist()})
