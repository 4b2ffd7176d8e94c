"""Run folders: the files of a finished run.

A run folder holds ``run.json`` (parameters, versions, hardware, hashes, times),
``predictions.jsonl`` (in the format that `tracelib audit` reads), ``outcomes.csv``, ``loss.csv`` and
``model/`` (safetensors: adapters, or every weight). `tracelib.experiments.runner` writes it under another
name and renames it at the end, so half a run is never seen as a run.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from tracelib.core.errors import InputError, quoted
from tracelib.core.reading import read_text
from tracelib.scoring.outcomes import as_outcomes


def read_outcomes(folder: Path) -> pd.DataFrame:
    """The outcomes of a finished run, one row per item; an `InputError` if there are none."""
    path = Path(folder) / "outcomes.csv"
    if not path.is_file():
        raise InputError("no such file; expected a finished run folder", path)
    return as_outcomes(pd.read_csv(path, keep_default_na=False, na_values=[""]))


def read_about(folder: Path) -> dict:
    """The contents of a finished run's ``run.json``; an `InputError` if it is missing or damaged."""
    path = Path(folder) / "run.json"
    try:
        about = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON ({error.msg}), expected what a run wrote", path, error.lineno) from None
    if not isinstance(about, dict):
        raise InputError(f"expected what a run wrote, found {quoted(about)}", path)
    return about


def present(work: Path, names: Sequence[str]) -> Path:
    """The folder of a build's runs; if one of these runs is missing, an `InputError` says how to make it."""
    folder = Path(work) / "runs"
    missing = [name for name in names if not (folder / name / "run.json").is_file()]
    if missing:
        there = sorted(path.parent.name for path in folder.glob("*/run.json"))
        found = f"; there are {', '.join(there[:5])}{' and others' if there[5:] else ''}" if there else ""
        profile = Path(work).name
        make = f"tracelib run {profile} {missing[0]}, or tracelib build {profile} for all"
        raise InputError(f"no run '{missing[0]}'{found}; make it first: {make}", folder)
    return folder


def read_all(folder: Path, names: Iterable[str]) -> tuple[pd.DataFrame, dict[str, dict]]:
    """The outcomes of the named runs in a folder, and the contents of each ``run.json`` by the run's name.

    The outcomes get a column ``setting``: the profile's setting that a run belongs to.
    """
    about = {name: read_about(folder / name) for name in names}
    outcomes = [read_outcomes(folder / name).assign(setting=setting(name, about[name])) for name in about]
    return pd.concat(outcomes, ignore_index=True), about


def setting(name: str, about: dict) -> str:
    """The profile's setting that a run belongs to, from the run's name and its ``run.json``."""
    return name.removesuffix(f"-{about['parameters']['condition']}-s{about['parameters']['seed']}")
