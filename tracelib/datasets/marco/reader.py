"""Read MS MARCO question answering (Bajaj et al., 2016), versions v1.1 and v2.1.

A record is a web query, about ten passages, and the answers that a person wrote after reading them. Its
fields are ``query``, ``query_id``, ``query_type``, ``answers``, ``passages`` (each with ``is_selected``,
``passage_text`` and ``url``) and, from v2.1 on, ``wellFormedAnswers``. Records come in three forms, all read
here: JSON lines; the official file, one object with a column per field (``{"query": {"0": ...}, ...}``); and
rows of the Hugging Face hub, whose passages are columns.
"""

import re
from pathlib import Path

from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.core.jsonl import DECODER, decoded, line_at, read_json_lines
from tracelib.core.reading import opened, read_whole
from tracelib.datasets.problem import NO_ANSWER, Problem, checked, content_id, printed_list

CATEGORIES = ("description", "numeric", "entity", "location", "person")
NO_WELL_FORMED = "[]"  # v2.1 has this text in place of an empty list

# A column-oriented file takes three to four times its size in memory. The dev and eval files of v2.1 have
# 0.4 GiB each; the training file must be converted to JSON lines first.
LARGEST_COLUMNS = 1024**3  # bytes, unpacked
HEAD = 4096  # bytes that show a file's form
COLUMNS = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"\w+"\s*:\s*\{\s*"\d+"\s*:')


def from_record(record: dict, path: str | Path, line: int) -> Problem:
    """A problem from one record; `InputError` when a field is missing or of the wrong type.

    The gold answers are the answers and then the well-formed ones, without repeats and blanks; any one of
    them is right. If there is no answer, or `NO_ANSWER` is among them, the query is unanswerable and
    `NO_ANSWER` is its gold. A record that contradicts itself is taken as it is: it may have an answer but no
    selected passage, or a selected passage but no answer.
    """
    question = field(record, "query", str, path, line)
    category = field(record, "query_type", str, path, line).lower()
    if category not in CATEGORIES:
        expected = ", ".join(CATEGORIES)
        raise InputError(f"field 'query_type': expected {expected}, found {quoted(category)}", path, line)
    facts, supporting = _passages(record, path, line)
    answers = [*field(record, "answers", list, path, line), *_well_formed(record, path, line)]
    gold = tuple(dict.fromkeys(answer for answer in answers if answer.strip()))
    if not gold or NO_ANSWER in gold:
        gold = (NO_ANSWER,)
    problem = Problem(
        id=content_id(question, facts, gold),
        dataset="marco",
        question=question,
        facts=facts,
        gold=gold,
        supporting=supporting,
        category=category,
    )
    return checked(problem, path, line)


def is_category(text: object) -> bool:
    """Whether a record's ``query_type`` is one of MARCO's, in any case."""
    return isinstance(text, str) and text.lower() in CATEGORIES


def from_output(record: dict, path: str | Path, line: int) -> Problem:
    """A problem from a line of the release's output files, whose fields hold printed Python lists.

    Any one of the answers in ``gold`` is right; `NO_ANSWER` is an answer like any other. ``passage`` is the
    context. Its passages that are also in ``answer_passage`` are the supporting ones. `InputError` when a
    field is missing or wrong.
    """
    question = field(record, "question", str, path, line)
    facts = printed_list(record, "passage", path, line)
    cited = set(printed_list(record, "answer_passage", path, line))
    gold = printed_list(record, "gold", path, line)
    problem = Problem(
        id=content_id(question, facts, gold),
        dataset="marco",
        question=question,
        facts=facts,
        gold=gold,
        supporting=tuple(index for index, fact in enumerate(facts) if fact in cited),
        category=field(record, "query_type", str, path, line).lower(),
    )
    return checked(problem, path, line)


def _well_formed(record: dict, path: str | Path, line: int) -> list[str]:
    if record.get("wellFormedAnswers", NO_WELL_FORMED) == NO_WELL_FORMED:
        return []
    return field(record, "wellFormedAnswers", list, path, line)


def _passages(record: dict, path: str | Path, line: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The texts of the passages, and the indices of the selected ones."""
    passages = record.get("passages")
    if isinstance(passages, dict):
        texts = field(passages, "passage_text", list, path, line)
        flags = passages.get("is_selected")
        if not isinstance(flags, list) or len(flags) != len(texts):
            expected = f"a list of {len(texts)} flags, one per passage"
            raise InputError(f"field 'is_selected': expected {expected}, found {quoted(flags)}", path, line)
    elif isinstance(passages, list) and all(isinstance(passage, dict) for passage in passages):
        texts = [field(passage, "passage_text", str, path, line) for passage in passages]
        flags = [passage.get("is_selected") for passage in passages]
    else:
        expected = "a list of objects, or an object of lists"
        raise InputError(f"field 'passages': expected {expected}, found {quoted(passages)}", path, line)
    for flag in flags:
        if not isinstance(flag, int) or flag not in (0, 1):
            raise InputError(f"field 'is_selected': expected 0 or 1, found {quoted(flag)}", path, line)
    empty = [index for index, text in enumerate(texts) if not text.strip()]
    if empty:
        raise InputError(f"field 'passage_text': passage {empty[0] + 1} is empty", path, line)
    return tuple(texts), tuple(index for index, flag in enumerate(flags) if flag)


def read(path: Path, skipped: list[InputError] | None = None) -> list[Problem]:
    """All problems of one file, in order; strict or lenient as in `tracelib.core.jsonl.read_json_lines`.

    A column-oriented file has no lines: its errors give the row, counted from 1, and the row's key. Such a
    file may have at most `LARGEST_COLUMNS` bytes. If it is cut or damaged, that is an error in lenient mode
    too, because none of it can be read.
    """
    path = Path(path)
    if not is_column_oriented(path):
        return read_json_lines(path, from_record, skipped)
    problems = []
    for row, (key, record) in enumerate(_rows(path), start=1):
        try:
            problems.append(from_record(record, f"{path} (key {quoted(key)}, rows counted as lines)", row))
        except InputError as error:
            if skipped is None:
                raise
            skipped.append(error)
    return problems


def is_column_oriented(path: Path) -> bool:
    """Whether the first field of the file's first object is an object with numbered keys."""
    with opened(path) as stream:
        return COLUMNS.match(stream.read(HEAD)) is not None


def _rows(path: Path) -> list[tuple[str, dict]]:
    """(key, record) of every row of a column-oriented file. A record lacks the columns without its key."""
    columns = _columns(path)
    for name, column in columns.items():
        if not isinstance(column, dict):
            raise InputError(f"column {quoted(name)}: expected an object, found {quoted(column)}", path)
    keys = dict.fromkeys(key for column in columns.values() for key in column)
    return [(key, {name: c[key] for name, c in columns.items() if key in c}) for key in keys]


def _columns(path: Path) -> dict:
    with opened(path) as stream:
        text = read_whole(stream, path, LARGEST_COLUMNS)
    columns, reason, at = decoded(DECODER.decode, text)
    if reason:
        message = f"not JSON ({reason}), expected one object with a column per field"
        raise InputError(message, path, line_at(text, at))
    return columns
