"""Conditions compared on the same items: every pair, per model, seed and dataset; Holm per family."""

from itertools import combinations

import pandas as pd

from tracelib.files import InputError
from tracelib.stats.paired import holm, paired_difference

PAIRS = tuple(combinations(("vanilla", "correct", "incorrect"), 2))


def compare_conditions(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Paired differences between conditions under one answer metric.

    One family is one dataset: its p-values (all models x seeds x pairs) are Holm-adjusted
    together. Items that only one of two conditions has are left out of that pair.

    Returns:
        A row per dataset x model x seed x pair: first, second, estimate, low, high (first minus
        second, fractions), n, only_first, only_second, p, p_holm, method, note.
    """
    answer = f"answer_{metric}"
    if answer not in outcomes:
        raise InputError(f"unknown metric '{metric}'")
    families = []
    for dataset, family in outcomes[outcomes[answer].notna()].groupby("dataset", sort=False):
        rows = []
        for (model, seed), run in family.groupby(["model", "seed"], dropna=False, sort=False):
            answers = {name: part.set_index("item")[answer] for name, part in run.groupby("condition")}
            for first, second in PAIRS:
                if first in answers and second in answers:
                    pair = {"first": first, "second": second}
                    difference = paired_difference(answers[first], answers[second])
                    rows.append({"dataset": dataset, "model": model, "seed": seed, **pair, **difference})
        adjusted = holm([row["p"] for row in rows])
        families += [{**row, "p_holm": p} for row, p in zip(rows, adjusted, strict=True)]
    return pd.DataFrame(families)
