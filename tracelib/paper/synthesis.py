"""Combine all evidence on one contrast of training conditions: a row per estimate, and pooled estimates.

With outputs, conditions are compared item by item. With stated totals only, they are compared as if they had
different items. They have the same items, so these intervals are too wide if the answers of two conditions to
one item are positively correlated. Rows differ in metric.

A *cell* is a model on a dataset, trained on one of the release's two training sets. A cell may have several
rows (another metric, further training runs). The combined estimate takes one row per cell. Cells with one
dataset and training set share their test problems; `correlations` says how much that matters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from tracelib.analysis.comparison import compare_conditions
from tracelib.core.errors import InputError
from tracelib.datasets import release_files
from tracelib.paper import r1_totals, release
from tracelib.scoring.metrics import primary
from tracelib.stats import hierarchical, meta, paired, proportions, seeds
from tracelib.stats.estimate import interval_of, noted
from tracelib.stats.holm import adjusted
from tracelib.stats.paired import bonett_price
from tracelib.stats.proportions import difference

DATASETS = {"cotempqa": "CoTempQA", "babi": "bAbI", "marco": "MARCO"}  # dataset -> its written name
MARGINS = (0.05, 0.03)  # of non-inferiority, chosen after the figures were known
CLOSE = 0.03  # a smaller difference may be called none
PRIOR = {"mu_sd": 0.10, "tau_sd": 0.05}
OTHER_PRIORS = ((0.10, 0.02), (0.10, 0.10), (0.05, 0.05), (0.20, 0.05))  # mu_sd, tau_sd
FAMILY = {
    "vanilla": "r1-set-vanilla",
    "correct": "r1-set-custom-traces",
    "incorrect": "r1-set-incorrect-traces",
}
RELEASED, STATED, REPEATED, R1 = (
    "released outputs",
    "stated totals, main runs",
    "repeated runs, stated totals",
    "R1 family, stated totals",
)
SOURCES = (RELEASED, STATED, R1, REPEATED)
MAIN, R1_SET = "main", "R1 set"
TWICE = "every row, cells counted twice"
PAIRED_ALONE = "item by item only"
SETS = {"all": "all", "main": "main runs only"}
CELL = ["model", "dataset", "training"]
OTHER_METRIC = "official"  # a second metric on CoTempQA
UNNAMED = "stated"  # the release's own count of right answers; without outputs the metric is not known


@dataclass(frozen=True)
class Gathered:
    """The sources of the rows.

    Attributes:
        outcomes: outcomes per item (`tracelib.paper.release.load_outcomes`).
        accuracies, matrices: stated by the release (`load_accuracies`, `load_matrices`).
        totals: stated for the R1 family and the further seeds (`tracelib.paper.r1_totals.load`).
    """

    outcomes: pd.DataFrame
    accuracies: pd.DataFrame
    matrices: pd.DataFrame
    totals: pd.DataFrame


def load(outcomes: pd.DataFrame) -> Gathered:
    """These outcomes with the stated figures, from the release or as shipped."""
    return Gathered(outcomes, release.load_accuracies(), release.load_matrices(), r1_totals.load())


def rows(evidence: Gathered, first: str, second: str) -> pd.DataFrame:
    """All estimates of the accuracy under `first` minus the accuracy under `second`.

    A cell uses its released outputs, unless totals are stated for more of its test problems. That happens on
    CoTempQA if the outputs of a relation are missing.

    Args:
        first, second: two of `tracelib.analysis.comparison.CONDITIONS`.

    Returns:
        source, model, dataset, training, metric, n (problems), runs (per condition), estimate, low, high
        (fractions), error (the standard error that weighs the row in the combined estimate), method,
        paired (boolean), low_fewest, high_fewest, low_most, high_most (for totals: Bonett and Price's
        interval with the fewest and the most discordant items), run_sd (for repeated runs), p_5, p_3
        (one-sided p-values of the null hypothesis that `second` is lower by a margin or more, `MARGINS`),
        combined (whether the combined estimate uses the row), note.
    """
    stated = {_cell(row): row for row in _stated(evidence.accuracies, first, second)}
    wanted = {cell: row["n"] for cell, row in stated.items() if cell[1] == "cotempqa"}
    released = [
        row for row in _released(evidence.outcomes, first, second) if row["n"] >= wanted.get(_cell(row), 1)
    ]
    there = set(map(_cell, released))
    found = [
        *released,
        *(row for cell, row in stated.items() if cell not in there),
        *_family(evidence.totals, first, second),
        *_repeated(evidence, first, second, released),
    ]
    table = pd.DataFrame(found)
    is_primary = table["metric"] == table["dataset"].map(primary)
    table["combined"] = (table["source"] == RELEASED) & is_primary | table["source"].isin((STATED, R1))
    order = {name: place for place, name in enumerate(SOURCES)}
    return table.sort_values("source", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def _cell(row: dict) -> tuple[str, ...]:
    return tuple(row[name] for name in CELL)


def lacking(outcomes: pd.DataFrame, *conditions: str) -> dict[str, list[str]]:
    """The relations of CoTempQA's test set for which outputs are missing.

    Args:
        conditions: the conditions whose outputs are required.

    Returns:
        model -> relations. A model without any outputs under some condition is left out.
    """
    part = outcomes[(outcomes["dataset"] == "cotempqa") & outcomes["condition"].isin(conditions)]
    counted = part.groupby(["model", "condition", "category"])["item"].nunique()
    found = {}
    for model in counted.index.unique("model"):
        have = counted.loc[model].unstack("category", fill_value=0)
        if set(conditions) <= set(have.index):
            sizes = release_files.MAIN_TEST.items()
            found[model] = [name for name, n in sizes if name not in have or have[name].min() < n]
    return {model: names for model, names in found.items() if names}


def _without(relations: Sequence[str]) -> str:
    return f"without {', '.join(relations)}" if relations else ""


def _released(outcomes: pd.DataFrame, first: str, second: str) -> list[dict]:
    """Rows of the runs with outputs, paired by item. CoTempQA also has a row for the official metric."""
    found = []
    incomplete = lacking(outcomes, first, second)
    for dataset, part in outcomes.groupby("dataset", sort=False):
        part = part[part["condition"].isin((first, second))]
        for metric in (primary(dataset), OTHER_METRIC) if dataset == "cotempqa" else (primary(dataset),):
            compared = compare_conditions(part, metric, [(first, second)])
            for row in compared.to_dict("records"):
                discordant = row["only_first"], row["only_second"]
                notes = [
                    row["note"],
                    _without(incomplete.get(row["model"], ())) if dataset == "cotempqa" else "",
                ]
                found.append(
                    {
                        "source": RELEASED,
                        "model": row["model"],
                        "dataset": dataset,
                        "training": MAIN,
                        "metric": metric,
                        "n": row["n"],
                        "runs": 1,
                        "error": float(bonett_price(*discordant, row["n"])[1]),
                        **_below(paired.p_below, *discordant, row["n"]),
                        **interval_of(row),
                        "method": "Bonett-Price, item by item",
                        "paired": True,
                        "note": noted(*notes),
                    }
                )
    return found


# --- Sources ----------------------------------------------------------------------------------


def _p(margin: float) -> str:
    return f"p_{100 * margin:.0f}"


def _below(p_below: Callable[..., float | None], *known: object) -> dict:
    """The one-sided p-values of what is known, against `MARGINS`."""
    return {_p(margin): p_below(*known, margin) for margin in MARGINS}


def _stated(accuracies: pd.DataFrame, first: str, second: str) -> list[dict]:
    """Rows of the main runs from the totals that the release states.

    On CoTempQA the totals are the accuracies of the relations that both conditions have. On other datasets
    they are the right answers in the confusion matrices. Accuracy files without a matrix are not used: some
    say 0.0 although the matrix of the same run counts hundreds of right answers (`contradicted`).
    """
    found = []
    for (dataset, model), part in accuracies.groupby(["dataset", "model"], sort=False):
        of_cotempqa = dataset == "cotempqa"
        counts = [_counts(part[part["condition"] == name], of_cotempqa) for name in (first, second)]
        common = [name for name in counts[0] if name in counts[1]]
        if common:
            missing = [name for name in r1_totals.RELATIONS if of_cotempqa and name not in common]
            found.append(
                {
                    "source": STATED,
                    "model": model,
                    "dataset": dataset,
                    "training": MAIN,
                    "metric": OTHER_METRIC if of_cotempqa else UNNAMED,
                    **_of_totals([(counts[0][name], counts[1][name]) for name in common]),
                    "note": _without(missing),
                }
            )
    return found


def _counts(stated: pd.DataFrame, by_relation: bool) -> dict[str, tuple[int, int]]:
    """Right answers and number of items, by category."""
    if by_relation:
        sizes = {row.category: release_files.MAIN_TEST[row.category] for row in stated.itertuples()}
        return {
            row.category: (r1_totals.right(row.accuracy, sizes[row.category]), sizes[row.category])
            for row in stated.itertuples()
        }
    counted = stated[stated["matrix_right"].notna()]
    return {row.category: (int(row.matrix_right), int(row.matrix_n)) for row in counted.itertuples()}


def contradicted(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Stated accuracies of zero whose run has a confusion matrix with right answers."""
    return accuracies[(accuracies["accuracy"] == 0) & (accuracies["matrix_right"] > 0)]


