"""Records of the release's own output files: the run that each belongs to, and its problem.

The files are JSON lines without dataset and category; bAbI and MARCO have ``query_type``. The names of the
folder and the file give the relation, the model and the condition.
"""

import re
from pathlib import Path

from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.core.reading import unpacked_name
from tracelib.datasets import own
from tracelib.datasets.babi import reader as babi
from tracelib.datasets.cotempqa import reader as cotempqa
from tracelib.datasets.marco import reader as marco
from tracelib.datasets.problem import Problem

NAME = re.compile(
    r"(?:(?:meta-llama_|Qwen_)(?P<prompted>.+?)_default_(?:equal|overlap|during|mix|test)"
    r"|(?P<tuned>.+?)-sft-adapter(?P<suffix>|-reasoning-facts|-reasoning-facts-perturbed)_default)"
    r"\.(?:json|csv)"
)
SUFFIX_CONDITION = {
    "": "vanilla",
    "-reasoning-facts": "correct",
    "-reasoning-facts-perturbed": "incorrect",
}


def run(path: Path, line: int | None = None) -> tuple[str, str]:
    """(model, condition) that a released file's name gives; `InputError` for any other name."""
    match = NAME.fullmatch(unpacked_name(path).name)
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


def is_released(record: dict, path: str | Path) -> bool:
    """Whether a record is from one of the release's output files, by its fields and the file's name."""
    return (
        "category" not in record
        and "dataset" not in record
        and NAME.fullmatch(unpacked_name(path).name) is not None
    )


def problem(record: dict, path: Path, line: int) -> Problem:
    """The problem of a released record."""
    if "query_type" in record:
        read = marco.from_output if marco.is_category(record["query_type"]) else babi.from_record
        return read(record, path, line)
    relation = Path(path).parent.name.removesuffix("_default")
    if relation not in cotempqa.CATEGORIES:
        raise InputError(
            "field 'category' is missing and the folder does not name the relation "
            f"(found {quoted(relation)}, expected {', '.join(cotempqa.CATEGORIES)})",
            path,
            line,
        )
    return cotempqa.from_record(
        {**record, "answer": field(record, "gold", list, path, line)}, relation, path, line
    )


def any_problem(record: dict, path: Path, line: int) -> Problem:
    """The problem of a record in the release's format or the audit's, with or without an output."""
    read = problem if is_released(record, path) else own.from_record
    return read(record, path, line)


def relation_in(path: Path) -> tuple[str, str] | None:
    """(dataset, category) of a released file that holds one relation of a run; None for other files."""
    relation = path.parent.name.removesuffix("_default")
    is_one = relation in cotempqa.CATEGORIES and NAME.fullmatch(path.name)
    return ("cotempqa", relation) if is_one else None
