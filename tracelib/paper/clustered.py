"""Paired differences with all problems about one subject drawn together, beside those drawn by problem.

Several test problems of CoTempQA start from an event of the same person or thing, and share facts about it. A
bootstrap that draws subjects, each with all its problems, does not take those as independent.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tracelib.comparison import PAIRS, compare_conditions
from tracelib.stats import bootstrap

LEVEL = 0.05
WAYS = {  # of telling a difference from zero
    "interval": "Bonett-Price",
    "test": "McNemar",
    "problems": "bootstrap of problems",
    "subjects": "bootstrap of subjects",
}


def beside(
    outcomes: pd.DataFrame, shared: pd.DataFrame, metric: str, pairs: Sequence[tuple[str, str]] = PAIRS
) -> pd.DataFrame:
    """Every comparison of two conditions on CoTempQA, with problems and with subjects as the units.

    Args:
        outcomes: with one run per model and condition.
        shared: `tracelib.paper.sharing.table`, for the subjects; a problem without one stands alone.

    Returns:
        The rows of `tracelib.comparison.compare_conditions`, with low_problems, high_problems, low_subjects,
        high_subjects (bootstrap percentiles, fractions), subjects (how many), widths (that of the last
        interval over that of Bonett and Price's), and told_ for each of `WAYS`: whether it tells the
        difference from zero at 5%, unadjusted.
    """
    answered = outcomes[outcomes["dataset"] == "cotempqa"]
    subject = shared.dropna(subset=["subject"]).set_index("problem")["subject"].astype("str").to_dict()
    wide = answered.pivot(
        index=["problem", "item"], columns=["model", "condition"], values=f"answer_{metric}"
    ).astype("Float64")
    problem = wide.index.get_level_values("problem").to_series(wide.index)
    cluster = problem.map(lambda name: subject.get(name, name))
    compared = compare_conditions(answered, metric, pairs).to_dict("records")
    gaps = pd.concat([wide[r["model"], r["first"]] - wide[r["model"], r["second"]] for r in compared], axis=1)
    drawn = {name: _drawn(gaps, units) for name, units in (("problems", problem), ("subjects", cluster))}
    rows = []
    for number, row in enumerate(compared):
        for name, found in drawn.items():
            row |= {f"{end}_{name}": found[number][end] for end in ("low", "high")}
        told = {name: _told(row, f"_{name}") for name in drawn}
        told |= {"interval": _told(row, ""), "test": row["p"] is not None and row["p"] < LEVEL}
        row |= {f"told_{name}": told[name] for name in WAYS}
        width = (row["high_subjects"] - row["low_subjects"]) / (row["high"] - row["low"])
        rows.append({**row, "subjects": drawn["subjects"][number]["clusters"], "widths": width})
    return pd.DataFrame(rows)


def _drawn(gaps: pd.DataFrame, units: pd.Series) -> list[dict]:
    """Mean of each column with its bootstrap interval, all from the same draws of whole units."""
    there = gaps.notna().to_numpy()
    values = np.column_stack([gaps.fillna(0).to_numpy(int), there])
    sums = np.split(bootstrap.cluster_sums(values, units), 2, axis=1)
    means = sums[0] / sums[1]
    totals = np.split(values.sum(axis=0), 2)
    return [
        bootstrap.interval(total / n, means[:, number], int(n), units[there[:, number]].nunique())
        for number, (total, n) in enumerate(zip(*totals, strict=True))
    ]


def _told(row: dict, unit: str) -> bool:
    low, high = row[f"low{unit}"], row[f"high{unit}"]
    return low is not None and (low > 0 or high < 0)


def disputed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `beside` about which its ways of telling a difference from zero do not agree."""
    told = table[[f"told_{name}" for name in WAYS]]
    return table[told.any(axis=1) & ~told.all(axis=1)]
