"""The granularity of the dates that decide a CoTempQA problem."""

from tracelib.datasets.cotempqa.reader import Date, parse_fact
from tracelib.datasets.cotempqa.solver import solve
from tracelib.datasets.problem import Problem


def granularity(problem: Problem) -> str:
    """``year``, ``month`` (with year) or ``day`` (with month and year) if all dates agree, else ``mixed``.

    The dates are those of the gold facts and of the facts that state the question's event. The result is
    empty if no fact states the event, or if a date cannot be read.
    """
    event = solve(problem).anchor
    facts = [parse_fact(problem.facts[index]) for index in (*event, *problem.supporting)]
    dates = [date for fact in facts if fact is not None for date in (fact.start, fact.end)]
    if not event or None in facts or None in dates:
        return ""
    finest = {_precision(date) for date in dates}
    return finest.pop() if len(finest) == 1 else "mixed"


def _precision(date: Date) -> str:
    _, month, day = date
    return "day" if day else "month" if month else "year"
