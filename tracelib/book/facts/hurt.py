"""Do incorrect traces hurt? Paired comparisons of conditions by every metric, and bounds on the harm."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import comparison
from tracelib.analysis.comparison import MARGIN, cochran, compare_conditions, over_models, under_each
from tracelib.core.frames import where
from tracelib.paper import clustered, evidence, r1_totals, release, sharing, synthesis
from tracelib.reporting import figures_forest
from tracelib.stats import as_text, regression
from tracelib.stats.paired import ALPHA, equivalence_power

FAMILIES = {"cotempqa": release.METRICS[:3], "babi": ("exact", "official")}  # metrics of a dataset
PRIMARY, OTHER = ("corrected", "exact"), ("official", "strict")
WITH_MODEL = ("official", "corrected")  # metrics under which regressions and relations are shown
SMALL = 0.02  # a stricter margin that a reader might prefer
CLUSTERED = (("correct", "incorrect"), ("vanilla", "correct"))
NOTHING = "none"


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows; comparisons are `analysis.comparison.compare_conditions`.

    Attributes:
        numbers: the values that the prose cites, by name.
        harm: correct minus incorrect, without the strict metric; with columns row and pair for figures.
        not_inferior: non-inferiority tests of the released cells (`synthesis.non_inferiority`).
        against_vanilla: vanilla minus traces, primary metrics; with columns row and pair.
        clustered: CoTempQA's comparisons with resampled subjects (`paper.clustered.beside`).
        primary, other: all comparisons, under the primary metrics and under the others.
        averaged: comparisons averaged over models (`comparison.over_models`).
        within_relations: CoTempQA's comparisons within relations, corrected metric.
        tested: whether conditions differ at all (`comparison.cochran`).
        fitted, checked: CoTempQA's answers by metric, in `regression.gee` and in `regression.mixed`.
        paired, apart: CoTempQA's comparisons under the corrected metric, paired and as if independent.
    """

    numbers: dict[str, object]
    harm: pd.DataFrame
    not_inferior: pd.DataFrame
    against_vanilla: pd.DataFrame
    clustered: pd.DataFrame
    primary: pd.DataFrame
    other: pd.DataFrame
    averaged: pd.DataFrame
    within_relations: pd.DataFrame
    tested: pd.DataFrame
    fitted: dict[str, pd.DataFrame]
    checked: dict[str, pd.DataFrame]
    paired: pd.DataFrame
    apart: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's outcomes and the other evidence in the package."""
    outcomes = evidence.read_outcomes(work / "data")
    compared = _compared(outcomes)
    cotempqa = where(compared, dataset="cotempqa")
    harm = where(compared, first="correct", second="incorrect")
    against_vanilla = where(compared, first="vanilla", metric=PRIMARY)
    answered = where(outcomes, dataset="cotempqa")
    tuned = answered[answered["condition"] != "prompted"]
    parts = under_each(compare_conditions, answered, WITH_MODEL, by=["category"])
    fitted, checked = _fits(tuned, regression.gee), _fits(tuned, regression.mixed)
    everything = synthesis.rows(synthesis.load(outcomes), "correct", "incorrect")
    cells = synthesis.non_inferiority(everything)
    not_inferior = where(cells, source=synthesis.RELEASED)
    shared = clustered.beside(outcomes, sharing.load(), "corrected", CLUSTERED)
    paired = where(cotempqa, metric="corrected")
    apart = comparison.as_if_independent(tuned, paired, "corrected")
    drawn = harm[harm["metric"] != "strict"]
    numbers = {
        "rests-on": release.rests_on(outcomes),
        **_families(compared),
        **_of_marco(where(compared, dataset="marco")),
        **_harm(harm),
        **_margins(not_inferior, len(cells)),
        "pooled": as_text.percent(synthesis.combined(everything)["all"]),
        "alt-harm": figures_forest.listed(drawn),
        "alt-traces": figures_forest.listed(against_vanilla),
        **_power(cotempqa),
        **_edge(compared),
        **_subjects(shared),
        **_seeds(),
        "parts": len(parts),
        "parts-found": int(comparison.significant(parts).sum()),
        **_interactions(fitted),
        "ratios": f"{apart['ratio'].min():.2f} to {apart['ratio'].max():.2f}",
    }
    return Facts(
        numbers=numbers,
        harm=drawn,
        not_inferior=not_inferior,
        against_vanilla=against_vanilla,
        clustered=shared.assign(metric="corrected"),
        primary=where(compared, metric=PRIMARY),
        other=where(compared, metric=OTHER),
        averaged=under_each(over_models, outcomes, release.METRICS),
        within_relations=where(parts, metric="corrected"),
        tested=under_each(cochran, outcomes, release.METRICS),
        fitted=fitted,
        checked=checked,
        paired=paired,
        apart=apart,
    )


