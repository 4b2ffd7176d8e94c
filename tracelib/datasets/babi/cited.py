"""The answers that cited bAbI sentences give by themselves, as if they were the whole story."""

from collections.abc import Sequence
from dataclasses import replace

from tracelib.core.texts import folded
from tracelib.datasets.babi.solver import solve
from tracelib.datasets.problem import Problem


def given(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    """The solver's answers if the cited facts are the whole story.

    So an answer needs all the facts from which it follows. But some questions have an answer from any facts:
    a person who took nothing carries *nothing*, or *none*.
    """
    return solve(replace(problem, facts=_in_order(problem.facts, cited))).answers


def _in_order(context: Sequence[str], cited: Sequence[str]) -> tuple[str, ...]:
    """The cited facts in the context's order and wording; case does not count.

    A fact that stands in the context several times is given at each of its places. A fact that is not in the
    context stays as it is cited, and follows the fact that is cited before it.
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
