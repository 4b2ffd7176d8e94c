"""The problems in the paper's public release, on which its models were trained and tested.

`tracelib.datasets.release_files` lists the files and gets them.
"""

from collections.abc import Iterable

import pandas as pd

from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets import registry, release_files
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import (
    DURING_STAND_IN,
    DURING_TRAIN,
    PROBLEM_FILES,
    Unreachable,
    available,
    locate,
)
from tracelib.datasets.shipped import ShippedTable

STANDING_IN = (
    "The training file of the relation during is public, but not in this copy. In its place we use the "
    "problems of that relation in val_set.csv and test_set.csv that are in no test file."
)


def load_splits(dataset: str) -> dict[str, list[Problem]]:
    """The real problems on which the release's models were trained and tested, by split; strict.

    CoTempQA has 950 test problems, and the training problems of all relations; `standing_in` says whether
    other problems replace those of *during*. bAbI has 3,773 training and 376 test problems. `InputError`
    for MARCO: we have not seen its data files, and know its problems only from the outputs.
    """
    files, test = problem_files(dataset), load_tested(dataset)
    train = [
        problem
        for name in files["train"]
        for problem in (_stand_ins(name, test) if name in DURING_STAND_IN else _read(dataset, name))
    ]
    return {"train": train, "test": test}


def load_tested(dataset: str) -> list[Problem]:
    """The real test problems alone, which need no training file."""
    return [problem for name in PROBLEM_FILES[dataset]["test"] for problem in _read(dataset, name)]


def _read(dataset: str, name: str) -> list[Problem]:
    return registry.dataset(dataset).read(locate(name), None)


def problem_files(dataset: str) -> dict[str, list[str]]:
    """The files that `load_splits` reads, by split.

    If the training file of *during* cannot be had, the two files with its stand-ins replace it.
    """
    if dataset not in PROBLEM_FILES:
        raise InputError(
            f"no problems of '{dataset}' can be read from the release, only of {', '.join(PROBLEM_FILES)}"
        )
    files = {split: list(listed) for split, listed in PROBLEM_FILES[dataset].items()}
    if DURING_TRAIN in files["train"] and not _can_be_had(DURING_TRAIN):
        place = files["train"].index(DURING_TRAIN)
        files["train"][place : place + 1] = DURING_STAND_IN
    return files


def _can_be_had(name: str) -> bool:
    try:
        return bool(available([name]))
    except Unreachable:
        return False


def _stand_ins(name: str, test: Iterable[Problem]) -> list[Problem]:
    """The *during* problems of ``val_set.csv`` or ``test_set.csv`` that are in no test file.

    We take them for training problems, because that holds for the three other relations, whose training
    files we have: every problem of these two sets that is in no test file is in the training file.
    """
    tested = {problem.content for problem in test}
    during = (problem for problem in cotempqa.read(locate(name)) if problem.category == "during")
    return [problem for problem in during if problem.content not in tested]


def standing_in(dataset: str) -> str:
    """A sentence on the problems that replace missing training problems; empty if none are missing.

    It describes the problems of `load_splits`; if these cannot be loaded, the problems from which the shipped
    tables were made. Only training problems of CoTempQA can be missing.
    """
    if dataset != "cotempqa":
        return ""
    files = problem_files(dataset)["train"]
    if release_files.absent(files):
        files = shipped_problem_files()
    return "" if DURING_TRAIN in files else STANDING_IN


def would_lose_problems() -> bool:
    """Whether the shipped tables about problems were made from files that are missing here."""
    needed = files_behind()["name"].tolist()
    try:
        lacking = set(needed) - set(available(needed))
    except Unreachable:
        return True
    return bool(lacking) or (DURING_TRAIN in shipped_problem_files() and DURING_TRAIN not in needed)


def files_behind() -> pd.DataFrame:
    """The problem files from which tables about problems are made: one column, ``name``."""
    parts = [part for dataset in PROBLEM_FILES for part in problem_files(dataset).values()]
    return pd.DataFrame({"name": [name for part in parts for name in part]})


SHIPPED_PROBLEM_FILES = ShippedTable(PAPER / "release_problem_files.csv", files_behind)


def shipped_problem_files() -> list[str]:
    """The names of the problem files from which the shipped tables about problems were made."""
    return SHIPPED_PROBLEM_FILES.read()["name"].tolist()
