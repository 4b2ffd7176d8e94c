"""The section on the accuracy of answers and steps."""

import pandas as pd

from tracelib.reporting import accuracy, tables
from tracelib.reporting.document import Section, first_rows
from tracelib.reporting.sections.runs import clustered
from tracelib.reporting.writing import several
from tracelib.scoring import run_names
from tracelib.scoring.metrics import names as metric_names
from tracelib.scoring.metrics import primary
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def section(outcomes: pd.DataFrame, by_metric: dict[str, pd.DataFrame]) -> Section:
    """Tables for each metric. `by_metric` has the metric's counts by run and category."""
    prose = [
        "The share of outputs with a right answer, by every metric that applies, and with right steps: the "
        "category named, the facts retrieved, the whole trace (both). A missing step counts as wrong. "
        "Shares are in percent, with 95% intervals; n is the number of outputs. The steps do not depend on "
        "the metric, so only the first table of a dataset has them. Their shares are of the outputs whose "
        "trace was judged, which needs a problem with facts, supporting facts and category."
    ]
    if "corrected" in by_metric:
        prose.append(
            f"{accuracy.NOT_STRICT.capitalize()}: answers that contain the gold answers, so that metric "
            "corrected takes them as right, but are not exactly the gold answers. Such an answer may say "
            "more than the gold one, or its opposite."
        )
    official = [name for name in outcomes["dataset"].unique() if "official" in metric_names(name)]
    if without := int(outcomes.loc[outcomes["dataset"].isin(official), "answer_official"].isna().sum()):
        prose.append(f"{several(without, 'output')} without triple_element: no verdict by metric official.")
    found = []
    for metric, table in by_metric.items():
        shown = accuracy.table(outcomes, table)
        if metric not in {primary(dataset) for dataset in table["dataset"]}:
            of_steps = ["category step", "retrieval step", "whole trace", "unparsed", tables.NOT_JUDGED]
            shown = shown.drop(columns=of_steps, errors="ignore")
        found.append(first_rows(f"Metric {metric}: percent [95% Wilson interval]", shown))
        caption = f"Metric {metric}, where problems repeat: percent [95% interval], bootstrap over problems"
        found.append(first_rows(caption, _clustered_accuracy(clustered(outcomes, metric))))
    return Section("Accuracy of answers and steps", prose, found)


def _clustered_accuracy(cells: pd.DataFrame) -> pd.DataFrame:
    """The accuracy of runs and categories in which problems repeat, with both intervals."""
    if cells.empty:
        return cells
    repeated = cells[(cells["rate"] == "accuracy") & (cells["clusters"] < cells["n"])]
    rows = []
    for row in repeated.to_dict("records"):
        rows.append(
            {
                **run_names.label(pd.Series(row)),
                "category": row["category"],
                "n": row["n"],
                "problems": row["clusters"],
                "items as independent (Wilson)": as_text.percent(
                    wilson(round(row["estimate"] * row["n"]), row["n"])
                ),
                "whole problems (bootstrap)": as_text.percent(row),
                "note": row["note"],
            }
        )
    return pd.DataFrame(rows)
