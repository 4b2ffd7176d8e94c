"""The section on trace and answer together: the 2x2 table, joint and conditional rates, odds ratios."""

from collections.abc import Iterable

import pandas as pd

from tracelib.analysis import trace_answer
from tracelib.reporting import tables
from tracelib.reporting.document import Section, Table, first_rows
from tracelib.reporting.sections.runs import clustered
from tracelib.reporting.tables import seeds_as_text
from tracelib.reporting.writing import several
from tracelib.scoring import run_names
from tracelib.scoring.outcomes import RUN, counts, metrics_in, pooled
from tracelib.stats import as_text

# Columns of `tables.rates_table`, split into two tables that fit a page. The joint rate has a third table.
CONDITIONAL = ("P(A | T right)", "P(A | T wrong)", "P(T | A right)")
CONTRASTS = ("difference", "ratio", "odds ratio", "phi", "chi-square (p)")


def section(outcomes: pd.DataFrame) -> Section:
    """Tables for each metric, for the runs that have traces."""
    prose = [
        "T: the whole trace is right, both steps. A: the answer is right. T+A- is the number of outputs "
        "whose trace is right and whose answer is wrong, and so on. A trace that could not be parsed "
        "counts as wrong.",
        "The joint rate P(T and A) is a share of all outputs. The conditional rates are shares of a part of "
        "them: P(A | T right) of the outputs with a right trace, P(A | T wrong) of the outputs with a wrong "
        "trace, P(T | A right) of the outputs with a right answer. If right traces or right answers are "
        "rare, the joint rate is small, however closely trace and answer agree. Only the conditional rates "
        "show how closely they agree. Difference and ratio compare P(A | T right) with P(A | T wrong).",
    ]
    judged = outcomes[outcomes["parsed"].notna()]
    if unjudged := len(outcomes) - len(judged):
        prose.append(
            f"{several(unjudged, 'output')} left out: traces were not judged, because the problems lack "
            "facts, supporting facts or category."
        )
    has_traces = judged.groupby(RUN, dropna=False)["parsed"].transform("any").astype(bool)
    without = judged[~has_traces].groupby(RUN, dropna=False).ngroups
    if without:
        prose.append(
            f"{several(without, 'run')} left out: none of the traces could be parsed, so there is nothing to "
            "condition on."
        )
    traced = judged[has_traces]
    found = []
    for metric in metrics_in(traced):
        found += _association_tables(traced, seeds_as_text(counts(traced, metric)), metric)
    return Section("Trace and answer together", prose, found)


def _association_tables(traced: pd.DataFrame, table: pd.DataFrame, metric: str) -> list[Table]:
    whole = pooled(table)
    cells = tables.association_table(whole)
    cells = cells[[name for name in cells if name not in (*CONDITIONAL, "difference")]]
    contrasts = _contrasts(whole)
    rates = contrasts.drop(columns=[*CONTRASTS, "note"])
    differences = contrasts.drop(columns=list(CONDITIONAL))
    return [
        first_rows(f"Metric {metric}: cells, and the joint rate (percent of all outputs)", cells),
        first_rows(f"Metric {metric}: conditional rates (percent)", rates),
        first_rows(f"Metric {metric}: answers after right and after wrong traces compared", differences),
        first_rows(f"Metric {metric}: one odds ratio over the categories", _over_categories(table)),
        first_rows(
            f"Metric {metric}, where problems repeat: joint and conditional rates, bootstrap over problems",
            _clustered_rates(clustered(traced, metric)),
        ),
    ]


def _contrasts(whole: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for _, part in trace_answer.rates(whole).groupby(RUN, dropna=False, sort=False):
        (shown,) = tables.rates_table(part).to_dict("records")
        label = run_names.label(part.iloc[0])
        rates = {name: shown[name] for name in (*CONDITIONAL, *CONTRASTS)}
        rows.append({**label, **rates, "note": _notes(part["quantity"], part["note"])})
    return pd.DataFrame(rows)


def _notes(quantities: Iterable[str], notes: Iterable[str]) -> str:
    """Each different note once, after the quantities that it is about."""
    about: dict[str, list[str]] = {}
    for quantity, note in zip(quantities, notes, strict=True):
        if note:
            about.setdefault(note, []).append(quantity.replace("_", " "))
    return "; ".join(f"{', '.join(names)}: {note}" for note, names in about.items())


def _over_categories(table: pd.DataFrame) -> pd.DataFrame:
    """The odds ratio pooled over categories, for the runs that have several."""
    strata = table[table["category"] != "all"].groupby(RUN, dropna=False)["category"].transform("size")
    several = table.loc[strata.index[strata > 1]]
    if several.empty:
        return pd.DataFrame()
    shown = []
    for seed, part in trace_answer.by_category(several).groupby("seed", dropna=False, sort=False):
        one_seed = tables.stratified_table(part).drop(columns="metric")
        if not pd.isna(seed):
            one_seed.insert(3, "seed", seed)
        shown.append(one_seed)
    return pd.concat(shown)


def _clustered_rates(cells: pd.DataFrame) -> pd.DataFrame:
    if cells.empty:
        return cells
    names = {
        "joint": "P(T and A)",
        "given_right": "P(A | T right)",
        "given_wrong": "P(A | T wrong)",
        "difference": "difference",
    }
    whole = cells[(cells["category"] == "all") & cells["rate"].isin(list(names))]
    rows = []
    for _, part in whole.groupby(RUN, dropna=False, sort=False):
        found = part.set_index("rate").to_dict("index")
        rates = {shown: as_text.percent(found[rate]) for rate, shown in names.items()}
        sizes = {"n": found["joint"]["n"], "problems": found["joint"]["clusters"]}
        notes = {"note": _notes(part["rate"], part["note"])}
        rows.append({**run_names.label(part.iloc[0]), **sizes, **rates, **notes})
    return pd.DataFrame(rows)
