"""Compare kinds of traces by `tracelib.paper.natural_structure`: measures, and what short versions keep.

The rule-made, simulated and R1's texts are about the same problems and are compared in pairs. A prompted
model's outputs are about other problems.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tracelib.paper import r1_totals
from tracelib.paper.natural_structure import RIGHT, WRONG_ANSWER, indices
from tracelib.scoring.natural.measures import PER_WORD
from tracelib.stats.bootstrap import cluster_sums, divided, interval, ratio
from tracelib.stats.estimate import Estimate, prefixed
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import paired_difference
from tracelib.stats.paired_means import mean_difference
from tracelib.stats.proportions import clustered_wilson, wilson

MEASURES = {  # measure -> what it counts in a text
    "words": "words",
    "sentences": "sentences, or lines where they are shorter",
    "citations": "times that a sentence states a fact with its time",
    "distinct": "different facts stated",
    "looked": "different facts stated, as a share of the context",
    "order": "Kendall's tau of the order in which facts are first stated with their order in the context",
    "claims": "sentences that compare the time of a fact with that of the question's event",
    "backtracking": "sentences that turn back on an earlier step",
    "hedging": "sentences that say that something is not certain",
    "repeated": "sentences that only repeat, as a share of all",
    "diversity": "expected share of different words among 30 drawn words",
    "readability": "automated readability index: higher is harder",
}
PAIRS = (
    ("r1", "correct"),
    ("r1", "incorrect"),
    ("r1", "simulated-r1"),
    ("r1-summary", "simulated-summary"),
    ("r1-explanation", "simulated-explanation"),
    ("r1", "r1-summary"),
    ("r1", "r1-explanation"),
)
TRAINED = {  # condition of the R1 family -> kind of its traces
    "r1-traces": "r1",
    "summarized-r1-traces": "r1-summary",
    "r1-explanations": "r1-explanation",
    "r1-set-custom-traces": "correct",
}
SHORT = ("r1-summary", "r1-explanation")
LEAST_FACTS = 2  # that an output states, and compares, if it counts as a trace
EXACT = ("equal", "during", "overlap", "mix")


def described(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the derived measures: distinct, looked, repeated."""
    distinct = table["cited"].map(lambda cell: len(indices(cell)))
    return table.assign(
        distinct=distinct,
        looked=distinct / table["facts"],
        repeated=divided(table["repetition"].to_numpy(float), table["sentences"].to_numpy(float)),
    )


def reasoning(table: pd.DataFrame) -> pd.DataFrame:
    """The described table without those prompted outputs that are no trace.

    A prompted output counts as a trace if it states two facts or more and compares their times. Most of them
    only repeat an answer.
    """
    prompted = table["kind"].isin([RIGHT, WRONG_ANSWER])
    return table[~prompted | ((table["distinct"] >= LEAST_FACTS) & (table["claims"] > 0))]


def means(table: pd.DataFrame) -> pd.DataFrame:
    """The mean of every measure in every kind, with its bootstrap interval over problems.

    Args:
        table: from `reasoning`.

    Returns:
        A row per kind and measure: kind, measure, estimate, low, high, n (texts that have the measure),
        clusters, method, note.
    """
    rows = []
    for kind, part in table.groupby("kind", sort=False):
        values = part[list(MEASURES)].to_numpy(float)
        known = np.isfinite(values)
        both = np.hstack([np.where(known, values, 0), known])
        sums = cluster_sums(both, part["problem"])
        for place, measure in enumerate(MEASURES):
            top, bottom = both[:, place], both[:, len(MEASURES) + place]
            n = int(bottom.sum())
            mean = divided(top.sum(keepdims=True), bottom.sum(keepdims=True))[0]
            resampled = divided(sums[:, place], sums[:, len(MEASURES) + place])
            rows.append({"kind": kind, "measure": measure} | interval(mean, resampled, n, n))
    return pd.DataFrame(rows)


def contrasts(table: pd.DataFrame) -> pd.DataFrame:
    """Mean paired differences of every measure for each of `PAIRS`, Holm over all rows.

    Returns:
        A row per pair and measure: first, second, measure, and the columns of `mean_difference` and p_holm.
    """
    by_kind = {kind: part.set_index("problem") for kind, part in table.groupby("kind", sort=False)}
    rows = [
        {"first": first, "second": second, "measure": measure}
        | mean_difference(by_kind[first][measure], by_kind[second][measure])
        for first, second in PAIRS
        for measure in MEASURES
    ]
    return adjusted(pd.DataFrame(rows))


def by_sentences(table: pd.DataFrame, first: str, second: str) -> Estimate:
    """The part of a paired difference in the readability index that comes from the length of sentences."""
    parts = [
        PER_WORD * part["words"] / part["sentences"]
        for part in (table[table["kind"] == kind].set_index("problem") for kind in (first, second))
    ]
    return mean_difference(*parts)


