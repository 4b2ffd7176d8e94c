"""A description of a run's parameters for readers: meanings, allowed values, and the paper's values.

It is apart from their declaration (`tracelib.experiments.config`), so that no run depends on the wording of a
meaning.
"""

import ast
from dataclasses import asdict, is_dataclass
from inspect import getsource
from itertools import pairwise
from typing import NamedTuple

from tracelib.experiments.config import BOUNDS, DECLARED, LARGEST, Experiment, Paper, choices

KINDS = {bool: "true or false", str: "a text", int: "a whole number", int | float: "a number"}


class Parameter(NamedTuple):
    """One parameter, described. `paper` is empty if the paper has no value."""

    parameter: str
    meaning: str
    allowed: str
    paper: str


def described() -> list[Parameter]:
    """Every parameter of a run, in the order of the declaration."""
    texts = _meanings()
    return [Parameter(name, texts[name], _allowed(name), _of_the_paper(name)) for name in DECLARED]


def _meanings() -> dict[str, str]:
    """The text below each field of the declaration, by the field's name."""
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
    """The bounds of a number in words, without `LARGEST`, which is only a technical limit."""
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
