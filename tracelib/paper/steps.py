"""Which part of a wrong trace goes with a wrong answer? Right answers by facts x label, each right or wrong.

Steps by the exact check, each against its own problem's gold; answers by the dataset's primary metric
(CoTempQA: corrected; bAbI, MARCO: exact). Observed, not set: problems that are easy have right steps and
right answers. And on CoTempQA right facts name the answer by definition: the gold facts are those that
contain one.
"""

from itertools import product

import pandas as pd

from tracelib.scoring.outcomes import ORDER
from tracelib.stats import association
from tracelib.stats.paired import holm
from tracelib.stats.proportions import difference, wilson
from tracelib.traces.conditions import UNTRACED

RUNS = ["dataset", "model", "condition"]
STEPS = {"facts": "retrieval_correct", "label": "category_correct"}  # a step, and its column in the outcomes
CELL = ["facts_correct", "category_correct"]
KEYS = ["model", "condition", "dataset", *CELL, "n", "answer_correct"]
CONTRASTS = (  # the step that differs, the other one, and how that one is
    ("label", "facts", True),
    ("label", "facts", False),
    ("facts", "label", True),
    ("facts", "label", False),
)
ESTIMATE = ("estimate", "low", "high", "n", "method", "note")
COMPARED = (
    "step", "given", "n_right", "n_wrong", "estimate", "low", "high", "odds_ratio", "odds_low", "odds_high",
    "p", "note",
)  # fmt: skip


def traced(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The outcomes of runs that were trained to write a trace: the others have no steps to judge."""
    return outcomes[~outcomes["condition"].isin(UNTRACED)]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by dataset (as everywhere), model and condition, otherwise as they were."""
    known = ORDER["dataset"]
    return table.sort_values(
        RUNS,
        key=lambda column: column.map(known.index) if column.name == "dataset" else column,
        kind="stable",
        ignore_index=True,
    )


def cells(outcomes: pd.DataFrame) -> pd.DataFrame:
    """A row per run and each of the four combinations of right and wrong facts and label, empty ones too.

    Args:
        outcomes: as `tracelib.scoring.outcomes.score` gives them. Vanilla and prompted runs are left out; a
        step that
            could not be found in a trace counts as wrong.

    Returns:
        `KEYS`: model, condition, dataset, facts_correct, category_correct, n, answer_correct (a count).
    """
    rows = traced(outcomes).rename(columns={"retrieval_correct": "facts_correct"})
    counted = rows.groupby([*RUNS, *CELL])["answer_correct"].agg(["size", "sum"])
    runs = rows[RUNS].drop_duplicates()
    every = runs.merge(pd.DataFrame(product([True, False], repeat=2), columns=CELL), how="cross")
    table = every.join(counted, on=[*RUNS, *CELL]).fillna({"size": 0, "sum": 0})
    table = table.astype({"size": int, "sum": int}).rename(columns={"size": "n", "sum": "answer_correct"})
    return in_order(table)[KEYS]


def rates(table: pd.DataFrame) -> pd.DataFrame:
    """`cells` with the share of right answers: estimate, low, high (Wilson), method, note."""
    found = [wilson(row.answer_correct, row.n) for row in table.itertuples()]
    names = ["estimate", "low", "high", "method", "note"]
    return pd.concat([table, pd.DataFrame(found, table.index, names)], axis=1)


def label_alone(table: pd.DataFrame) -> pd.DataFrame:
    """Of the right answers that follow a wrong trace, how many have right facts, the label alone being wrong.

    Args:
        table: `cells`.

    Returns:
        A row per run: dataset, model, condition, count; estimate, low, high (Wilson), n, method, note.
    """
    wrong = table[~(table["facts_correct"] & table["category_correct"])]
    rows = []
    for run, part in wrong.groupby(RUNS, sort=False):
        count = int(part.loc[part["facts_correct"], "answer_correct"].sum())
        rate = wilson(count, int(part["answer_correct"].sum()))
        rows.append({**dict(zip(RUNS, run, strict=True)), "count": count, **rate})
    return pd.DataFrame(rows, columns=[*RUNS, "count", *ESTIMATE])


def contrasts(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Right answers where one step is right minus where it is wrong, the other step being the same.

    Returns:
        A row per run and `CONTRASTS`: dataset, model, condition, step, given (how the other step is),
        n_right, n_wrong (outputs with the step right and wrong); estimate, low, high, the difference with
        Newcombe's interval. And with the relation, or question category, held fixed: odds_ratio (Mantel and
        Haenszel's), odds_low, odds_high, p (exact test within categories), note, p_holm over all rows with a
        test.
    """
    rows = []
    for run, part in in_order(traced(outcomes)).groupby(RUNS, sort=False):
        for step, other, state in CONTRASTS:
            same = part[part[STEPS[other]] == state]
            row = dict(zip(RUNS, run, strict=True))
            row |= {"step": step, "given": f"{other} {'right' if state else 'wrong'}"}
            rows.append(row | _contrast(same, STEPS[step]))
    found = pd.DataFrame(rows, columns=[*RUNS, *COMPARED])
    return found.assign(p_holm=holm(found["p"].tolist()))


def _contrast(rows: pd.DataFrame, step: str) -> dict:
    right, wrong = rows.loc[rows[step], "answer_correct"], rows.loc[~rows[step], "answer_correct"]
    crude = difference(int(right.sum()), len(right), int(wrong.sum()), len(wrong))
    tables = [_table(part, step) for _, part in rows.groupby("category")]
    held = association.stratified(tables)["odds_ratio"]
    return {
        "n_right": len(right),
        "n_wrong": len(wrong),
        **{name: crude[name] for name in ("estimate", "low", "high")},
        **{"odds_ratio": held["estimate"], "odds_low": held["low"], "odds_high": held["high"]},
        "p": association.exact_p(tables),
        "note": "; ".join(filter(None, (crude["note"], held["note"]))),
    }


def _table(part: pd.DataFrame, step: str) -> tuple[int, int, int, int]:
    """Step right with the answer right and wrong, then the same with the step wrong."""
    counted = part.groupby([step, "answer_correct"]).size()
    return tuple(int(counted.get((state, answer), 0)) for state in (True, False) for answer in (True, False))
