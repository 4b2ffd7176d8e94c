"""How traces are checked: worked examples, two notions of a right step, the checker beside human readings."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.book.pools import pools
from tracelib.core.frames import where
from tracelib.core.pylist import listed
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution
from tracelib.paper import annotations, evidence, release
from tracelib.reporting import html
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.scoring.outcomes import solved
from tracelib.scoring.verify import validity, verify
from tracelib.stats.as_text import VERDICT
from tracelib.traces import conditions
from tracelib.traces.format import parse, render

VALID = {True: "valid", False: "not valid", None: "no solver"}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        problems: one problem per dataset, with two gold facts so that partial credit is visible.
        worked: for each of these problems, a table of traces and their verdicts, step by step.
        tuned: outcomes of models trained on correct or on incorrect traces.
        agreement: agreement of the checker with two readings (`annotations.agreement`).
        differ: outputs on which a reading and the checker differ (`annotations.disagreements`).
    """

    numbers: dict[str, object]
    problems: dict[str, Problem]
    worked: dict[str, pd.DataFrame]
    tuned: pd.DataFrame
    agreement: pd.DataFrame
    differ: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from a work folder's outcomes, the twins, and the readings in the package."""
    outcomes = evidence.read_outcomes(work / "data")
    labels = annotations.load()
    read = annotations.compared(labels, outcomes)
    differ = annotations.disagreements(read)
    problems = {name: _shown(pool) for name, pool in pools().items()}
    numbers = {
        "rests-on": release.rests_on(outcomes),
        "read": len(labels),
        "differ": len(differ),
        "milder": len(where(differ, verdict="right")),
    }
    return Facts(
        numbers=numbers,
        problems=problems,
        worked={name: worked(problem) for name, problem in problems.items()},
        tuned=where(outcomes, condition=("correct", "incorrect")),
        agreement=annotations.agreement(read),
        differ=differ,
    )


def _shown(pool: list[Problem]) -> Problem:
    return next(problem for problem in pool if len(problem.supporting) == 2 and len(problem.facts) > 4)


def worked(problem: Problem) -> pd.DataFrame:
    """A row per trace of one problem, with its verdicts step by step."""
    solution = solved(problem)
    texts = _traces(problem, solution)
    return pd.DataFrame([_judged(problem, solution, *named) for named in texts.items()]).round(2)


def _traces(problem: Problem, solution: Solution) -> dict[str, str]:
    """A right trace, and traces that are wrong in one way each, by name.

    One trace cites the event of the question, if facts of the context state it.
    """
    gold, named = problem.supporting_facts, {*problem.supporting, *solution.anchor}
    other = next(fact for place, fact in enumerate(problem.facts) if place not in named)
    wrong = next(label for label in conditions.labels(problem) if label != problem.category)
    cited = {
        "gold steps": (problem.category, gold),
        "wrong category": (wrong, gold),
        "one gold fact missing": (problem.category, gold[:1]),
        "one fact too many": (problem.category, (*gold, other)),
    }
    if solution.anchor:
        event = tuple(problem.facts[place] for place in solution.anchor)
        cited["with the event of the question"] = (problem.category, (*gold, *event))
    texts = {name: render(problem, label, listed(facts)) for name, (label, facts) in cited.items()}
    return texts | {"no trace": conditions.target(problem, "vanilla", 1)}


def _judged(problem: Problem, solution: Solution, name: str, text: str) -> dict:
    trace = parse(text)
    verdict = verify(problem, trace)
    return html.verdict_row(name, verdict) | {
        "precision": verdict.credit.precision,
        "recall": verdict.credit.recall,
        "F1": verdict.credit.f1,
        "facts valid": VALID[validity(problem, solution, trace).retrieval],
        "answer": VERDICT[answer_correct(primary(problem.dataset), problem, trace)],
    }
