"""Emulate the look-up that paired R1's items with decomposed traces, and count the wrong pairs.

The release's script (`SCRIPT`, read at commit 2e1f94fb) searches the rows of the decomposed-trace set. It
takes the first row whose printed answer list contains the item's answer text. An item without such a row
silently keeps the row of the item before it. R1's texts are in commits after the pinned ones
(`tracelib.datasets.family_files`) and are not used yet: gold answers stand in for them.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import pandas as pd

from tracelib.core.paths import PAPER
from tracelib.core.pylist import listed
from tracelib.datasets import release_problems
from tracelib.datasets.problem import Problem
from tracelib.datasets.shipped import ShippedTable
from tracelib.stats.as_text import percent
from tracelib.stats.proportions import wilson

SCRIPT = "scripts/cotempqa_create_r1_vanilla_custom_sft_datasets.py"
BUILT = "data/cotempqa/sft_dataset_r1_set_custom_traces"  # the script's output, see `OBSERVED`
ORDER = ("overlap", "during", "mix", "equal")  # the script's order of the relations
TEST_SHARE, SAMPLE_SEED = 0.2, 42  # the script's test split, per relation
STAND_INS: dict[str, Callable[[Problem], str]] = {
    "first gold answer": lambda problem: problem.gold[0],
    "gold answers joined by commas": lambda problem: ", ".join(problem.gold),
    "printed gold list": lambda problem: listed(problem.gold),
}
SHARES = {  # counts of `counted` that are shares of its items -> in words
    "own": "the item's own problem",
    "other": "another problem's row was found",
    "none": "no row was found, the previous one was kept",
    "other_relation": "a problem of another relation, found or kept",
}
OBSERVED = pd.DataFrame(  # counted by reading the first rows of the test files in `BUILT`, or a whole file
    [
        ("overlap", "2e1f94fb", False, 3, 2, 0, 1, 0, 3, 1),
        ("during", "2e1f94fb", False, 4, 1, 1, 2, 1, 4, 1),
        ("mix", "2e1f94fb", False, 16, 0, 0, 16, 16, 1, 16),
        ("equal", "8dbcac20", True, 82, 20, 34, 28, 51, 45, 31),
    ],
    columns=[
        *("category", "commit", "whole_file", "items", "own", "other", "none", "other_relation"),
        *("problems", "most"),
    ],
)


def rows_of(splits: dict[str, list[Problem]]) -> list[Problem]:
    """The problems in the order in which the script searches them: training first, relations as in `ORDER`.

    It is an assumption that the decomposed set has this order. The script merges its own files in this order.
    """
    return [
        problem
        for split in ("train", "test")
        for relation in ORDER
        for problem in splits[split]
        if problem.category == relation
    ]


def find(answers: Sequence[str], texts: Iterable[str]) -> list[int | None]:
    """For each text, the index of the first answer that contains it; None if no answer does.

    Answers and texts must not hold a NUL character, which separates the answers in the searched text.
    """
    whole = "\0".join(answers)
    starts = [0, *accumulate(len(answer) + 1 for answer in answers)][: len(answers)]
    places = (whole.find(text) for text in texts)
    return [None if place < 0 or not starts else bisect_right(starts, place) - 1 for place in places]


def kept(found: Iterable[int | None]) -> list[int | None]:
    """The row that each item ends up with: the row found for it, else the row of the item before it."""
    return list(accumulate(found, lambda before, now: before if now is None else now))


def pairings(rows: list[Problem], items: list[Problem], texts: list[str]) -> pd.DataFrame:
    """The problem that the look-up gives to each item.

    Args:
        rows: problems in the order of `rows_of`. The look-up searches their printed gold lists.
        items: problems in the order of `ORDER` (the script goes relation by relation).
        texts: the answer text of each item.

    Returns:
        A row per item: item, category (its relation), given, outcome, other_relation. ``given`` is the id of
        the problem that the item gets; it is missing for items before the first row is found, where the
        script would stop. ``outcome`` is ``own``, ``other`` or ``none``: whose row was found.
        ``other_relation`` says whether the given problem has another relation.
    """
    found = find([listed(row.gold) for row in rows], texts)
    table = []
    for item, at, has in zip(items, found, kept(found), strict=True):
        given = None if has is None else rows[has]
        outcome = "none" if at is None else "own" if rows[at].id == item.id else "other"
        table.append(
            {
                "item": item.id,
                "category": item.category,
                "given": given and given.id,
                "outcome": outcome,
                "other_relation": given is not None and given.category != item.category,
            }
        )
    return pd.DataFrame(table, columns=["item", "category", "given", "outcome", "other_relation"])


def counted(pairs: pd.DataFrame, original_test: set[str]) -> dict[str, int]:
    """Counts of `pairings`, and of its training and test rows.

    Args:
        pairs: the result of `pairings` with the column ``tested`` (`split`).
        original_test: ids of the test problems of the decomposed set.

    Returns:
        items; own, other, none, other_relation (see `pairings`); problems (distinct problems given); most
        (items that get the commonest problem); training (rows); from_test (training rows with a problem of
        the original test set); tested (rows); seen (test rows whose own problem is in a training row); pairs
        (number of pairs of a training row and a test row with the same problem).
    """
    outcome = pairs["outcome"].value_counts()
    given = pairs["given"].value_counts()
    training, tested = pairs[~pairs["tested"]], pairs[pairs["tested"]]
    in_training, in_test = Counter(training["given"].dropna()), Counter(tested["given"].dropna())
    return {
        "items": len(pairs),
        **{name: int(outcome.get(name, 0)) for name in ("own", "other", "none")},
        "other_relation": int(pairs["other_relation"].sum()),
        "problems": len(given),
        "most": int(given.max()) if len(given) else 0,
        "training": len(training),
        "from_test": int(training["given"].isin(original_test).sum()),
        "tested": len(tested),
        "seen": int(tested["item"].isin(in_training).sum()),
        "pairs": sum(count * in_test[problem] for problem, count in in_training.items()),
    }


def split(pairs: pd.DataFrame) -> pd.Series:
    """Which items the script would take as test items: a fifth of each relation, drawn by pandas."""
    tested = pd.Series(False, pairs.index)
    for _, part in pairs.groupby("category", sort=False):
        tested[part.sample(frac=TEST_SHARE, random_state=SAMPLE_SEED).index] = True
    return tested


def emulate(splits: dict[str, list[Problem]]) -> pd.DataFrame:
    """`counted` for each of `STAND_INS` and each relation (and ``all``), with every problem as an item.

    The columns seen and pairs of a relation compare its test rows with the training rows of all relations,
    because the script merges the training sets.
    """
    rows = rows_of(splits)
    items = sorted(rows, key=lambda problem: ORDER.index(problem.category))
    original_test = {problem.id for problem in splits["test"]}
    table = []
    for name, text in STAND_INS.items():
        pairs = pairings(rows, items, [text(item) for item in items])
        pairs["tested"] = split(pairs)
        for relation in (*ORDER, "all"):
            of_relation = pairs["category"].isin(ORDER if relation == "all" else [relation])
            part = counted(pairs[of_relation], original_test)
            against_all = counted(pairs[of_relation | ~pairs["tested"]], original_test)
            part |= {key: against_all[key] for key in ("seen", "pairs")}
            table.append({"stand_in": name, "category": relation, **part})
    return pd.DataFrame(table)


def shares(counts: pd.DataFrame, by: Sequence[str] = ("stand_in", "category")) -> pd.DataFrame:
    """The counts of `SHARES` as rates of the items, with Wilson intervals.

    Returns:
        A row per row of counts and share: `by`, share (a key of `SHARES`), and the keys of
        `tracelib.stats.proportions.wilson`.
    """
    table = [
        {**{name: row[name] for name in by}, "share": name, **wilson(row[name], row["items"])}
        for row in counts.to_dict("records")
        for name in SHARES
    ]
    return pd.DataFrame(table)


def compute() -> pd.DataFrame:
    """`emulate` for the problems of the release."""
    return emulate(release_problems.load_splits("cotempqa"))


SHIPPED = ShippedTable(PAPER / "r1_lookup.csv", compute)
load = SHIPPED.load


def example() -> pd.DataFrame:
    """The look-up on four invented problems, as a readable table with a row per item."""
    rows = [
        _invented("Ada's", "overlap", "Beta"),
        _invented("Cy's", "during", "Beta", "Delta"),
        _invented("Dan's", "mix", "Delta"),
        _invented("Eve's", "equal", "Gamma"),
    ]
    texts = ["Beta", "Beta and Delta", "Delta", "Gamma"]
    pairs = pairings(rows, rows, texts)
    shown = {"problem": pairs["item"], "relation": pairs["category"]}
    shown |= {"gold answers": [listed(row.gold) for row in rows], "text searched for": texts}
    shown |= {"gets the trace of": pairs["given"], "because": pairs["outcome"].map(SHARES)}
    return pd.DataFrame(shown)


def _invented(name: str, relation: str, *gold: str) -> Problem:
    return Problem(name, "cotempqa", f"{name} question?", gold, gold, tuple(range(len(gold))), relation)


def pairing_table(counts: pd.DataFrame, by: Sequence[str] = ("stand_in", "category")) -> pd.DataFrame:
    """Counts as a readable table: `SHARES` in percent with Wilson intervals, and the problems left."""
    rows = []
    for row in counts.to_dict("records"):
        rated = {SHARES[name]: percent(wilson(row[name], row["items"])) for name in SHARES}
        names = {name.replace("_", "-").replace("category", "relation"): row[name] for name in by}
        left = {"different problems left": row["problems"], "items with the commonest": row["most"]}
        rows.append({**names, "items": row["items"], **rated, **left})
    return pd.DataFrame(rows)


def read_table(read: pd.DataFrame = OBSERVED) -> pd.DataFrame:
    """`OBSERVED` as a readable table of counts, without intervals: first rows are no random sample."""
    rows = []
    for row in read.to_dict("records"):
        found = {text: f"{row[name]} of {row['items']}" for name, text in SHARES.items()}
        left = {"different problems left": row["problems"], "items with the commonest": row["most"]}
        which = "whole file" if row["whole_file"] else "first rows"
        rows.append({"relation": row["category"], "read": which, "items": row["items"], **found, **left})
    return pd.DataFrame(rows)


def leakage_table(counts: pd.DataFrame) -> pd.DataFrame:
    """How far the look-up mixes training and test problems, as a readable table."""
    rows = []
    for row in counts.to_dict("records"):
        seen = percent(wilson(row["seen"], row["tested"]))
        rows.append(
            {
                "stand-in": row["stand_in"],
                "relation": row["category"],
                "training rows": row["training"],
                "of these with an original test problem": row["from_test"],
                "test rows": row["tested"],
                "of these with their own problem in training, %": seen,
                "pairs of a training and a test row with one problem": row["pairs"],
            }
        )
    return pd.DataFrame(rows)
