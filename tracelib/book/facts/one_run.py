"""The chapter that follows one run: its losses, an example, its verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis.copying import is_copied
from tracelib.datasets import problem_sets
from tracelib.datasets.problem import Problem
from tracelib.experiments import run_folder
from tracelib.experiments.config import from_parameters
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import counts
from tracelib.scoring.outputs import Output
from tracelib.stats.as_text import count_of
from tracelib.traces import conditions

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
    """

    numbers: dict[str, object]
    losses: dict[str, pd.DataFrame]
    example: Problem
    target: str
    output: Output
    counts: pd.DataFrame


def facts(work: Path, run_names: Sequence[str]) -> Facts:
    """The facts of the first named run that was trained on correct traces, or else of the first run.

    `InputError` if the work folder does not hold it.
    """
    name = next((name for name in run_names if "-correct-" in name), run_names[0])
    folder = run_folder.present(work, [name]) / name
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
    return Facts(
        numbers=numbers,
        losses={chosen["condition"]: losses},
        example=train[0],
        target=conditions.target(train[0], chosen["condition"], chosen["seed"], train),
        output=written[0],
        counts=counts(outcomes, "corrected"),
    )


def _copied(written: Sequence[Output]) -> dict[str, str]:
    """How many answers are what the cited facts give, and whether the first answer is."""
    words = {True: "It is", False: "It is not", None: "Nothing is cited"}
    found = [is_copied(output) for output in written]
    known = [copied for copied in found if copied is not None]
    return {"copied": count_of(sum(known), len(known)), "first-copied": words[found[0]]}
