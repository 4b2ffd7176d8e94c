"""Counts of runs that several sections share: over all categories, and for repeated problems."""

import pandas as pd

from tracelib.analysis import clustered_rates
from tracelib.reporting.tables import seeds_as_text
from tracelib.scoring.metrics import primary
from tracelib.scoring.outcomes import RUN, counts, pooled


def whole(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The counts of every run over all categories, by its dataset's primary metric."""
    found = [counts(part, primary(dataset)) for dataset, part in outcomes.groupby("dataset", sort=False)]
    return seeds_as_text(pooled(pd.concat(found, ignore_index=True)))


def clustered(outcomes: pd.DataFrame, metric: str) -> pd.DataFrame:
    """`clustered_rates.cells` of the runs that answer a problem twice; one run at a time, to bound memory."""
    known = outcomes[outcomes[f"answer_{metric}"].notna()]
    again = known.assign(again=known.duplicated([*RUN, "problem"])).groupby(RUN, dropna=False)["again"]
    repeating = known[again.transform("any")]
    parts = repeating.groupby(RUN, dropna=False, sort=False)
    runs = [clustered_rates.cells(part, metric) for _, part in parts]
    return seeds_as_text(pd.concat(runs)) if runs else pd.DataFrame()
