"""The chapter on R1 traces: stated totals, the outputs that are here, the look-up, the seeds."""

from dataclasses import dataclass

import pandas as pd

from tracelib.core.frames import where
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.family_files import FAMILY, SEEDS
from tracelib.paper import cut_traces, family, family_compared, r1_pairing, r1_totals, release
from tracelib.reporting import tables_family
from tracelib.reporting.tables import dashed
from tracelib.stats.as_text import count_of, p_value, percent, share_of
from tracelib.stats.proportions import difference

MODELS = {
    "l1": "Llama-3.2-1B-Instruct",
    "q1": "Qwen3-1.7B",
    "l8": "Llama-3.1-8B-Instruct",
    "q8": "Qwen3-8B",
}
LARGE = ("l8", "q8")  # models with two versions of some files
SMALL = ("l1", "q1")  # models trained with several seeds
VANILLA, SUMMARY, CUSTOM = "r1-set-vanilla", "summarized-r1-traces", "r1-set-custom-traces"
AGAINST = {
    SUMMARY: "minus a summary of it",
    CUSTOM: "minus a decomposed trace",
    VANILLA: "minus R1's answer alone",
}
STAND_INS = {  # stand-ins of the emulated look-up, by their names in the prose
    "first": "first gold answer",
    "joined": "gold answers joined by commas",
    "printed": "printed gold list",
}
FOUND = ["others", "lacking", "elsewhere"]  # faults of a file (`family_compared.problems`)


@dataclass(frozen=True)
class Outputs:
    """Display tables of the outputs that are here; None for a table without rows.

    Attributes:
        headline: the three comparisons of the first figure, on the same problems.
        paired: R1's trace minus every other condition.
        answered: the same with unanswered outputs counted as wrong.
        endings: how the outputs end.
        corrected, other_metrics: accuracy under the corrected metric, and under the others.
        by_relation: the paired differences by relation.
        differing: accuracies where the outputs differ from the stated figure, or where none is stated.
        held: files that hold other problems than they should.
        trained: how many test problems are training problems of the main runs.
        seeds: differences between conditions over runs and problems.
    """

    headline: pd.DataFrame | None = None
    paired: pd.DataFrame | None = None
    answered: pd.DataFrame | None = None
    endings: pd.DataFrame | None = None
    corrected: pd.DataFrame | None = None
    other_metrics: pd.DataFrame | None = None
    by_relation: pd.DataFrame | None = None
    differing: pd.DataFrame | None = None
    held: pd.DataFrame | None = None
    trained: pd.DataFrame | None = None
    seeds: pd.DataFrame | None = None


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        outputs: tables of the outputs that are here.
        covered: the files of outputs that are here (`family.coverage`).
        contrasts: R1's trace minus each other condition, from stated totals over all relations.
        drawn: the three contrasts of the first figure; ``against`` names the other condition.
        kinds: the trace of the target, by condition.
        missing: models and conditions without a stated accuracy.
        rated, rated_whole: stated accuracies (`r1_totals.rates`) by relation, and over all relations.
        best, best_of_all: the most accurate of the four kinds of trace, and of all seven conditions.
        cut: R1's traces cut before their answer (`cut_traces`).
        versions: figures with two versions.
        emulated: the emulated look-up (`r1_pairing`).
        joined: shares of the emulated look-up with the gold answers joined, by relation.
        behind: decomposed traces minus no trace, in the family and in the main runs.
        spread: the spread of repeated runs over all relations.
        differences, differences_by_relation: differences between conditions over repeated runs.
    """

    numbers: dict[str, object]
    outputs: Outputs
    covered: pd.DataFrame
    contrasts: pd.DataFrame
    drawn: pd.DataFrame
    kinds: pd.DataFrame
    missing: pd.DataFrame
    rated: pd.DataFrame
    rated_whole: pd.DataFrame
    best: pd.DataFrame
    best_of_all: pd.DataFrame
    cut: pd.DataFrame
    versions: pd.DataFrame
    emulated: pd.DataFrame
    joined: pd.DataFrame
    behind: pd.DataFrame
    spread: pd.DataFrame
    differences: pd.DataFrame
    differences_by_relation: pd.DataFrame


def facts() -> Facts:
    """The facts, from the totals in the package, and from outputs in the cache or in a local copy."""
    table, stated = r1_totals.load(), release.load_accuracies()
    counted = r1_totals.counts(table)
    rated = r1_totals.rates(counted)
    contrasts = where(r1_totals.contrasts(counted), category="all")
    of_three = where(contrasts, second=tuple(AGAINST))
    outcomes = family.load()
    covered = family.coverage(outcomes)
    cut, emulated = cut_traces.load(), r1_pairing.load()
    runs = r1_totals.seeds(table, stated)
    spread = where(r1_totals.spread(runs), category="all")
    differences = r1_totals.seed_differences(runs)
    over_all = where(differences, category="all")
    numbers = (
        _contrasts(contrasts)
        | _sizes(table)
        | _outputs_here(outcomes, table, covered)
        | _cut(cut)
        | {"aime": ", ".join(f"{row.right} of {row.n}" for row in r1_totals.aime(table).itertuples())}
        | _other_versions(table)
        | _read(counted, table)
        | _emulated(emulated)
        | _seeds(runs, spread, over_all)
    )
    return Facts(
        numbers=numbers,
        outputs=_outputs(outcomes, table),
        covered=covered,
        contrasts=contrasts,
        drawn=of_three.assign(against=of_three["second"].map(AGAINST)),
        kinds=pd.DataFrame(r1_totals.KINDS.items(), columns=["condition", "the target's trace"]),
        missing=r1_totals.missing(table),
        rated=rated,
        rated_whole=where(rated, category="all"),
        best=r1_totals.best(counted),
        best_of_all=where(r1_totals.best(counted, tuple(r1_totals.KINDS)), category="all"),
        cut=cut,
        versions=r1_totals.versions(table),
        emulated=emulated,
        joined=_joined(emulated),
        behind=r1_totals.behind_vanilla(counted, stated),
        spread=spread,
        differences=over_all.assign(comparison=over_all["first"] + " − " + over_all["second"]),
        differences_by_relation=differences[differences["category"] != "all"],
    )


def _contrasts(contrasts: pd.DataFrame) -> dict[str, object]:
    """R1's trace minus its answer alone, a summary and a decomposed trace, by model."""
    rows = contrasts.set_index(["model", "second"]).to_dict("index")
    names = {"vanilla": VANILLA, "summary": SUMMARY, "custom": CUSTOM}
    return {
        f"{name}-{key}": percent(rows[model, second])
        for key, model in MODELS.items()
        for name, second in names.items()
    }


