"""Tables of a grid that nobody ran: the schema of the real ones, with effects that were put in.

By hand: `python -m tests.fabricated FOLDER` writes them, and
`papermill notebooks/dose.ipynb out.ipynb -p tables FOLDER` shows them.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from tracelib import conditions, effects, grid, grid_tables, profiles, provenance
from tracelib.interventions import GIVEN, INTERVENTIONS, OWN

FALL = 0.4  # in accuracy, from no incorrect trace to incorrect traces alone
FORCED = 0.5  # accuracy with a gold trace forced minus with wrong facts, of models trained on right facts
LOST = {"filler": 0.3, "shuffled": 0.2, "wrong-facts": 0.2, "wrong-category": 0.1, "both-wrong": 0.3}
TOKENS = {"vanilla": 8, "simulated-r1": 300, "simulated-summary": 90, "simulated-explanation": 120}
# Models of these conditions do not read their traces.
IGNORE = ("incorrect", "wrong-facts", "both-wrong", "swapped", "filler", "shuffled")


def write(folder: Path, name: str = "grid", seeds: int = 5, items: int = 60) -> None:
    """A grid's tables: every run of profiles/grid.yaml, with fewer seeds and items."""
    rng = np.random.default_rng(1)
    chosen = {run: e for run, e in grid.experiments(profiles.load("grid")).items() if e.seed <= seeds}
    outcomes, interventions, runs = [], [], []
    for run, parameters in chosen.items():
        condition = parameters.condition
        setting = run.removesuffix(f"-{condition}-s{parameters.seed}")
        key = {"setting": setting, "condition": condition, "seed": parameters.seed}
        share = 0.8 - FALL * effects.DOSES.get(condition, 0) - LOST.get(condition, 0)
        share += 0.1 * np.log2(parameters.train_items / 3840) + rng.normal(0, 0.02)
        outcomes.append(_outcomes(rng, share, condition, items).assign(**key))
        if condition not in conditions.UNTRACED:
            interventions.append(_interventions(rng, share, condition, items).assign(**key))
        runs.append(key | _run(parameters, items))
    order = ["setting", "condition", "seed"]
    tables = (pd.concat(found, ignore_index=True) for found in (outcomes, interventions))
    ordered = [table[order + [name for name in table if name not in order]] for table in tables]
    about = {
        "profile": name,
        "command": f"tracelib grid {name}",
        "runs": len(runs),
        "outcomes": len(ordered[0]),
        "hours": 1.5,
        "written": "2001-02-03",
        "versions": {"python": "3.11.0", "torch": "2.13.0"},
        "hardware": provenance.hardware(),
        "git_commit": "f" * 40,
        "library_sha256": "ef" * 32,
        "base_sha256": "1" * 64,
        "data_sha256": "2" * 64,
    }
    grid_tables.store(name, *ordered, pd.DataFrame(runs), about, folder)


def _outcomes(rng, share: float, condition: str, items: int) -> pd.DataFrame:
    traced = condition not in conditions.UNTRACED
    category, facts = (rng.random(items) < (0.8 - 0.7 * (condition in IGNORE)) * traced for _ in range(2))
    right = rng.random(items) < np.clip(share, 0, 1)
    return pd.DataFrame(
        {
            "item": [f"twin-{number}" for number in range(items)],
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


def _interventions(rng, share: float, condition: str, items: int) -> pd.DataFrame:
    """Ten items have no own trace that can be edited; what no facts were forced for follows nothing."""
    reads = condition not in IGNORE
    rows = []
    for intervention in INTERVENTIONS:
        lead = intervention in ("wrong facts", "both wrong", "another problem's", "own with wrong facts")
        known = intervention in (*GIVEN, *OWN) and not intervention.endswith("category only")
        for number in range(10 if intervention in OWN else 0, items):
            right = rng.random() < np.clip(share - FORCED * (reads and lead), 0.02, 0.98)
            follows = (reads and not right) if lead else right
            rows.append(
                {
                    "intervention": intervention,
                    "item": f"twin-{number}",
                    "answer_correct": bool(right),
                    "follows": bool(follows) if known else None,
                    "leads_astray": lead if known else None,
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
        "unfinished": 0,
        "predictions_sha256": "ab" * 32,
        "interventions_sha256": "cd" * 32,
        "git_commit": "f" * 40,
        "parameters": json.dumps(asdict(parameters), sort_keys=True),
    }


if __name__ == "__main__":
    write(Path(sys.argv[1]))
