"""How each repair of CoTempQA's official metric changes the scores of the released outputs.

There are four repairs (`tracelib.scoring.metrics.REPAIRS`). Each subset of them is a metric of its own, from
the official metric (no repair) to the corrected one (all repairs).
"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from tracelib.analysis.comparison import PAIRS
from tracelib.core.paths import PAPER
from tracelib.datasets.shipped import ShippedTable
from tracelib.scoring.metrics import REPAIRS, repaired
from tracelib.scoring.outcomes import KEYS
from tracelib.scoring.outputs import Output
from tracelib.stats import bootstrap
from tracelib.stats.estimate import noted
from tracelib.stats.paired import paired_difference
from tracelib.stats.proportions import wilson
from tracelib.traces.format import parse

SUBSETS = tuple(frozenset(names) for size in range(len(REPAIRS) + 1) for names in combinations(REPAIRS, size))


def name(repairs: frozenset[str]) -> str:
    """The name of a subset of repairs: ``official``, ``corrected``, or the repairs joined by a plus."""
    if not repairs:
        return "official"
    return "corrected" if repairs == set(REPAIRS) else " + ".join(part for part in REPAIRS if part in repairs)


VARIANTS = tuple(map(name, SUBSETS))
COLUMNS = {
    **dict.fromkeys(KEYS, "str"),
    "seed": "Int64",
    **dict.fromkeys([*VARIANTS, "tagged"], "bool"),
}
SHIPPED = ShippedTable(PAPER / "release_repairs.parquet", types=COLUMNS)  # `evidence` derives it


def compute(outputs: Iterable[Output]) -> pd.DataFrame:
    """Verdicts on the answer of each CoTempQA output under each of `VARIANTS`.

    Returns:
        A row per output: `KEYS`, a boolean for each variant, and ``tagged``: whether the answer is in
        ``<answer>`` tags. Without tags the official metric searches other text.
    """
    asked = (output for output in outputs if output.problem.dataset == "cotempqa" and output.problem.kind)
    return pd.DataFrame([_judged(output) for output in asked], columns=list(COLUMNS)).astype(COLUMNS)


def _judged(output: Output) -> dict:
    problem, trace = output.problem, parse(output.prediction)
    run = (problem.dataset, output.model, output.condition, output.seed)
    verdicts = {name(repairs): repaired(problem, trace, repairs).exact for repairs in SUBSETS}
    row = dict(zip(KEYS, (*run, problem.category, problem.id, problem.content), strict=True))
    return row | verdicts | {"tagged": trace.tagged}


def touched(table: pd.DataFrame) -> pd.DataFrame:
    """How many verdicts each single repair, and all repairs together, change in each run.

    Returns:
        A row per model x condition x repair: n, official (right answers), right to wrong, wrong to right,
        right (after the repair), and estimate, low, high (share of items whose verdict changes, Wilson).
    """
    rows = []
    for (model, condition), run in table.groupby(["model", "condition"], sort=False):
        for repair in (*REPAIRS, "corrected"):
            lost = int((run["official"] & ~run[repair]).sum())
            gained = int((~run["official"] & run[repair]).sum())
            rows.append(
                {
                    "model": model,
                    "condition": condition,
                    "repair": "all of them" if repair == "corrected" else repair,
                    "official": int(run["official"].sum()),
                    "right to wrong": lost,
                    "wrong to right": gained,
                    "right": int(run[repair].sum()),
                    **wilson(lost + gained, len(run)),
                }
            )
    return pd.DataFrame(rows)


def against_official(table: pd.DataFrame) -> pd.DataFrame:
    """The accuracy under the corrected metric minus that under the official one, paired by output.

    Returns:
        A row per run: model, condition, and the keys of `tracelib.stats.paired.paired_difference`.
    """
    rows = []
    for (model, condition), run in table.groupby(["model", "condition"], sort=False):
        items = run.set_index("item")
        found = paired_difference(items["corrected"], items["official"])
        rows.append({"model": model, "condition": condition, **found})
    return pd.DataFrame(rows)


def contrasts(table: pd.DataFrame, models: Iterable[str]) -> pd.DataFrame:
    """`contrast` of each of `PAIRS` for each model: model, first, second, and its keys."""
    rows = [
        {"model": model, "first": first, "second": second, **contrast(table, model, first, second)}
        for model in models
        for first, second in PAIRS
    ]
    return pd.DataFrame(rows)


def contrast(table: pd.DataFrame, model: str, first: str, second: str, variant: str = "corrected") -> dict:
    """How a variant of the metric changes the paired difference of two conditions.

    Returns:
        official and variant (the difference of the conditions under each metric), estimate, low, high
        (variant minus official, bootstrap over problems), n, clusters, method, note. Items that only one
        condition has are left out and counted in the note.
    """
    by_condition = dict(iter(table[table["model"] == model].groupby("condition")))
    one, other = (by_condition.get(name, table.iloc[:0]).set_index("item") for name in (first, second))
    common = one.index.intersection(other.index)
    alone = len(one) + len(other) - 2 * len(common)
    one, other = one.loc[common], other.loc[common]
    gaps = {
        name: one[name].astype(int).to_numpy() - other[name].astype(int).to_numpy()
        for name in ("official", variant)
    }
    moved = gaps[variant] - gaps["official"]
    row = bootstrap.ratio(moved, np.ones(len(moved)), one["problem"])
    shares = {"official": gaps["official"], "variant": gaps[variant]}
    shares = {name: gap.mean() if len(gap) else None for name, gap in shares.items()}
    notes = row["note"], f"{alone} items that only one of the two has, left out" if alone else ""
    return {**shares, **row, "note": noted(*notes)}


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The conditions of each model, ranked by right answers under each variant.

    Returns:
        model, variant, order (best first, equal counts joined by an equals sign), ``as official`` (whether
        the official metric gives the same order).
    """
    tuned = table[table["condition"] != "prompted"]
    counts = tuned.groupby(["model", "condition"])[list(VARIANTS)].sum()
    rows = []
    for model, part in counts.groupby(level="model", sort=False):
        orders = {variant: _order(part.droplevel("model")[variant]) for variant in VARIANTS}
        rows += [
            {"model": model, "variant": variant, "order": order, "as official": order == orders["official"]}
            for variant, order in orders.items()
        ]
    return pd.DataFrame(rows, columns=["model", "variant", "order", "as official"])


def _order(right: pd.Series) -> str:
    groups = right.groupby(right).groups  # ascending by count
    return " > ".join(" = ".join(sorted(groups[count])) for count in sorted(groups, reverse=True))
