"""bAbI's answers. Several answers are one text (``apple,football``); many are derived, not quoted."""

from tracelib.core.texts import folded
from tracelib.datasets.babi.reader import CATEGORIES, PATHS
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution

# Answers that are derived from facts, not taken from them: truth values, counts, directions.
TRUTH_VALUES = ("yes", "no", "maybe")
COUNTS = ("none", "nothing", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DIRECTIONS = ("n", "s", "e", "w")
DERIVED = frozenset((*TRUTH_VALUES, *COUNTS, *DIRECTIONS))
# Tasks whose answers are derived, in any language; in task 20 a motive implies a place.
DERIVED_TASKS = frozenset(CATEGORIES[number - 1] for number in (6, 7, 9, 10, 17, 18, 19, 20))


def same_answers(problem: Problem, solution: Solution) -> bool:
    """Whether the derived answers are the gold ones, in any order; the directions of a path keep theirs."""
    derived = _entries(solution.answers)
    stated = [_entries([answer]) for answer in problem.gold]
    stated.append(_entries(problem.gold))  # several answers may also be several texts
    if PATHS in solution.categories:
        return derived in stated
    return sorted(derived) in map(sorted, stated)


def in_context(problem: Problem) -> list[str]:
    """The entries of the gold answers that are quoted from the context, not derived."""
    if problem.category in DERIVED_TASKS:
        return []
    entries = [entry.strip() for answer in problem.gold for entry in answer.split(",")]
    return [entry for entry in entries if entry.casefold() not in DERIVED]


def _entries(texts) -> list[str]:
    return [folded(entry) for text in texts for entry in text.split(",")]
