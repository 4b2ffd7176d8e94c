"""Compare conditions on the same items, pair by pair, for each model and seed; adjust p-values by Holm.

The family of a dataset and metric is all its models x seeds x pairs of conditions. It says where there is a
difference. Averages over models say how large a difference is overall; they are not part of the family.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from tracelib.core.errors import InputError
from tracelib.stats import bootstrap
from tracelib.stats.estimate import noted
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import (
    ALPHA,
    POWER,
    cochrans_q,
    equivalence,
    minimum_detectable,
    paired_difference,
)
from tracelib.stats.proportions import difference

CONDITIONS = ("vanilla", "correct", "incorrect")
PAIRS = tuple(combinations(CONDITIONS, 2))
UNDETECTABLE = f"too few discordant pairs for {POWER:.0%} power at any difference"
MARGIN = 0.05  # of equivalence, in accuracy. For the release it was chosen after the data were seen.
POINTS = f"{100 * MARGIN:.0f} points"


def pairs_present(outcomes: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """All pairs of conditions in the outcomes. The paper's conditions come first, in the paper's order."""
    present = list(dict.fromkeys(outcomes["condition"]))
    known = [name for name in CONDITIONS if name in present]
    return tuple(combinations([*known, *(name for name in present if name not in known)], 2))


def compare_conditions(
    outcomes: pd.DataFrame,
    metric: str,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Paired differences between conditions under one answer metric.

    Each dataset is one family: the p-values of all its rows are Holm-adjusted together. A pair leaves out the
    items that only one of its conditions has, and counts them in the note.

    Args:
        by: further columns to split on, for instance ``category``.

    Returns:
        A row per dataset x model x seed x `by` x pair: first, second, estimate, low, high (first minus
        second, fractions), n, only_first, only_second, p, p_holm, method, note. low_90, high_90,
        p_equivalence and smallest_margin are of the equivalence test at `MARGIN`. detectable is the smallest
        difference that the test detects with 80% power, at this n and share of discordant pairs; if no
        difference reaches that power, it is None and the note says so.

    Raises:
        InputError: the outcomes lack the metric.
    """
    rows = []
    keys = ["model", "seed", *by]
    for dataset, family in _answered(outcomes, metric).groupby("dataset", sort=False):
        for names, run in family.groupby(keys, dropna=False, sort=False):
            answers = _by_condition(run, metric)
            for first, second in pairs:
                if first in answers and second in answers:
                    row = {"dataset": dataset, **dict(zip(keys, names, strict=True))}
                    row |= {"first": first, "second": second}
                    rows.append({**row, **compared(answers[first], answers[second])})
    return adjusted(pd.DataFrame(rows), "dataset")