def _sizes(table: pd.DataFrame) -> dict[str, object]:
    """The numbers of test problems that fit the stated accuracies."""
    sizes = r1_totals.sizes(table).set_index("category")
    fits = {f"n-{name}": " or ".join(map(str, sizes.loc[name, "fits"])) for name in r1_totals.RELATIONS}
    return fits | {
        "n-all": int(sizes["n"].sum()),
        "n-during-used": int(sizes.loc["during", "n"]),
        "n-mix-used": int(sizes.loc["mix", "n"]),
        "figures-family": len(r1_totals.family(table)),
    }


def _outputs_here(outcomes: pd.DataFrame, table: pd.DataFrame, covered: pd.DataFrame) -> dict[str, object]:
    """Sentences on which outputs are here, and whether they give the stated accuracies."""
    compared = family_compared.reproduced(outcomes, table)
    return {
        "here": family.statement(covered),
        "unplaced": family.unplaced(family.of_group(outcomes, FAMILY)),
        "reproduced": family_compared.reproduced_sentence(compared),
    }


def _cut(cut: pd.DataFrame) -> dict[str, object]:
    whole = cut.set_index("category").loc["all"]
    return {
        "cut-limit": f"{cut_traces.LIMIT:,}",
        "cut-longer": count_of(whole["longer"], whole["n"]),
        "cut-official": count_of(whole["official"], whole["judged"]),
        "cut-corrected": count_of(whole["corrected"], whole["judged"]),
    }


def _other_versions(table: pd.DataFrame) -> dict[str, object]:
    """The large models' differences, computed with the other versions of their figures."""
    other = where(r1_totals.counts(r1_totals.with_other_versions(table)), category="all")
    other = other.set_index(["model", "condition"])
    found = {}
    for key in LARGE:
        trace = other.loc[(MODELS[key], "r1-traces")]
        for name, second in {"other": VANILLA, "other-summary": SUMMARY}.items():
            row = other.loc[(MODELS[key], second)]
            compared = difference(int(trace["right"]), trace["n"], int(row["right"]), row["n"])
            found[f"{name}-{key}"] = percent(compared)
    return found


def _read(counted: pd.DataFrame, table: pd.DataFrame) -> dict[str, object]:
    """The look-up's results in the rows that were read, and the right answers of its models on *mix*."""
    read = r1_pairing.OBSERVED.set_index("category")
    equal, mix = read.loc["equal"], read.loc["mix"]
    right = where(counted, condition=CUSTOM, category="mix").set_index("model")["right"]
    n = r1_totals.sizes(table).set_index("category").loc["mix", "n"]
    return {
        **{f"read-{name}": count_of(equal[name], equal["items"]) for name in r1_pairing.SHARES},
        "read-most": count_of(equal["most"], equal["items"]),
        "read-problems": int(equal["problems"]),
        "read-rows": int(equal["items"]),
        "read-mix": count_of(mix["most"], mix["items"]),
        **{f"mix-{key}": share_of(right[model], n) for key, model in MODELS.items()},
    }


