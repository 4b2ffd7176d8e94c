"""The twins' problems that chapters show: the same in all of them."""

from tracelib.datasets import twins
from tracelib.datasets.problem import Problem

COUNT, SEED, FACTS = 200, 7, 6


def pools() -> dict[str, list[Problem]]:
    """Problems of six facts of each twin, by the name of its dataset."""
    return {name: twins.generate(name, COUNT, SEED, FACTS) for name in twins.DATASETS}
