"""What a function says of itself: the first line of its docstring, which pages and help show.

No run reads docstrings, so none is made again when one is reworded (`tracelib.core.keys`).
"""

from collections.abc import Callable
from functools import partial


def first_line(function: Callable) -> str:
    """The first line of a function's docstring; a partial one says what its function says."""
    text = (function.func if isinstance(function, partial) else function).__doc__
    return text.strip().split("\n")[0]
