"""The results chapter: every run of a profile, over seeds and problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import baselines, criterion, effects, here_and_there, trace_answer
from tracelib.analysis.comparison import MARGIN, compare_conditions
from tracelib.core.paths import LOOKS
from tracelib.datasets import problem_sets
from tracelib.datasets.problem import Problem
from tracelib.experiments import run_folder
from tracelib.experiments.config import from_parameters
from tracelib.paper import evidence
from tracelib.reporting import tables_effects
from tracelib.scoring.metrics import primary
from tracelib.scoring.outcomes import counts
from tracelib.stats import as_text, crossed, seeds
from tracelib.stats.proportions import wilson
from tracelib.traces.conditions import PROMPTED, UNTRACED, UNTRAINED

METRICS = ("answer_official", "answer_strict", "answer_rouge")  # shown, but not tested
SPREAD = (0.03, 0.3, 0.5)  # standard deviations of seeds, of problems, of the rest


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        rates: rates of every condition (`effects.by_condition`).
        drawn: `rates` of answers and traces, with the columns row and measured.
        by_rules: right answers of rules without dates, per setting with dates
            (`baselines.beside_conditions`).
        other_metrics: `rates` of the answer by other metrics.
        compared: pairs of conditions (`effects.contrasts`), with the column pair.
        compared_by_kind: these pairs by kind of problems (`effects.split`), per setting with dates.
        alike: the equivalence of correct and incorrect traces.
        by_run: shares of right traces and answers, a row per run; ``label`` names setting and condition.
        linked: right answers given right traces (`effects.association`), trained on correct traces.
        explored: the same association for the other conditions.
        linked_by_kind: `linked` by kind of problems, per setting with dates.
        beside: `compared` beside the paper's models (`here_and_there.contrasts`).
        linked_there: `linked` for the paper's models (`trace_answer.differences`).
        looks: when results were looked at, and the changes made then.
    """

    numbers: dict[str, object]
    rates: pd.DataFrame
    drawn: pd.DataFrame
    by_rules: dict[str, pd.DataFrame]
    other_metrics: pd.DataFrame
    compared: pd.DataFrame
    compared_by_kind: dict[str, pd.DataFrame]
    alike: pd.DataFrame
    by_run: pd.DataFrame
    linked: pd.DataFrame
    explored: pd.DataFrame
    linked_by_kind: dict[str, pd.DataFrame]
    beside: pd.DataFrame
    linked_there: pd.DataFrame
    looks: pd.DataFrame


def facts(work: Path, run_names: Sequence[str]) -> Facts:
    """The facts, from the named runs in a work folder; an `InputError` if one is missing."""
    everything, about = run_folder.read_all(run_folder.present(work, run_names), run_names)
    knobs = {run_folder.setting(name, entry): entry["parameters"] for name, entry in about.items()}
    outcomes = everything[~everything["condition"].isin(UNTRAINED)]
    traced = outcomes[~outcomes["condition"].isin(UNTRACED)]
    planned = traced[traced["condition"] == "correct"]
    released = evidence.read_outcomes(work / "data")
    dated = _with_dates(knobs)
    guessable = {setting: baselines.guessable(test) for setting, test in dated.items()}
    rates = effects.by_condition(everything)
    compared = _compared(outcomes)
    alike = effects.equivalence(compared, "correct", "incorrect")
    linked = effects.association(planned)
    explored = effects.association(traced[traced["condition"] != "correct"])
    by_rules = {
        setting: baselines.beside_conditions(test, outcomes[outcomes["setting"] == setting])
        for setting, test in dated.items()
    }
    compared_by_kind = _by_kind(outcomes, guessable, effects.paired)
    beside = here_and_there.contrasts(compared, _of_paper(released), _likened(knobs))
    numbers = (
        _of_runs(about, outcomes, rates)
        | _before(everything, list(knobs))
        | _above_rules(by_rules)
        | _significant(compared)
        | {"where": _where(compared_by_kind)}
        | _alike(alike)
        | _linked(linked, explored)
        | _paper(released, beside)
        | _coverage()
    )
    return Facts(
        numbers=numbers,
        rates=rates,
        drawn=_drawn(rates),
        by_rules=by_rules,
        other_metrics=_other_metrics(everything),
        compared=compared,
        compared_by_kind=compared_by_kind,
        alike=alike,
        by_run=_by_run(outcomes),
        linked=linked,
        explored=explored,
        linked_by_kind=_by_kind(planned, guessable, effects.seen),
        beside=beside,
        linked_there=_linked_there(released),
        looks=pd.read_csv(LOOKS),
    )


