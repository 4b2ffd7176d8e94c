"""Read files of outputs into one table of outcomes, one output at a time: no text is kept in memory.

Runs are never mixed (`tracelib.scoring.run_names`), and ids are unique in their run: if a run answers a
problem again, the second id is ``id.2``. To show the texts of a few rows, their files are read again.
"""

import os
import shutil
import stat
import sys
import tempfile
import weakref
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import STANDARD_INPUT
from tracelib.datasets import released
from tracelib.scoring import metrics, run_names
from tracelib.scoring.outcomes import RUN, UNJUDGED, score
from tracelib.scoring.outputs import Output, stream, unjudged
from tracelib.scoring.run_names import Given, Held
from tracelib.traces.format import RELEASED, Wording

COPIED = 1024 * 1024  # bytes at a time


@dataclass(frozen=True, eq=False)
class Audited:
    """The outcomes of some files of outputs, and what is needed to read their texts again.

    Attributes:
        outcomes: one row per output, as from `tracelib.scoring.outcomes.score`. Ids are unique in their run,
            and the condition tells runs of several files apart.
        places: the file (categorical, paths as given) and line of each output, with the same index.
        notes: what the reader must know before the figures, a sentence or two each.
        of_tables: the notes that hold only for an audit's tables, not for a comparison of two runs.
        copies: for each input that can be read only once, a file with the same bytes, by the path as given.
        reading: the arguments with which the files were read, for `texts`.
        words: the words that introduce the steps of traces.
    """

    outcomes: pd.DataFrame
    places: pd.DataFrame
    notes: list[str]
    of_tables: list[str] = field(default_factory=list, repr=False)
    copies: Mapping[str, Path] = field(default_factory=dict, repr=False)
    reading: Mapping[str, object] = field(default_factory=dict, repr=False)
    words: Wording = RELEASED

    @property
    def files(self) -> list[Path]:
        """The files that were read, as given."""
        return [Path(name) for name in self.places["file"].cat.categories]


def read(
    arguments: Iterable[str | Path | Given],
    skipped: list[InputError] | None = None,
    words: Wording = RELEASED,
    **reading,
) -> Audited:
    """The outcomes of some files, each given as ``FILE`` or ``NAME=FILE``, with notes for the reader.

    Every file must have at least one output. Input that can be read only once (a pipe, or ``-`` for standard
    input) is copied to a temporary file, which is deleted with the result.

    Args:
        skipped: without it, the first bad line raises its `InputError`. With a list, bad lines are left out
            and their errors appended.
        words: the words that introduce the steps of traces.
        reading: further arguments of `tracelib.scoring.outputs.stream`.
    """
    files = [run_names.given(argument) for argument in arguments]
    _check(files)
    copies = _copied(files)
    runs: dict[tuple, int] = {}  # the fields of `Held`, in the order of the files
    run, line = array("q"), array("q")
    of_reading: list[str] = []

    def outputs() -> Iterator[Output]:
        for number, file in enumerate(files):
            before, relation = len(line), released.relation_in(file.path)
            for place, output in _lines(file.path, copies, skipped, reading, of_reading):
                problem = output.problem
                part = problem.category if (problem.dataset, problem.category) == relation else ""
                held = (number, problem.dataset, output.model, output.condition, output.seed, part)
                run.append(runs.setdefault(held, len(runs)))
                line.append(place)
                yield output
            if len(line) == before:
                raise InputError("no outputs in this file, expected at least one", file.path)

    outcomes = score(outputs(), words)
    run, line = np.array(run), np.array(line)
    held = [Held(*fields) for fields in runs]
    conditions = run_names.told_apart(held, files)
    named = [(of.dataset, of.model, conditions[of], of.seed) for of in held]
    outcomes["condition"] = pd.Series([name[2] for name in named], dtype="str").take(run).array
    numbers = {name: number for number, name in enumerate(dict.fromkeys(named))}
    own = np.array([numbers[name] for name in named])[run]  # files with the same given name share a run
    again = _again(own, outcomes["problem"])
    outcomes["item"], by_content = _items(outcomes, own, again)
    paths = pd.Index(
        [os.fspath(file.path) for file in files], dtype=object
    )  # paths may hold bytes that are not text
    file = pd.Categorical.from_codes(np.array([of.file for of in held])[run], paths)
    of_tables = [*_repeats(again), *_uncompared(numbers)]
    notes = [
        *of_reading,
        *run_names.notes(conditions, files),
        *_left_out(outcomes),
        *filter(None, [unjudged(int((outcomes["status"] == UNJUDGED).sum()), len(outcomes))]),
        *by_content,
        *of_tables,
    ]
    places = pd.DataFrame({"file": file, "line": line})
    return Audited(outcomes, places, notes, of_tables, copies, reading, words)


