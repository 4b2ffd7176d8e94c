"""The chapter on live runs: one run from problems to verdicts, then all runs of the profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import baselines, criterion, effects
from tracelib.analysis.comparison import MARGIN
from tracelib.analysis.copying import is_copied
from tracelib.datasets import problem_sets
from tracelib.datasets.problem import Problem
from tracelib.experiments import run_folder, shown_runs
from tracelib.experiments.config import from_parameters
from tracelib.reporting import tables_effects
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import counts
from tracelib.scoring.outputs import Output
from tracelib.stats.as_text import NONE, count_of
from tracelib.traces import conditions
from tracelib.traces.conditions import PROMPTED, UNTRAINED

ENDS = 5  # logged losses that are averaged at either end, since each covers only a few batches


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        losses: the training losses, by the name of the condition.
        example, target: a training problem, and its training text.
        output: the first test problem with the model's output.
        counts: verdicts by category, corrected metric (`tracelib.scoring.outcomes.counts`).
        rates: rates of every condition of all runs (`effects.by_condition`).
        by_rules: right answers of rules without dates, per setting with dates
            (`baselines.beside_conditions`).
        compared: pairs of conditions (`effects.contrasts`).
        alike: the equivalence of correct and incorrect traces.
        linked: right answers given right traces (`effects.association`), trained on correct traces.
    """

    numbers: dict[str, object]
    losses: dict[str, pd.DataFrame]
    example: Problem
    target: str
    output: Output
    counts: pd.DataFrame
    rates: pd.DataFrame
    by_rules: dict[str, pd.DataFrame]
    compared: pd.DataFrame
    alike: pd.DataFrame
    linked: pd.DataFrame


def facts(work: Path, run_names: Sequence[str]) -> Facts:
    """The facts of all named runs, and of the first one that was trained on correct traces (or of the first).

    `shown_runs.find` says which they are where the work folder does not hold them.
    """
    name = next((name for name in run_names if "-correct-" in name), run_names[0])
    runs = shown_runs.find(work, run_names)
    of_one = _one(runs.folder / name)
    of_all = _all(*run_folder.read_all(runs.folder, run_names))
    return Facts(**of_one | of_all | {"numbers": of_one["numbers"] | of_all["numbers"] | {"made": runs.made}})


def _one(folder: Path) -> dict[str, object]:
    about = run_folder.read_about(folder)
    chosen = about["parameters"]
    outcomes = run_folder.read_outcomes(folder)
    losses = pd.read_csv(folder / "loss.csv")
    train, _ = problem_sets.load(from_parameters(chosen))
    written = outputs.read(folder / "predictions.jsonl")
    numbers = {
        "condition": chosen["condition"],
        "seed": chosen["seed"],
        "trained": "low-rank adapters" if chosen["method"] == "lora" else "all weights",
        "parameters-millions": about["model_parameters"] / 1e6,
        "train": len(train),
        "test": len(outcomes),
        "train-seconds": about["seconds"]["train"],
        "first-loss": float(losses["loss"].head(ENDS).mean()),
        "last-loss": float(losses["loss"].tail(ENDS).mean()),
        "predictions": f"{folder}/predictions.jsonl",
        "parsed": int(outcomes["parsed"].sum()),
        **_copied(written),
    }
    return {
        "numbers": numbers,
        "losses": {chosen["condition"]: losses},
        "example": train[0],
        "target": conditions.target(train[0], chosen["condition"], chosen["seed"], train),
        "output": written[0],
        "counts": counts(outcomes, "corrected"),
    }


def _copied(written: Sequence[Output]) -> dict[str, str]:
    """How many answers are what the cited facts give, and whether the first answer is."""
    words = {True: "It is", False: "It is not", None: "Nothing is cited"}
    found = [is_copied(output) for output in written]
    known = [copied for copied in found if copied is not None]
    return {"copied": count_of(sum(known), len(known)), "first-copied": words[found[0]]}


def _all(everything: pd.DataFrame, about: Mapping[str, dict]) -> dict[str, object]:
    """Every run of the profile, and the plan's tests on them."""
    outcomes = everything[~everything["condition"].isin(UNTRAINED)]
    planned = outcomes[outcomes["condition"].eq("correct")]
    compared = effects.contrasts(outcomes)
    alike = effects.equivalence(compared, "correct", "incorrect")
    by_rules = {
        setting: baselines.beside_conditions(test, outcomes[outcomes["setting"] == setting])
        for setting, test in _with_dates(about).items()
    }
    return {
        "numbers": _of_runs(about, outcomes) | _tested(compared, alike) | _room(everything, by_rules),
        "rates": effects.by_condition(everything),
        "by_rules": by_rules,
        "compared": compared,
        "alike": alike,
        "linked": effects.association(planned),
    }


def _with_dates(about: Mapping[str, dict]) -> dict[str, list[Problem]]:
    """The test problems of each setting that has dates, on which rules without dates can be tried."""
    knobs = {run_folder.setting(name, entry): entry["parameters"] for name, entry in about.items()}
    return {
        setting: problem_sets.load(from_parameters(chosen))[1]
        for setting, chosen in knobs.items()
        if chosen["dataset"].removesuffix("-twin") == "cotempqa"
    }


def _of_runs(about: Mapping[str, dict], outcomes: pd.DataFrame) -> dict[str, object]:
    entries = list(about.values())
    return {
        "runs": sum(entry["parameters"]["condition"] not in UNTRAINED for entry in entries),
        "settings": ", ".join(dict.fromkeys(outcomes["setting"])),
        "seeds": int(outcomes["seed"].nunique()),
        "minutes": f"{sum(sum(entry['seconds'].values()) for entry in entries) / 60:.1f}",
        "too-long-train": sum(len(entry["too_long"]["train"]) for entry in entries),
        "too-long-test": sum(len(entry["too_long"]["test"]) for entry in entries),
        "unfinished": sum(len(entry["unfinished"]["test"]) for entry in entries),
    }


def _tested(compared: pd.DataFrame, alike: pd.DataFrame) -> dict[str, object]:
    """What the plan's comparisons show, and what they could have shown."""
    name = compared["setting"] + ", " + compared["first"] + " − " + compared["second"]
    clear = [row for row in compared.assign(name=name).to_dict("records") if effects.side(row)]
    half = 100 * ((compared["high"] - compared["low"]).astype(float) / 2).median()
    return {
        "family": len(compared),
        "significant": tables_effects.listed(clear, "name"),
        "half-width": NONE if pd.isna(half) else f"{half:.0f}",
        "equivalent": tables_effects.listed(alike[alike["equivalent"]].to_dict("records"), "setting"),
        "n-alike": len(alike),
        "margin": f"{100 * MARGIN:g}",
    }


def _room(everything: pd.DataFrame, by_rules: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    """Whether accuracies leave room for differences, by the plan's criterion, and are above the rules."""
    before = everything[everything["condition"].eq(PROMPTED)].groupby("setting")["answer_correct"].mean()
    outcomes = everything[~everything["condition"].isin(UNTRAINED)]
    settings = dict.fromkeys(outcomes["setting"])
    judged = [criterion.judged(outcomes, name, float(before.get(name, 0.0))) for name in settings]
    above = [f"{name}, {who}" for name, rows in by_rules.items() for who in baselines.above(rows)]
    return {
        "criterion": "; ".join(map(criterion.in_words, judged)),
        "before-at-most": f"{100 * criterion.BEFORE:g}",
        "at-least": f"{100 * criterion.LOW:g}",
        "at-most": f"{100 * criterion.HIGH:g}",
        "above-rules": "; ".join(above) or "none",
    }
