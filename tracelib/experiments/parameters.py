"""What people read of a run's parameters: meanings, allowed values, and what the paper had.

Apart from their declaration (`tracelib.experiments.config`), so that no run depends on how a meaning is
worded.
"""

import ast
from dataclasses import asdict, is_dataclass
from inspect import getsource
from itertools import pairwise
from typing import NamedTuple

from tracelib.experiments.config import BOUNDS, DECLARED, LARGEST, Experiment, Paper, choices

KINDS = {bool: "true or false", str: "a text", int: "a whole number", int | float: "a number"}


class Parameter(NamedTuple):
    """One parameter; `paper` is empty where the paper does not say."""

    parameter: str
    meaning: str
    allowed: str
    paper: str


def described() -> list[Parameter]:
    """Every parameter of a run, in the order of the declaration."""
    texts = _meanings()
    return [Parameter(name, texts[name], _allowed(name), _of_the_paper(name)) for name in DECLARED]


def _meanings() -> dict[str, str]:
    """By name the text below each field of the declaration."""
    (declaration,) = ast.parse(getsource(Experiment)).body
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(declaration.body)
        if isinstance(field, ast.AnnAssign)
    }


def _allowed(name: str) -> str:
    kind = KINDS.get(DECLARED[name].annotation)
    return ", ".join([kind, *_limits(name)] if kind else choices(name))


def _limits(name: str) -> list[str]:
    """The bounds of a number, in words, but for the largest number that there is room for."""
    bounds = [asdict(bound) for bound in DECLARED[name].metadata if is_dataclass(bound)]
    return [
        f"{BOUNDS[bound]} {limit:,}"
        for found in bounds
        for bound, limit in found.items()
        if bound in BOUNDS and limit != LARGEST
    ]


def _of_the_paper(name: str) -> str:
    value = next((known.value for known in DECLARED[name].metadata if isinstance(known, Paper)), "")
    return str(value).lower() if isinstance(value, bool) else str(value)
