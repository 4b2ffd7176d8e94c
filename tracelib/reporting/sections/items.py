"""The sections on items: how many all runs or no run get right, and which items flip."""

import pandas as pd

from tracelib.analysis import item_analysis
from tracelib.reporting import flips
from tracelib.reporting.document import Section, Table, first_rows
from tracelib.reporting.flips import Texts
from tracelib.reporting.writing import several
from tracelib.scoring.metrics import primary
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def section(outcomes: pd.DataFrame, datasets: list[str]) -> Section:
    """The number of items with each pattern, among the items that all runs of a dataset and seed have."""
    prose = [
        "The items that every run of the dataset (and seed) has, by the primary metric: how many all runs "
        "get right, how many no run gets right, and how many flip. An item flips if some model gets it right "
        "under one condition and wrong under another."
    ]
    common, patterns, changes = [], [], []
    for dataset in datasets:
        part = outcomes[outcomes["dataset"] == dataset]
        for seed, runs in part.groupby("seed", dropna=False):
            label = {"dataset": dataset} | ({} if pd.isna(seed) else {"seed": str(seed)})
            right, left_out = item_analysis.answers(runs, primary(dataset))
            note = "" if len(right) else "no item that all runs have"
            size = {"runs": right.shape[1], "items": len(right), "left out, not in all": left_out}
            common.append({**label, **size, "note": note})
            patterns += [{**label, **row} for row in _pattern_rows(item_analysis.patterns(right))]
            changes += [{**label, **row} for row in item_analysis.flips(right).to_dict("records")]
    return Section(
        "Items",
        prose,
        [
            Table("Items that all runs have", pd.DataFrame(common)),
            Table(
                "Items by which runs get them right: percent [95% Wilson interval]", pd.DataFrame(patterns)
            ),
            first_rows("Answers that change from the first condition to the second", _change_rows(changes)),
        ],
    )


def _pattern_rows(pattern: pd.Series) -> list[dict]:
    found = pattern.value_counts()
    rows = [(name, int(found.get(name, 0))) for name in item_analysis.PATTERNS]
    return [
        {
            "pattern": name,
            "items": count,
            "of": len(pattern),
            "share": as_text.percent(wilson(count, len(pattern))),
        }
        for name, count in rows
    ]


def _change_rows(changes: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(changes).rename(columns=lambda name: name.replace("_", " "))


def flipping(outcomes: pd.DataFrame, datasets: list[str], texts: Texts | None) -> Section:
    """The items that flip: with their texts, or in a table if there are no texts."""
    found = [flip for dataset in datasets for flip in flips.found(outcomes, primary(dataset))]
    prose = [
        "Items that a model gets right under one condition and wrong under another, by the primary metric. "
        "Both outputs have the same id, content and seed. The items are grouped by model and by change."
    ]
    if texts is None:
        prose.append(f"{several(len(found), 'item')}, named without their texts.")
        return Section("Items that flip", prose, [first_rows("Items that flip", flips.table(found))])
    folded = flips.folded(found, texts)
    prose += flips.said(found, folded)
    return Section("Items that flip", prose, folded=folded)
