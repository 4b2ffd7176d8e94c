"""The problems in the paper's public release: those that its models were trained on, and tested on.

`tracelib.datasets.release_files` says which files there are and where they are had from.
"""

from collections.abc import Iterable

import pandas as pd

from tracelib.core.files import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets import registry, release_files
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.problem import Problem, content_id
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
    "The training file of the relation during is public, but not in this copy: the problems of that "
    "relation in val_set.csv and test_set.csv that are in no test file stand in for it."
)


def load_splits(dataset: str) -> dict[str, list[Problem]]:
    """The real problems that the release trained and tested on, by split; strict.

    CoTempQA: 950 test problems, and the training problems of all relations; `standing_in` says whether
    others take the place of those of *during*. bAbI: 3,773 and 376. `InputError` for MARCO, whose data
    files nobody here has seen: its problems are those of its outputs.
    """
    files, test = problem_files(dataset), load_tested(dataset)
    train = [
        problem
        for name in files["train"]
        for problem in (_stand_ins(name, test) if name in DURING_STAND_IN else _read(dataset, name))
    ]
    return {"train": train, "test": test}


def load_tested(dataset: str) -> list[Problem]:
    """The real test problems alone: they need no training file."""
    return [problem for name in PROBLEM_FILES[dataset]["test"] for problem in _read(dataset, name)]


def _read(dataset: str, name: str) -> list[Problem]:
    return registry.dataset(dataset).read(locate(name), None)


def problem_files(dataset: str) -> dict[str, list[str]]:
    """The files that `load_splits` reads, by split.

    Where the training file of *during* is not to be had, the two files with its stand-ins take its place.
    """
    if dataset not in PROBLEM_FILES:
        raise InputError(
            f"no problems of '{dataset}' are read from the release, only {', '.join(PROBLEM_FILES)}"
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

    They are training problems as far as can be known: of the three other relations, whose training files
    we have, every problem of these two sets that is in no test file is in the training file.
    """
    tested = {_content(problem) for problem in test}
    during = (problem for problem in cotempqa.read(locate(name)) if problem.category == "during")
    return [problem for problem in during if _content(problem) not in tested]


def _content(problem: Problem) -> str:
    return content_id(problem.question, problem.facts, problem.gold)


def standing_in(dataset: str = "cotempqa") -> str:
    """What stands in for a dataset's training problems in `load_splits`, or in the shipped tables from it.

    A sentence; empty where the training problems are all there, as they are of all but CoTempQA.
    """
    if dataset != "cotempqa":
        return ""
    files = problem_files(dataset)["train"]
    if release_files.absent(files):
        files = shipped_problem_files()
    return "" if DURING_TRAIN in files else STANDING_IN


def would_lose_problems() -> bool:
    """Whether the shipped tables about problems rest on files that are not here."""
    needed = files_behind()["name"].tolist()
    try:
        lacking = set(needed) - set(available(needed))
    except Unreachable:
        return True
    return bool(lacking) or (DURING_TRAIN in shipped_problem_files() and DURING_TRAIN not in needed)


def files_behind() -> pd.DataFrame:
    """The files of problems that tables about problems rest on: a column ``name``."""
    parts = [part for dataset in PROBLEM_FILES for part in problem_files(dataset).values()]
    return pd.DataFrame({"name": [name for part in parts for name in part]})


SHIPPED_PROBLEM_FILES = ShippedTable(PAPER / "release_problem_files.csv", files_behind)


def shipped_problem_files() -> list[str]:
    """The files of problems that the shipped tables about problems were derived from."""
    return SHIPPED_PROBLEM_FILES.read()["name"].tolist()