def _emulated(emulated: pd.DataFrame) -> dict[str, object]:
    """The look-up's results with gold answers in place of R1's text."""
    whole = where(emulated, category="all").set_index("stand_in")
    numbers: dict[str, object] = {
        "standing-in": release_problems.standing_in("cotempqa"),
        "items": f"{int(whole['items'].iloc[0]):,}",
    }
    for key, stand_in in STAND_INS.items():
        row = whole.loc[stand_in]
        numbers |= {
            f"own-{key}": share_of(row["own"], row["items"]),
            f"none-{key}": share_of(row["none"], row["items"]),
            f"seen-{key}": share_of(row["seen"], row["tested"]),
            f"problems-{key}": f"{int(row['problems']):,}",
        }
    return numbers


def _joined(emulated: pd.DataFrame) -> pd.DataFrame:
    shares = r1_pairing.shares(emulated[emulated["category"] != "all"])
    joined = where(shares, stand_in=STAND_INS["joined"])
    return joined.assign(share=joined["share"].map(r1_pairing.SHARES))


def _seeds(runs: pd.DataFrame, spread: pd.DataFrame, differences: pd.DataFrame) -> dict[str, object]:
    """The spread of repeated runs, and correct minus incorrect over them."""
    rows = where(differences, first="correct", second="incorrect").set_index("model").to_dict("index")
    of_qwen = where(runs, category="all", model=MODELS["q1"], condition="correct")
    right = of_qwen.set_index("run")["right"].to_dict()
    numbers: dict[str, object] = {
        "qwen-released": int(right.pop("released")),
        "qwen-seeds": ", ".join(map(str, right.values())),
        "ratio-low": f"{spread['ratio'].min():.2f}",
        "ratio-high": f"{spread['ratio'].max():.1f}",
        "sd-low": f"{100 * spread['estimate'].min():.1f}",
        "sd-high": f"{100 * spread['estimate'].max():.1f}",
        "main-n": sum(release_files.MAIN_TEST.values()),
    }
    for key in SMALL:
        row = rows[MODELS[key]]
        numbers |= {
            f"seeds-{key}": percent(row),
            f"seeds-p-{key}": p_value(row["p_holm"]),
            f"seeds-ahead-{key}": f"{row['ahead']} of {row['n']}",
        }
    return numbers


def _outputs(outcomes: pd.DataFrame, table: pd.DataFrame) -> Outputs:
    items, repeated = (family.of_group(outcomes, group) for group in (FAMILY, SEEDS))
    main = family_compared.released()
    compared = family_compared.reproduced(outcomes, table)
    differing = compared[~compared["status"].isin(["same", "no outputs here"])]
    of_files = {"differing": _any(dashed(differing)), "held": _held(outcomes, main)}
    of_seeds = {"seeds": _over_seeds(repeated, main)} if len(repeated) else {}
    of_family = _of_family(items) if len(items) else {}
    return Outputs(**of_files, **of_seeds, **of_family)


def _of_family(items: pd.DataFrame) -> dict[str, pd.DataFrame | None]:
    """R1's trace minus every other condition, and how the outputs end."""
    paired = family_compared.contrasts(items)
    headline = where(paired, second=tuple(AGAINST)) if len(paired) else paired
    answered = family_compared.contrasts(family_compared.unanswered_as_wrong(items))
    by_relation = family_compared.contrasts(items, by=("category",))
    others = [_accuracies(items, metric).assign(metric=metric) for metric in ("official", "strict")]
    return {
        "headline": tables_family.paired_table(headline).assign(metric="corrected, same problems"),
        "paired": tables_family.paired_table(paired),
        "answered": tables_family.paired_table(answered),
        "endings": tables_family.endings_table(family_compared.endings(items)),
        "corrected": _accuracies(items, "corrected"),
        "other_metrics": pd.concat(others),
        "by_relation": tables_family.paired_table(by_relation),
        "trained": _trained(items),
    }


def _any(table: pd.DataFrame) -> pd.DataFrame | None:
    return table if len(table) else None


def _accuracies(items: pd.DataFrame, metric: str) -> pd.DataFrame:
    return r1_totals.accuracy_table(r1_totals.rates(family_compared.counts(items, metric)))


def _held(outcomes: pd.DataFrame, main: pd.DataFrame) -> pd.DataFrame | None:
    """Files with other problems than they should hold."""
    held = family_compared.problems(outcomes, main)
    return _any(dashed(held[held[FOUND].any(axis=1)])) if len(held) else None


def _trained(items: pd.DataFrame) -> pd.DataFrame | None:
    trained = family_compared.trained_on(items)
    shares = [percent(row) for row in trained.to_dict("records")]
    shown = trained.assign(**{"training problems, percent": shares})
    columns = ["category", "n", "train", "test", "not_found", "training problems, percent"]
    return shown[columns] if len(shown) else None


def _over_seeds(repeated: pd.DataFrame, main: pd.DataFrame) -> pd.DataFrame:
    """Differences between conditions under both metrics; runs and problems are both samples."""
    parts = [
        family_compared.seed_contrasts(repeated, main, metric).assign(metric=metric)
        for metric in ("corrected", "official")
    ]
    return tables_family.seeds_table(pd.concat(parts))
