"""Interventions: the trace is set, and only the answer is generated. Does the answer follow the trace?

Correct traces go with correct answers (see the chapter on the joint rate), but this is an association: an
easy problem is easy in both. Setting the trace (Pearl's do) removes the association, so a change in the
answer is an effect of the trace. We have found no such experiment in the paper or its release.

A trace is set in the format in which the model was trained to write traces
(`tracelib.traces.conditions.style`). In another format, a model might ignore the trace only because it does
not know the format.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from tracelib.core.errors import InputError
from tracelib.datasets import cited
from tracelib.datasets.problem import Facts, Problem
from tracelib.datasets.registry import dataset
from tracelib.experiments import counterfactual
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.traces import conditions
from tracelib.traces.format import Trace, parse, steps

END = "</think> <answer>"
GIVEN = {  # interventions made from the problem alone, and the condition that gives their steps
    "gold": "correct",
    "wrong category": "wrong-category",
    "wrong facts": "wrong-facts",
    "both wrong": "both-wrong",
    "another problem's": "swapped",
}
WRONG = ("wrong facts", "both wrong", "another problem's")  # interventions that set wrong facts
REWRITTEN = {  # the gold category, and gold facts rewritten to give another answer
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
        text: the start of the assistant's message, up to where its answer begins.
        facts: the facts that the trace cites, before a condition's format changes their text.
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
    """The start of the assistant's message, up to where its answer begins, in the format of a condition.

    `own` is the text that the model wrote by itself. None if the intervention cannot be made for this
    problem, if it needs both steps of the model's own trace and one is missing, or if it changes nothing.
    """
    start = begun(problem, intervention, seed, pool, own, condition)
    return start and start.text


def begun(
    problem: Problem, intervention: str, seed: int, pool: Sequence[Problem], own: str, condition: str
) -> Start | None:
    """`forced`, with the cited facts."""
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
    """The model's own trace, as it is or changed by an intervention."""
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
    """The answers that a text's cited facts give by themselves (`tracelib.datasets.cited.answers`)."""
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
    """One row per problem and intervention that applies to it; interventions of `REWRITTEN` come last.

    `answering` returns the text that follows each forced start. `InputError` if a model of this condition
    writes no trace before its answer. Columns:

    - intervention, item, condition, seed;
    - answer_correct: by the dataset's primary metric;
    - follows: the answer is, as a set, the answer that the forced facts give; missing if they give none;
    - leads_astray: the forced facts give another answer than the gold one; missing if they give none;
    - gives: one of `GIVES`. The answer is the one that the forced facts give, the gold one, both if these are
      the same, another one, or none.
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
        # A batch's other texts can change a last digit. The committed tables were made without `REWRITTEN`,
        # so these interventions get batches of their own.
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
