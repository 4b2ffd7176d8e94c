"""Right answers by the two steps of the trace: facts right or wrong, label right or wrong.

The exact check judges each step by its own problem's gold. The answer metric is the dataset's primary one
(CoTempQA: corrected; bAbI, MARCO: exact). The association is observed, not shown to be causal: easy problems
have right steps and right answers. On CoTempQA right facts name the answer by definition, because a gold fact
is one that contains a gold answer.
"""

from itertools import product

import pandas as pd

from tracelib.scoring.outcomes import ORDER
from tracelib.stats import association, estimate
from tracelib.stats.estimate import interval_of, noted, prefixed
from tracelib.stats.holm import adjusted
from tracelib.stats.proportions import difference, wilson
from tracelib.traces.conditions import UNTRACED

RUNS = ["dataset", "model", "condition"]
STEPS = {"facts": "retrieval_correct", "label": "category_correct"}  # step -> column of the outcomes
CELL = ["facts_correct", "category_correct"]
KEYS = ["model", "condition", "dataset", *CELL, "n", "answer_correct"]
CONTRASTS = (  # the step that differs, the step that is fixed, and whether that one is right
    ("label", "facts", True),
    ("label", "facts", False),
    ("facts", "label", True),
    ("facts", "label", False),
)
COMPARED = (
    "step", "given", "n_right", "n_wrong", "estimate", "low", "high", "odds_ratio", "odds_ratio_low",
    "odds_ratio_high", "p", "note",
)  # fmt: skip


def traced(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The outcomes of runs that were trained to write traces. Other runs have no steps to judge."""
    return outcomes[~outcomes["condition"].isin(UNTRACED)]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """The rows sorted by dataset (in the usual order), model and condition. The sort is stable."""
    known = ORDER["dataset"]
    return table.sort_values(
        RUNS,
        key=lambda column: column.map(known.index) if column.name == "dataset" else column,
        kind="stable",
        ignore_index=True,
    )


def cells(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Right answers of each run, for each combination of right or wrong facts and label.

    Args:
        outcomes: from `tracelib.scoring.outcomes.score`. Vanilla and prompted runs are left out. A step that
            is not found in a trace counts as wrong.

    Returns:
        Four rows per run: `KEYS` (answer_correct is a count). Combinations without items are included.
    """
    rows = traced(outcomes).rename(columns={"retrieval_correct": "facts_correct"})
    counted = rows.groupby([*RUNS, *CELL])["answer_correct"].agg(["size", "sum"])
    runs = rows[RUNS].drop_duplicates()
    every = runs.merge(pd.DataFrame(product([True, False], repeat=2), columns=CELL), how="cross")
    table = every.join(counted, on=[*RUNS, *CELL]).fillna({"size": 0, "sum": 0})
    table = table.astype({"size": int, "sum": int}).rename(columns={"size": "n", "sum": "answer_correct"})
    return in_order(table)[KEYS]


def rates(table: pd.DataFrame) -> pd.DataFrame:
    """`cells` with the share of right answers as columns estimate, low, high (Wilson), method, note."""
    found = [wilson(row.answer_correct, row.n) for row in table.itertuples()]
    names = ["estimate", "low", "high", "method", "note"]
    return pd.concat([table, pd.DataFrame(found, table.index, names)], axis=1)


def label_alone(table: pd.DataFrame) -> pd.DataFrame:
    """How many right answers after a wrong trace have right facts, so that only the label is wrong.

    Args:
        table: the result of `cells`.

    Returns:
        A row per run: dataset, model, condition, count, estimate, low, high (Wilson), n (right answers after
        a wrong trace), method, note.
    """
    wrong = table[~(table["facts_correct"] & table["category_correct"])]
    rows = []
    for run, part in wrong.groupby(RUNS, sort=False):
        count = int(part.loc[part["facts_correct"], "answer_correct"].sum())
        rate = wilson(count, int(part["answer_correct"].sum()))
        rows.append({**dict(zip(RUNS, run, strict=True)), "count": count, **rate})
    return pd.DataFrame(rows, columns=[*RUNS, "count", *estimate.COLUMNS])


def contrasts(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Rate of right answers if one step is right minus the rate if it is wrong, with the other step fixed.

    Returns:
        A row per run and contrast (`CONTRASTS`): dataset, model, condition, step, given (the state of the
        fixed step), n_right, n_wrong (outputs with the step right, and wrong), estimate, low, high
        (Newcombe), odds_ratio, odds_ratio_low, odds_ratio_high (Mantel and Haenszel's, stratified by
        category), p (exact test within categories), note, p_holm (over all rows with a test).
    """
    rows = []
    for run, part in in_order(traced(outcomes)).groupby(RUNS, sort=False):
        for step, other, state in CONTRASTS:
            same = part[part[STEPS[other]] == state]
            row = dict(zip(RUNS, run, strict=True))
            row |= {"step": step, "given": f"{other} {'right' if state else 'wrong'}"}
            rows.append(row | _contrast(same, STEPS[step]))
    found = pd.DataFrame(rows, columns=[*RUNS, *COMPARED])
    return adjusted(found)


def _contrast(rows: pd.DataFrame, step: str) -> dict:
    right, wrong = rows.loc[rows[step], "answer_correct"], rows.loc[~rows[step], "answer_correct"]
    crude = difference(int(right.sum()), len(right), int(wrong.sum()), len(wrong))
    tables = [_table(part, step) for _, part in rows.groupby("category")]
    held = association.stratified(tables)["odds_ratio"]
    return {
        "n_right": len(right),
        "n_wrong": len(wrong),
        **interval_of(crude),
        **prefixed("odds_ratio", held),
        "p": association.exact_p(tables),
        "note": noted(crude["note"], held["note"]),
    }


def _table(part: pd.DataFrame, step: str) -> tuple[int, int, int, int]:
    """Counts of right and wrong answers if the step is right, then if it is wrong."""
    counted = part.groupby([step, "answer_correct"]).size()
    return tuple(int(counted.get((state, answer), 0)) for state in (True, False) for answer in (True, False))
