"""The paper's own problems: CoTempQA and bAbI from its release, MS MARCO from the hub."""

import random
from collections.abc import Mapping

from tracelib import hub, release
from tracelib.files import InputError
from tracelib.problems import Problem

MARCO = {"train": "train", "test": "validation"}  # the answers of its test split are not public
POOL = 4  # of MS MARCO, this many times as many problems as asked for are what is sampled from


def load(dataset: str, sizes: Mapping[str, int], seed: int) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems: all of them (size 0), or a sample; in the files' order.

    `InputError` if there are fewer, or they cannot be had.
    """
    if dataset == "marco":
        splits = {
            part: hub.load("marco-v2.1", MARCO[part], POOL * size or None) for part, size in sizes.items()
        }
    else:
        splits = release.load_splits(dataset)
    return _some("train", splits, sizes, dataset, seed), _some("test", splits, sizes, dataset, seed)


def _some(part: str, splits: Mapping, sizes: Mapping[str, int], dataset: str, seed: int) -> list[Problem]:
    known, size = splits[part], sizes[part]
    if size > len(known):
        raise InputError(f"'{part}_items' is {size}, but {dataset} has {len(known)} {part} problems")
    chosen = random.Random(f"{part}/{seed}").sample(range(len(known)), size or len(known))
    return [known[number] for number in sorted(chosen)]
