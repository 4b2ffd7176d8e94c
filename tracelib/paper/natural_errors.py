"""Which errors natural traces contain, and which of them are of the two kinds that the paper injects.

The paper's incorrect traces name a wrong category and cite wrong facts. R1's errors are taken from the two
readings of 40 of its traces (`tracelib.paper.natural_annotations`), because the rules find refuted claims
with low precision. A prompted model's errors are those that the rules find.
"""

from collections.abc import Iterator

import pandas as pd

from tracelib.paper import natural_annotations
from tracelib.paper.natural_annotations import FIRST, SECOND
from tracelib.paper.natural_compared import EXACT
from tracelib.paper.natural_structure import indices
from tracelib.scoring.natural.annotation import Annotation
from tracelib.scoring.natural.intervals import WRONG
from tracelib.stats.proportions import clustered_wilson, wilson

ERRORS = {  # kind of error -> what the trace does
    "relation": "commits to another relation than the label",
    "facts": "concludes from other facts than the gold ones",
    "time": "states a fact with another time",
    "comparison": "compares two times in a way that the facts refute",
    "shared time": "states a shared time that the facts refute",
    "outside": "brings in what the context does not have",
    "no conclusion": "ends without a conclusion",
}
INJECTED = ("relation", "facts")
STEPS = ("time", "comparison", "shared time", "outside")  # errors that need no label to be seen
READINGS = (FIRST, SECOND)


def of_readings(table: pd.DataFrame) -> pd.DataFrame:
    """The errors of R1's annotated traces, by each reading.

    Args:
        table: from `tracelib.paper.natural_structure`, for the labels and gold facts of the problems.

    Returns:
        A row per reading and trace: source, problem, a number for each of `ERRORS`, and confirmed: whether
        another relation is named although the facts confirm all that the trace says of its answers.
    """
    gold = table[table["kind"] == "r1"].set_index("problem")
    judges = natural_annotations.judged(natural_annotations.load())
    rows = [
        {"source": judge, "problem": problem} | _of_reading(one, gold.loc[problem])
        for judge in READINGS
        for problem, one in judges[judge].items()
    ]
    return pd.DataFrame(rows)


def _of_reading(one: Annotation, gold: pd.Series) -> dict:
    refuted = [fact for (_, fact), (_, holds, _) in one.claims.items() if holds == "no"]
    relation = _is_other(one.relation, gold["category"])
    return {
        "relation": relation,
        "facts": int(bool(one.answers) and one.answers != set(indices(gold["supporting"]))),
        "time": sum(one.citations.values()),
        "comparison": len(refuted),
        "shared time": sum(interval == WRONG for _, _, interval in one.claims.values()),
        "outside": len(one.styles["outside"]),
        "no conclusion": int(not one.answers),
        "confirmed": bool(relation and not one.answers & set(refuted)),
    }


def of_rules(table: pd.DataFrame, kind: str, source: str) -> pd.DataFrame:
    """The errors that the rules find in the texts of a kind, in the columns of `of_readings`."""
    part = table[table["kind"] == kind]
    return pd.DataFrame(
        [{"source": source, "problem": row.problem} | _of_row(row) for row in part.itertuples()]
    )


def _of_row(row: object) -> dict:
    relation = _is_other(row.relation, row.category)
    return {
        "relation": relation,
        "facts": int(bool(row.answers) and set(indices(row.answers)) != set(indices(row.supporting))),
        "time": row.altered,
        "comparison": row.refuted,
        "shared time": row.wrong_times,
        "outside": row.outside,
        "no conclusion": int(not row.answers),
        "confirmed": bool(relation and not row.refuted_answers),
    }


def _is_other(relation: str, label: str) -> int:
    """Whether a relation is named exactly and is not the label; sharing time fits every label."""
    return int(relation in EXACT and relation != label)


def rates(errors: pd.DataFrame) -> pd.DataFrame:
    """How many traces have an error of each kind, and its share of all errors.

    Returns:
        A row per source and kind of error: source, error, errors (their number), estimate, low, high (the
        share of traces with one or more; Wilson), n (traces), method, note.
    """
    rows = []
    for source, part in errors.groupby("source", sort=False):
        for error in ERRORS:
            row = wilson(int((part[error] > 0).sum()), len(part))
            rows.append({"source": source, "error": error, "errors": int(part[error].sum())} | row)
    return pd.DataFrame(rows)


def shares(errors: pd.DataFrame) -> pd.DataFrame:
    """What the errors amount to, by source.

    Returns:
        A row per source and quantity: source, quantity, estimate, low, high, n (traces), method, note. The
        quantities are ``injected`` (errors of the two kinds, of all errors), ``injected, once a trace`` (the
        same if each kind counts at most once in a trace, whose errors may be repeated), ``wrong step``
        (traces with one of `STEPS`) and ``any error`` (traces).
    """
    rows = []
    for source, part in errors.groupby("source", sort=False):
        rows += [{"source": source, "quantity": name} | row for name, row in _shares(part)]
    return pd.DataFrame(rows)


def has_wrong_step(errors: pd.DataFrame) -> pd.Series:
    """Whether a trace has one of `STEPS`."""
    return (errors[list(STEPS)] > 0).any(axis=1)


def _shares(part: pd.DataFrame) -> Iterator[tuple[str, dict]]:
    for name, counts in (("injected", part), ("injected, once a trace", part[list(ERRORS)].clip(upper=1))):
        injected, every = counts[list(INJECTED)].sum(axis=1), counts[list(ERRORS)].sum(axis=1)
        yield name, clustered_wilson(injected[every > 0], every[every > 0])
    yield "wrong step", wilson(int(has_wrong_step(part).sum()), len(part))
    yield "any error", wilson(int((every > 0).sum()), len(part))
