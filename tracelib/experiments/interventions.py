"""Interventions: the trace is set, and only the answer is generated. Does the answer follow the trace?

That right traces go with right answers (chapter on the joint rate) is an association: problems that are
easy are easy in both. Setting the trace (Pearl's do) breaks it: what then changes in the answer is
the trace's doing. The paper has no such experiment.

A trace that is set is written as the model's own training wrote traces (`tracelib.traces.conditions.style`),
or a model that does not follow it might only not know its format.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from tracelib.core.files import InputError
from tracelib.datasets import cited
from tracelib.datasets.problem import Facts, Problem
from tracelib.datasets.registry import dataset
from tracelib.experiments import counterfactual
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.traces import conditions
from tracelib.traces.format import Trace, parse, steps

END = "</think> <answer>"
GIVEN = {  # interventions made from the problem alone, and the condition whose steps each one has
    "gold": "correct",
    "wrong category": "wrong-category",
    "wrong facts": "wrong-facts",
    "both wrong": "both-wrong",
    "another problem's": "swapped",
}
WRONG = ("wrong facts", "both wrong", "another problem's")  # those with wrong facts
REWRITTEN = {  # the gold category, and the gold facts with another answer
    "other answer": counterfactual.other_answer,
    "renamed": counterfactual.renamed,
}
CUT = "gold, category only"
OWN = (
    "own", "own, category only", "own with gold facts", "own with wrong facts", "own with gold category",
    "own with wrong category",
)  # fmt: skip
INTERVENTIONS = (*GIVEN, CUT, "empty", *OWN, *REWRITTEN)
GIVES = ("forced", "gold", "both", "other", "none")
COLUMNS = (
    "intervention", "item", "condition", "seed", "answer_correct", "follows", "leads_astray", "gives",
)  # fmt: skip

Answering = Callable[[Sequence[Problem], Sequence[str]], Sequence[str]]


class Start(NamedTuple):
    """A trace that is set.

    Attributes:
        text: what the assistant is made to have said, up to where its answer starts.
        facts: what it cites, before that was written in the format of a condition.
    """

    text: str
    facts: Facts = ()


def forced(
    problem: Problem,
    intervention: str,
    seed: int,
    pool: Sequence[Problem],
    own: str = "",
    condition: str = "correct",
) -> str | None:
    """What the assistant is made to have said, up to where its answer starts, in the format of a condition.

    `own` is what the model wrote by itself. None where the intervention cannot be made of this problem, or is
    about the model's own steps and it has not both, or about one of them and would change nothing.
    """
    start = begun(problem, intervention, seed, pool, own, condition)
    return start and start.text


def begun(
    problem: Problem, intervention: str, seed: int, pool: Sequence[Problem], own: str, condition: str
) -> Start | None:
    """`forced`, and the facts that are cited."""
    style = conditions.style(condition)
    if intervention == "empty":
        return Start(f"<think>{END}")
    if intervention == CUT:
        return Start(_category_only(problem, problem.category))
    if intervention in GIVEN:
        trace = parse(conditions.target(problem, GIVEN[intervention], seed, pool), problem.category)
        facts = style.wrong(problem, trace.quotes) if intervention in WRONG else trace.quotes
        return Start(_set(problem, trace.category, style.text(problem, facts)), facts)
    if intervention in REWRITTEN:
        facts = REWRITTEN[intervention](problem, seed)
        return facts and Start(_set(problem, problem.category, style.text(problem, facts)), facts)
    if intervention in OWN:
        return _edited(problem, intervention, seed, own, style)
    raise InputError(f"unknown intervention '{intervention}', expected one of {', '.join(INTERVENTIONS)}")


def _edited(
    problem: Problem, intervention: str, seed: int, own: str, style: conditions.Style
) -> Start | None:
    """The model's own trace, or what an intervention makes of it."""
    trace = parse(own)
    if not trace.has_both_steps:
        return None
    category, facts, text = trace.category, trace.quotes, trace.facts_text
    rng = random.Random(f"{intervention}/{seed}/{problem.id}")
    if intervention == "own, category only":
        return Start(_category_only(problem, category))
    if intervention == "own with gold facts":
        facts = problem.supporting_facts
        text = style.text(problem, facts)
    elif intervention == "own with wrong facts":
        facts = style.wrong(problem, conditions.distractors(problem, rng))
        text = style.text(problem, facts)
    elif intervention == "own with gold category":
        category = problem.category
    elif intervention == "own with wrong category":
        others = [name for name in conditions.labels(problem) if name not in (category, problem.category)]
        category = rng.choice(others)
    is_edited = (category, text) != (trace.category, trace.facts_text)
    return Start(_set(problem, category, text), facts) if is_edited or intervention == "own" else None


