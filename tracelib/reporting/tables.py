"""Display tables of results, the same for the terminal and the book."""

import pandas as pd

from tracelib.scoring import run_names
from tracelib.scoring.outcomes import ORDER
from tracelib.stats.as_text import NONE, p_value, percent, percentage, plain
from tracelib.stats.association import joint_and_conditional
from tracelib.stats.estimate import unprefixed
from tracelib.stats.proportions import difference, wilson

NOT_JUDGED = "trace not judged"


def seeds_as_text(table: pd.DataFrame) -> pd.DataFrame:
    """The table with seeds as text: if only some runs have a seed, pandas would show decimal numbers."""
    return table.assign(seed=[pd.NA if pd.isna(seed) else str(seed) for seed in table["seed"]])


def accuracy_table(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of answers and steps in percent with Wilson intervals, a row per run and category.

    Steps count only judged traces; if some traces were not judged, a column says how many.
    """
    rows = []
    some_are_not = table["not_judged"].any()
    for row in table.itertuples():
        steps = {
            "category step": row.category_correct,
            "retrieval step": row.retrieval_correct,
            "whole trace": row.trace_correct,
        }
        size = judged(row)
        shown = {name: percent(wilson(count, size)) if size else NONE for name, count in steps.items()}
        answer = {"n": row.n, "answer": percent(wilson(row.answer_correct, row.n))}
        unparsed = {"unparsed": row.unparsed if size else NONE}
        not_judged = {NOT_JUDGED: row.not_judged} if some_are_not else {}
        rows.append(
            {**run_names.label(row), "category": row.category, **answer, **shown, **unparsed, **not_judged}
        )
    return pd.DataFrame(rows)


def judged(row) -> int:
    """The number of outputs in a row of counts whose trace was judged."""
    return int(row.n - getattr(row, "not_judged", 0))


def association_table(table: pd.DataFrame) -> pd.DataFrame:
    """The 2x2 table of trace and answer as counts, then as joint and conditional rates with intervals.

    The joint rate P(trace and answer right) is over all judged outputs, whose number is n. The conditional
    rates are over outputs with a right or a wrong trace (Wilson intervals); their difference has Newcombe's
    interval. An unparsed trace counts as wrong. A run without a parsed and judged trace (vanilla, prompted)
    has no row.
    """
    rows = []
    for row in table[has_trace(table)].itertuples():
        both, neither_trace = row.trace_right_answer_right, row.trace_wrong_answer_right
        right, wrong = row.trace_correct, neither_trace + row.trace_wrong_answer_wrong
        rates = joint_and_conditional(row)
        rows.append(
            {
                **run_names.label(row),
                "n": judged(row),
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


def has_trace(table: pd.DataFrame) -> pd.Series:
    """Which rows of counts have at least one trace that was judged and parsed."""
    return (table["unparsed"] < table["n"] - table.get("not_judged", 0)).fillna(False).astype(bool)


def path_table(counts: pd.DataFrame) -> pd.DataFrame:
    """`paper.specifications.along_the_path`: the 2x2 table and its rates at each step."""
    table = association_table(counts).drop(columns=["condition", "unparsed"])
    table.insert(2, "check", counts.loc[has_trace(counts), "evaluator"].tolist())
    return table


def rates_table(rates: pd.DataFrame, by: str = "evaluator") -> pd.DataFrame:
    """`analysis.trace_answer.rates`: a row per run and `by`, a column per quantity."""
    columns = {
        "joint": "P(T and A)",
        "given_right": "P(A | T right)",
        "given_wrong": "P(A | T wrong)",
        "trace_given_answer": "P(T | A right)",
        "difference": "difference",
    }
    rows = []
    keys = ["dataset", "model", by]
    for names, part in rates.groupby(keys, sort=False):
        found = part.set_index("quantity").to_dict("index")
        row = dict(zip(keys, names, strict=True)) | {"n": int(found["joint"]["n"])}
        row |= {column: percent(found[name]) for name, column in columns.items()}
        row |= {name.replace("_", " "): plain(found[name]) for name in ("ratio", "odds_ratio", "phi")}
        test = found["chi_square"]
        known = not pd.isna(test["statistic"])
        row["chi-square (p)"] = f"{test['statistic']:.2f} ({p_value(test['p'])})" if known else "–"
        rows.append(row)
    return pd.DataFrame(rows)


def stratified_table(rows: pd.DataFrame) -> pd.DataFrame:
    """`analysis.trace_answer.by_category`: the pooled odds ratio and the test of homogeneity."""
    shown = []
    keys = ["dataset", "model", "condition", "metric"]
    for names, part in rows.groupby(keys, sort=False):
        found = part.set_index("quantity").to_dict("index")
        pooled_ratio, test = found["odds_ratio"], found["homogeneity"]
        shown.append(
            {
                **dict(zip(keys, names, strict=True)),
                "n": pooled_ratio["n"],
                "odds ratio [95% interval]": plain(pooled_ratio, digits=1),
                "p": p_value(pooled_ratio["p"]),
                "p, homogeneity": p_value(test["p"]),
                "note": pooled_ratio["note"] or test["note"],
            }
        )
    return pd.DataFrame(shown)


def cluster_table(counts: pd.DataFrame, clustered: pd.DataFrame) -> pd.DataFrame:
    """Accuracy with Wilson's interval and with a bootstrap interval over whole problems, a row per run.

    Args:
        counts: counts over all categories under one metric.
        clustered: from `tracelib.analysis.clustered_rates.cells`, for the same metric.
    """
    rates = clustered[(clustered["rate"] == "accuracy") & (clustered["category"] == "all")]
    by_run = rates.set_index(["dataset", "model", "condition"]).to_dict("index")
    rows = []
    for row in counts.itertuples():
        bootstrapped = by_run[(row.dataset, row.model, row.condition)]
        items = wilson(row.answer_correct, row.n)
        known = not pd.isna(bootstrapped["low"])
        width = (
            (bootstrapped["high"] - bootstrapped["low"]) / (items["high"] - items["low"]) if known else None
        )
        rows.append(
            {
                **run_names.label(row),
                "n": row.n,
                "problems": bootstrapped["clusters"],
                "items as independent (Wilson)": percent(items),
                "whole problems (bootstrap)": percent(bootstrapped),
                "ratio of widths": f"{width:.2f}" if known else "–",
            }
        )
    return pd.DataFrame(rows)


def specification_table(curve: pd.DataFrame, axes: dict[str, tuple]) -> pd.DataFrame:
    """The mean difference in points over all specifications with a choice: rows are choices, columns runs."""
    rows = []
    for axis, choices in {**axes, "metric": tuple(curve["metric"].unique())}.items():
        for choice in choices:
            row = {"choice": f"{axis.replace('_', ' ')}: {choice}"}
            for (dataset, model), run in curve.groupby(["dataset", "model"], sort=False):
                mean = run.loc[run[axis] == choice, "estimate"].astype(float).mean()
                row[f"{dataset}, {model}"] = "–" if pd.isna(mean) else f"{100 * mean:+.1f}"
            rows.append(row)
    return pd.DataFrame(rows)


def agreement_table(counted: pd.DataFrame) -> pd.DataFrame:
    """`label_audit.agreement`: percent of n with Wilson intervals."""
    shown = counted.astype({name: "object" for name in ("answers", "label", "facts")})
    for name in ("answers", "label", "facts"):
        pairs = zip(counted[name], counted["n"], strict=True)
        shown[name] = [percent(wilson(int(hits), int(n))) for hits, n in pairs]
    return shown


def undisputed_table(accuracies: pd.DataFrame) -> pd.DataFrame:
    """`label_audit.accuracies`: a row per run, percent with Wilson intervals."""
    rows: dict[tuple, dict] = {}
    for found in accuracies.to_dict("records"):
        run = (found["model"], found["condition"])
        row = rows.setdefault(run, dict(zip(("model", "condition"), run, strict=True)))
        row |= {f"n, {found['problems']}": found["n"], f"corrected, {found['problems']}": percent(found)}
    return pd.DataFrame(rows.values())


def validity_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How often each step is right by the gold and by the solver, per run: percent with Wilson intervals.

    The solver's columns leave out outputs for which it has no verdict.
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


def readings_table(agreement: pd.DataFrame) -> pd.DataFrame:
    """`paper.annotations.agreement`: percent to one decimal, kappa to two."""
    shares = {name: 100 * agreement[name].astype(float) for name in ("estimate", "low", "high")}
    shown = agreement.assign(**shares).rename(columns={"estimate": "percent"})
    return shown.round({"percent": 1, "low": 1, "high": 1, "kappa": 2, "kappa_low": 2, "kappa_high": 2})


def findings_table(findings: pd.DataFrame) -> pd.DataFrame:
    """A validator's findings: a row per check, a column per dataset and split, cells "problems of n".

    A cell says so if a check does not apply to a dataset.
    """
    found = findings.assign(
        split=findings["dataset"] + " " + findings["split"],
        problems=findings["problems"].astype(str) + " of " + findings["n"].map("{:,}".format),
    )
    wide = found.pivot(index="check", columns="split", values="problems")
    wide = wide.loc[list(dict.fromkeys(findings["check"])), list(dict.fromkeys(found["split"]))]
    return wide.fillna("not checked").reset_index()


def main_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The accuracy of each CoTempQA run under each metric, in percent with Wilson intervals."""
    rows = []
    metrics = ("official", "corrected", "strict")
    cotempqa = outcomes[outcomes["answer_corrected"].notna()]
    for (model, condition), run in cotempqa.groupby(["model", "condition"], sort=False):
        accuracies = {
            metric: percent(wilson(int(run[f"answer_{metric}"].sum()), len(run))) for metric in metrics
        }
        rows.append({"model": model, "trained on": condition, "n": len(run), **accuracies})
    table = pd.DataFrame(rows, columns=["model", "trained on", "n", *metrics])
    order = table["trained on"].map(list(ORDER["condition"]).index)
    return table.assign(order=order).sort_values(["model", "order"], ignore_index=True).drop(columns="order")


def equivalence_table(comparisons: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """`tracelib.analysis.comparison.compare_conditions` with its equivalence tests.

    Args:
        comparisons: the comparisons, with an added column ``metric``.
        by: a further column that tells comparisons apart.
    """
    rows = []
    for row in comparisons.to_dict("records"):
        label = {name: row[name] for name in ("dataset", "metric", "model", *([by] if by else []))}
        rows.append(
            {
                **label,
                "comparison": f"{row['first']} − {row['second']}",
                "n": row["n"],
                "points [95% interval]": percent(row),
                "only first, only second right": f"{row['only_first']}, {row['only_second']}",
                "p": p_value(row["p"]),
                "p (Holm)": p_value(row["p_holm"]),
                "p, equivalence": p_value(row["p_equivalence"]),
                "smallest margin": percentage(row["smallest_margin"]),
                "detectable": percentage(row["detectable"]),
                "note": row["note"],
            }
        )
    table = pd.DataFrame(rows)
    return without_empty_notes(table)


def over_models_table(averaged: pd.DataFrame) -> pd.DataFrame:
    """`tracelib.analysis.comparison.over_models` with an added column ``metric``."""
    shown = averaged[["dataset", "metric"]].assign(comparison=averaged["first"] + " − " + averaged["second"])
    shown[["models", "n", "problems"]] = averaged[["models", "n", "clusters"]]
    return shown.assign(**{"points [95% interval]": [percent(row) for row in averaged.to_dict("records")]})


def unpaired_table(compared: pd.DataFrame, apart: pd.DataFrame) -> pd.DataFrame:
    """Paired comparisons beside `analysis.comparison.as_if_independent`, with the ratio of widths."""
    return pd.DataFrame(
        {
            "model": apart["model"],
            "comparison": apart["first"] + " − " + apart["second"],
            "paired": [percent(row) for row in compared.to_dict("records")],
            "as if independent": [percent(row) for row in apart.to_dict("records")],
            "ratio": apart["ratio"].map("{:.2f}".format),
        }
    )


def cochran_table(tests: pd.DataFrame) -> pd.DataFrame:
    """`tracelib.analysis.comparison.cochran` with an added column ``metric``."""
    shown = tests[["dataset", "metric", "model", "conditions", "n", "df"]].copy()
    known = tests["statistic"].notna()
    shown["Q"] = [
        f"{value:.2f}" if use else "–" for value, use in zip(tests["statistic"], known, strict=True)
    ]
    shown["p"], shown["p (Holm)"] = tests["p"].map(p_value), tests["p_holm"].map(p_value)
    return shown.assign(note=tests["note"]) if tests["note"].any() else shown


def regression_table(fitted: dict[str, pd.DataFrame], checked: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Contrasts of `tracelib.stats.regression.gee` by metric, beside the contrasts of the mixed model."""
    rows = []
    for metric, contrasts in fitted.items():
        check = checked[metric].set_index(["model", "condition"])
        for row in contrasts[contrasts["condition"] != ""].to_dict("records"):
            odds = unprefixed("odds_ratio", row)
            beside = check.loc[(row["model"], row["condition"])].to_dict()
            notes = row["note"], beside["note"] and f"mixed model: {beside['note']}"
            rows.append(
                {
                    "metric": metric,
                    "model": row["model"],
                    "trained on": row["condition"],
                    "n": row["n"],
                    "problems": row["clusters"],
                    "odds ratio": plain(odds),
                    "points": percent(row),
                    "p": p_value(row["p"]),
                    "points, mixed model": percent(beside),
                    "note": "; ".join(filter(None, notes)),
                }
            )
    table = pd.DataFrame(rows)
    return without_empty_notes(table)


def dashed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a dash for each missing value."""
    return table.astype(object).where(table.notna(), NONE)


def without_empty_notes(table: pd.DataFrame) -> pd.DataFrame:
    """The table without its column ``note`` if no row has a note."""
    return table if "note" not in table or table["note"].any() else table.drop(columns="note")
