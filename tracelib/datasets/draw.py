"""Drawing problems until there are enough of them: what all twins do."""

from collections.abc import Callable

from tracelib.datasets.problem import Problem


def distinct(draw: Callable[[], Problem], is_sound: Callable[[Problem], bool], count: int) -> list[Problem]:
    """`count` different problems that are sound, in the order in which they are drawn."""
    problems: dict[str, Problem] = {}
    while len(problems) < count:
        problem = draw()
        if is_sound(problem):
            problems[problem.id] = problem
    return list(problems.values())
