"""Trace and answer, every rate of every run: which share of what is meant by "28%"?

One 2x2 of trace and answer has a joint rate and conditional ones, and they answer different
questions. Here all of them are computed for every run, evaluator and metric, from the released
outputs and from the confusion matrices that the release states.
"""

import pandas as pd

from tracelib.datasets.release_files import MAIN_TEST
from tracelib.scoring.metrics import applied
from tracelib.scoring.outcomes import RUN
from tracelib.stats import association

TABLE = [*RUN, "category", "evaluator", "metric"]
STATED = {  # the cells, and what the release's confusion matrices call them (`tracelib.paper.release`)
    "trace_right_answer_right": "trace right, answer right",
    "trace_right_answer_wrong": "trace right, answer wrong",
    "trace_wrong_answer_right": "trace wrong, answer right",
    "trace_wrong_answer_wrong": "trace wrong, answer wrong",
}
CELLS = list(STATED)
SHARES = {  # the rates that are shares of items, in words
    "joint": "trace and answer right, of all",
    "given_right": "answer right, of right traces",
    "given_wrong": "answer right, of wrong traces",
    "trace_given_answer": "trace right, of right answers",
}
CRITICAL = 3.841  # of chi-square with one degree of freedom at 5%, as the project page has it


def rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Every quantity of `tracelib.stats.association.two_by_two`, a row each.

    Args:
        counts: `tracelib.scoring.outcomes.counts`, or a table with its columns `TABLE` and `CELLS`. Runs
            without a right or wrong trace (vanilla, prompted), or whose traces were not judged, have
            nothing to condition on: their rows say so.
    """
    rows = []
    for row in counts.to_dict("records"):
        found = association.two_by_two(*(0 if pd.isna(row[name]) else int(row[name]) for name in CELLS))
        names = {name: row[name] for name in TABLE}
        rows += [{**names, "quantity": quantity, **value} for quantity, value in found.items()]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*TABLE, "quantity", "estimate", "statistic"])


def differences(counts: pd.DataFrame) -> pd.DataFrame:
    """Of `rates` over all categories: answer right given a right trace, minus given a wrong one."""
    found = rates(counts[counts["category"] == "all"])
    return found[found["quantity"] == "difference"].reset_index(drop=True)


def stated(matrices: pd.DataFrame) -> pd.DataFrame:
    """The trace x answer cells that the release states, shaped as counts.

    n: all test items. How many of them CoTempQA's matrices leave out is not stated, so its n is that of
    `tracelib.datasets.release_files.MAIN_TEST`; the others count them.

    Args:
        matrices: `tracelib.paper.release.load_matrices`.
    """
    wide = matrices.pivot(index=["dataset", "model", "condition"], columns="quantity", values="stated")
    table = pd.DataFrame(
        {
            "seed": pd.NA,
            "category": "all",
            "evaluator": "published, as stated",
            **{name: wide[quantity].astype(int) for name, quantity in STATED.items()},
        }
    ).reset_index()
    table["metric"] = [applied("official", name) for name in table["dataset"]]
    left_out = wide["left out"].reset_index(drop=True)
    sizes = table[CELLS].sum(axis=1) + left_out.fillna(0).astype(int)
    table["n"] = sizes.mask(left_out.isna(), sum(MAIN_TEST.values()))
    return table


def rounding_to(table: pd.DataFrame, percent: int) -> pd.DataFrame:
    """The shares (`SHARES`) among `rates` that are this many percent when rounded to a whole number."""
    shares = table[table["quantity"].isin(list(SHARES)) & table["estimate"].notna()]
    return shares[(100 * shares["estimate"].astype(float)).round() == percent].reset_index(drop=True)


def by_denominator(
    stated: pd.DataFrame, published: pd.DataFrame, run: pd.Series
) -> dict[str, dict[str, int]]:
    """Right traces with right answers of one run by the published check, over what they may be a share of.

    Args:
        stated, published: counts; the matrices as stated, and the same check on the released outputs.
        run: one of `stated`, by its dataset, model, condition and metric.

    Returns:
        count and n of ``matrix`` (of the outputs that the stated matrix evaluates), ``all`` (of all test
        items) and, where the run's outputs for all test items are there, ``outputs`` (of all test items,
        counted in the released outputs).
    """
    keys = ["dataset", "model", "condition", "metric"]
    (as_stated,), recounted = (
        table[(table[keys] == run[keys]).all(axis=1) & (table["category"] == "all")].to_dict("records")
        for table in (stated, published)
    )
    both, items = CELLS[0], int(as_stated["n"])
    found = {
        "matrix": {"count": int(as_stated[both]), "n": int(sum(as_stated[cell] for cell in CELLS))},
        "all": {"count": int(as_stated[both]), "n": items},
    }
    if recounted and recounted[0]["n"] == items:
        found["outputs"] = {"count": int(recounted[0][both]), "n": items}
    return found


def percents_covered(table: pd.DataFrame) -> int:
    """How many of the whole percents 0 to 100 some share (`SHARES`) among `rates` rounds to."""
    return sum(len(rounding_to(table, percent)) > 0 for percent in range(101))


def by_category(counts: pd.DataFrame) -> pd.DataFrame:
    """Trace and answer over the categories of each run: pooled, and whether it is the same in all.

    Returns a row per run and quantity (Mantel-Haenszel's pooled odds ratio, Breslow and Day's test
    of homogeneity with Tarone's correction).
    """
    rows = []
    keys = [*RUN, "evaluator", "metric"]
    for names, part in counts[counts["category"] != "all"].groupby(keys, dropna=False, sort=False):
        tables = list(part[CELLS].fillna(0).astype(int).itertuples(index=False, name=None))
        for quantity, value in association.stratified(tables).items():
            rows.append({**dict(zip(keys, names, strict=True)), "quantity": quantity, **value})
    return pd.DataFrame(rows)
