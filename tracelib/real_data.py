"""The paper's own problems: CoTempQA and bAbI from its release, MS MARCO from files or from the hub."""

import os
import random
from collections.abc import Mapping
from pathlib import Path

from tracelib import hub, release
from tracelib.datasets import marco, release_files
from tracelib.files import InputError
from tracelib.problems import Problem

MARCO = {"train": "train", "test": "validation"}  # MS MARCO keeps the answers of its test split
POOL = 4  # of MS MARCO, this many times as many problems as asked for are what is sampled from


def load(dataset: str, sizes: Mapping[str, int], seed: int) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems: all of them (size 0), or a sample; in the files' order.

    `InputError` if there are fewer, or they cannot be had.
    """
    if dataset == "marco":
        splits = {part: _marco(MARCO[part], POOL * size or None) for part, size in sizes.items()}
    else:
        splits = release.load_splits(dataset)
    return _some("train", splits, sizes, dataset, seed), _some("test", splits, sizes, dataset, seed)


def standing_in(dataset: str) -> str:
    """What stands in for training problems that are not to be had; empty where they are all there."""
    return release.standing_in() if dataset == "cotempqa" else ""


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


def _some(part: str, splits: Mapping, sizes: Mapping[str, int], dataset: str, seed: int) -> list[Problem]:
    known, size = splits[part], sizes[part]
    if size > len(known):
        raise InputError(f"'{part}_items' is {size}, but {dataset} has {len(known)} {part} problems")
    chosen = random.Random(f"{part}/{seed}").sample(range(len(known)), size or len(known))
    return [known[number] for number in sorted(chosen)]
