"""Name the runs of several files so that two runs never share a name by accident.

A run is a dataset, model, condition and seed. Files of outputs often leave out model and condition, or give
the same ones for two trainings that differ in something else. Together, two such runs would look like one run
with twice the items. So if two files hold the same run, the file's name goes into the condition. Only the
release's CoTempQA files are meant to be put together: each holds one relation of a run.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import STANDARD_INPUT

UNNAMED = "unnamed"  # stands for a model or condition that a record does not name
SHOWN = 5  # names or files that a note lists


class Given(NamedTuple):
    """A file to read, and the name that the user gave to its runs, if any."""

    path: Path
    name: str | None = None


class Held(NamedTuple):
    """A run as one file states it.

    Attributes:
        file: the number of the file.
        part: the relation, if the file is one of the release's and holds only one relation of the run; else
            empty.
    """

    file: int
    dataset: str
    model: str
    condition: str
    seed: int | None
    part: str = ""


def given(argument: str | Path | Given) -> Given:
    """Parse ``FILE`` or ``NAME=FILE``. An argument that exists as a path is a file, even with ``=`` in it."""
    if isinstance(argument, Given):
        return argument
    text = os.fspath(argument)
    name, equals, path = text.partition("=")
    if not equals or os.path.lexists(text):
        return Given(Path(text))
    if not name.strip() or not path:
        raise InputError(f"no such file, and not NAME=FILE either: found {quoted(text)}")
    return Given(Path(path), _as_text(name))


def told_apart(held: Collection[Held], files: Sequence[Given]) -> dict[Held, str]:
    """The condition that names each run, so that runs of different files never share a name.

    A given name replaces the condition; if the runs of a model have several conditions, it follows each in
    brackets. Files with the same given name are parts of one run. Other files that hold the same run are
    named by the shortest part of the path in which they differ. This part replaces a missing condition, and
    follows any other condition in brackets.
    """
    source = [file.name or number for number, file in enumerate(files)]
    names = _as_given(held, files)
    for (dataset, model, condition), arm in _arms(names).items():
        if _is_pooled(arm, source, names):
            taken = {name for run, name in names.items() if (run.dataset, run.model) == (dataset, model)}
            names |= _by_file(arm, condition, files, source, taken)
    return names


def _as_given(held: Collection[Held], files: Sequence[Given]) -> dict[Held, str]:
    """The condition of each run, with the names that the user gave to files."""
    conditions = defaultdict(set)
    for run in held:
        conditions[files[run.file].name, run.model].add(run.condition)
    names = {}
    for run in held:
        name = files[run.file].name
        is_only = len(conditions[name, run.model]) == 1
        names[run] = run.condition if name is None else name if is_only else f"{run.condition} [{name}]"
    return names


def _arms(names: dict[Held, str]) -> dict[tuple[str, str, str], list[Held]]:
    """The runs by dataset, model and named condition; the runs of one arm differ in seed, part or file."""
    arms = defaultdict(list)
    for run, name in names.items():
        arms[run.dataset, run.model, name].append(run)
    return arms


def _is_pooled(arm: Sequence[Held], source: Sequence[Hashable], names: dict[Held, str]) -> bool:
    """Whether one name would stand for several conditions, or for the same run in several files."""
    conditions, runs = defaultdict(set), defaultdict(lambda: defaultdict(set))
    for run in arm:
        conditions[names[run]].add(run.condition)
        runs[names[run], run.seed][run.part].add(source[run.file])
    return any(len(several) > 1 for several in conditions.values()) or any(
        len(set().union(*parts.values())) > 1 and ("" in parts or any(len(of) > 1 for of in parts.values()))
        for parts in runs.values()
    )


def _by_file(
    arm: Sequence[Held], condition: str, files: Sequence[Given], source: Sequence[Hashable], taken: set[str]
) -> dict[Held, str]:
    """Names for the runs of an arm that no other run has; files with a given name keep it."""
    renamed = [run for run in arm if files[run.file].name is None]
    numbers = sorted({run.file for run in renamed})
    forms = ["{label}"] * (condition == UNNAMED) + ["{condition} [{label}]"]
    for found, form in product(_labels([files[number].path for number in numbers]), forms):
        labels = dict(zip(numbers, found, strict=True))
        names = {run: form.format(condition=condition, label=labels[run.file]) for run in renamed}
        kept = dict.fromkeys(arm, condition)
        if taken.isdisjoint(names.values()) and not _is_pooled(arm, source, kept | names):
            return names
    raise InputError(
        f"several runs of model {quoted(arm[0].model)} would be called {quoted(condition)}, and the paths of "
        "their files do not tell them apart; expected a name for each file: NAME=FILE",
        files[arm[0].file].path,
    )


def _labels(paths: Sequence[Path]) -> Iterator[list[str]]:
    """Possible labels of the files, the shortest first: stem, a folder above, all parts that differ, path."""
    if not paths:
        return
    whole = [_parts(path) for path in paths]
    depth = max(map(len, whole))
    levels = [[parts[level] if level < len(parts) else "" for parts in whole] for level in range(depth)]
    stems = [stem(path) for path in paths]
    yield from (level for level in (stems, *levels[1:]) if all(level))
    differing = [level for level in levels if len(set(level)) > 1]
    for several in (differing, *(levels[: level + 1] for level in range(depth))):
        if several:
            yield ["/".join(filter(None, parts)) for parts in zip(*reversed(several), strict=True)]


def _parts(path: Path) -> list[str]:
    """The parts of a file's path, from its own name up to the root."""
    return [_as_text(part) for part in Path(os.path.abspath(path)).parts[:0:-1]]  # noqa: PTH100, links stay


