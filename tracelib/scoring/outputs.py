"""Read model outputs from files, in the audit's format or in the release's.

The audit's format: records of `tracelib.datasets.records` with the fields of `tracelib.datasets.own`.
The release's format: `tracelib.datasets.released`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tracelib.core.errors import InputError
from tracelib.core.fields import field
from tracelib.datasets import own, records, released
from tracelib.datasets.problem import Problem
from tracelib.scoring.run_names import UNNAMED, Given, Held, told_apart

NOT_GIVEN = (None, "")  # values that mean that a record gives no model, condition or seed


@dataclass(frozen=True)
class Output:
    """One generated text, the problem it answers and the run it came from."""

    problem: Problem
    prediction: str
    model: str = UNNAMED
    condition: str = UNNAMED
    seed: int | None = None


def read(
    *paths: Path,
    skipped: list[InputError] | None = None,
    fields: dict[str, str] | None = None,
    dataset: str | None = None,
) -> list[Output]:
    """All outputs of some files, in either format.

    Reading is strict: `InputError` names file and line of the first error. With a list `skipped` it is
    lenient: bad lines are left out and their errors appended, but every file must have one good line. If
    several files hold the same run, the condition tells them apart (`tracelib.scoring.run_names`). If one
    run answers a problem again, the second id is ``id.2``, and so on.
    """
    outputs, runs = [], []
    for number, path in enumerate(map(Path, paths)):
        if path.resolve() in {Path(earlier).resolve() for earlier in paths[:number]}:
            raise InputError("this file is given twice", path)
        found = [output for _, output in stream(path, skipped, fields, dataset)]
        if not found:
            raise InputError("no outputs in this file, expected at least one", path)
        outputs += found
        runs += held(found, number, path)
    conditions = told_apart(dict.fromkeys(runs), [Given(Path(path)) for path in paths])
    pairs = zip(outputs, runs, strict=True)
    return distinct(replace(output, condition=conditions[run]) for output, run in pairs)


def held(outputs: Iterable[Output], number: int, path: Path) -> Iterator[Held]:
    """The run of each output of a file, as the file states it."""
    relation = released.relation_in(path)
    for output in outputs:
        dataset, category = output.problem.dataset, output.problem.category
        part = category if (dataset, category) == relation else ""
        yield Held(number, dataset, output.model, output.condition, output.seed, part)


def read_file(path: Path, skipped: list[InputError] | None = None) -> list[Output]:
    """The outputs of one file, with their runs and ids unchanged."""
    return [output for _, output in stream(path, skipped)]


def stream(
    path: Path,
    skipped: list[InputError] | None = None,
    fields: dict[str, str] | None = None,
    dataset: str | None = None,
    notes: list[str] | None = None,
) -> Iterator[tuple[int, Output]]:
    """(line, output) of one file, one at a time, in order; arguments and lines as in `records.stream`."""
    return records.stream(path, _output, skipped, fields, dataset, notes)


def _output(record: dict, path: Path, line: int) -> Output:
    if "category" not in record and released.is_released(record, path):
        return _released(record, path, line)
    if "prediction" not in record:
        own.require(record, (*own.needed(record), "prediction"), path, line)
    prediction = field(record, "prediction", str, path, line)
    model, condition = (
        UNNAMED if record.get(name) in NOT_GIVEN else field(record, name, str, path, line)
        for name in ("model", "condition")
    )
    seed = None if record.get("seed") in NOT_GIVEN else _seed(record, path, line)
    return Output(own.from_record(record, path, line), prediction, model, condition, seed)


def _released(record: dict, path: Path, line: int) -> Output:
    model, condition = released.run(path, line)
    prediction = field(record, "prediction", str, path, line)
    return Output(released.problem(record, path, line), prediction, model, condition)


def _seed(record: dict, path: Path, line: int) -> int:
    value = record["seed"]
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):  # a table's cell
        record = {"seed": int(value)}
    seed = field(record, "seed", int, path, line)
    if abs(seed) >= 2**63:
        raise InputError("field 'seed': expected a whole number of at most 64 bits", path, line)
    return seed


def distinct(outputs: Iterable[Output]) -> list[Output]:
    """The outputs with problem ids that are unique in their run: a second ``id`` becomes ``id.2``."""
    taken: set[tuple] = set()
    copies: dict[tuple, int] = {}
    distinct = []
    for output in outputs:
        run = (output.problem.dataset, output.model, output.condition, output.seed)
        first = (*run, output.problem.id)
        name = output.problem.id
        while (*run, name) in taken:
            copies[first] = copies.get(first, 1) + 1
            name = f"{output.problem.id}.{copies[first]}"
        taken.add((*run, name))
        distinct.append(replace(output, problem=replace(output.problem, id=name)))
    return distinct


def unjudged(count: int, total: int) -> str:
    """A note on outputs whose traces cannot be judged; empty if there are none."""
    if not count:
        return ""
    return (
        f"{count:,} of {total:,} outputs lack facts, supporting facts or a category: answers are scored, "
        "their traces are not judged (--field facts=NAME says where a record has them)"
    )
