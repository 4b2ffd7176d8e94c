"""The dated facts of a problem on a line of years."""

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure

from tracelib.core.errors import InputError
from tracelib.datasets.cotempqa.reader import parse_fact
from tracelib.datasets.cotempqa.solver import solve
from tracelib.datasets.problem import Problem
from tracelib.reporting.figures import canvas

YEARS = 5  # between two lines of the grid
EVENT, GOLD = "the event", "gives an answer"
POINT = 0.8  # years: how wide a fact of a single year is drawn


def timeline(problem: Problem, solved: bool = True) -> Figure:
    """A row per fact, from its first to its last year.

    The event of the question is dark, and its years are shaded through all rows; facts that give an answer
    are coloured and say so. Unsolved, the rows are empty, to be filled in by hand.

    Args:
        problem: a problem of CoTempQA or its twin. `InputError` if a fact of it has no date.
    """
    facts = [parse_fact(sentence) for sentence in problem.facts]
    if not all(fact and fact.start and fact.end for fact in facts):
        raise InputError(f"problem {problem.id}: a fact has no date, so it has no place on a line of years")
    spans = [(fact.start[0], fact.end[0]) for fact in facts]
    figure, axes = canvas(height=0.9 + (0.34 if solved else 0.5) * len(facts))
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    low, high = first - first % YEARS, last + YEARS - last % YEARS
    axes.set_xlim(low, high)
    axes.set_xticks(range(low, high + 1, YEARS), minor=high - low > 60)
    axes.set_xticks(range(low - low % 10, high + 1, 10))
    axes.set_yticks(range(len(facts)), [str(number) for number in range(1, len(facts) + 1)])
    axes.set_ylim(len(facts) - 0.5, -0.5)
    axes.set_ylabel("fact")
    axes.grid(visible=True, which="both", axis="x", linewidth=0.6)
    if solved:
        _draw(axes, problem, facts, spans)
    return figure


def _draw(axes: plt.Axes, problem: Problem, facts: list, spans: list[tuple[int, int]]) -> None:
    anchor = solve(problem).anchor
    colours = {EVENT: (0.2, 0.2, 0.2), GOLD: sns.color_palette()[0], "": (0.78, 0.78, 0.78)}
    middle = sum(axes.get_xlim()) / 2
    for place in anchor:
        axes.axvspan(*spans[place], color=colours[EVENT], alpha=0.1, linewidth=0)
    for place, (fact, (start, end)) in enumerate(zip(facts, spans, strict=True)):
        role = EVENT if place in anchor else GOLD if place in problem.supporting else ""
        ends = [start, end] if end > start else [start - POINT / 2, start + POINT / 2]
        axes.plot(ends, [place, place], color=colours[role], linewidth=9, solid_capstyle="butt")
        left = (start + end) / 2 > middle
        axes.annotate(
            f"{fact.object} ({role})" if role else fact.object,
            (start if left else end, place),
            xytext=(-6 if left else 6, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=9,
        )
