"""Model outputs on disk: the shape that `tracelib audit` takes from anyone, and the release's own.

Anyone's: the records of `tracelib.datasets.records`, with the fields of `tracelib.datasets.own`.
The release's: JSON lines without a category and a dataset (``query_type`` on bAbI and MARCO); folder and file
name say relation, model, condition.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tracelib.core.files import InputError, field, quoted, unpacked_name
from tracelib.datasets import own, records
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.marco import reader as marco
from tracelib.datasets.problem import Problem
from tracelib.scoring.run_names import UNNAMED, Given, Held, told_apart

RELEASE_NAME = re.compile(
    r"(?:(?:meta-llama_|Qwen_)(?P<prompted>.+?)_default_(?:equal|overlap|during|mix|test)"
    r"|(?P<tuned>.+?)-sft-adapter(?P<suffix>|-reasoning-facts|-reasoning-facts-perturbed)_default)"
    r"\.(?:json|csv)"
)
NOT_GIVEN = (None, "")  # what stands for a model, condition or seed that a record does not give
SUFFIX_CONDITION = {
    "": "vanilla",
    "-reasoning-facts": "correct",
    "-reasoning-facts-perturbed": "incorrect",
}


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
    """All outputs of some files, in either shape; `InputError` names file, line and what is wrong.

    Lenient with a list, which takes the errors of the lines left out; a file must have one good line.
    Where several files hold the same run, the condition tells them apart (`tracelib.scoring.run_names`).
    A problem that one run answers again gets an id of its own: the second ``id.2``, and so on.
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
    """The run of each output of a file, as that file has it."""
    relation = relation_in(path)
    for output in outputs:
        dataset, category = output.problem.dataset, output.problem.category
        part = category if (dataset, category) == relation else ""
        yield Held(number, dataset, output.model, output.condition, output.seed, part)


def relation_in(path: Path) -> tuple[str, str] | None:
    """Dataset and category of a file that holds one relation of a run, as the release's folders name it."""
    relation = path.parent.name.removesuffix("_default")
    is_one = relation in cotempqa.CATEGORIES and RELEASE_NAME.fullmatch(path.name)
    return ("cotempqa", relation) if is_one else None


def read_file(path: Path, skipped: list[InputError] | None = None) -> list[Output]:
    """The outputs of one file, as they stand there."""
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


def problem(record: dict, path: Path, line: int) -> Problem:
    """The problem of a record in either shape, whether or not it holds an output."""
    if _is_released(record, path):
        return _released(record, path, line).problem
    return own.from_record(record, path, line)


def release_run(path: Path, line: int | None = None) -> tuple[str, str]:
    """(model, condition) that a released file's name stands for."""
    match = RELEASE_NAME.fullmatch(unpacked_name(path).name)
    if not match:
        raise InputError(
            "the name is not one of the release's "
            "(MODEL-sft-adapter[-reasoning-facts[-perturbed]]_default.json)",
            path,
            line,
        )
    if match["prompted"]:
        return match["prompted"], "prompted"
    return match["tuned"], SUFFIX_CONDITION[match["suffix"]]


def _is_released(record: dict, path: str | Path) -> bool:
    return (
        "category" not in record
        and "dataset" not in record
        and RELEASE_NAME.fullmatch(unpacked_name(path).name) is not None
    )


def _output(record: dict, path: Path, line: int) -> Output:
    if "category" not in record and _is_released(record, path):
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
    model, condition = release_run(path, line)
    prediction = field(record, "prediction", str, path, line)
    if "query_type" in record:
        read_problem = marco.from_output if marco.is_category(record["query_type"]) else babi.from_record
        return Output(read_problem(record, path, line), prediction, model, condition)
    relation = Path(path).parent.name.removesuffix("_default")
    if relation not in cotempqa.CATEGORIES:
        raise InputError(
            "field 'category' is missing and the folder does not name the relation "
            f"(found {quoted(relation)}, expected {', '.join(cotempqa.CATEGORIES)})",
            path,
            line,
        )
    record = {**record, "answer": field(record, "gold", list, path, line)}
    return Output(cotempqa.from_record(record, relation, path, line), prediction, model, condition)


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
    """What to tell people of outputs whose traces cannot be judged; empty where there are none."""
    if not count:
        return ""
    return (
        f"{count:,} of {total:,} outputs lack facts, supporting facts or a category: answers are scored, "
        "their traces are not judged (--field facts=NAME says where a record has them)"
    )
