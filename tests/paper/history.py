"""Made files of the R1 family, in the format of the repository's later history."""

import json

import pandas as pd

from tracelib.core.pylist import listed
from tracelib.datasets import family_files
from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.datasets.family_files import R1, FamilyFile
from tracelib.datasets.problem import Problem
from tracelib.scoring.outputs import Output

RELATIONS = ("equal", "overlap", "during", "mix")
EACH = 5  # problems per relation
MODEL = "Llama-3.2-1B-Instruct"
METRICS = ("corrected", "official", "strict")
NAMES = [f"p{number}" for number in range(99)]


def problems() -> dict[str, list[Problem]]:
    """A few generated problems of each relation."""
    made = cotempqa.generate(400, seed=5)
    return {name: [p for p in made if p.category == name][:EACH] for name in RELATIONS}


def prompt(problem: Problem, date: str, printed: bool = True) -> str:
    """A chat prompt as in the files of outputs, with the date of the run."""
    facts = listed(problem.facts) if printed else "\n".join(problem.facts)
    return (
        f"<|start_header_id|>system<|end_header_id|>\n\nToday Date: {date}\n\nYou are Llama.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nAnswer the question based on the context:\n"
        f"{facts}\nQuestion: {problem.question} Only return the answer.<|eot_id|>"
    )


def row(problem: Problem, prediction: str, date: str = "11 Jun 2025") -> dict:
    """One line of a file of outputs."""
    return {
        "input": {"text": prompt(problem, date)},
        "prediction": f"assistant\n\n{prediction}",
        "gold": list(problem.gold),
        "triple_element": problem.kind,
        "question": problem.question,
        "facts": list(problem.facts),
    }


def lines(rows: list[dict]) -> bytes:
    return "".join(json.dumps(entry) + "\n" for entry in rows).encode()


def right(problem: Problem) -> str:
    return f"<think>Let me see.</think> <answer>{listed(problem.gold)}</answer>"


def wrong(problem: Problem) -> str:
    return "<think>Let me see.</think> <answer>['Nobody']</answer>"


def cut(problem: Problem) -> str:
    """A trace that names all facts and stops before an answer."""
    return "<think>Let me see. " + " ".join(problem.facts)


def is_right(file: FamilyFile, number: int) -> bool:
    """Whether a problem is answered right: 4 of 5 on R1's traces, 3 on vanilla and correct, else 2."""
    return number % EACH < {"r1-traces": 4, "vanilla": 3, "correct": 3}.get(file.condition, 2)


def contents(file: FamilyFile, made: dict[str, list[Problem]]) -> bytes:
    """The contents of a made file."""
    if file.group == R1:
        return b'[{"question": "Who?", "prediction": "Ada"}]'
    answered = enumerate(made[file.relation])
    return lines([row(p, right(p) if is_right(file, number) else wrong(p)) for number, p in answered])


def everything() -> dict[str, bytes]:
    """COMMIT/path in the repository -> contents, for every file."""
    made = problems()
    return {f"{file.commit}/{file.path}": contents(file, made) for file in family_files.manifest()}


def outputs(model: str, condition: str, answered: list[tuple[Problem, str]]) -> list[Output]:
    """Outputs of one run, without files."""
    return [Output(problem, f"assistant\n\n{text}", model, condition) for problem, text in answered]


def outcomes(
    answers: dict, category: str = "mix", items: list[str] = NAMES, model: str = MODEL
) -> pd.DataFrame:
    """Outcome rows from {(condition, seed): a verdict per item}, with the same verdict under each metric."""
    rows = [
        {
            "dataset": "cotempqa",
            "model": model,
            "condition": condition,
            "seed": seed,
            "category": category,
            "item": item,
            "problem": item,
            **{f"answer_{metric}": bool(right) for metric in METRICS},
            "ending": "tagged",
            "main_split": "train" if number % 4 else "test",
        }
        for (condition, seed), values in answers.items()
        for number, (item, right) in enumerate(zip(items, values, strict=False))
    ]
    return pd.DataFrame(rows).astype({"seed": "Int64", **{f"answer_{name}": "boolean" for name in METRICS}})