def _left_out(outcomes: pd.DataFrame) -> list[str]:
    """A note on metrics of these datasets that this installation lacks."""
    wanted = {metric for dataset in outcomes["dataset"].unique() for metric in metrics.names(dataset)}
    left_out = sorted(wanted & set(metrics.missing()))
    said = f"{', '.join(left_out)} is left out: it needs tracelib's extra {metrics.EXTRA}"
    return [said] if left_out else []


def texts(audited: Audited, rows: Collection[int]) -> dict[int, Output]:
    """The outputs behind some rows (index labels), read again from their files: question, facts, text.

    They have the names of their rows: model, condition, seed and id. `InputError` if a file has changed
    since.
    """
    found = {}
    places = audited.places
    first = places.index[~places["file"].duplicated()]  # of each file, whose rows are consecutive
    for start, path in zip(first, places["file"][first], strict=True):
        wanted = {row for row in rows if start <= row and places["file"][row] == path}
        for row, (line, output) in enumerate(_lines(Path(path), audited.copies, [], audited.reading), start):
            if row in wanted:
                wanted.remove(row)
                found[row] = _as_in(audited.outcomes.loc[row], output, Path(path), line)
            if not wanted:
                break
        if wanted:
            line = places["line"][min(wanted)]
            raise InputError("no output here any more: the file has changed since", path, line)
    return found


# --- Files ------------------------------------------------------------------------------------


def _check(files: Sequence[Given]) -> None:
    """`InputError` for a file that is missing or given twice, before anything is read."""
    known: dict[object, Path] = {}
    for path, name in files:
        if path == STANDARD_INPUT:
            identity: object = STANDARD_INPUT
        elif not path.exists():
            hint = "" if name is None else f" (read as NAME=FILE, with the name {quoted(name)})"
            raise InputError(f"no such file{hint}", path)
        else:
            identity = path.stat().st_dev, path.stat().st_ino  # the same for all links to a file
        if identity in known:
            other = "" if known[identity] == path else f", also as {known[identity]}"
            raise InputError(f"this file is given twice{other}", path)
        known[identity] = path


