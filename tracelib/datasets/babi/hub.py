"""bAbI's stories on the Hugging Face hub: the English set with 1,000 training questions per task.

We pin the hub's own conversion to parquet. The main branch holds a script, and we never run code from the
hub.
"""

from collections.abc import Iterator
from functools import partial

from tracelib.core.errors import InputError, quoted
from tracelib.core.pylist import listed
from tracelib.datasets.babi.reader import CATEGORIES, from_record
from tracelib.datasets.dataset import HubTable, Row
from tracelib.datasets.problem import Problem

PLACE, COMMIT = "facebook/babi_qa", "821006e33d6ff3674fd888792a4dd1c04648f69f"
STATEMENT, QUESTION = 0, 1  # the types of a line


def _parts(split: str) -> Iterator[tuple[str, dict, Row]]:
    """The tables of all 20 tasks, in their order."""
    for number, category in enumerate(CATEGORIES, start=1):
        path = f"en-qa{number}/{split}/0000.parquet"
        options = {"path": PLACE, "revision": COMMIT, "data_files": {split: path}}
        yield f"{PLACE}/{path}", options, partial(_story, category)


def _story(category: str, row: dict, where: str, number: int) -> Iterator[Problem]:
    """One problem per question of a story. Its context is the statements before the question."""
    statements: dict[str, str] = {}  # by line number in the story
    for line, kind, text, support, answer in _lines(row, where, number):
        if kind == STATEMENT:
            statements[line] = text.strip()
            continue
        if unknown := [entry for entry in support if entry not in statements]:
            expected = "the number of an earlier statement"
            raise InputError(
                f"field 'supporting_ids': expected {expected}, found {quoted(unknown[0])}", where, number
            )
        record = {  # as in the release's files
            "passages": listed(tuple(statements.values())),
            "question": text.strip(),
            "answer": answer.strip(),
            "answer_passage": listed(tuple(statements[entry] for entry in support)),
            "query_type": category,
        }
        yield from_record(record, where, number)


def _lines(row: dict, where: str, number: int) -> list[tuple[str, int, str, list[str], str]]:
    """The checked lines of a story: (line number, type, text, supporting line numbers, answer)."""
    names = ("id", "type", "text", "supporting_ids", "answer")
    story = row.get("story")
    columns = [story.get(name) for name in names] if isinstance(story, dict) else []
    whole = columns and all(isinstance(column, list) for column in columns)
    lines = list(zip(*columns, strict=False)) if whole else []
    if not whole or len({len(column) for column in columns}) > 1 or not all(map(_is_line, lines)):
        expected = f"lists {', '.join(names)} of one length"
        raise InputError(f"field 'story': expected {expected}, found {quoted(story)}", where, number)
    return lines


def _is_line(line: tuple) -> bool:
    number, kind, text, support, answer = line
    texts = [number, text, answer, *(support if isinstance(support, list) else [None])]
    return kind in (STATEMENT, QUESTION) and all(isinstance(entry, str) for entry in texts)


TABLES = (HubTable("babi", ("train", "test"), _parts),)
