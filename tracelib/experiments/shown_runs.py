"""The runs that chapters show: those of a build, or, without it, those that ship with the package.

``make shipped-runs`` makes the shipped ones again. They are three runs of the laptop's profile, without their
models.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tracelib.core.errors import InputError
from tracelib.core.paths import ASSETS
from tracelib.experiments import run_folder
from tracelib.experiments.config import from_parameters
from tracelib.scoring.outcomes import ANSWERS, DTYPES

SHIPPED = ASSETS / "runs"
PROFILE = "laptop"  # of the shipped runs
RECORDED = {  # what chapters read of a run.json, and within it
    "parameters": ("dataset", "condition", "seed"),
    "model_parameters": (),
    "seconds": ("train",),
    "too_long": ("train", "test"),
    "unfinished": ("test",),
    "precision": (),
    "device": (),
    "data_sha256": (),
    "git_commit": (),
}
TABLES = {"outcomes.csv": DTYPES.keys() - set(ANSWERS.values()), "loss.csv": {"step", "loss"}}
FILES = (*TABLES, "predictions.jsonl")


class Runs(NamedTuple):
    """The runs that a chapter shows.

    Attributes:
        folder: holds a run folder per name.
        profile: the name of their profile.
        made: who made them, as the end of a sentence that begins "one of".
    """

    folder: Path
    profile: str
    made: str


def find(work: Path, names: Sequence[str]) -> Runs:
    """The named runs of a build's folder. If one is missing or old, the shipped ones; a printed line says so.

    `InputError` if one is missing or old, and not all of them ship with the package.
    """
    try:
        folder = run_folder.present(work, names)
        for name in names:
            _check(folder / name)
    except InputError as error:
        if not all((SHIPPED / name).is_dir() for name in names):
            raise
        print(f"{error}. Until then the runs that ship with the package are shown")
        return Runs(SHIPPED, PROFILE, f"the runs that ship with this project, made by the profile {PROFILE}")
    return Runs(folder, Path(work).name, "the runs that were made when the book was built")


def _check(run: Path) -> None:
    """Raise an `InputError` if a run folder lacks what chapters read, as one of an earlier version may."""
    about = run_folder.read_about(run)
    lacking = next(_lacking(run, about), "")
    if not lacking:
        try:
            from_parameters(about["parameters"])
        except (InputError, TypeError) as error:
            lacking = str(error)
    if lacking:
        again = f"tracelib run {run.parent.parent.name} {run.name}"
        raise InputError(f"a run of another version ({lacking}); make it again: {again}", run)


def _lacking(run: Path, about: dict) -> Iterator[str]:
    """What a run folder lacks, in words."""
    for name, inner in RECORDED.items():
        if name not in about:
            yield f"run.json has no '{name}'"
        elif inner and not (isinstance(about[name], dict) and about[name].keys() >= set(inner)):
            yield f"run.json, '{name}': expected {', '.join(inner)}"
    for name in FILES:
        if not (run / name).is_file():
            yield f"no file {name}"
    for name, columns in TABLES.items():
        with (run / name).open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream), [])
        if missing := sorted(columns - set(header)):
            yield f"{name} has no column '{missing[0]}'"
