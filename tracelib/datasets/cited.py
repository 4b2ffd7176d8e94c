"""The answers that cited facts give by themselves: derived from the facts, not from the problem's gold."""

from collections.abc import Sequence

from tracelib.datasets.agreement import same_answers
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.datasets.solution import Solution


def answers(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    """The answers that the cited facts give to the problem's question; empty where they give none.

    A dataset without such a rule, as MS MARCO, never has any.
    """
    return dataset(problem.dataset).given(problem, cited)


def are_gold(problem: Problem, given: tuple[str, ...]) -> bool:
    """Whether the given answers are the problem's gold ones, in any order; bAbI's paths keep their order."""
    return same_answers(problem, Solution(given, categories=(problem.category,)))
