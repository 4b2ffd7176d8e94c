"""What a condition is, in a sentence: the first line of its function's docstring."""

from tracelib.core.described import first_line
from tracelib.traces import conditions


def describe(condition: str) -> str:
    """The first sentence of what a condition is."""
    known = {**conditions.CONDITIONS, **conditions.TAUGHT}
    return first_line(known[condition])
