"""Result tables for people: the same rows in the terminal and in the book."""

import pandas as pd

from tracelib.stats.proportions import difference, wilson


def percent(row: dict) -> str:
    """An estimate with its interval, in percent: ``62.1 [51.6, 71.6]``; a dash where there is none."""
    if row["estimate"] is None:
        return "–"
    return f"{100 * row['estimate']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"


def run_label(row: pd.Series) -> dict:
    """The columns that name a run; the seed only where there is one."""
    label = {"dataset": row.dataset, "model": row.model, "condition": row.condition}
    return label if pd.isna(row.seed) else {**label, "seed": row.seed}


def accuracy_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Answer and step accuracy, percent with Wilson intervals, a row per run and category."""
    rows = []
    for row in counts.itertuples():
        rates = {
            "answer": row.answer_correct,
            "category step": row.category_correct,
            "retrieval step": row.retrieval_correct,
            "whole trace": row.trace_correct,
        }
        shown = {name: percent(wilson(count, row.n)) for name, count in rates.items()}
        rows.append(
            {**run_label(row), "category": row.category, "n": row.n, **shown, "unparsed": row.unparsed}
        )
    return pd.DataFrame(rows)


def association_table(counts: pd.DataFrame) -> pd.DataFrame:
    """The 2x2 of trace and answer as counts, then as joint and conditional rates with intervals.

    The joint rate P(trace and answer right) is over all items; the conditionals are over the
    items whose trace is right or wrong (Wilson); their difference has Newcombe's interval.
    """
    rows = []
    for row in counts.itertuples():
        right, wrong = row.trace_correct, row.n - row.trace_correct
        both, neither_trace = row.trace_right_answer_right, row.trace_wrong_answer_right
        rows.append(
            {
                **run_label(row),
                "n": row.n,
                "T+A+": both,
                "T+A-": row.trace_right_answer_wrong,
                "T-A+": neither_trace,
                "T-A-": row.trace_wrong_answer_wrong,
                "P(T and A)": percent(wilson(both, row.n)),
                "P(A | T right)": percent(wilson(both, right)),
                "P(A | T wrong)": percent(wilson(neither_trace, wrong)),
                "difference": percent(difference(both, right, neither_trace, wrong)),
            }
        )
    return pd.DataFrame(rows)


def reproduction_table(counts: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """What the release states beside what its outputs give under our metric, to the printed decimal.

    Status is ``reproduced``, ``differs``, or ``outputs not released``.
    """
    keys = ["dataset", "model", "condition", "category"]
    ours = counts.assign(ours=(100 * counts["answer_correct"] / counts["n"]).round(1))
    table = stated.merge(ours[[*keys, "n", "ours"]], on=keys, how="left").drop(columns="file")
    table["status"] = "outputs not released"
    compared = table["ours"].notna()
    same = (table["ours"] - table["accuracy"]).abs() < 0.05
    table.loc[compared, "status"] = same[compared].map({True: "reproduced", False: "differs"})
    table["n"] = table["n"].astype("Int64")
    return table
