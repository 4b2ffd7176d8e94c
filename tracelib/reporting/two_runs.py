"""Two runs compared, as people read it: the tables of `tracelib compare`."""

import pandas as pd

from tracelib import tables
from tracelib.compare import Comparison
from tracelib.comparison import MARGIN

POINTS = f"{100 * MARGIN:.0f} points"
PAIRING = "Problems: paired by content; outputs left out"
DIFFERENCES = "A minus B on the paired problems: points [95% interval]"
EQUIVALENCE = f"Is the difference smaller than {POINTS}, either way?"
CELLS = "Trace (T) and answer (A) on the paired problems"
PARAMETERS = "What differs between the two run.json"
LONGEST = 60  # characters of a recorded value


def pairing(comparison: Comparison) -> pd.DataFrame:
    """Per dataset how many problems are paired, and what was left out and why."""
    names = {
        "dataset": "dataset",
        "paired": "paired",
        "only_first": "only in A",
        "only_second": "only in B",
        "again_first": "answered again in A",
        "again_second": "answered again in B",
        "same_id": "same id, other content",
    }
    return comparison.sizes.rename(columns=names)[list(names.values())]


def differences(comparison: Comparison) -> pd.DataFrame:
    """A row per quantity: both rates, the paired cells, the difference with its interval and test."""
    rows = [
        {
            "dataset": row["dataset"],
            "right": row["quantity"],
            "n": row["n"],
            "A": f"{100 * row['first']:.1f}",
            "B": f"{100 * row['second']:.1f}",
            "both": row["both"],
            "only A": row["only_first"],
            "only B": row["only_second"],
            "neither": row["neither"],
            "A - B": tables.percent(row),
            "p": tables.p_value(row["p"]),
            "p (Holm)": tables.p_value(row["p_holm"]),
        }
        for row in comparison.tests.to_dict("records")
    ]
    return pd.DataFrame(rows)


def equivalence(comparison: Comparison) -> pd.DataFrame:
    """A row per quantity: the test of equivalence, and what the test of a difference could find."""
    rows = [
        {
            "dataset": row["dataset"],
            "right": row["quantity"],
            "90% interval": f"{100 * row['low_90']:.1f} to {100 * row['high_90']:.1f}",
            "p, equivalence": tables.p_value(row["p_equivalence"]),
            "equivalent": "yes" if row["equivalent"] else "not shown",
            "smallest margin": _points(row["smallest_margin"]),
            "detectable": _points(row["detectable"]),
        }
        for row in comparison.tests.to_dict("records")
    ]
    return pd.DataFrame(rows)


def _points(share: float | None) -> str:
    return "–" if share is None or pd.isna(share) else f"{100 * share:.1f}"


def cells(comparison: Comparison) -> pd.DataFrame:
    """Per dataset and run the 2x2 of trace and answer, by the dataset's primary metric."""
    names = {
        "dataset": "dataset",
        "run": "run",
        "n": "n",
        "trace_right_answer_right": "T+A+",
        "trace_right_answer_wrong": "T+A-",
        "trace_wrong_answer_right": "T-A+",
        "trace_wrong_answer_wrong": "T-A-",
        "unparsed": "steps not readable",
    }
    shown = comparison.cells.rename(columns=names)[list(names.values())]
    return shown.assign(run=shown["run"].map({"first": "A", "second": "B"}))


def parameters(comparison: Comparison) -> pd.DataFrame:
    """Name, A and B of each recorded value that differs; no rows where a run has no record."""
    if comparison.parameters is None:
        return pd.DataFrame()
    shown = comparison.parameters.rename(columns={"first": "A", "second": "B"})
    return shown.assign(**{side: shown[side].map(_value) for side in "AB"})


def _value(value: object) -> str:
    if value is None:
        return "–"
    text = str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
