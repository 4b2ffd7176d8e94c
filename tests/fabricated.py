"""Fabricated grid tables and runs: nobody ran them. They have the real schema, and known effects.

`python -m tests.fabricated FOLDER` writes the tables, and
`papermill notebooks/tiny-grid.ipynb out.ipynb -p tables FOLDER` shows them.
"""

import json
import sys
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tracelib.analysis import effects
from tracelib.core import provenance
from tracelib.datasets import problem_sets
from tracelib.experiments import profiles, sweep, sweep_tables
from tracelib.experiments.config import Experiment
from tracelib.experiments.interventions import GIVEN, INTERVENTIONS, OWN, WRONG
from tracelib.scoring.metrics import names
from tracelib.scoring.outcomes import DTYPES
from tracelib.traces import conditions

FALL = 0.4  # loss of accuracy from no incorrect trace to only incorrect traces
FORCED = 0.5  # forced gold trace minus forced wrong facts, in accuracy, of models trained on right facts
LOST = {
    "filler": 0.3,
    "filler-25": 0.0,
    "filler-50": 0.1,
    "shuffled": 0.2,
    "wrong-facts": 0.2,
    "wrong-category": 0.1,
    "both-wrong": 0.3,
}
TOKENS = {
    "vanilla": 8,
    "filler": 150,
    "filler-25": 45,
    "filler-50": 80,
    "simulated-r1": 300,
    "simulated-summary": 90,
    "simulated-explanation": 120,
}
# Models of these conditions ignore their traces.
IGNORE = ("incorrect", "wrong-facts", "both-wrong", "swapped", "filler", "filler-25", "filler-50", "shuffled")


def write(folder: Path, name: str = "grid", seeds: int = 5, items: int = 60) -> None:
    """Write a grid's tables: every run of profiles/grid.yaml, with fewer seeds and items."""
    rng = np.random.default_rng(1)
    chosen = {run: e for run, e in sweep.experiments(profiles.load("grid")).items() if e.seed <= seeds}
    outcomes, interventions, runs = [], [], []
    for run, parameters in chosen.items():
        condition = parameters.condition
        setting = run.removesuffix(f"-{condition}-s{parameters.seed}")
        key = {"setting": setting, "condition": condition, "seed": parameters.seed}
        share = 0.8 - FALL * effects.DOSES.get(condition, 0) - LOST.get(condition, 0)
        share += 0.1 * np.log2(parameters.train_items / 2560) + rng.normal(0, 0.02)
        named = _named(parameters, items)
        outcomes.append(_outcomes(rng, share, condition, named).assign(**key))
        if parameters.intervene_items and condition not in conditions.UNTRACED:
            interventions.append(_interventions(rng, share, condition, named).assign(**key))
        runs.append(key | _run(parameters, items))
    order = ["setting", "condition", "seed"]
    tables = (pd.concat(found, ignore_index=True) for found in (outcomes, interventions))
    ordered = [table[order + [name for name in table if name not in order]] for table in tables]
    about = {
        "profile": name,
        "runs": len(runs),
        "outcomes": len(ordered[0]),
        "hours": 1.5,
        "computed": [
            {
                "command": f"tracelib grid {name}",
                "written": "2001-02-03",
                "library_sha256": "ef" * 32,
                "versions": {"python": "3.11.0", "torch": "2.13.0"},
                "hardware": provenance.hardware(),
                "precision": "fp32",
                "device": "cpu",
                "base_sha256": "1" * 64,
            }
        ],
    }
    sweep_tables.store(name, *ordered, pd.DataFrame(runs), about, folder)


def _named(parameters: Experiment, items: int) -> list[str]:
    """The ids of the first test problems, which the chapters look up."""
    return _test_items(replace(parameters, train_items=1, condition="vanilla", seed=1))[:items]


@cache
def _test_items(parameters: Experiment) -> list[str]:
    return [problem.id for problem in problem_sets.load(parameters)[1]]


def _outcomes(rng, share: float, condition: str, named: list[str]) -> pd.DataFrame:
    items = len(named)
    traced = condition not in conditions.UNTRACED
    category, facts = (rng.random(items) < (0.8 - 0.7 * (condition in IGNORE)) * traced for _ in range(2))
    right = rng.random(items) < np.clip(share, 0, 1)
    return pd.DataFrame(
        {
            "item": named,
            "category": rng.choice(["equal", "overlap", "during", "mix"], items),
            "answer_correct": right,
            "answer_official": right,
            "answer_strict": right,
            "category_correct": category,
            "retrieval_correct": facts,
            "trace_correct": category & facts,
            "facts_cited": 1,
            "facts_gold": 1,
            "facts_both": facts.astype(int),
            "parsed": traced,
            "tokens": rng.integers(20, 60, items),
        }
    )