def _of_totals(strata: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> dict:
    """The numbers of a row from totals. Tests are score tests; bounds are as in `r1_totals.contrasts`.

    Args:
        strata: per category (right answers, items) under the first and under the second condition.

    Raises:
        InputError: the two conditions have different numbers of items, so their problems differ.
    """
    for (_, size), (_, again) in strata:
        if size != again:
            raise InputError(f"totals of {size} and of {again} items, expected the same items under both")
    counted = [(one, other, n) for (one, n), (other, _) in strata]
    one, other, n = (sum(values) for values in zip(*counted, strict=True))
    as_if = difference(one, n, other, n)
    ends = [sum(v) for v in zip(*(r1_totals.discordant(*stratum) for stratum in counted), strict=True)]
    bounds = {}
    for name, together in zip(("fewest", "most"), ends, strict=True):
        ahead = one - other
        pairs = r1_totals.paired_totals((together + ahead) // 2, (together - ahead) // 2, n)
        bounds |= {f"{end}_{name}": pairs[end] for end in ("low", "high")}
    return {
        "n": n,
        "runs": 1,
        **interval_of(as_if),
        "error": proportions.error(as_if),
        **_below(proportions.p_below, one, n, other, n),
        **bounds,
        "method": "Newcombe, as if independent",
        "paired": False,
    }


def _family(totals: pd.DataFrame, first: str, second: str) -> list[dict]:
    """Rows of the R1 family's decomposed conditions. They have other problems than the main runs."""
    counted = r1_totals.counts(totals)
    counted = counted[counted["category"] != "all"].set_index(["model", "condition", "category"])
    found = []
    for model in counted.index.unique("model"):
        part = counted.loc[model]
        pair = [part.loc[FAMILY[name], ["right", "n"]] for name in (first, second)]
        strata = pd.concat(pair, axis=1, join="inner").dropna().astype(int)
        row = {
            "source": R1,
            "model": model,
            "dataset": "cotempqa",
            "training": R1_SET,
            "metric": OTHER_METRIC,
        }
        row |= _of_totals([(counts[:2], counts[2:]) for counts in strata.itertuples(index=False, name=None)])
        missing = [name for name in r1_totals.RELATIONS if name not in strata.index]
        found.append({**row, "note": _without(missing)})
    return found


def _repeated(evidence: Gathered, first: str, second: str, released: list[dict]) -> list[dict]:
    """Rows of the released run and the further seeds: t over runs, for these problems.

    The error that weighs a row also includes the standard error over problems, from the items of the released
    run under the same metric. This is an upper bound, because the spread of the runs already includes part of
    it. Without that run's outputs there is no error, and the row cannot be combined.
    """
    problems = {row["model"]: row["error"] for row in released if row["metric"] == OTHER_METRIC}
    runs = r1_totals.seeds(evidence.totals, evidence.accuracies)
    differences = r1_totals.seed_differences(runs)
    chosen = (differences["category"] == "all") & (differences["first"] == first)
    found = []
    for row in differences[chosen & (differences["second"] == second)].to_dict("records"):
        of_runs = seeds.error(row)
        of_problems = problems.get(row["model"], np.nan)
        found.append(
            {
                "source": REPEATED,
                "model": row["model"],
                "dataset": "cotempqa",
                "training": MAIN,
                "metric": OTHER_METRIC,
                "n": sum(release_files.MAIN_TEST.values()),
                "runs": row["n"],
                **interval_of(row),
                "error": float(np.hypot(of_runs, of_problems)),
                "run_sd": float(of_runs * np.sqrt(row["n"])),
                **_below(seeds.p_below, row),
                "method": "t over runs, these problems",
                "paired": True,
                "note": row["note"],
            }
        )
    return found


# --- Combined ---------------------------------------------------------------------------------


def combined(table: pd.DataFrame) -> dict[str, dict]:
    """`combine` of one row per cell: for all cells, and for the cells of the main runs (keys of `SETS`)."""
    one = table[table["combined"]]
    return {"all": combine(one), "main": combine(one[one["training"] == MAIN])}


def combine(table: pd.DataFrame, estimator: str = "pm") -> dict:
    """`tracelib.stats.meta.random_effects` of these rows, with one-sided p_5 and p_3 (see `rows`)."""
    pooled = meta.random_effects(table["estimate"], table["error"], estimator)
    return pooled | _below(meta.p_below, pooled)


def sensitivities(table: pd.DataFrame) -> pd.DataFrame:
    """Sensitivity analyses: `combine` of other sets of rows, and with another estimator.

    Returns:
        A row per set: rows (in words), and the keys of `combine`. Rows without an error are left out and
        counted in the note. If fewer than two rows have an error, there are no numbers.
    """
    one = table[table["combined"]]
    cotempqa = table["dataset"] == "cotempqa"
    official = (table["source"] == RELEASED) & cotempqa & (table["metric"] == OTHER_METRIC)
    repeated = table[(table["source"] == REPEATED) & table["error"].notna()]
    again = one[CELL].apply(tuple, axis=1).isin(repeated[CELL].apply(tuple, axis=1))
    sets = {
        "one row per cell": one,
        "totals as if paired, fewest discordant": _as_paired(one, "fewest"),
        "totals as if paired, most discordant": _as_paired(one, "most"),
        "the same, tau by DerSimonian and Laird": one,
        "official metric on CoTempQA throughout": pd.concat(
            [one[~((one["source"] == RELEASED) & (one["dataset"] == "cotempqa"))], table[official]]
        ),
        "all runs of two models (official) in place of one": pd.concat([one[~again], repeated]),
        PAIRED_ALONE: one[one["paired"]],
        "without the R1 family": one[one["training"] == MAIN],
        TWICE: table,
    }
    found = []
    for name, part in sets.items():
        row = combine(part.dropna(subset=["error"]), "dl" if "Laird" in name else "pm")
        lost = int(part["error"].isna().sum())
        notes = row["note"], f"{lost} rows without an error, left out" if lost else ""
        found.append({"rows": name, **row, "note": noted(*notes)})
    return pd.DataFrame(found)


def _as_paired(table: pd.DataFrame, end: str) -> pd.DataFrame:
    """The rows, with the errors of totals replaced by those of the pairing at one end (fewest or most)."""
    of_end = {"low": table[f"low_{end}"], "high": table[f"high_{end}"]}
    return table.assign(error=proportions.error(of_end).fillna(table["error"]))


def leave_out(table: pd.DataFrame) -> pd.DataFrame:
    """The combined estimate without each cell, each model, and each set of test problems.

    Returns:
        A row per exclusion: by (cell, model or test problems), left_out, and the keys of
        `tracelib.stats.meta.random_effects`.
    """
    one = table[table["combined"]]
    problems = one["dataset"].map(DATASETS) + ", " + one["training"]
    groups = {"cell": one["model"] + ", " + problems, "model": one["model"], "test problems": problems}
    return pd.DataFrame(
        [
            {"by": by, **row}
            for by, names in groups.items()
            for row in meta.leave_out(one["estimate"], one["error"], names.tolist())
        ]
    )


def non_inferiority(table: pd.DataFrame) -> pd.DataFrame:
    """The combined rows with p_holm_5 and p_holm_3: p_5 and p_3 after Holm's adjustment over the cells."""
    one = table[table["combined"]]
    for margin in MARGINS:
        one = adjusted(one, p=_p(margin), into=_p(margin).replace("p_", "p_holm_"))
    return one


def bayesian(table: pd.DataFrame) -> pd.DataFrame:
    """The posterior of the combined rows' effects under `PRIOR`, and then under `OTHER_PRIORS`.

    Returns:
        A row per prior: mu_sd, tau_sd, estimate, low, high (of the mean effect), n (cells), mean_close and
        new_close (probabilities that the mean effect, and a new cell's effect, lie within `CLOSE` of zero),
        mean_positive (probability), predicted_low, predicted_high (95% prediction interval of a new cell's
        effect).
    """
    one = table[table["combined"]]
    found = []
    for mu_sd, tau_sd in (tuple(PRIOR.values()), *OTHER_PRIORS):
        known = hierarchical.posterior(one["estimate"], one["error"], mu_sd, tau_sd)
        predicted_low, predicted_high = known.new_interval()
        found.append(
            {
                "mu_sd": mu_sd,
                "tau_sd": tau_sd,
                **known.interval(),
                "n": len(one),
                "mean_close": known.mu_within(CLOSE),
                "mean_positive": 1 - known.mu_below(0.0),
                "new_close": known.new_within(CLOSE),
                "predicted_low": predicted_low,
                "predicted_high": predicted_high,
            }
        )
    return pd.DataFrame(found)


def correlations(outcomes: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Correlations over items between the differences of two models. `combine` assumes that they are zero.

    Returns:
        A row per dataset and pair of models with outputs: dataset, model, other, n (items that both have
        under both conditions), correlation, note (why there is none).
    """
    found = []
    for dataset, part in outcomes.groupby("dataset", sort=False):
        runs = part[part["condition"].isin((first, second))]
        wide = runs.pivot(index="item", columns=["condition", "model"], values=f"answer_{primary(dataset)}")
        if {first, second} <= set(runs["condition"]):
            gaps = wide[first].astype("Float64") - wide[second].astype("Float64")
            for model, other in combinations(gaps.dropna(axis=1, how="all").columns, 2):
                both = gaps[[model, other]].dropna().astype(float)
                pair = {"dataset": dataset, "model": model, "other": other, "n": len(both)}
                varies = both.nunique().min() > 1
                correlation = float(both[model].corr(both[other])) if varies else None
                note = "" if varies else "the conditions of a model do not differ, or always alike"
                found.append({**pair, "correlation": correlation, "note": note})
    return pd.DataFrame(found, columns=["dataset", "model", "other", "n", "correlation", "note"])
