"""The datasets' own problems: from the paper's release where it has them, else from files or the hub."""

import os
from collections.abc import Container
from pathlib import Path

from tracelib.core.errors import InputError
from tracelib.datasets import hub, release_files, release_problems, splits
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset

POOL = 4  # problems that the release lacks are sampled from this many times the number asked for


def deal(chosen: splits.Selection, taught: Container[Problem] | None = None) -> splits.Dealt:
    """The training and test problems by the experiment's split (`tracelib.datasets.splits`).

    `InputError` if there are too few, or if they cannot be had.
    """
    table = next((table for table in dataset(chosen.dataset).hub if table.run_on), None)
    if table:
        sizes = (chosen.train_items, chosen.test_items)
        train, test = (
            _first(chosen.dataset, table.name, split, POOL * size or None)
            for split, size in zip(table.run_on, sizes, strict=True)
        )
    else:
        parts = release_problems.load_splits(chosen.dataset)
        train, test = parts["train"], parts["test"]
    return splits.deal(chosen, train, test, taught)


def standing_in(name: str) -> str:
    """A sentence on the problems that replace missing training problems; empty if none are missing."""
    return release_problems.standing_in(name)


def _first(name: str, table: str, split: str, count: int | None) -> list[Problem]:
    """The first `count` problems of a split, from a file beside the release or from the hub."""
    root = os.environ.get(release_files.VARIABLE)
    if root and (file := Path(root) / name / f"{split}.jsonl").is_file():
        return dataset(name).read(file, None)[:count]
    try:
        return hub.load(table, split, count)
    except InputError as error:
        place = f"{name}/{split}.jsonl in the folder that {release_files.VARIABLE} names"
        raise InputError(f"{error}; or put its records, one JSON object per line, into {place}") from None
