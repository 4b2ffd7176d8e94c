"""What answer do cited facts give, taken by themselves? Read off the facts, not off the problem's gold."""

from collections.abc import Sequence

from tracelib.datasets.agreement import same_answers
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.datasets.solution import Solution


def answers(problem: Problem, cited: Sequence[str]) -> tuple[str, ...]:
    """The answers that these facts give to the problem's question; empty where they give none.

    A dataset beyond rules, such as MS MARCO, never has any.
    """
    return dataset(problem.dataset).given(problem, cited)


def are_gold(problem: Problem, given: tuple[str, ...]) -> bool:
    """Whether such answers are the problem's gold ones, as a set; bAbI's ways in their order."""
    return same_answers(problem, Solution(given, categories=(problem.category,)))
