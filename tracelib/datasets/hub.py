"""Load the real datasets from the Hugging Face hub, each at one pinned commit, with the library ``datasets``.

Each dataset declares its tables, and how to read their rows, in `Dataset.hub`.
"""

from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from types import ModuleType

from tracelib.core.errors import InputError, quoted
from tracelib.datasets import registry
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import DATASETS

TABLES = {table.name: table for known in DATASETS for table in known.hub}
SPLITS = {name: table.splits for name, table in TABLES.items()}


def load(
    dataset: str, split: str, limit: int | None = None, skipped: list[InputError] | None = None
) -> list[Problem]:
    """The problems of one split of a table in `TABLES`, in the hub's order.

    With `limit`, only that many problems are read, and only the rows they need are fetched. Without it, the
    whole split is downloaded to the library's cache. Reading is strict; with a list `skipped` it is lenient:
    bad rows are left out and their errors appended. `InputError` for a wrong argument, a bad row (its place
    is repository, file and row), a missing library, or a hub that cannot be reached.
    """
    _check(dataset, split, limit)
    problems = _problems(dataset, split, limit is not None, skipped)
    errors = _library("huggingface_hub.errors")
    try:
        return list(islice(problems, limit))
    except (OSError, errors.HTTPError) as error:  # offline, no such host, timeout, refused, disk full
        raise InputError(
            f"{dataset} cannot be loaded from the Hugging Face hub ({type(error).__name__}: "
            f"{quoted(str(error))}); check the network and HF_HUB_OFFLINE, or read the published files "
            f"with tracelib.datasets.{dataset.partition('-')[0]}.reader.read"
        ) from error


def _check(dataset: str, split: str, limit: int | None) -> None:
    if dataset in {known.name for known in DATASETS if not known.hub}:
        raise InputError(
            f"{dataset} has no pinned commit on the Hugging Face hub; read its files "
            f"({registry.dataset(dataset).files}) with tracelib.datasets.{dataset}.reader.read"
        )
    if dataset not in SPLITS:
        raise InputError(f"dataset {quoted(dataset)}, expected one of {', '.join(SPLITS)}")
    if split not in SPLITS[dataset]:
        expected = ", ".join(SPLITS[dataset])
        raise InputError(f"split {quoted(split)} of {dataset}, expected one of {expected}")
    if limit is not None and limit < 1:
        raise InputError(f"limit {limit}, expected at least 1, or None for all")


def _library(name: str) -> ModuleType:
    """The library ``datasets``, or a module that comes with it. It is optional, so it is imported here."""
    try:
        return import_module(name)
    except ImportError:
        raise InputError("loading from the hub needs the library datasets: pip install datasets") from None


def _problems(dataset: str, split: str, stream: bool, skipped: list[InputError] | None) -> Iterator[Problem]:
    for where, options, build in TABLES[dataset].parts(split):
        rows = _library("datasets").load_dataset(**options, split=split, streaming=stream)
        for number, row in enumerate(rows, start=1):
            try:
                found = list(build(row, where, number))
            except InputError as error:
                if skipped is None:
                    raise
                skipped.append(error)
                continue
            yield from found