class _Copies(dict[str, Path]):
    """Copies by the paths of the originals. Their folder is deleted with this object or at exit."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracelib-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def _copied(files: Sequence[Given]) -> Mapping[str, Path]:
    """Copies of the files that can be read only once."""
    once = [path for path, _ in files if path == STANDARD_INPUT or _is_pipe(path)]
    if not once:
        return {}
    copies = _Copies()
    for number, path in enumerate(once):
        copies[os.fspath(path)] = _copy(path, copies.folder / str(number))
    return copies


def _is_pipe(path: Path) -> bool:
    mode = path.stat().st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISCHR(mode)


def _copy(path: Path, target: Path) -> Path:
    with target.open("wb") as out:
        if path == STANDARD_INPUT:
            shutil.copyfileobj(sys.stdin.buffer, out, COPIED)
        else:
            with path.open("rb") as source:
                shutil.copyfileobj(source, out, COPIED)
    return target


def _lines(
    path: Path,
    copies: Mapping[str, Path],
    skipped: list[InputError] | None,
    reading: Mapping[str, object],
    notes: list[str] | None = None,
) -> Iterator[tuple[int, Output]]:
    """`outputs.stream` of a file or its copy; errors and notes name the file as given."""
    copy = copies.get(os.fspath(path))
    if copy is None:
        yield from stream(path, skipped, **reading, notes=notes)
        return
    errors: list[InputError] | None = None if skipped is None else []
    said: list[str] = []
    try:
        yield from stream(copy, errors, **reading, notes=said)
        if notes is not None:
            notes += [note.replace(os.fspath(copy), _as_given(path), 1) for note in said]
    except InputError as error:
        raise _of_the_original(error, copy, path) from None
    finally:
        if skipped is not None:
            skipped += [_of_the_original(error, copy, path) for error in errors]


def _of_the_original(error: InputError, copy: Path, path: Path) -> InputError:
    return InputError(str(error).replace(os.fspath(copy), _as_given(path), 1))


def _as_given(path: Path) -> str:
    return "standard input" if path == STANDARD_INPUT else os.fspath(path)


# --- Runs and their items ---------------------------------------------------------------------


def _again(run: np.ndarray, names: pd.Series) -> np.ndarray:
    """For each row, how many earlier rows of the same run have the same name."""
    codes = pd.DataFrame({"run": run, "name": pd.factorize(names)[0]})
    return codes.groupby(["run", "name"], sort=False).cumcount().to_numpy()


def _items(outcomes: pd.DataFrame, run: np.ndarray, again: np.ndarray) -> tuple[pd.Series, list[str]]:
    """Item names that are unique in their run and pair the runs, and notes on them.

    Runs are paired by item name. If runs name the same problem differently, or one run gives different
    problems the same name, a hash of the content is the name. A problem that a run answers more than once
    under several names keeps them, because nobody knows which of these answers belong together.

    Args:
        run: the number of each row's run.
        again: for each row, how many earlier rows of its run answer the same problem.
    """
    items = outcomes["item"]
    pairs = outcomes[["dataset", "problem", "item"]].assign(run=run)
    named = pairs.drop_duplicates(["dataset", "problem", "item"])
    of_several = set(named.loc[named.duplicated(["dataset", "problem"], keep=False), "problem"])
    unclear = of_several & set(pairs["problem"][again > 0].unique())
    known = ~pairs["problem"].isin(unclear)
    names = named[known[named.index]]
    differing = names["dataset"][names.duplicated(["dataset", "problem"])].unique()
    of_runs = pairs[known].drop_duplicates(["run", "problem", "item"])
    alike = {*of_runs["dataset"][of_runs.duplicated(["run", "item"])]} & _with_several(pairs)
    notes = [
        f"{dataset}: {what}, so problems are paired by question, facts and gold answers, and their ids are "
        "made from these"
        for what, datasets in (
            ("runs give the same problem different ids", differing),
            ("a run gives different problems the same id", sorted(alike - {*differing})),
        )
        for dataset in datasets
    ]
    renamed = known & pairs["dataset"].isin([*differing, *alike])
    return _numbered(items.where(~renamed, outcomes["problem"]), run), notes


def _with_several(pairs: pd.DataFrame) -> set[str]:
    """The datasets that have several runs."""
    runs = pairs[["dataset", "run"]].drop_duplicates()
    return {*runs["dataset"][runs.duplicated("dataset")]}


def _numbered(items: pd.Series, run: np.ndarray) -> pd.Series:
    """Ids that are unique in their run: a second ``id`` becomes ``id.2``, or gets the next free number."""
    again = _again(run, items)
    if not again.any():
        return items
    numbered = items.where(again == 0, items + "." + pd.Series(again + 1, items.index).astype("str"))
    taken = np.unique(run[_again(run, numbered) > 0])  # runs in which a new id was in use already
    for number in taken:
        rows = run == number
        numbered[rows] = _one_by_one(items[rows])
    return numbered


def _one_by_one(items: Iterable[str]) -> list[str]:
    taken: set[str] = set()
    copies: dict[str, int] = defaultdict(lambda: 1)
    numbered = []
    for item in items:
        name = item
        while name in taken:
            copies[item] += 1
            name = f"{item}.{copies[item]}"
        taken.add(name)
        numbered.append(name)
    return numbered


# --- Notes ------------------------------------------------------------------------------------


def _repeats(again: np.ndarray) -> list[str]:
    count = int((again > 0).sum())
    if not count:
        return []
    return [f"{count} of {len(again)} outputs repeat a problem; intervals and n treat them as separate items"]


def _uncompared(runs: Iterable[tuple]) -> list[str]:
    """Notes on datasets that have several runs, but no two that differ in the condition alone."""
    table = pd.DataFrame(list(runs), columns=RUN).astype({"seed": "Int64"})
    notes = []
    for dataset, part in table.groupby("dataset", sort=False):
        several = len(part[["model", "condition"]].drop_duplicates()) > 1
        if several and part.groupby(["model", "seed"], dropna=False)["condition"].nunique().max() == 1:
            notes.append(
                f"{dataset}: no model has two conditions (of one seed), so nothing is compared here; "
                "compare any two runs with: tracelib compare A B"
            )
    return notes


def _as_in(row: pd.Series, output: Output, path: Path, line: int) -> Output:
    """The output with the names of its row; `InputError` if it is not the output of the row."""
    problem = output.problem
    if problem.content != row["problem"]:
        raise InputError("not the output that was read from here: the file has changed since", path, line)
    return replace(output, condition=row["condition"], problem=replace(problem, id=row["item"]))
