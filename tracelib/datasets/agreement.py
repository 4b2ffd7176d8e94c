"""Whether what a solver derives is what a problem states: its answers, its label, its supporting facts."""

from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.datasets.solution import Solution


def same_answers(problem: Problem, solution: Solution) -> bool:
    """Whether the derived answers are the gold ones, however they are typed, by the dataset's own rule."""
    return dataset(problem.dataset).same_answers(problem, solution)


def label_fits(problem: Problem, solution: Solution) -> bool | None:
    """Whether the problem's label is among those that fit its text.

    None where the solver has no label, or where the problem's is not one that the solver tells apart.
    """
    label = problem.category.lower()
    if not solution.categories or label not in dataset(problem.dataset).categories:
        return None
    return label in solution.categories


def same_facts(problem: Problem, solution: Solution) -> bool:
    """Whether the problem's supporting facts are one of the sets from which the derived answers follow."""
    stated = set(problem.supporting)
    return any(stated == set(facts) for facts in solution.accepted)
