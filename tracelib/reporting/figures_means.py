"""The figure of what the stated means of the human study allow."""

import pandas as pd
from matplotlib.figure import Figure

from tracelib.reporting import figures
from tracelib.reporting.tables_means import RATED_BY


def intervals(differences: pd.DataFrame) -> Figure:
    """The difference with both intervals, a line per design."""
    by = [f"{row.n} per kind, {RATED_BY[row.paired]}" for row in differences.itertuples()]
    rows = differences.assign(design=by)
    return figures.intervals(
        rows, "design", "method", "decomposed minus R1's traces, points", zero=True, unit=1
    )


def described(differences: pd.DataFrame) -> str:
    """The figure in words, for readers who cannot see it."""
    lines = [
        f"{row.n} per kind, {RATED_BY[row.paired]}, {row.method}: from {row.low:.2f} to {row.high:.2f}."
        for row in differences.itertuples()
    ]
    return " ".join(
        ["Points with two intervals per design, in points of the scale, and a line at zero.", *lines]
    )
