"""The look-up that paired R1's items with decomposed traces, emulated, and what it pairs them with.

The release's script (`SCRIPT`, read at commit 2e1f94fb) walks the rows of the decomposed-trace set and takes
the first whose printed answer list contains the item's answer text; an item without such a row silently
keeps what the item before it got. R1's text is in later commits than the pinned ones
(`tracelib.paper.family_files`) and is not used yet: gold answers stand in for it.
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
BUILT = "data/cotempqa/sft_dataset_r1_set_custom_traces"  # what the script wrote, see `OBSERVED`
ORDER = ("overlap", "during", "mix", "equal")  # in which the script goes through the relations
TEST_SHARE, SAMPLE_SEED = 0.2, 42  # of the R1 set, per relation
STAND_INS: dict[str, Callable[[Problem], str]] = {
    "first gold answer": lambda problem: problem.gold[0],
    "gold answers joined by commas": lambda problem: ", ".join(problem.gold),
    "printed gold list": lambda problem: listed(problem.gold),
}
SHARES = {  # counts of `pairings`, of its items
    "own": "the item's own problem",
    "other": "another problem's row was found",
    "none": "no row was found, the previous one was kept",
    "other_relation": "a problem of another relation, found or kept",
}
OBSERVED = pd.DataFrame(  # counted by reading test files that the script wrote (`BUILT`), rows as they come
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
    """The problems in the order of the walk: training before test, relations as in `ORDER`.

    That the decomposed set was merged in this order is assumed; the script merges its own files so.
    """
    return [
        problem
        for split in ("train", "test")
        for relation in ORDER
        for problem in splits[split]
        if problem.category == relation
    ]


def find(answers: Sequence[str], texts: Iterable[str]) -> list[int | None]:
    """Index of the first of `answers` that contains each text, None where none does.

    Neither may hold a NUL character: it separates the answers while they are searched as one text.
    """
    whole = "\0".join(answers)
    starts = [0, *accumulate(len(answer) + 1 for answer in answers)][: len(answers)]
    places = (whole.find(text) for text in texts)
    return [None if place < 0 or not starts else bisect_right(starts, place) - 1 for place in places]


def kept(found: Iterable[int | None]) -> list[int | None]:
    """What each item ends up with: what was found for it, else what the item before it has."""
    return list(accumulate(found, lambda before, now: before if now is None else now))


def pairings(rows: list[Problem], items: list[Problem], texts: list[str]) -> pd.DataFrame:
    """One row per item, in order: which problem it is, which one the look-up gives it, and how.

    Args:
        rows: problems in the order of the walk; what is searched is each one's printed gold list.
        items: problems in the order of `ORDER` (the script goes relation by relation).
        texts: the answer text of each item.

    Returns:
        item, category (its relation), given (the id of the problem that it gets; missing for items before the
        first that has a row, where the script would stop), outcome (own, other or none: what was
        found), other_relation (whether what it gets is of another relation).
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
    """Counts of `pairings` and of its split into training and test rows.

    Args:
        pairs: with the column ``tested`` (`split`).
        original_test: ids of the problems in the test part of the decomposed set.

    Returns:
        items; own, other, none, other_relation; problems (distinct ones given); most (items that are
        given the commonest of them); training (rows); from_test (training rows that hold a problem of
        the original test set); tested (rows); seen (test rows whose own problem some training row holds);
        pairs (of a training and a test row that hold the same problem).
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
    """Which items the script would set aside as test items: a fifth of each relation, drawn by pandas."""
    tested = pd.Series(False, pairs.index)
    for _, part in pairs.groupby("category", sort=False):
        tested[part.sample(frac=TEST_SHARE, random_state=SAMPLE_SEED).index] = True
    return tested


def emulate(splits: dict[str, list[Problem]]) -> pd.DataFrame:
    """`counted` per stand-in and relation (and ``all``): every problem is an item and has a row.

    Training rows and what they hold are counted over the merged set, so the columns seen and pairs of
    a relation count its test rows against the training rows of all relations.
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
    """`SHARES` of a table of counts as rates of its items, with Wilson intervals: a row each.

    Returns the columns `by`, share (of `SHARES`), and those of `tracelib.stats.proportions.wilson`.
    """
    table = [
        {**{name: row[name] for name in by}, "share": name, **wilson(row[name], row["items"])}
        for row in counts.to_dict("records")
        for name in SHARES
    ]
    return pd.DataFrame(table)


def compute() -> pd.DataFrame:
    """`emulate` on the problems of the release."""
    return emulate(release_problems.load_splits("cotempqa"))


SHIPPED = ShippedTable(PAPER / "r1_lookup.csv", compute)
load, shipped = SHIPPED.load, SHIPPED.read


def example() -> pd.DataFrame:
    """The look-up on four invented problems, as people read it: a row per item, in the order of the walk."""
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
    """Counts as people read them: `SHARES` in percent with Wilson intervals, and the problems left."""
    rows = []
    for row in counts.to_dict("records"):
        rated = {SHARES[name]: percent(wilson(row[name], row["items"])) for name in SHARES}
        names = {name.replace("_", "-").replace("category", "relation"): row[name] for name in by}
        left = {"different problems left": row["problems"], "items with the commonest": row["most"]}
        rows.append({**names, "items": row["items"], **rated, **left})
    return pd.DataFrame(rows)


def read_table(read: pd.DataFrame = OBSERVED) -> pd.DataFrame:
    """What was read of the sets as people read it: counts, because rows as they come are no sample."""
    rows = []
    for row in read.to_dict("records"):
        found = {text: f"{row[name]} of {row['items']}" for name, text in SHARES.items()}
        left = {"different problems left": row["problems"], "items with the commonest": row["most"]}
        which = "whole file" if row["whole_file"] else "first rows"
        rows.append({"relation": row["category"], "read": which, "items": row["items"], **found, **left})
    return pd.DataFrame(rows)


def leakage_table(counts: pd.DataFrame) -> pd.DataFrame:
    """What the look-up does to the separation of training and test rows, as people read it."""
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
