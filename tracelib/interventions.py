"""Interventions: the trace is set, and only the answer is generated. Does the answer follow the trace?

That right traces go with right answers (chapter on the joint rate) is an association: problems that are
easy are easy in both. Setting the trace (Pearl's do) breaks it: what then changes in the answer is
the trace's doing. The paper has no such experiment.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from tracelib import conditions
from tracelib.datasets.cotempqa import parse_fact
from tracelib.files import InputError
from tracelib.metrics import answer_correct, primary
from tracelib.problems import Problem
from tracelib.solvers.cotempqa import asked_for
from tracelib.traces import listed, parse, steps

END = "</think> <answer>"
GIVEN = {  # interventions made from the problem alone, and the condition whose trace each one is
    "gold": "correct",
    "wrong category": "wrong-category",
    "wrong facts": "wrong-facts",
    "both wrong": "both-wrong",
    "another problem's": "swapped",
}
CUT = "gold, category only"
OWN = (
    "own", "own, category only", "own with gold facts", "own with wrong facts", "own with gold category",
    "own with wrong category",
)  # fmt: skip
INTERVENTIONS = (*GIVEN, CUT, "empty", *OWN)

Answering = Callable[[Sequence[Problem], Sequence[str]], Sequence[str]]


def forced(
    problem: Problem, intervention: str, seed: int, pool: Sequence[Problem], own: str = ""
) -> str | None:
    """What the assistant is made to have said, up to where its answer starts.

    `own` is what the model wrote by itself. None where the intervention is about its steps and it has not
    both, or about one of them and would change nothing.
    """
    if intervention == "empty":
        return f"<think>{END}"
    if intervention == CUT:
        return _category_only(problem, problem.category)
    if intervention in GIVEN:
        target = conditions.target(problem, GIVEN[intervention], seed, pool)
        return target.partition("<answer>")[0] + "<answer>"
    if intervention not in OWN:
        raise InputError(f"unknown intervention '{intervention}', expected one of {', '.join(INTERVENTIONS)}")
    trace = parse(own)
    if not trace.has_both_steps:
        return None
    category, facts = trace.category, trace.facts_text
    rng = random.Random(f"{intervention}/{seed}/{problem.id}")
    if intervention == "own, category only":
        return _category_only(problem, category)
    if intervention == "own with gold facts":
        facts = listed(problem.supporting_facts)
    elif intervention == "own with wrong facts":
        facts = listed(conditions.distractors(problem, rng))
    elif intervention == "own with gold category":
        category = problem.category
    elif intervention == "own with wrong category":
        others = [name for name in conditions.labels(problem) if name not in (category, problem.category)]
        category = rng.choice(others)
    edited = (category, facts) != (trace.category, trace.facts_text)
    return f"<think>{steps(problem, category, facts)}{END}" if edited or intervention == "own" else None


def _category_only(problem: Problem, category: str) -> str:
    """A trace cut after its first step."""
    return f"<think>{steps(problem, category, '').rpartition(chr(10))[0]}{END}"


def read_off(problem: Problem, start: str) -> tuple[str, ...]:
    """The answers that the facts of a forced trace give: of each, the side that the question asks for.

    CoTempQA only; empty where no fact can be read.
    """
    wanted = asked_for(problem) if problem.dataset == "cotempqa" else None
    if wanted is None:
        return ()
    side = "subject" if wanted[0] is None else "object"
    facts = [parse_fact(sentence) for sentence in parse(start).quotes]
    return tuple(dict.fromkeys(getattr(fact, side) for fact in facts if fact))


def intervene(
    problems: Sequence[Problem],
    condition: str,
    seed: int,
    pool: Sequence[Problem],
    own: Sequence[str],
    answering: Answering,
    interventions: Sequence[str] = INTERVENTIONS,
) -> pd.DataFrame:
    """One row per problem and intervention that applies to it.

    `answering` gives the text that follows each forced start. Columns: intervention, item, condition,
    seed, answer_correct (the dataset's primary metric), follows (the answer is, as a set, what the forced
    facts give; missing where they give none), leads_astray (they give another answer than the gold one).
    `InputError` for a model that writes no trace, or writes it after the answer: there is none to set.
    """
    if condition in conditions.UNFORCED:
        raise InputError(
            f"a model of the condition '{condition}' writes no trace before its answer: "
            "there is none to intervene on"
        )
    cases = [
        (intervention, problem, start)
        for intervention in interventions
        for problem, text in zip(problems, own, strict=True)
        if (start := forced(problem, intervention, seed, pool, text)) is not None
    ]
    answers = answering([problem for _, problem, _ in cases], [start for _, _, start in cases])
    rows = [
        {"intervention": intervention, "item": problem.id, "condition": condition, "seed": seed}
        | _judged(problem, start, answer)
        for (intervention, problem, start), answer in zip(cases, answers, strict=True)
    ]
    table = pd.DataFrame(rows)
    return table.astype({"follows": "boolean", "leads_astray": "boolean"})


def _judged(problem: Problem, start: str, answer: str) -> dict:
    text = start + answer
    trace = parse(text, problem.category)
    given = read_off(problem, start)
    return {
        "answer_correct": answer_correct(primary(problem.dataset), problem, text, trace),
        "follows": answer_correct("strict", replace(problem, gold=given), text, trace) if given else None,
        "leads_astray": set(given) != set(problem.gold) if given else None,
    }
