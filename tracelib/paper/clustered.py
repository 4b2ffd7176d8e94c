"""Compare bootstrap intervals that draw subjects with bootstrap intervals that draw problems.

Several test problems of CoTempQA start from an event of the same subject and share facts about it, so they
are not independent. A bootstrap of subjects draws each subject with all its problems.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tracelib.analysis.comparison import PAIRS, compare_conditions
from tracelib.stats import bootstrap
from tracelib.stats.estimate import noted

LEVEL = 0.05
WAYS = {  # ways to tell a difference from zero -> in words
    "interval": "Bonett-Price",
    "test": "McNemar",
    "problems": "bootstrap of problems",
    "subjects": "bootstrap of subjects",
}
LEVELS = {"accuracy": "answer right", "joint": "trace and answer right, of all"}  # rates of a run -> in words
UNITS = ("problems", "subjects")  # units that a resample draws
COLUMNS = (
    "model", "first", "second", "estimate", "low", "high", "p",
    *(f"{end}_{unit}" for unit in UNITS for end in ("low", "high")),
    "subjects", "widths", *(f"told_{name}" for name in WAYS), "note",
)  # fmt: skip


def beside(
    outcomes: pd.DataFrame, shared: pd.DataFrame, metric: str, pairs: Sequence[tuple[str, str]] = PAIRS
) -> pd.DataFrame:
    """Compare conditions on CoTempQA with problems as the units, and with subjects.

    Args:
        outcomes: one run per model and condition.
        shared: `tracelib.paper.sharing.table`, which has the subjects. A problem without a subject is its own
            unit.

    Returns:
        The rows of `tracelib.analysis.comparison.compare_conditions`, with low_problems, high_problems,
        low_subjects, high_subjects (bootstrap percentiles, fractions), subjects (their number), widths (width
        of the interval over subjects divided by the width of Bonett and Price's), and told_... for each of
        `WAYS`: whether it tells the difference from zero at 5%, unadjusted. The note says why an interval is
        missing.
    """
    answered = outcomes[outcomes["dataset"] == "cotempqa"]
    wide = answered.pivot(
        index=["problem", "item"], columns=["model", "condition"], values=f"answer_{metric}"
    ).astype("Float64")
    problem = wide.index.get_level_values("problem").to_series(wide.index)
    compared = compare_conditions(answered, metric, pairs).to_dict("records")
    if not compared:
        return pd.DataFrame(columns=list(COLUMNS))
    gaps = pd.concat([wide[r["model"], r["first"]] - wide[r["model"], r["second"]] for r in compared], axis=1)
    units = zip(UNITS, (problem, subjects(problem, shared)), strict=True)
    drawn = {name: _drawn(gaps, of_items) for name, of_items in units}
    rows = []
    for number, row in enumerate(compared):
        notes = [row["note"]]
        for name, found in drawn.items():
            row |= {f"{end}_{name}": found[number][end] for end in ("low", "high")}
            notes.append(found[number]["note"] and f"{name} drawn: {found[number]['note']}")
        row["note"] = noted(*notes)
        told = {name: _told(row, f"_{name}") for name in drawn}
        told |= {"interval": _told(row, ""), "test": row["p"] is not None and row["p"] < LEVEL}
        row |= {f"told_{name}": told[name] for name in WAYS}
        widths = _width(drawn["subjects"][number]) / _width(row)
        rows.append({**row, "subjects": drawn["subjects"][number]["clusters"], "widths": widths})
    return pd.DataFrame(rows)


def levels(outcomes: pd.DataFrame, shared: pd.DataFrame, metric: str) -> pd.DataFrame:
    """How much wider intervals of accuracies and joint rates are over subjects than over problems.

    Args:
        outcomes, shared: as in `beside`.

    Returns:
        A row per run on CoTempQA and level (`LEVELS`): model, condition, level, widths (width of the interval
        over subjects divided by the width over problems; NaN without an interval), note.
    """
    rows = []
    answered = outcomes[(outcomes["dataset"] == "cotempqa") & outcomes[f"answer_{metric}"].notna()]
    for (model, condition), run in answered.groupby(["model", "condition"], sort=False):
        right = run[f"answer_{metric}"].astype(int)
        for level, values in zip(LEVELS, (right, right * run["trace_correct"]), strict=True):
            by = (run["problem"], subjects(run["problem"], shared))
            problems, whole = (bootstrap.ratio(values, np.ones(len(run)), unit) for unit in by)
            notes = zip(UNITS, (problems["note"], whole["note"]), strict=True)
            note = "; ".join(f"{unit} drawn: {text}" for unit, text in notes if text)
            rows.append((model, condition, level, _width(whole) / _width(problems), note))
    return pd.DataFrame(rows, columns=["model", "condition", "level", "widths", "note"])


def subjects(problem: pd.Series, shared: pd.DataFrame) -> pd.Series:
    """The subject of each problem. A problem without a subject gets its own id."""
    known = shared.dropna(subset=["subject"]).set_index("problem")["subject"].astype("str").to_dict()
    return problem.map(lambda name: known.get(name, name))


def _width(row: dict) -> float:
    return np.nan if row["low"] is None else row["high"] - row["low"]


def _drawn(gaps: pd.DataFrame, units: pd.Series) -> list[dict]:
    """The mean of each column with its bootstrap interval. All columns share the same draws of units."""
    there = gaps.notna().to_numpy()
    values = np.column_stack([gaps.fillna(0).to_numpy(int), there])
    sums = np.split(bootstrap.cluster_sums(values, units), 2, axis=1)
    means = bootstrap.divided(*sums)
    tops, sizes = np.split(values.sum(axis=0), 2)
    return [
        bootstrap.interval(mean, means[:, number], int(n), units[there[:, number]].nunique())
        for number, (mean, n) in enumerate(zip(bootstrap.divided(tops, sizes), sizes, strict=True))
    ]


def _told(row: dict, unit: str) -> bool:
    low, high = row[f"low{unit}"], row[f"high{unit}"]
    return low is not None and (low > 0 or high < 0)


def disputed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `beside` on which the ways to tell a difference from zero disagree."""
    told = table[[f"told_{name}" for name in WAYS]]
    return table[told.any(axis=1) & ~told.all(axis=1)]
