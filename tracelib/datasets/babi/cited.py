"""The answers that cited sentences of bAbI give by themselves, as if they were the whole story."""

from collections.abc import Sequence
from dataclasses import replace

from tracelib.core.texts import folded
from tracelib.datasets.babi.solver import solve
from tracelib.datasets.problem import Problem


def given(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    """What the solver says if the cited facts are the whole story.

    An answer so needs all the facts from which it follows. But some questions have an answer from any facts
    or none: who took nothing carries *nothing*, or *none*.
    """
    return solve(replace(problem, facts=_in_order(problem.facts, cited))).answers


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
