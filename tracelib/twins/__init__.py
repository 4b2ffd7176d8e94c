"""Twins: procedural generators, one per dataset, with its schema, categories and decomposition."""

from collections.abc import Mapping

from tracelib.files import InputError
from tracelib.problems import Problem
from tracelib.twins import babi, cotempqa, marco

DATASETS = ("cotempqa", "babi", "marco")


def generate(dataset: str, count: int, seed: int, facts: int) -> list[Problem]:
    """`count` distinct problems of a dataset's twin with `facts` facts (MARCO: passages) each.

    The other knobs keep their defaults; `InputError` for a dataset without a twin.
    """
    if dataset == "cotempqa":
        return cotempqa.generate(count, seed, cotempqa.Knobs(facts=facts))
    if dataset == "babi":
        return babi.generate(count, seed, babi.Knobs(facts=facts))
    if dataset == "marco":
        return marco.generate(count, seed, marco.Knobs(passages=facts))
    raise InputError(f"no twin of '{dataset}', expected one of {', '.join(DATASETS)}")


def splits(dataset: str, sizes: Mapping[str, int], seed: int, facts: int) -> dict[str, list[Problem]]:
    """Splits of the named sizes, no problem in two of them."""
    problems = iter(generate(dataset, sum(sizes.values()), seed, facts))
    return {name: [next(problems) for _ in range(size)] for name, size in sizes.items()}
