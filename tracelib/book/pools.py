"""The problems of the twins that chapters show; all chapters use the same ones."""

from tracelib.datasets import twins
from tracelib.datasets.problem import Problem

COUNT, SEED, FACTS = 200, 7, 6


def pools() -> dict[str, list[Problem]]:
    """Problems of each twin by dataset; each problem has six facts."""
    return {name: twins.generate(name, COUNT, SEED, FACTS) for name in twins.DATASETS}
