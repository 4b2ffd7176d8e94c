"""The summary at the top of a report: sentences, and a figure of the rates."""

import pandas as pd

from tracelib.analysis.comparison import POINTS
from tracelib.reporting import figure_rates
from tracelib.reporting.document import Section
from tracelib.reporting.writing import several, shown
from tracelib.stats import as_text
from tracelib.stats.paired import ALPHA


def section(whole: pd.DataFrame, compared: dict[str, pd.DataFrame]) -> Section:
    """A paragraph for each dataset.

    Args:
        whole: the counts of each run over all categories.
        compared: by dataset, its pairs of conditions.
    """
    prose = []
    for dataset, runs in whole.groupby("dataset", sort=False):
        prose.append(f"{shown(dataset)}: {' '.join(_headline(runs, compared[dataset]))}")
    return Section("In short", prose, figures=[figure_rates.draw(whole)])


def _headline(runs: pd.DataFrame, compared: pd.DataFrame) -> list[str]:
    """Sentences that sum up the runs of a dataset."""
    metric, are_several = runs["metric"].iloc[0], len(runs) > 1
    rates = figure_rates.rates(runs)
    subject = f"In {len(runs):,} runs" if are_several else f"Of {several(int(runs['n'].iloc[0]), 'output')}"
    sentences = [f"{subject} the answer is right in {_range(rates, 'answer')} percent (metric {metric})."]
    traced = rates[rates["rate"] == figure_rates.RATES["joint"]]
    if len(traced):
        where = f" in {several(len(traced), 'run')} with traces" if are_several else ""
        sentences.append(
            f"Trace and answer are both right{where} in {_range(rates, 'joint')} percent of all outputs; the "
            f"answer is right in {_range(rates, 'given_right')} percent of those with a right trace and in "
            f"{_range(rates, 'given_wrong')} percent of those with a wrong one."
        )
    if len(compared):
        differ = int((compared["p_holm"].astype(float) < ALPHA).sum())
        same = int((compared["p_equivalence"].astype(float) < ALPHA).sum())
        sentences.append(
            f"Of {several(len(compared), 'pair')} of conditions {differ:,} {_verb(differ)} in accuracy (5%, "
            f"Holm); {same:,} {'is' if same == 1 else 'are'} equivalent within {POINTS}."
        )
    return sentences


def _verb(count: int) -> str:
    return "differs" if count == 1 else "differ"


def _range(rates: pd.DataFrame, rate: str) -> str:
    """The rate of a single run with its interval, or the lowest and the highest rate of several runs."""
    known = rates[(rates["rate"] == figure_rates.RATES[rate]) & rates["estimate"].notna()]
    if known.empty:
        return "–"
    ordered = known.sort_values("estimate", kind="stable").to_dict("records")
    ends = [as_text.percent(row) for row in (ordered[0], ordered[-1])]
    return ends[0] if len(ordered) == 1 else f"{ends[0]} to {ends[1]}"
