"""Result tables for people: the same rows in the terminal and in the book."""

import pandas as pd

from tracelib.outcomes import counts, pooled
from tracelib.stats.association import joint_and_conditional
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


def accuracy_table(table: pd.DataFrame) -> pd.DataFrame:
    """Answer and step accuracy, percent with Wilson intervals, a row per run and category."""
    rows = []
    for row in table.itertuples():
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


def association_table(table: pd.DataFrame) -> pd.DataFrame:
    """The 2x2 of trace and answer as counts, then as joint and conditional rates with intervals.

    The joint rate P(trace and answer right) is over all items; the conditionals are over the
    items whose trace is right or wrong (Wilson); their difference has Newcombe's interval. An
    unparsed trace counts as wrong; of a run in which no trace could be parsed (vanilla,
    prompted) there is nothing to show.
    """
    rows = []
    for row in table[table["unparsed"] < table["n"]].itertuples():
        both, neither_trace = row.trace_right_answer_right, row.trace_wrong_answer_right
        right, wrong = row.trace_correct, neither_trace + row.trace_wrong_answer_wrong
        rates = joint_and_conditional(row)
        rows.append(
            {
                **run_label(row),
                "n": row.n,
                "unparsed": row.unparsed,
                "T+A+": both,
                "T+A-": row.trace_right_answer_wrong,
                "T-A+": neither_trace,
                "T-A-": row.trace_wrong_answer_wrong,
                "P(T and A)": percent(rates["joint"]),
                "P(A | T right)": percent(rates["given_right"]),
                "P(A | T wrong)": percent(rates["given_wrong"]),
                "difference": percent(difference(both, right, neither_trace, wrong)),
            }
        )
    return pd.DataFrame(rows)


def agreement_table(counted: pd.DataFrame) -> pd.DataFrame:
    """`quality.agreement` as people read it: percent of n with Wilson intervals."""
    shown = counted.astype({name: "object" for name in ("answers", "label", "facts")})
    for name in ("answers", "label", "facts"):
        pairs = zip(counted[name], counted["n"], strict=True)
        shown[name] = [percent(wilson(int(hits), int(n))) for hits, n in pairs]
    return shown


def validity_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Each step right by the gold and by the solver, per run: percent with Wilson intervals.

    Outputs for which the solver has no verdict are left out of its columns.
    """
    rows = []
    for run, part in outcomes.groupby(["dataset", "model", "condition"], sort=False):
        row = dict(zip(("dataset", "model", "condition"), run, strict=True)) | {"n": len(part)}
        for step, word in (("category", "category"), ("retrieval", "facts")):
            for column, notion in ((f"{step}_correct", "by the gold"), (f"{step}_valid", "by the solver")):
                known = part[column].dropna()
                row[f"{word}, {notion}"] = percent(wilson(int(known.sum()), len(known)))
        rows.append(row)
    return pd.DataFrame(rows)


def findings_table(findings: pd.DataFrame) -> pd.DataFrame:
    """A validator's findings, a row per check and a column per dataset and split: problems of n."""
    found = findings.assign(
        split=findings["dataset"] + " " + findings["split"],
        problems=findings["problems"].astype(str) + " of " + findings["n"].map("{:,}".format),
    )
    wide = found.pivot(index="check", columns="split", values="problems")
    return wide.loc[list(dict.fromkeys(findings["check"])), list(dict.fromkeys(found["split"]))].reset_index()


def main_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The landing page's table: accuracy under each metric, and joint beside conditional rates.

    A row per model and condition of CoTempQA; percent with Wilson intervals. The joint and
    conditional rates use the corrected metric; without traces there is nothing to condition on.
    """
    rows = []
    cotempqa = outcomes[outcomes["dataset"] == "cotempqa"]
    for row in pooled_counts(cotempqa, "corrected").itertuples():
        run = cotempqa[(cotempqa["model"] == row.model) & (cotempqa["condition"] == row.condition)]
        accuracies = {
            metric: percent(wilson(int(run[f"answer_{metric}"].sum()), len(run)))
            for metric in ("official", "corrected", "strict")
        }
        has_traces = row.condition in ("correct", "incorrect")
        rate = joint_and_conditional(row)
        rates = {
            "trace and answer right (joint)": rate["joint"],
            "answer right, given a right trace": rate["given_right"],
            "answer right, given a wrong trace": rate["given_wrong"],
        }
        shown = {name: percent(rate) if has_traces else "–" for name, rate in rates.items()}
        rows.append({"model": row.model, "trained on": row.condition, "n": row.n, **accuracies, **shown})
    return pd.DataFrame(rows)


def pooled_counts(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The counts over all categories, a row per run."""
    return pooled(counts(outcomes, metric))


def comparison_table(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Paired comparisons as people read them: difference in points with interval, counts, p-values."""
    rows = []
    for row in comparisons.to_dict("records"):
        label = {"dataset": row["dataset"], "model": row["model"]}
        if not pd.isna(row["seed"]):
            label["seed"] = row["seed"]
        rows.append(
            {
                **label,
                "comparison": f"{row['first']} − {row['second']}",
                "n": row["n"],
                "points [95% interval]": percent(row),
                "only first right": row["only_first"],
                "only second right": row["only_second"],
                "p": p_value(row["p"]),
                "p (Holm)": p_value(row["p_holm"]),
                "note": row["note"],
            }
        )
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    return table if table["note"].any() else table.drop(columns="note")


def p_value(p: float | None) -> str:
    """A p-value to three decimals, or as below 0.001; a dash where there was no test."""
    if p is None or pd.isna(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
