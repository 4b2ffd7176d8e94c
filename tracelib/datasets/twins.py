"""Twins: one procedural generator per dataset, with the dataset's schema, categories and decomposition."""

from collections.abc import Mapping

from tracelib.core.errors import InputError
from tracelib.datasets import registry
from tracelib.datasets.problem import Problem

DATASETS = tuple(known.name for known in registry.DATASETS if known.generate)  # with a twin


def generate(dataset: str, count: int, seed: int, facts: int, dates: str = "day") -> list[Problem]:
    """`count` distinct problems of a dataset's twin, each with `facts` facts (MARCO: passages).

    `dates` is the finest granularity of CoTempQA's dates: year, month or day. All other settings keep their
    defaults. `InputError` for a dataset without a twin.
    """
    made = registry.dataset(dataset).generate
    if made is None:
        raise InputError(f"no twin of '{dataset}', expected one of {', '.join(DATASETS)}")
    return made(count, seed, facts, dates)


def splits(
    dataset: str, sizes: Mapping[str, int], seed: int, facts: int, dates: str = "day"
) -> dict[str, list[Problem]]:
    """Splits of the given sizes, taken in this order from one stream; no problem is in two splits."""
    problems = iter(generate(dataset, sum(sizes.values()), seed, facts, dates))
    return {name: [next(problems) for _ in range(size)] for name, size in sizes.items()}