def _compared(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every comparison under every metric, with labels for figures."""
    compared = under_each(compare_conditions, outcomes, release.METRICS)
    return compared.assign(
        pair=compared["first"] + " − " + compared["second"],
        row=compared["model"] + ", " + compared["dataset"].map(synthesis.DATASETS),
    )


def _fits(tuned: pd.DataFrame, fit: Callable[[pd.DataFrame], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """A regression of CoTempQA's answers under each of two metrics."""
    return {metric: fit(tuned.assign(right=tuned[f"answer_{metric}"].astype(bool))) for metric in WITH_MODEL}


def _count(flags: pd.Series) -> str:
    return as_text.count_of(flags.sum(), len(flags))


def _listed(rows: pd.DataFrame) -> str:
    """The comparisons' names: model and pair."""
    return "; ".join(f"{row.model}, {row.first} − {row.second}" for row in rows.itertuples()) or NOTHING


def _stated(rows: pd.DataFrame) -> str:
    """The models' names with their differences."""
    return "; ".join(f"{row['model']} {as_text.percent(row)}" for row in rows.to_dict("records"))


def _families(compared: pd.DataFrame) -> dict[str, str]:
    """Per family: the significant comparisons, and how many are equivalent within the margin."""
    numbers = {}
    for name, metrics in FAMILIES.items():
        for metric in metrics:
            family = where(compared, dataset=name, metric=metric)
            differ = comparison.significant(family)
            numbers[f"survive-{name}-{metric}"] = _listed(family[differ])
            numbers[f"n-survive-{name}-{metric}"] = _count(differ)
            numbers[f"n-equivalent-{name}-{metric}"] = _count(family["p_equivalence"] < ALPHA)
    return numbers


def _of_marco(family: pd.DataFrame) -> dict[str, str]:
    """The significant comparisons on MARCO, whose outputs may be absent."""
    differ = comparison.significant(family)
    return {
        "n-survive-marco": _count(differ),
        "survive-marco": _listed(family[differ]) if len(family) else "no outputs here",
    }


def _harm(harm: pd.DataFrame) -> dict[str, object]:
    """Correct minus incorrect, and the models whose sign differs between official and corrected metric."""
    babi, timed = where(harm, dataset="babi", metric="exact"), where(harm, dataset="cotempqa")
    by_metric = timed.pivot(index="model", columns="metric", values="estimate")
    signs = by_metric[["official", "corrected"]].dropna()
    turned = signs[(signs["official"] > 0) != (signs["corrected"] > 0)]
    return {
        "babi": _stated(babi),
        "babi-p": " and ".join(map(as_text.p_value, babi["p_holm"])),
        "cotempqa": _stated(where(harm, metric="corrected")),
        "turned": len(turned),
        "turned-of": len(signs),
        "turned-models": ", ".join(turned.index),
    }


def _margins(not_inferior: pd.DataFrame, cells: int) -> dict[str, object]:
    """The number and names of released cells for which a loss of each margin is ruled out."""
    numbers: dict[str, object] = {"shown-of": len(not_inferior), "cells": cells}
    for margin in ("5", "3"):
        shown = not_inferior[not_inferior[f"p_holm_{margin}"] < ALPHA]
        names = map(figures_forest.label, shown.to_dict("records"))
        numbers |= {f"shown-{margin}": len(shown), f"shown-names-{margin}": "; ".join(names) or NOTHING}
    return numbers


def _power(cotempqa: pd.DataFrame) -> dict[str, str]:
    """The power of the equivalence tests, and the smallest detectable differences."""
    shares = (cotempqa["only_first"] + cotempqa["only_second"]) / cotempqa["n"]
    n = int(cotempqa["n"].iloc[0])
    numbers = {
        "margin": f"{100 * MARGIN:.0f}",
        "small": f"{100 * SMALL:.0f}",
        "detectable-low": f"{100 * cotempqa['detectable'].min():.1f}",
        "detectable-high": f"{100 * cotempqa['detectable'].max():.1f}",
    }
    for name, margin in (("small", SMALL), ("margin", MARGIN)):
        least, most = (equivalence_power(margin, share, n) for share in (shares.max(), shares.min()))
        numbers[f"power-{name}"] = f"{100 * least:.0f}% to {100 * most:.0f}%"
    return numbers


def _edge(compared: pd.DataFrame) -> dict[str, object]:
    """Comparisons whose interval and test disagree."""
    edge = comparison.at_the_edge(compared)
    words = [
        f"{row['model']}, {row['pair']} ({row['metric']}): {as_text.percent(row)}, "
        f"p = {as_text.p_value(row['p'])}"
        for row in edge.to_dict("records")
    ]
    return {"n-compared": len(compared), "n-edge": len(edge), "edge": "; ".join(words) or NOTHING}


def _subjects(shared: pd.DataFrame) -> dict[str, object]:
    """How the intervals change if subjects are resampled instead of problems."""
    lost = shared[shared["told_interval"] & ~shared["told_subjects"]]
    return {
        "subjects": int(shared["subjects"].iloc[0]),
        "widths": f"{shared['widths'].min():.2f} to {shared['widths'].max():.2f}",
        "lost": _listed(lost),
    }


def _seeds() -> dict[str, str]:
    """Correct minus incorrect over the released run and three more seeds, from stated totals."""
    runs = r1_totals.seeds(r1_totals.load(), release.load_accuracies())
    differences = r1_totals.seed_differences(runs)
    further = where(differences, category="all", first="correct", second="incorrect")
    numbers = {}
    for key, row in zip(("l1", "q"), further.to_dict("records"), strict=True):
        numbers |= {
            f"seeds-model-{key}": row["model"],
            f"seeds-{key}": as_text.percent(row),
            f"seeds-ahead-{key}": as_text.count_of(row["ahead"], row["n"]),
            f"seeds-p-{key}": as_text.p_value(row["p_holm"]),
        }
    return numbers


def _interactions(fitted: dict[str, pd.DataFrame]) -> dict[str, str]:
    """P-values of the regressions for whether conditions differ alike in all models and relations."""
    numbers = {}
    for metric, contrasts in fitted.items():
        p = contrasts.set_index("model")["p"]
        numbers[f"interaction-{metric}"] = as_text.p_value(p["interaction"])
        numbers[f"relations-{metric}"] = as_text.p_value(p["interaction with category"])
    return numbers
