"""The paper's own problems: CoTempQA and bAbI from its release, MS MARCO from files or from the hub."""

import os
from pathlib import Path

from tracelib.core.files import InputError
from tracelib.datasets import hub, release_files, release_problems, splits
from tracelib.datasets.marco import reader as marco
from tracelib.datasets.problem import Problem

MARCO = {"train": "train", "test": "validation"}  # MS MARCO keeps the answers of its test split
POOL = 4  # of MS MARCO, this many times as many problems as asked for are what is sampled from


def deal(chosen: splits.Selection) -> splits.Dealt:
    """Training and test problems, as the experiment's split deals them (`tracelib.datasets.splits`).

    `InputError` if there are fewer, or they cannot be had.
    """
    if chosen.dataset == "marco":
        sizes = {"train": chosen.train_items, "test": chosen.test_items}
        parts = {part: _marco(MARCO[part], POOL * size or None) for part, size in sizes.items()}
    else:
        parts = release_problems.load_splits(chosen.dataset)
    return splits.deal(chosen, parts["train"], parts["test"])


def standing_in(dataset: str) -> str:
    """What stands in for training problems that are not to be had; empty where they are all there."""
    return release_problems.standing_in() if dataset == "cotempqa" else ""


def _marco(split: str, count: int | None) -> list[Problem]:
    """The first `count` problems of a split of v2.1: of a file beside the release, or from the hub."""
    root = os.environ.get(release_files.VARIABLE)
    if root and (file := Path(root) / "marco" / f"{split}.jsonl").is_file():
        return marco.read(file)[:count]
    try:
        return hub.load("marco-v2.1", split, count)
    except InputError as error:
        place = f"marco/{split}.jsonl in the folder that {release_files.VARIABLE} names"
        raise InputError(f"{error}; or put its records, one JSON object per line, into {place}") from None
