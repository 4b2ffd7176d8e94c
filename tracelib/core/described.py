"""The first line of a function's docstring, which pages and help texts show.

Runs do not depend on docstrings, so a reworded one repeats no run (`tracelib.core.keys`).
"""

from collections.abc import Callable
from functools import partial


def first_line(function: Callable) -> str:
    """The first line of a function's docstring. A partial function has the docstring of its function."""
    text = (function.func if isinstance(function, partial) else function).__doc__
    return text.strip().split("\n")[0]
