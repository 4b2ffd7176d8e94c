"""Whether what a solver derives is what a problem states: its answers, its label, its supporting facts."""

from tracelib.core.texts import folded
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution

LABELS = {"cotempqa": cotempqa.CATEGORIES, "babi": babi.CATEGORIES}  # that the solvers tell apart


def same_answers(problem: Problem, solution: Solution) -> bool:
    """Whether the derived answers are the gold ones, however they are typed, in any order.

    bAbI writes a list as one text (``apple,football``), whose entries are compared; those of a way
    (``s,w``) in their order.
    """
    if problem.dataset != "babi":
        return _folded(problem.gold) == _folded(solution.answers)
    derived = _entries(solution.answers)
    stated = [_entries([answer]) for answer in problem.gold]
    stated.append(_entries(problem.gold))  # a list that is written as a list
    if babi.PATHS in solution.categories:
        return derived in stated
    return sorted(derived) in map(sorted, stated)


def label_fits(problem: Problem, solution: Solution) -> bool | None:
    """Whether the problem's label is among those that fit its text.

    None where the solver has no label, or where the problem's is not one that the solver tells apart.
    """
    label = problem.category.lower()
    if not solution.categories or label not in LABELS.get(problem.dataset, ()):
        return None
    return label in solution.categories


def same_facts(problem: Problem, solution: Solution) -> bool:
    """Whether the problem's supporting facts are one of the sets from which the derived answers follow."""
    stated = set(problem.supporting)
    return any(stated == set(facts) for facts in solution.accepted)


def _folded(texts) -> set[str]:
    return set(map(folded, texts))


def _entries(texts) -> list[str]:
    return [folded(entry) for text in texts for entry in text.split(",")]
