"""Anybody's problems: the record that the audit takes, its fields, and how names of one's own are given.

A record of a dataset of `tracelib.datasets.registry` keeps that dataset's rules. Any other dataset name is
somebody's own: there facts, supporting and category may be left out, and a problem without all three has an
answer to score but no trace to judge (`Problem.has_steps`).
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from tracelib.core.files import InputError, field, names_of, quoted
from tracelib.core.pylist import entries, listed
from tracelib.datasets import registry
from tracelib.datasets.problem import NO_CATEGORY, Problem, checked, content_id, one_line_name
from tracelib.datasets.registry import DATASETS, dataset

FINAL = "####"  # before the answer of a worked solution, on its last line
CLOSED_BY = {"[": "]", "(": ")", "{": "}"}
ARRAYS = ("array(", "np.array(", "frozenset(")  # as numpy and Python print them; not read
QUOTES = ("'", '"')
NUMBERED = re.compile(r"\[(?!\s*['\"({])[^\[\]]*\]\s*[^\s\],]")  # "[1] A passage": no list, as text follows
REMEMBERED = 10_000  # problems that are kept, as runs answer the same ones


class Field(NamedTuple):
    """What a record says of one thing: its type, where it is needed, what it means."""

    name: str
    kind: str
    needed: str
    meaning: str


DATASET_NAMES = ", ".join(registry.NAMES)
ALL_GOLD = ", ".join(known.name for known in DATASETS if known.needs_all)
MARKED = ", ".join(known.name for known in DATASETS if not known.support)
DERIVED = ", ".join(known.name for known in DATASETS if known.support)
LABELS = "; ".join(
    f"{known.name}: {', '.join(known.categories)}" for known in DATASETS if not known.any_category
)
FIELDS = (
    Field("dataset", "text", "yes", f"{DATASET_NAMES} or a name of your own; --dataset names it for all"),
    Field("question", "text", "yes", "the question alone, without context or instruction"),
    Field(
        "gold",
        "texts",
        "yes",
        f"the correct answers: all together ({ALL_GOLD}), any of them (others); of a dataset of your own, "
        "where the last line is #### X, as in GSM8K: X",
    ),
    Field("prediction", "text", "by audit", "all that the model wrote"),
    Field(
        "facts", "texts", "known ones", "the context, a sentence or passage each; one text: a fact per line"
    ),
    Field(
        "supporting",
        "indices",
        MARKED,
        f"which facts support the answer, counted from 0; derived on {DERIVED}: those with an answer in them",
    ),
    Field(
        "category",
        "text",
        "known ones",
        f"the label that the first reasoning step has to name ({LABELS})",
    ),
    Field("id", "text, number", "no", "stable name of the problem; by default a hash of its content"),
    Field("model", "text", "no", "the run's model"),
    Field("condition", "text", "no", "what the run's model was trained on"),
    Field("seed", "number", "no", "the run's seed"),
    *(
        Field(
            known.kind_field, "text", "no", f"{known.name}'s question type, which the official metric needs"
        )
        for known in DATASETS
        if known.kind_field
    ),
)
NAMES = tuple(each.name for each in FIELDS)
ALWAYS = ("dataset", "question", "gold", "prediction")
OPTIONAL = frozenset(NAMES) - frozenset(ALWAYS)  # at least in a dataset of one's own
KINDS = (
    "texts: a list of texts; or one text, which is one entry or a whole list (tuple, set) as JSON or Python "
    "prints it. "
    "Whole numbers count as texts in gold. indices: a list of whole numbers; number: a whole number. "
    f"Known ones: needed with {' and '.join(DATASET_NAMES.rsplit(', ', 1))}. Records of another dataset "
    "may leave out facts, supporting and category: their answers are scored, their traces are not judged."
)


def fields_help(columns: int = 100) -> str:
    """The fields as a table for a help page: name, type, where needed, meaning."""
    rows = [("field", "type", "needed", "meaning"), *FIELDS]
    widths = [max(len(row[place]) for row in rows) + 2 for place in range(3)]
    lines = []
    for *cells, meaning in rows:
        head = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines += wrap(meaning, columns, initial_indent=head, subsequent_indent=" " * sum(widths))
    return "\n".join((*lines, "", *wrap(KINDS, columns)))


def given_names(pairs: Iterable[str]) -> dict[str, str]:
    """What ``--field OURS=THEIRS`` says: our name to theirs. `InputError` for a name that is not ours."""
    names = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not theirs:
            raise InputError(f"--field {quoted(pair)}: expected OURS=THEIRS, such as prediction=completion")
        if ours not in NAMES:
            raise InputError(f"--field {quoted(pair)}: {quoted(ours)} is none of {', '.join(NAMES)}")
        if ours in names:
            raise InputError(f"--field {quoted(pair)}: {ours} is given twice")
        names[ours] = theirs
    return names


def renamed(record: dict, names: dict[str, str], path: str | Path, line: int) -> dict:
    """The record with our fields taken from where `names` says: a name, or a path such as ``answers.0.text``.

    `InputError` where nothing stands there, with the names that do.
    """
    return {**record, **{ours: _at(record, theirs, path, line) for ours, theirs in names.items()}}


def _at(record: dict, name: str, path: str | Path, line: int) -> object:
    if name in record:  # also one with a dot in it
        return record[name]
    value: object = record
    for part in name.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
            value = value[int(part)]
        else:
            raise InputError(
                f"no field {quoted(name)}: {quoted(part)} is missing (found: {_inside(value)})", path, line
            )
    return value


def _inside(value: object) -> str:
    if isinstance(value, dict):
        return names_of(value)
    return f"a list of {len(value)}" if isinstance(value, list) else quoted(value)


def dataset_name(text: str) -> str:
    """A known dataset's name from any spelling of it ("bAbI", "MS MARCO", a twin's); another as it is."""
    return SPELLINGS.get(_letters(text).removesuffix("twin"), text)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


SPELLINGS = {
    _letters(spelling): known.name
    for known in DATASETS
    for spelling in (known.name, known.title or known.name)
}


def require(record: dict, names: Iterable[str], path: str | Path, line: int) -> None:
    """`InputError` that names every field which a record lacks, those it has, and how to name one."""
    missing = [name for name in names if name not in record]
    if not missing:
        return
    said = f"field '{missing[0]}' is" if len(missing) == 1 else f"fields {', '.join(map(repr, missing))} are"
    hint = "--dataset NAME" if missing == ["dataset"] else f"--field {missing[-1]}=NAME"
    found = names_of(record)
    raise InputError(f"{said} missing (found: {found}); one of another name is given by {hint}", path, line)


def from_record(record: dict, path: str | Path, line: int) -> Problem:
    """The problem that a record states; `InputError` names every field that is missing or what is wrong."""
    try:
        key = _content(record)
        known = _REMEMBERED.get(key)
    except (
        KeyError,
        TypeError,
    ):  # a field is missing or of a wrong type: reading says which
        return _problem(record, path, line)
    if known is None:
        known = _problem(record, path, line)
        if len(_REMEMBERED) >= REMEMBERED:
            _REMEMBERED.clear()
        _REMEMBERED[key] = known
    return known


_REMEMBERED: dict[tuple, Problem] = {}


def _content(record: dict) -> tuple:
    """What a record says of its problem, so that only records of the same types and values are equal."""
    identifier, facts = record.get("id"), record.get("facts")
    return (
        record["dataset"],
        record["question"],
        record.get("category"),
        record.get("triple_element"),
        type(identifier),
        identifier,
        repr(record["gold"]),  # 1 and True are equal, but only one is an answer
        repr(record.get("supporting")),
        type(facts),
        *((facts,) if isinstance(facts, str) else facts or ()),
    )


def _problem(record: dict, path: str | Path, line: int) -> Problem:
    require(record, needed(record), path, line)
    name = dataset_name(one_line_name(field(record, "dataset", str, path, line), "dataset", path, line))
    gold = _texts(record, "gold", path, line)
    if name not in registry.NAMES:
        gold = tuple(map(_final, gold))
    facts = () if _is_left_out(record, "facts", name) else _texts(record, "facts", path, line)
    supporting = _supporting(record, name, facts, gold, path, line)
    labelled = not _is_left_out(record, "category", name)
    question = field(record, "question", str, path, line)
    problem = Problem(
        id=content_id(question, facts, gold) if record.get("id") is None else _identifier(record, path, line),
        dataset=name,
        question=question,
        facts=facts,
        gold=gold,
        supporting=supporting or (),
        category=field(record, "category", str, path, line) if labelled else NO_CATEGORY,
        kind="" if record.get("triple_element") is None else field(record, "triple_element", str, path, line),
        has_steps=bool(facts) and supporting is not None and labelled,
    )
    _check_category(problem, path, line)
    return checked(problem, path, line)


def _check_category(problem: Problem, path: str | Path, line: int) -> None:
    known = dataset(problem.dataset)
    if known.categories and not known.any_category and problem.category not in known.categories:
        expected = ", ".join(known.categories)
        raise InputError(
            f"field 'category': found {quoted(problem.category)}, expected one of {expected}", path, line
        )


def needed(record: dict) -> tuple[str, ...]:
    """The fields that a record of its dataset cannot do without."""
    said = record.get("dataset")
    name = dataset_name(said) if isinstance(said, str) else ""
    if name not in registry.NAMES:
        return ("dataset", "question", "gold")
    derived = dataset(name).support is not None
    return ("dataset", "question", "facts", "gold", "category", *([] if derived else ["supporting"]))


def _is_left_out(record: dict, wanted: str, name: str) -> bool:
    return name not in registry.NAMES and record.get(wanted) is None


def _identifier(record: dict, path: str | Path, line: int) -> str:
    return str(field(record, "id", int if isinstance(record["id"], int) else str, path, line))


def _supporting(
    record: dict, name: str, facts: tuple[str, ...], gold: tuple[str, ...], path: str | Path, line: int
) -> tuple[int, ...] | None:
    """Indices of the supporting facts, ascending; None where nobody says which they are."""
    derive = dataset(name).support
    if derive and record.get("supporting") is None:
        return derive(facts, gold)
    if _is_left_out(record, "supporting", name):
        return None
    value = record["supporting"]
    if isinstance(value, str):  # a cell of a table
        value = _json_list(value) or value
    if not isinstance(value, list) or not all(type(entry) is int for entry in value):
        raise InputError(
            f"field 'supporting': expected a list of fact indices, found {quoted(record['supporting'])}",
            path,
            line,
        )
    return tuple(sorted(set(value)))


def _texts(record: dict, name: str, path: str | Path, line: int) -> tuple[str, ...]:
    """The texts of a field: a list, or one text; in ``gold`` also whole numbers."""
    value = record[name]
    if isinstance(value, str):
        value = _entries(value, name, path, line)
    elif type(value) is int and name == "gold":
        value = [value]
    if name == "gold" and isinstance(value, list):
        value = [str(entry) if type(entry) is int else entry for entry in value]
    if value == []:
        raise InputError(f"field '{name}' is empty, expected at least one text", path, line)
    if name == "gold" and not (isinstance(value, list) and all(isinstance(entry, str) for entry in value)):
        expected = "a text, a whole number or a list of them"
        raise InputError(f"field 'gold': expected {expected}, found {quoted(record['gold'])}", path, line)
    return tuple(field({name: value}, name, list, path, line))


def _final(gold: str) -> str:
    """The answer of a worked solution, as GSM8K marks it: its last line, after ``####``."""
    last = gold.rstrip().rpartition("\n")[2].strip()
    return (last.startswith(FINAL) and last.removeprefix(FINAL).strip()) or gold