def _likened(knobs: dict[str, dict]) -> dict[str, str]:
    """Per setting, the dataset that its problems are from or imitate."""
    return {setting: chosen["dataset"].removesuffix("-twin") for setting, chosen in knobs.items()}


def _with_dates(knobs: dict[str, dict]) -> dict[str, list[Problem]]:
    """The test problems of each setting with dates, on which rules without dates can be tried."""
    datasets = _likened(knobs)
    return {
        setting: problem_sets.load(from_parameters(chosen))[1]
        for setting, chosen in knobs.items()
        if datasets[setting] == "cotempqa"
    }


def _of_paper(released: pd.DataFrame) -> pd.DataFrame:
    """Comparisons of the paper's conditions, by each dataset's primary metric."""
    return pd.concat(
        compare_conditions(released[released["dataset"] == name], primary(name))
        for name in dict.fromkeys(released["dataset"])
    )


def _compared(outcomes: pd.DataFrame) -> pd.DataFrame:
    compared = effects.contrasts(outcomes)
    pair = compared["first"] + " − " + compared["second"]
    return compared.assign(pair=pair, name=compared["setting"] + ", " + pair)


def _by_kind(
    outcomes: pd.DataFrame, guessable: dict[str, pd.Series], contrast: effects.Contrast
) -> dict[str, pd.DataFrame]:
    """A contrast by kind of problems, per setting with dates."""
    return {
        setting: effects.split(outcomes[outcomes["setting"] == setting], rule, contrast)
        for setting, rule in guessable.items()
    }


def _drawn(rates: pd.DataFrame) -> pd.DataFrame:
    """Right answers of every condition, and right traces of the conditions with traces."""
    of_traces = rates["measure"].eq("trace_correct") & ~rates["condition"].isin(UNTRACED)
    shown = rates[rates["measure"].eq("answer_correct") | of_traces]
    row = shown["setting"] + ", " + shown["condition"]
    return shown.assign(row=row, measured=shown["measure"].map(effects.MEASURES))


def _other_metrics(everything: pd.DataFrame) -> pd.DataFrame:
    """`effects.by_condition` for each of `METRICS`, on the outcomes that have the metric."""
    judged = {name: everything[everything[name].notna()] for name in METRICS}
    parts = [effects.by_condition(part, [name]) for name, part in judged.items() if len(part)]
    return pd.concat([effects.by_condition(everything.head(0)), *parts])


def _by_run(outcomes: pd.DataFrame) -> pd.DataFrame:
    keys = ["setting", "condition", "seed"]
    found = outcomes.groupby(keys)[["trace_correct", "answer_correct"]].mean().reset_index()
    return found.assign(label=found["setting"] + ", " + found["condition"])


def _linked_there(released: pd.DataFrame) -> pd.DataFrame:
    of_correct = released[released["condition"] == "correct"]
    counted = [counts(of_correct, metric) for metric in ("exact", "corrected")]
    return trace_answer.differences(pd.concat(counted))


def _of_runs(about: dict[str, dict], outcomes: pd.DataFrame, rates: pd.DataFrame) -> dict[str, object]:
    """The number and sizes of the runs, and the range of the conditions' accuracies."""
    entries = list(about.values())
    answers = rates[rates["measure"].eq("answer_correct") & ~rates["condition"].isin(UNTRAINED)]
    weights = {entry["parameters"]["model"]: entry["model_parameters"] / 1e6 for entry in entries}
    return {
        "runs": sum(entry["parameters"]["condition"] not in UNTRAINED for entry in entries),
        "settings": ", ".join(dict.fromkeys(outcomes["setting"])),
        "seeds": int(outcomes["seed"].nunique()),
        "items": ", ".join(map(str, sorted(set(answers["items"])))),
        "weights": ", ".join(f"{name}: {count:,.1f}" for name, count in weights.items()),
        "minutes": f"{sum(sum(entry['seconds'].values()) for entry in entries) / 60:.1f}",
        "too-long-train": sum(len(entry["too_long"]["train"]) for entry in entries),
        "too-long-test": sum(len(entry["too_long"]["test"]) for entry in entries),
        "unfinished": sum(len(entry["unfinished"]["test"]) for entry in entries),
        "low-answer": f"{100 * answers['estimate'].min():.0f}%",
        "high-answer": f"{100 * answers['estimate'].max():.0f}%",
    }