def versions(table: pd.DataFrame) -> pd.DataFrame:
    """What each short version of R1's traces has of its trace.

    Returns:
        A row per short text: kind, problem; numbers of facts: traced (that its trace states), kept (of
        these), stated (by the short text), gold (gold facts that the trace states), gold_kept; verdicts:
        all_gold_kept, same_answers, same_relation (the same word), other_relation (both are exact, and they
        differ).
    """
    traces = table[table["kind"] == "r1"].set_index("problem")
    short = table[table["kind"].isin(SHORT)]
    return pd.DataFrame([_version(row, traces.loc[row.problem]) for row in short.itertuples()])


def _version(short: object, trace: pd.Series) -> dict:
    traced, stated = set(indices(trace["cited"])), set(indices(short.cited))
    gold = traced & set(indices(trace["supporting"]))
    exact = short.relation in EXACT and trace["relation"] in EXACT
    same = short.relation == trace["relation"]
    return {
        "kind": short.kind,
        "problem": short.problem,
        "traced": len(traced),
        "kept": len(traced & stated),
        "stated": len(stated),
        "gold": len(gold),
        "gold_kept": len(gold & stated),
        "all_gold_kept": gold <= stated,
        "same_answers": set(indices(short.answers)) == set(indices(trace["answers"])),
        "same_relation": same,
        "other_relation": exact and not same,
    }


KEPT = {  # quantity -> what it is a share of
    "facts kept": "facts that the trace states",
    "gold facts kept": "gold facts that the trace states",
    "facts added": "facts that the short text states, and its trace does not",
    "all gold facts kept": "texts",
    "same answers": "texts",
    "same relation": "texts",
    "other relation": "texts",
}
VERDICTS = {  # column of `versions` -> its name in `KEPT`
    "all_gold_kept": "all gold facts kept",
    "same_answers": "same answers",
    "same_relation": "same relation",
    "other_relation": "other relation",
}


def kept(found: pd.DataFrame) -> pd.DataFrame:
    """How much of a trace its summary and R1's explanation keep.

    Shares of facts are over all facts of all texts, with intervals over problems; shares of texts have
    Wilson's interval.

    Args:
        found: from `versions`.

    Returns:
        A row per kind and quantity of `KEPT`: kind, quantity, estimate, low, high, n (texts), method, note.
    """
    rows = []
    for kind, part in found.groupby("kind", sort=False):
        rows += [{"kind": kind, "quantity": name} | row for name, row in _kept(part)]
    return pd.DataFrame(rows)


def _kept(part: pd.DataFrame) -> Iterator[tuple[str, Estimate]]:
    yield "facts kept", ratio(part["kept"], part["traced"], part["problem"])
    yield "gold facts kept", clustered_wilson(part["gold_kept"], part["gold"])
    stating = part[part["stated"] > 0]
    yield "facts added", clustered_wilson(stating["stated"] - stating["kept"], stating["stated"])
    for verdict, name in VERDICTS.items():
        yield name, wilson(int(part[verdict].sum()), len(part))


def kept_compared(found: pd.DataFrame) -> pd.DataFrame:
    """Summaries minus explanations on the problems that have both, Holm over the rows.

    The share of facts kept is a mean over problems (`mean_difference`); verdicts are compared by
    `paired_difference`.

    Returns:
        A row per quantity: quantity, estimate, low, high, n, p, p_holm, method, note.
    """
    shares = found.assign(share=divided(found["kept"].to_numpy(float), found["traced"].to_numpy(float)))
    one, other = (shares[shares["kind"] == kind].set_index("problem") for kind in SHORT)
    both = one.index.intersection(other.index)
    one, other = one.loc[both], other.loc[both]
    rows = [{"quantity": "facts kept"} | mean_difference(one["share"], other["share"])]
    rows += [
        {"quantity": name} | paired_difference(one[verdict], other[verdict])
        for verdict, name in VERDICTS.items()
    ]
    return adjusted(pd.DataFrame(rows))


def trade_off(found: pd.DataFrame, measures: tuple[str, ...] = ("words", "readability")) -> pd.DataFrame:
    """Accuracy after training on a kind of trace, beside measures of that kind.

    Accuracies are the stated totals of the R1 family over all relations (`tracelib.paper.r1_totals`).
    Measures are of the sample's texts, so both come from the same kinds but not from the same texts.

    Args:
        found: from `means`.

    Returns:
        A row per model, kind and measure: model, kind, measure, value, value_low, value_high, and the
        accuracy's estimate, low, high, n (test problems), method, note.
    """
    rated = r1_totals.rates(r1_totals.counts(r1_totals.load()))
    rated = rated[(rated["category"] == "all") & rated["condition"].isin(list(TRAINED))]
    by_kind = found.set_index(["kind", "measure"])
    columns = ["estimate", "low", "high", "n", "method", "note"]
    return pd.DataFrame(
        {"model": row["model"], "kind": TRAINED[row["condition"]], "measure": measure}
        | prefixed("value", by_kind.loc[(TRAINED[row["condition"]], measure)])
        | {name: row[name] for name in columns}
        for row in rated.to_dict("records")
        for measure in measures
    )
