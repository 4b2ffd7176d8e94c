"""Users' own problems: the record that the audit takes, its fields, and how to use other field names.

A record of a dataset in `tracelib.datasets.registry` follows that dataset's rules. Any other dataset name is
a user's own. Its records may leave out facts, supporting and category. If one of these is missing, the
answer can be scored but no trace can be judged (`Problem.has_steps`).
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field, names_of
from tracelib.core.pylist import entries, listed
from tracelib.datasets import registry
from tracelib.datasets.problem import NO_CATEGORY, Problem, checked, content_id, one_line_name
from tracelib.datasets.registry import DATASETS, dataset

FINAL = "####"  # before the answer of a worked solution, on its last line
CLOSED_BY = {"[": "]", "(": ")", "{": "}"}
ARRAYS = ("array(", "np.array(", "frozenset(")  # printed by numpy and Python; refused
QUOTES = ("'", '"')
NUMBERED = re.compile(r"\[(?!\s*['\"({])[^\[\]]*\]\s*[^\s\],]")  # "[1] A passage" is no list: text follows
REMEMBERED = 10_000  # problems that are cached, because runs answer the same ones


class Field(NamedTuple):
    """One field of a record: its type, where it is needed, what it means."""

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
    Field("dataset", "text", "yes", f"{DATASET_NAMES} or a name of your own; --dataset sets it for all"),
    Field("question", "text", "yes", "the question alone, without context or instruction"),
    Field(
        "gold",
        "texts",
        "yes",
        f"the correct answers: all are needed ({ALL_GOLD}) or any one of them (others); in a dataset of your "
        "own, a text whose last line is #### X, as in GSM8K, means X",
    ),
    Field("prediction", "text", "by audit", "everything that the model wrote"),
    Field(
        "facts", "texts", "known ones", "the context: one sentence or passage each; in one text, one per line"
    ),
    Field(
        "supporting",
        "indices",
        MARKED,
        f"the facts that support the answer, counted from 0; the default on {DERIVED}: the facts that hold "
        "an answer",
    ),
    Field(
        "category",
        "text",
        "known ones",
        f"the label that the first reasoning step should name ({LABELS})",
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
OPTIONAL = frozenset(NAMES) - frozenset(ALWAYS)  # at least in a user's own dataset
KINDS = (
    "texts: a list of texts, or one text, which is a single entry or a whole list (tuple, set) as JSON or "
    "Python prints it. "
    "In gold, whole numbers count as texts. indices: a list of whole numbers. number: a whole number. "
    f"known ones: needed with {' and '.join(DATASET_NAMES.rsplit(', ', 1))}. Records of other datasets "
    "may leave out facts, supporting and category; their answers are scored, but their traces are not judged."
)


def fields_help(columns: int = 100) -> str:
    """A table of the fields for a help page: name, type, where it is needed, meaning."""
    rows = [("field", "type", "needed", "meaning"), *FIELDS]
    widths = [max(len(row[place]) for row in rows) + 2 for place in range(3)]
    lines = []
    for *cells, meaning in rows:
        head = "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines += wrap(meaning, columns, initial_indent=head, subsequent_indent=" " * sum(widths))
    return "\n".join((*lines, "", *wrap(KINDS, columns)))


def given_names(pairs: Iterable[str]) -> dict[str, str]:
    """Our field names to theirs, from pairs ``OURS=THEIRS``. `InputError` for a name that is not ours."""
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
    """The record with our fields filled from theirs: from a name, or a path such as ``answers.0.text``.

    `InputError` if there is no such field; it lists the names that exist.
    """
    return {**record, **{ours: _at(record, theirs, path, line) for ours, theirs in names.items()}}


def _at(record: dict, name: str, path: str | Path, line: int) -> object:
    if name in record:  # a name may contain a dot
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
    """The known dataset that a text spells in any way ("bAbI", "MS MARCO", a twin's name); else the text."""
    return SPELLINGS.get(_letters(text).removesuffix("twin"), text)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


SPELLINGS = {
    _letters(spelling): known.name
    for known in DATASETS
    for spelling in (known.name, known.title or known.name)
}


def require(record: dict, names: Iterable[str], path: str | Path, line: int) -> None:
    """`InputError` if the record lacks a field: it lists all missing ones and those that are there."""
    missing = [name for name in names if name not in record]
    if not missing:
        return
    said = f"field '{missing[0]}' is" if len(missing) == 1 else f"fields {', '.join(map(repr, missing))} are"
    hint = "--dataset NAME" if missing == ["dataset"] else f"--field {missing[-1]}=NAME"
    found = names_of(record)
    raise InputError(f"{said} missing (found: {found}); give the name with {hint}", path, line)


def from_record(record: dict, path: str | Path, line: int) -> Problem:
    """The problem that a record states; `InputError` names all missing fields, or the one that is wrong."""
    try:
        key = _content(record)
        known = _REMEMBERED.get(key)
    except (KeyError, TypeError):  # a field is missing or has a wrong type; `_problem` says which
        return _problem(record, path, line)
    if known is None:
        known = _problem(record, path, line)
        if len(_REMEMBERED) >= REMEMBERED:
            _REMEMBERED.clear()
        _REMEMBERED[key] = known
    return known


_REMEMBERED: dict[tuple, Problem] = {}


def _content(record: dict) -> tuple:
    """The parts of a record that make its problem: equal only for records of the same types and values."""
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
    """The fields that every record of the record's dataset must have."""
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
    """Indices of the supporting facts, ascending; None where they are not known."""
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
    """The texts of a field, which holds a list or one text; in ``gold``, whole numbers count as texts."""
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
    """The answer of a worked solution as in GSM8K: its last line, after ``####``; else the text as it is."""
    last = gold.rstrip().rpartition("\n")[2].strip()
    return (last.startswith(FINAL) and last.removeprefix(FINAL).strip()) or gold


def _entries(text: str, name: str, path: str | Path, line: int) -> list:
    """The entries of one text: of a list as JSON or Python prints it, else the lines of facts, or the text.

    Tuples and sets count as lists. The strings of a set are sorted, because Python prints them in any order.
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
    """Whether a text looks like a printed list, or like a printed tuple, set or dictionary of texts."""
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
