"""Describe a condition by the first line of its function's docstring.

This module is apart from the conditions, so that a run does not depend on docstrings (`tracelib.core.keys`).
"""

from functools import partial

from tracelib.traces import conditions


def describe(condition: str) -> str:
    """A short description of a condition."""
    function = conditions.CONDITIONS[condition]
    text = (function.func if isinstance(function, partial) else function).__doc__
    return text.strip().split("\n")[0]