def _set(problem: Problem, category: str, facts: str) -> str:
    return f"<think>{steps(problem, category, facts)}{END}"


def _category_only(problem: Problem, category: str) -> str:
    """A trace cut after its first step."""
    return f"<think>{steps(problem, category, '').rpartition(chr(10))[0]}{END}"


def read_off(problem: Problem, text: str) -> tuple[str, ...]:
    """The answers that the facts cited in a text give by themselves (`tracelib.datasets.cited.answers`)."""
    return cited.answers(problem, parse(text).quotes)


def intervene(
    problems: Sequence[Problem],
    condition: str,
    seed: int,
    pool: Sequence[Problem],
    own: Sequence[str],
    answering: Answering,
    interventions: Sequence[str] = INTERVENTIONS,
) -> pd.DataFrame:
    """One row per problem and intervention that applies to it, those of `REWRITTEN` last.

    `answering` gives the text that follows each forced start. Columns: intervention, item, condition,
    seed, answer_correct (the dataset's primary metric), follows (the answer is, as a set, what the forced
    facts give; missing where they give none), leads_astray (they give another answer than the gold one),
    gives (of `GIVES`: the answer is, as a set, what the forced facts give, the gold answer, or both, where
    these are the same; or it is another, or there is none).
    `InputError` for a model that writes no trace, or writes it after the answer: there is none to set.
    """
    if condition in conditions.UNFORCED:
        raise InputError(
            f"a model of the condition '{condition}' writes no trace before its answer: "
            "there is none to intervene on"
        )
    rows = []
    for together in ([i for i in interventions if (i in REWRITTEN) == later] for later in (False, True)):
        cases = [
            (intervention, problem, start)
            for intervention in together
            for problem, text in zip(problems, own, strict=True)
            if (start := begun(problem, intervention, seed, pool, text, condition)) is not None
        ]
        # What shares a batch can turn a last digit, and committed tables came without those of `REWRITTEN`.
        answers = answering([problem for _, problem, _ in cases], [start.text for _, _, start in cases])
        rows += [
            {"intervention": intervention, "item": problem.id, "condition": condition, "seed": seed}
            | _judged(problem, start, answer)
            for (intervention, problem, start), answer in zip(cases, answers, strict=True)
        ]
    kinds = {"follows": "boolean", "leads_astray": "boolean", "gives": pd.CategoricalDtype(GIVES)}
    return pd.DataFrame(rows, columns=COLUMNS).astype(kinds)


def _judged(problem: Problem, start: Start, answer: str) -> dict:
    trace = parse(start.text + answer, problem.category)
    given = cited.answers(problem, start.facts)
    follows = _is(problem, given, trace) if given else None
    return {
        "answer_correct": answer_correct(primary(problem.dataset), problem, trace),
        "follows": follows,
        "leads_astray": not cited.are_gold(problem, given) if given else None,
        "gives": _gives(bool(follows), _is(problem, problem.gold, trace), trace.tagged),
    }


def _is(problem: Problem, answers: tuple[str, ...], trace: Trace) -> bool:
    """Whether a text gives just these answers, as a set."""
    metric = "strict" if dataset(problem.dataset).needs_all else "exact"
    return answer_correct(metric, replace(problem, gold=answers), trace)


def _gives(is_forced: bool, is_gold: bool, is_there: bool) -> str:
    if is_forced or is_gold:
        return "both" if is_forced and is_gold else "forced" if is_forced else "gold"
    return "other" if is_there else "none"
