"""Twins: procedural generators, one per dataset, with its schema, categories and decomposition."""

from collections.abc import Mapping

from tracelib.core.files import InputError
from tracelib.datasets.babi import twin as babi
from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.datasets.marco import twin as marco
from tracelib.datasets.problem import Problem

DATASETS = ("cotempqa", "babi", "marco")
FACTS = {"cotempqa": cotempqa.FACTS, "babi": babi.FACTS, "marco": marco.PASSAGES}  # fewest and most


def generate(dataset: str, count: int, seed: int, facts: int, dates: str = "day") -> list[Problem]:
    """`count` distinct problems of a dataset's twin with `facts` facts (MARCO: passages) each.

    `dates` is the finest that CoTempQA's are written in: year, month or day. The other knobs keep
    their defaults; `InputError` for a dataset without a twin.
    """
    if dataset == "cotempqa":
        units = cotempqa.GRANULARITIES[: cotempqa.GRANULARITIES.index(dates) + 1]
        return cotempqa.generate(count, seed, cotempqa.Knobs(facts=facts, granularities=units))
    if dataset == "babi":
        return babi.generate(count, seed, babi.Knobs(facts=facts))
    if dataset == "marco":
        return marco.generate(count, seed, marco.Knobs(passages=facts))
    raise InputError(f"no twin of '{dataset}', expected one of {', '.join(DATASETS)}")


def splits(
    dataset: str, sizes: Mapping[str, int], seed: int, facts: int, dates: str = "day"
) -> dict[str, list[Problem]]:
    """Splits of the named sizes, no problem in two of them, taken in this order from one stream."""
    problems = iter(generate(dataset, sum(sizes.values()), seed, facts, dates))
    return {name: [next(problems) for _ in range(size)] for name, size in sizes.items()}