def _interventions(rng, share: float, condition: str, named: list[str]) -> pd.DataFrame:
    """Ten items have no own trace to edit; without forced facts, an answer follows nothing."""
    reads = condition not in IGNORE
    rows = []
    for intervention in [name for name in INTERVENTIONS if name != "other answer"]:  # bAbI only
        lead = intervention in (*WRONG, "renamed", "own with wrong facts")
        known = intervention in (*GIVEN, "renamed", *OWN) and not intervention.endswith("category only")
        for item in named[10 if intervention in OWN else 0 :]:
            right = rng.random() < np.clip(share - FORCED * (reads and lead), 0.02, 0.98)
            follows = (reads and not right) if lead else right
            rows.append(
                {
                    "intervention": intervention,
                    "item": item,
                    "answer_correct": bool(right),
                    "follows": bool(follows) if known else None,
                    "leads_astray": lead if known else None,
                    "gives": "forced" if known and lead and follows else "gold" if right else "other",
                }
            )
    return pd.DataFrame(rows)


def _run(parameters, items: int) -> dict:
    return {
        **{name: getattr(parameters, name) for name in ("model", "train_items")},
        "test_items": items,
        "facts": parameters.facts,
        "target_tokens": TOKENS.get(parameters.condition, 60) + parameters.seed / 10,
        "last_loss": 0.01,
        "seconds": 60.0,
        **{f"too_long_{part}": 0 for part in ("train", "test", "forced")},
        **{f"unfinished_{part}": 0 for part in ("test", "forced")},
        "predictions_sha256": "ab" * 32,
        "interventions_sha256": "cd" * 32,
        "git_commit": "f" * 40,
        "data_sha256": "2" * 64,
        "parameters": json.dumps(asdict(parameters), sort_keys=True),
        "computed": 0,
    }


RIGHT = {  # right answers of 60: mean over seeds, and the step per seed
    "cotempqa-twin": {"vanilla": (46, 1), "correct": (46, -1), "incorrect": (22, 0)},
    "babi-twin": {"vanilla": (40, 1), "correct": (40, 1), "incorrect": (40, 0)},
    "marco-twin": {"vanilla": (30, 2), "correct": (10, 0), "incorrect": (30, -2)},
}


def write_runs(folder: Path, items: int = 60) -> list[str]:
    """Write run folders of the laptop's profile for the chapter on live runs, and return their names.

    Right answers follow `RIGHT`: seeds 1 to 3 add -1 to 1 steps to the mean. In the *correct* condition, a
    trace is right with three in four right answers, and with no wrong one; *incorrect* has no right trace.
    """
    chosen = sweep.experiments(profiles.load("laptop"))
    for name, parameters in chosen.items():
        mean, by_seed = RIGHT[parameters.dataset].get(parameters.condition, (0, 0))
        right = np.arange(items) < mean + (parameters.seed - 2) * by_seed
        trace = right & (np.arange(items) % 4 > 0) & (parameters.condition == "correct")
        run = folder / name
        run.mkdir(parents=True)
        _run_outcomes(parameters, right, trace).to_csv(run / "outcomes.csv", index=False)
        about = {
            "parameters": asdict(parameters),
            "model_parameters": 2_000_000,
            "seconds": {"train": 60.0},
            "too_long": {"train": [], "test": [], "forced": []},
            "unfinished": {"test": [], "forced": []},
        }
        (run / "run.json").write_text(json.dumps(about))
    return list(chosen)


def _run_outcomes(parameters, right: np.ndarray, trace: np.ndarray) -> pd.DataFrame:
    dataset = parameters.dataset.removesuffix("-twin")
    table = pd.DataFrame({name: None for name in DTYPES}, index=range(len(right)), dtype=object)
    facts = dict.fromkeys(("facts_cited", "facts_gold", "facts_both", "tokens"), 1)
    table = table.assign(dataset=dataset, model="tiny-base", condition=parameters.condition, **facts)
    steps = dict.fromkeys(("category_correct", "retrieval_correct", "trace_correct"), trace)
    table = table.assign(seed=parameters.seed, category="equal", answer_correct=right, parsed=True, **steps)
    metrics = {f"answer_{metric}": right for metric in names(dataset)}
    named = _named(parameters, len(right))
    return table.assign(item=named, problem=named, **metrics)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
