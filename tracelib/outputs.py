"""Model outputs on disk: the shape that `tracelib audit` takes from anyone, and the release's own.

Anyone's: JSON lines with id, dataset, question, facts, gold, supporting (indices; derived when
absent on CoTempQA), category, prediction; optional model, condition, seed, triple_element.
The release's: JSON lines without a category (``query_type`` on bAbI and MARCO); folder and file name say
relation, model, condition.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tracelib.datasets import babi, cotempqa, marco
from tracelib.decompose import facts_with_an_answer
from tracelib.files import (
    BLANK,
    InputError,
    _csv_rows,
    _json_object,
    field,
    quoted,
    raw_lines,
    read_csv,
    read_json_lines,
)
from tracelib.problems import Problem, checked

UNNAMED = "unnamed"  # a model or condition that a file does not say
DATASETS = ("cotempqa", "babi", "marco")
RELEASE_NAME = re.compile(
    r"(?:(?:meta-llama_|Qwen_)(?P<prompted>.+?)_default_(?:equal|overlap|during|mix|test)"
    r"|(?P<tuned>.+?)-sft-adapter(?P<suffix>|-reasoning-facts|-reasoning-facts-perturbed)_default)"
    r"\.(?:json|csv)"
)
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


def read(*paths: Path, skipped: list[InputError] | None = None) -> list[Output]:
    """All outputs of some files, in either shape; `InputError` names file, line and what is wrong.

    Lenient with a list, which takes the errors of the lines left out; a file must have one good line.
    A problem that one run answers again gets an id of its own: the second ``id.2``, and so on.
    """
    outputs = []
    for number, path in enumerate(map(Path, paths)):
        if path.resolve() in {Path(earlier).resolve() for earlier in paths[:number]}:
            raise InputError("this file is given twice", path)
        found = read_file(path, skipped)
        if not found:
            raise InputError("no outputs in this file, expected one JSON object per line", path)
        outputs += found
    return distinct(outputs)


def read_file(path: Path, skipped: list[InputError] | None = None) -> list[Output]:
    """The outputs of one file; JSON lines, whatever its name ends in, or a CSV file with the same fields."""
    return (read_csv if _is_csv(path) else read_json_lines)(path, _output, skipped)


def stream(path: Path, skipped: list[InputError] | None = None) -> Iterator[tuple[int, Output]]:
    """Each output of one file with the number of its line, one at a time; strict or lenient as `read`."""
    path = Path(path)
    lines = ((number, partial(_json_object, raw, path, number)) for number, raw in raw_lines(path))
    for number, parse in _csv_rows(path, skipped) if _is_csv(path) else lines:
        try:
            yield number, _output(parse(), path, number)
        except InputError as error:
            if skipped is None:
                raise
            skipped.append(error)


def _is_csv(path: Path) -> bool:
    """Whether a file called .csv is one: those with the release's outputs of prompted bAbI are JSON lines."""
    _, first = next(raw_lines(path), (0, b"{"))
    return path.suffix == ".csv" and not first.lstrip(BLANK).startswith(b"{")


def release_run(path: Path, line: int | None = None) -> tuple[str, str]:
    """(model, condition) that a released file's name stands for."""
    match = RELEASE_NAME.fullmatch(path.name)
    if not match:
        raise InputError(
            "field 'category' is missing and the name is not one of the release's "
            "(MODEL-sft-adapter[-reasoning-facts[-perturbed]]_default.json)",
            path,
            line,
        )
    if match["prompted"]:
        return match["prompted"], "prompted"
    return match["tuned"], SUFFIX_CONDITION[match["suffix"]]


def _output(record: dict, path: Path, line: int) -> Output:
    prediction = field(record, "prediction", str, path, line)
    if "category" in record:
        return _contract_output(record, prediction, path, line)
    model, condition = release_run(path, line)
    if "query_type" in record:
        read_problem = marco.from_output if marco.is_category(record["query_type"]) else babi.from_record
        return Output(read_problem(record, path, line), prediction, model, condition)
    relation = path.parent.name.removesuffix("_default")
    if relation not in cotempqa.CATEGORIES:
        raise InputError(
            "field 'category' is missing and the folder does not name the relation "
            f"(found {quoted(path.parent.name)}, expected {', '.join(cotempqa.CATEGORIES)})",
            path,
            line,
        )
    record = {**record, "answer": field(record, "gold", list, path, line)}
    return Output(cotempqa.from_record(record, relation, path, line), prediction, model, condition)


def _contract_output(record: dict, prediction: str, path: Path, line: int) -> Output:
    dataset = field(record, "dataset", str, path, line)
    if dataset not in DATASETS:
        raise InputError(f"dataset {quoted(dataset)}, expected one of {', '.join(DATASETS)}", path, line)
    facts = tuple(field(record, "facts", list, path, line))
    gold = tuple(field(record, "gold", list, path, line))
    identifier = field(record, "id", int if isinstance(record.get("id"), int) else str, path, line)
    problem = Problem(
        id=str(identifier),
        dataset=dataset,
        question=field(record, "question", str, path, line),
        facts=facts,
        gold=gold,
        supporting=_supporting(record, dataset, facts, gold, path, line),
        category=field(record, "category", str, path, line),
        kind=field(record, "triple_element", str, path, line) if "triple_element" in record else "",
    )
    if dataset == "cotempqa" and problem.category not in cotempqa.CATEGORIES:
        expected = ", ".join(cotempqa.CATEGORIES)
        raise InputError(
            f"field 'category': found {quoted(problem.category)}, expected one of {expected}", path, line
        )
    given = {name: field(record, name, str, path, line) for name in ("model", "condition") if name in record}
    if record.get("seed") is not None:
        given["seed"] = field(record, "seed", int, path, line)
        if abs(given["seed"]) >= 2**63:
            raise InputError("field 'seed': expected a whole number of at most 64 bits", path, line)
    return Output(checked(problem, path, line), prediction, **given)


def _supporting(record, dataset, facts, gold, path, line) -> tuple[int, ...]:
    if "supporting" not in record and dataset == "cotempqa":
        return facts_with_an_answer(facts, gold)
    value = record.get("supporting")
    if not isinstance(value, list) or not all(type(entry) is int for entry in value):
        raise InputError(
            f"field 'supporting': expected a list of fact indices, found {quoted(value)}", path, line
        )
    return tuple(sorted(set(value)))


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
