"""What a condition is, in a sentence: the first line of its function's docstring.

Apart from the conditions themselves, so that a run does not depend on docstrings (`tracelib.core.keys`).
"""

from functools import partial

from tracelib.traces import conditions


def describe(condition: str) -> str:
    """The first sentence of what a condition is."""
    function = conditions.CONDITIONS[condition]
    text = (function.func if isinstance(function, partial) else function).__doc__
    return text.strip().split("\n")[0]
