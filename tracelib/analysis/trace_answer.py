"""All rates of trace and answer for every run, to find the share that the paper's "28%" may be.

A 2x2 table of trace and answer has a joint rate and several conditional rates, which answer different
questions. This module computes all of them for every run, evaluator and metric, from the released outputs and
from the confusion matrices that the release states.
"""

import pandas as pd

from tracelib.datasets.release_files import MAIN_TEST
from tracelib.scoring.metrics import applied
from tracelib.scoring.outcomes import RUN
from tracelib.stats import association

TABLE = [*RUN, "category", "evaluator", "metric"]
STATED = {  # cell -> its name in the release's confusion matrices (`tracelib.paper.release`)
    "trace_right_answer_right": "trace right, answer right",
    "trace_right_answer_wrong": "trace right, answer wrong",
    "trace_wrong_answer_right": "trace wrong, answer right",
    "trace_wrong_answer_wrong": "trace wrong, answer wrong",
}
CELLS = list(STATED)
SHARES = {  # rates that are shares of items -> in words
    "joint": "trace and answer right, of all",
    "given_right": "answer right, of right traces",
    "given_wrong": "answer right, of wrong traces",
    "trace_given_answer": "trace right, of right answers",
}
CRITICAL = 3.841  # chi-square with one degree of freedom at 5%, as the project page states it


def rates(counts: pd.DataFrame) -> pd.DataFrame:
    """The quantities of `tracelib.stats.association.two_by_two` for each row of counts.

    Args:
        counts: rows of `tracelib.scoring.outcomes.counts`, or a table with the columns `TABLE` and `CELLS`. A
            run without right or without wrong traces (vanilla, prompted, not judged) lacks conditional rates;
            the note says so.

    Returns:
        A row per row of counts and quantity: `TABLE`, quantity, and the keys of the quantity.
    """
    rows = []
    for row in counts.to_dict("records"):
        found = association.two_by_two(*(0 if pd.isna(row[name]) else int(row[name]) for name in CELLS))
        names = {name: row[name] for name in TABLE}
        rows += [{**names, "quantity": quantity, **value} for quantity, value in found.items()]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*TABLE, "quantity", "estimate", "statistic"])


def differences(counts: pd.DataFrame) -> pd.DataFrame:
    """The difference of the conditional rates, given_right minus given_wrong, over all categories."""
    found = rates(counts[counts["category"] == "all"])
    return found[found["quantity"] == "difference"].reset_index(drop=True)


def stated(matrices: pd.DataFrame) -> pd.DataFrame:
    """The confusion matrices that the release states, in the columns of `tracelib.scoring.outcomes.counts`.

    n is the number of test items: the cells and the items that a matrix states to leave out. CoTempQA's
    matrices do not state these, so its n is the sum of `tracelib.datasets.release_files.MAIN_TEST`.

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
    """The rows of `rates` whose share (`SHARES`) rounds to this whole percent."""
    shares = table[table["quantity"].isin(list(SHARES)) & table["estimate"].notna()]
    return shares[(100 * shares["estimate"].astype(float)).round() == percent].reset_index(drop=True)


def by_denominator(
    stated: pd.DataFrame, published: pd.DataFrame, run: pd.Series
) -> dict[str, dict[str, int]]:
    """The count of right traces with right answers of one run, over each denominator it may be a share of.

    Args:
        stated: counts from `stated`.
        published: counts by the published check on the released outputs.
        run: a row of `stated`; its dataset, model, condition and metric name the run.

    Returns:
        count and n for ``matrix`` (the outputs in the stated matrix), ``all`` (all test items) and
        ``outputs`` (all test items, recounted in the released outputs). The last is absent unless the run
        has outputs for all test items.
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
    """How many whole percents from 0 to 100 are the rounded value of some share (`SHARES`) in `rates`."""
    return sum(len(rounding_to(table, percent)) > 0 for percent in range(101))


def by_category(counts: pd.DataFrame) -> pd.DataFrame:
    """Association of trace and answer pooled over the categories of each run, and its homogeneity.

    Returns:
        A row per run and quantity of `tracelib.stats.association.stratified` (odds_ratio, homogeneity).
    """
    rows = []
    keys = [*RUN, "evaluator", "metric"]
    for names, part in counts[counts["category"] != "all"].groupby(keys, dropna=False, sort=False):
        tables = list(part[CELLS].fillna(0).astype(int).itertuples(index=False, name=None))
        for quantity, value in association.stratified(tables).items():
            rows.append({**dict(zip(keys, names, strict=True)), "quantity": quantity, **value})
    return pd.DataFrame(rows)
