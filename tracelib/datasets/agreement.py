"""Compare what a solver derives with what a problem states: answers, label, supporting facts."""

from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.datasets.solution import Solution


def same_answers(problem: Problem, solution: Solution) -> bool:
    """Whether the derived answers are the gold ones by the dataset's own rule, however they are typed."""
    return dataset(problem.dataset).same_answers(problem, solution)


def label_fits(problem: Problem, solution: Solution) -> bool | None:
    """Whether the solver derives the problem's label from its text.

    None where the solver derives no label, or the problem's label is none of the dataset's categories.
    """
    label = problem.category.lower()
    if not solution.categories or label not in dataset(problem.dataset).categories:
        return None
    return label in solution.categories


def same_facts(problem: Problem, solution: Solution) -> bool:
    """Whether the problem's supporting facts are one of the sets of facts that the solver accepts."""
    stated = set(problem.supporting)
    return any(stated == set(facts) for facts in solution.accepted)
