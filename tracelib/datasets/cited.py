"""What answer do cited facts give, taken by themselves? Read off the facts, not off the problem's gold."""

from collections.abc import Sequence
from dataclasses import replace

from tracelib.core.texts import folded
from tracelib.datasets.agreement import same_answers
from tracelib.datasets.babi import solver as babi
from tracelib.datasets.cotempqa.reader import parse_fact
from tracelib.datasets.cotempqa.solver import asked_side
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution


def answers(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    """The answers that these facts give to the problem's question; empty where they give none.

    CoTempQA: of each fact the side that the question asks for, whatever its dates. bAbI: what the solver
    says if the cited facts are the whole story, so that an answer needs the facts it follows from, all of
    them. But some of bAbI's questions have an answer from any facts or none: who took nothing carries
    *nothing*, or *none*. MARCO and others: none, since their passages are beyond rules.
    """
    if problem.dataset == "cotempqa":
        return _sides(problem, cited)
    if problem.dataset == "babi":
        return babi.solve(replace(problem, facts=_in_order(problem.facts, cited))).answers
    return ()


def are_gold(problem: Problem, given: tuple[str, ...]) -> bool:
    """Whether such answers are the problem's gold ones, as a set; bAbI's ways in their order."""
    return same_answers(problem, Solution(given, categories=(problem.category,)))


def _sides(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    side = asked_side(problem)
    facts = [parse_fact(sentence) for sentence in cited] if side else []
    return tuple(dict.fromkeys(getattr(fact, side) for fact in facts if fact))


def _in_order(context: Sequence[str], cited: Sequence[str]) -> tuple[str, ...]:
    """The cited facts in the order of the context, as it writes them: case makes no difference.

    One that stands there several times stands at all of its places. One that does not stand there is as it
    is cited, and follows what is cited before it.
    """
    places: dict[str, list[int]] = {}
    for place, fact in enumerate(context):
        places.setdefault(folded(fact), []).append(place)
    last, found = -1, []
    for number, fact in enumerate(dict.fromkeys(cited)):
        known = places.get(folded(fact))
        found += [(place, -1, context[place]) for place in known] if known else [(last, number, fact)]
        last = known[-1] if known else last
    return tuple(fact for *_, fact in sorted(set(found)))