def _answered(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    answer = f"answer_{metric}"
    if answer not in outcomes:
        raise InputError(f"unknown metric '{metric}'")
    return outcomes[outcomes[answer].notna()]


def _by_condition(run: pd.DataFrame, metric: str) -> dict[str, pd.Series]:
    return {name: part.set_index("item")[f"answer_{metric}"] for name, part in run.groupby("condition")}


def compared(first: pd.Series, second: pd.Series) -> dict:
    """`paired_difference` with its test of equivalence at `MARGIN`, as columns of `compare_conditions`.

    Args:
        first, second: booleans indexed by item, each item at most once.
    """
    row = paired_difference(first, second)
    same = equivalence(first, second, MARGIN)
    n = row["n"]
    discordant = row["only_first"] + row["only_second"]
    detectable = minimum_detectable(discordant / n, n) if n else None
    small = discordant and detectable is None
    return row | {
        "note": noted(row["note"], UNDETECTABLE if small else ""),
        "low_90": same["low"],
        "high_90": same["high"],
        "p_equivalence": same["p"],
        "smallest_margin": same["smallest_margin"],
        "detectable": detectable,
    }


def under_each(
    compare: Callable[..., pd.DataFrame], outcomes: pd.DataFrame, metrics: Iterable[str], **options
) -> pd.DataFrame:
    """The table of `compare` under each metric, concatenated, with a column metric."""
    tables = [compare(outcomes, metric, **options).assign(metric=metric) for metric in metrics]
    return pd.concat(tables, ignore_index=True)


def significant(compared: pd.DataFrame) -> pd.Series:
    """Which rows of `compare_conditions` are significant at 5% after Holm's adjustment."""
    return compared["p_holm"].astype(float) < ALPHA


def at_the_edge(compared: pd.DataFrame) -> pd.DataFrame:
    """The rows of `compare_conditions` whose interval and exact test disagree at 5%, unadjusted."""
    is_apart = (compared["low"] > 0) | (compared["high"] < 0)
    return compared[is_apart != (compared["p"] < ALPHA)]


def as_if_independent(outcomes: pd.DataFrame, compared: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Each comparison without the pairing, as if the two conditions had answered different items.

    This is what one could compute from the totals alone.

    Args:
        outcomes: of one dataset, with one run per model and condition.
        compared: rows of `compare_conditions` for this dataset and metric.

    Returns:
        A row per comparison: model, first, second, the keys of `tracelib.stats.proportions.difference`
        (Newcombe), and ratio (the width of this interval divided by that of the paired interval).
    """
    right = outcomes.groupby(["model", "condition"])[f"answer_{metric}"].sum()
    rows = []
    for row in compared.to_dict("records"):
        one, other = (int(right[row["model"], row[name]]) for name in ("first", "second"))
        apart = difference(one, row["n"], other, row["n"])
        width = (apart["high"] - apart["low"]) / (row["high"] - row["low"])
        rows.append({name: row[name] for name in ("model", "first", "second")} | apart | {"ratio": width})
    return pd.DataFrame(rows)


def cochran(outcomes: pd.DataFrame, metric: str, conditions: Sequence[str] = CONDITIONS) -> pd.DataFrame:
    """Cochran's Q per dataset, model and seed: the test that all conditions have the same accuracy.

    A row needs at least two of the conditions. p_holm is adjusted over the rows of a dataset.
    """
    rows = []
    for names, run in _answered(outcomes, metric).groupby(
        ["dataset", "model", "seed"], dropna=False, sort=False
    ):
        answers = _by_condition(run[run["condition"].isin(conditions)], metric)
        if len(answers) > 1:
            wide = pd.concat(answers, axis=1)
            row = dict(zip(("dataset", "model", "seed"), names, strict=True))
            rows.append({**row, "conditions": ", ".join(wide.columns), **cochrans_q(wide)})
    return adjusted(pd.DataFrame(rows), "dataset")


def over_models(
    outcomes: pd.DataFrame, metric: str, pairs: Sequence[tuple[str, str]] = PAIRS
) -> pd.DataFrame:
    """Each paired difference averaged over models, with a bootstrap interval over problems.

    All models answered the same problems, so their differences are dependent. A resample therefore draws
    problems, with the answers of all models.

    Returns:
        A row per dataset x pair: first, second, estimate, low, high, n (answers under each condition),
        clusters (problems), models, method, note.
    """
    rows = []
    for dataset, family in _answered(outcomes, metric).groupby("dataset", sort=False):
        cluster = "problem" if "problem" in family else "item"
        index = ["model", "seed", "item", cluster] if cluster == "problem" else ["model", "seed", "item"]
        seedless = family.assign(seed=family["seed"].astype(object).where(family["seed"].notna(), "none"))
        wide = seedless.set_index([*index, "condition"])[f"answer_{metric}"].unstack("condition")
        for first, second in pairs:
            if first in wide and second in wide:
                both = wide[[first, second]].dropna().astype(int).reset_index()
                gap = both[first] - both[second]
                found = bootstrap.ratio(gap, np.ones(len(gap)), both[cluster])
                names = {"dataset": dataset, "first": first, "second": second}
                rows.append({**names, "models": both["model"].nunique(), **found})
    return pd.DataFrame(rows)
