"""How many training problems a teacher's texts give, by condition, in the profile `PROFILE`.

`SHIPPED` has the counts for R1's texts as they were where it was derived. It holds no text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from tracelib.core.paths import NATURAL
from tracelib.datasets import family_files, problem_sets, r1_texts, teacher_texts
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import Unreachable
from tracelib.datasets.shipped import ShippedTable
from tracelib.experiments import profiles
from tracelib.experiments.config import Experiment, from_parameters
from tracelib.traces.conditions import target

PROFILE = "smollm2-r1"


@dataclass(frozen=True)
class Arms:
    """The arms of the profile, with a teacher's texts.

    Attributes:
        conditions: their names.
        train: the training problems, the same for all arms.
        test: the held-out problems.
        texts: the teacher's texts by the ids of training problems.
        source: a sentence on where the texts come from.
        seed: of what a condition draws.
    """

    conditions: list[str]
    train: list[Problem]
    test: list[Problem]
    texts: dict[str, Texts]
    source: str
    seed: int

    def target(self, problem: Problem, condition: str) -> str:
        """What an arm is trained to write; empty if the teacher has not written what it needs."""
        return target(problem, condition, self.seed, self.train, self.texts)


def arms(texts: str) -> Arms:
    """The arms with the texts of ``r1`` or of an export. `InputError` if they cannot be had."""
    runs = [_run(cell, texts) for cell in profiles.load(PROFILE).cells().values()]
    taught = teacher_texts.load(texts)
    train, test = problem_sets.load(runs[0])
    conditions = [run.condition for run in runs]
    return Arms(conditions, train, test, taught.of(train), taught.source, runs[0].seed)


def _run(cell: dict, texts: str) -> Experiment:
    known = {name: value for name, value in cell.items() if name not in ("seeds", "folder")}
    return from_parameters({**known, "texts": texts, "seed": cell["seeds"][0]})


def counted(found: Arms) -> pd.DataFrame:
    """A row per arm: condition, train (problems), targets (of these), words (mean of a target), test."""
    return pd.DataFrame(_rows(found))


def _rows(found: Arms) -> Iterator[dict]:
    for condition in found.conditions:
        made = [text for problem in found.train if (text := found.target(problem, condition))]
        words = sum(len(text.split()) for text in made) / len(made) if made else None
        yield {
            "condition": condition,
            "train": len(found.train),
            "targets": len(made),
            "words": None if words is None else round(words, 1),
            "test": len(found.test),
        }


def compute() -> pd.DataFrame:
    """`counted` for R1's texts."""
    return counted(arms(teacher_texts.R1))


SHIPPED = ShippedTable(NATURAL / "taught_targets.csv", compute)


def here(texts: str) -> Arms | None:
    """The arms with an export's texts, or with R1's if they are on this machine; else None."""
    if not texts and not (r1_texts.files() or family_files.sample()):
        return None
    try:
        return arms(texts or teacher_texts.R1)
    except Unreachable:  # the texts without the problems that they are about
        return None
