"""Two made runs of the CoTempQA twin with four test problems each, in a build's folder."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from tracelib.datasets import problem_sets
from tracelib.datasets.problem import Problem
from tracelib.experiments import profiles, sweep
from tracelib.experiments.interventions import read_off
from tracelib.experiments.runner import _record
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.traces import conditions

NAMES = ("cotempqa-twin-vanilla-s1", "cotempqa-twin-correct-s1")
LOSSES = (6.0, 5.0, 4.0, 3.0, 2.0, 1.0)
SECONDS = {"train": 6.0, "generate": 2.0}


def texts(problems: list[Problem]) -> list[str]:
    """Two right traces, a wrong one before the right answer, and an answer without a trace."""
    right = [conditions.target(problem, "correct", 1, problems) for problem in problems]
    wrong = conditions.target(problems[2], "incorrect", 1, problems)
    assert read_off(problems[2], wrong)
    return [*right[:2], wrong, conditions.target(problems[3], "vanilla", 1, problems)]


def work(folder: Path) -> Path:
    """The folder with both runs; one of them has the record of a job of the graph that took ten seconds."""
    chosen = sweep.experiments(profiles.load("laptop"))
    for name in NAMES:
        parameters = replace(chosen[name], train_items=6, test_items=4)
        _, test = problem_sets.load(parameters)
        written = [
            Output(problem, text, parameters.model, parameters.condition, 1)
            for problem, text in zip(test, texts(test), strict=True)
        ]
        run = folder / "runs" / name
        run.mkdir(parents=True)
        lines = [json.dumps(_record(output)) + "\n" for output in written]
        (run / "predictions.jsonl").write_text("".join(lines))
        score(written).to_csv(run / "outcomes.csv", index=False)
        pd.DataFrame(enumerate(LOSSES), columns=["step", "loss"]).to_csv(run / "loss.csv", index=False)
        about = {
            "parameters": asdict(parameters), "model_parameters": 2_500_000, "seconds": SECONDS,
            "too_long": {"train": [], "test": []}, "unfinished": {"test": []},
            "precision": "fp32", "device": "cpu", "data_sha256": "ab" * 32, "git_commit": None,
        }  # fmt: skip
        (run / "run.json").write_text(json.dumps(about))
    record = folder / "times" / "runs" / "cotempqa-twin-correct.tsv"
    record.parent.mkdir(parents=True)
    record.write_text("s\th:m:s\n10.04\t0:00:10\n")
    return folder