def _before(everything: pd.DataFrame, settings: Sequence[str]) -> dict[str, object]:
    """The accuracy before training, and the verdict by the plan's criterion."""
    prompted = everything[everything["condition"] == PROMPTED].groupby("setting", sort=False)
    before = {name: wilson(int(part["answer_correct"].sum()), len(part)) for name, part in prompted}
    shown = "; ".join(f"{name} {as_text.percent(row)} of {row['n']}" for name, row in before.items())
    floor = {name: row["estimate"] for name, row in before.items()}
    outcomes = everything[~everything["condition"].isin(UNTRAINED)]
    judged = [criterion.judged(outcomes, name, floor.get(name, 0.0)) for name in settings]
    return {
        "before": shown or "not run in this profile",
        "criterion": "; ".join(map(criterion.in_words, judged)),
        "before-at-most": f"{100 * criterion.BEFORE:g}",
        "at-least": f"{100 * criterion.LOW:g}",
        "at-most": f"{100 * criterion.HIGH:g}",
    }


def _above_rules(by_rules: dict[str, pd.DataFrame]) -> dict[str, object]:
    above = [f"{setting}, {name}" for setting, rows in by_rules.items() for name in baselines.above(rows)]
    return {"above-rules": "; ".join(above) or "none"}


def _significant(compared: pd.DataFrame) -> dict[str, object]:
    """The comparisons that are significant after Holm: for new problems, and for these problems only."""
    clear = [row for row in compared.to_dict("records") if effects.side(row)]
    fixed = compared.assign(p_holm=compared["fixed_p_holm"])
    alone = [row for row in fixed.to_dict("records") if effects.side(row)]
    return {
        "family": len(compared),
        "significant": tables_effects.listed(clear, "name"),
        "n-significant": len(clear),
        "alone": tables_effects.listed(alone, "name"),
        "n-alone": len(alone),
    }


def _where(compared_by_kind: dict[str, pd.DataFrame]) -> str:
    """The kinds of problems on which each comparison is shown."""
    verdicts = [
        f"{setting}, {name}: {where}"
        for setting, rows in compared_by_kind.items()
        for name, where in effects.where(rows).items()
    ]
    return "; ".join(verdicts) or "nothing to split"


def _alike(alike: pd.DataFrame) -> dict[str, object]:
    equal = alike[alike["equivalent"]].to_dict("records")
    return {
        "equivalent": tables_effects.listed(equal, "setting"),
        "n-alike": len(alike),
        "margin": f"{100 * MARGIN:g}",
    }


def _linked(linked: pd.DataFrame, explored: pd.DataFrame) -> dict[str, object]:
    """Settings and conditions in which no seed has enough right and enough wrong traces."""
    unseen = [
        f"{row['setting']}, {row['condition']}"
        for rows in (linked, explored)
        for row in rows[rows["estimate"].isna()].to_dict("records")
    ]
    return {"one-kind": "; ".join(unseen) or "none", "least": effects.LEAST}


def _paper(released: pd.DataFrame, beside: pd.DataFrame) -> dict[str, object]:
    datasets = dict.fromkeys(released["dataset"])
    return {
        "compared-there": ", ".join(f"{name} ({primary(name)})" for name in datasets),
        "patterns": here_and_there.patterns(beside),
    }


def _coverage() -> dict[str, object]:
    """The simulated coverage of the intervals."""
    over_seeds = {f"covers-{name}": row for name, row in seeds.coverage(5).items()}
    over_both = {
        f"holds-{name.replace(' ', '-')}": row for name, row in crossed.coverage(5, 120, SPREAD).items()
    }
    shares = {name: as_text.percent(row) for name, row in (over_seeds | over_both).items()}
    return {"spread": ", ".join(f"{100 * size:g}" for size in SPREAD), **shares}