def _entries(text: str, name: str, path: str | Path, line: int) -> list:
    """One text as a list: that which JSON or Python prints so; else of facts one per line, or itself.

    Tuples and sets are lists as well; the strings of a set, which Python prints in any order, are sorted.
    """
    text = text.strip()
    if not _is_printed(text) or (name == "facts" and NUMBERED.match(text)):
        return [entry.strip() for entry in text.split("\n") if entry.strip()] if name == "facts" else [text]
    opening, inside = text[0], text[1:-1].rstrip().removesuffix("," * (text[0] == "("))
    strings = entries(f"[{inside}]")
    found = list(strings) if listed(strings) == f"[{inside}]" else _json_list(f"[{inside}]")
    if found is None or text[-1] != CLOSED_BY.get(opening):
        raise InputError(
            f"field '{name}': expected a list as JSON or Python prints it, found {quoted(text)}", path, line
        )
    return sorted(found, key=str) if opening == "{" else found


def _is_printed(text: str) -> bool:
    """Whether a text looks like a list, or like a tuple, set or dictionary of texts, as it is printed."""
    if text.startswith(("[", *ARRAYS)):
        return True
    if not text.startswith(("(", "{")) or not text[1:].lstrip().startswith(QUOTES):
        return False
    return text[-1] == CLOSED_BY[text[0]] and (text[0] == "{" or text[:-1].rstrip(" ,").endswith(QUOTES))


def _json_list(text: str) -> list | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None