def stem(path: Path) -> str:
    """A file's name without its suffix and ``.gz``: ``run.v2`` of ``run.v2.jsonl.gz``."""
    if path == STANDARD_INPUT:
        return "standard input"
    return _as_text(Path(path.name.removesuffix(".gz")).stem)


def _as_text(name: str) -> str:
    """The name as UTF-8 can write it; names of files and arguments may hold bytes that are not text."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def notes(names: dict[Held, str], files: Sequence[Given]) -> list[str]:
    """Notes on runs that are told apart by their files, and on files that are taken for seeds."""
    renamed = defaultdict(dict)
    for run, name in names.items():
        if files[run.file].name is None and name != run.condition:
            renamed[run.model, run.condition].setdefault(name, files[run.file].path)
    said = []
    for (model, condition), found in renamed.items():
        what = "say no condition" if condition == UNNAMED else f"have runs of condition {quoted(condition)}"
        listed = [f"{quoted(name)} is {path}" for name, path in found.items()]
        if len(listed) > SHOWN:
            listed[SHOWN:] = [f"and {len(listed) - SHOWN:,} more"]
        said.append(
            f"several files {what}, model {quoted(model)}: kept apart by the file, {', '.join(listed)}; "
            "NAME=FILE gives a name, and one NAME for several files puts them together"
        )
    if len(said) > SHOWN:
        said[SHOWN:] = [f"and so are the runs of {len(said) - SHOWN:,} more conditions and models"]
    return [*said, *_taken_for_seeds(names, files)]


def _taken_for_seeds(names: dict[Held, str], files: Sequence[Given]) -> list[str]:
    """Notes on files that are put together as seeds though they leave out the model or the condition."""
    arms = defaultdict(dict)
    for run, name in names.items():
        unsaid = [what for what, said in (("model", run.model), ("condition", name)) if said == UNNAMED]
        if unsaid and files[run.file].name is None:
            arms[run.model, name, " and no ".join(unsaid)].setdefault(run.file, run.seed)
    said = []
    for (model, condition, unsaid), seeds in arms.items():
        if len(seeds) > 1:
            listed = [f"{files[number].path} has {_seed(seed)}" for number, seed in seeds.items()]
            if len(listed) > SHOWN:
                listed[SHOWN:] = [f"and {len(listed) - SHOWN:,} more"]
            said.append(
                f"several files say no {unsaid} and differ in the seed, so they are taken for seeds of one "
                f"condition (model {quoted(model)}, condition {quoted(condition)}): {', '.join(listed)}; "
                "NAME=FILE tells them apart"
            )
    return said


def _seed(seed: int | None) -> str:
    return "no seed" if seed is None else f"seed {seed}"


def label(row) -> dict:
    """The columns that name a run; the seed only if there is one."""
    label = {"dataset": row.dataset, "model": row.model, "condition": row.condition}
    return label if pd.isna(row.seed) else {**label, "seed": row.seed}
