"""Records from any file in which people keep outputs or problems, one at a time.

JSON lines; a JSON array of objects; CSV with a header (``.csv``); the sample logs of lm-evaluation-harness
and of Inspect. Plain or gzip, by the first bytes; ``-`` is standard input.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tracelib.datasets import eval_logs, own
from tracelib.files import (
    BLANK,
    DECODER,
    STANDARD_INPUT,
    InputError,
    Parsed,
    an_object,
    built,
    csv_rows,
    decoded,
    json_lines,
    opened,
    read_whole,
    unpacked_name,
)

HEAD = 4096  # bytes that show a file's form
ONE_OBJECT = re.compile(rb'\{\s*\n\s*"')  # an object over several lines, not the broken first of JSON lines
SPACE = re.compile(r"\s*")

Build = Callable[[dict, str | Path, int], object]


def stream(
    path: Path,
    build: Build,
    skipped: list[InputError] | None = None,
    names: dict[str, str] | None = None,
    dataset: str | None = None,
) -> Iterator[tuple[int, object]]:
    """(line, what `build` makes of the record), one at a time, in order.

    Args:
        names: our fields to theirs, as `own.given_names` reads them; they win over fields of our names.
        dataset: the dataset of all records, whatever they say.
        skipped: strict without; with a list, bad records are left out and their errors appended to it.

    The line is that on which a record starts; in a log of Inspect, which has no lines, the number of the
    sample. A line of lm-evaluation-harness with repeats gives several values.
    """
    path = Path(path)
    with opened(path) as opened_file:
        form, is_table = _form(opened_file, path, skipped)
        prepare = _Preparation(path, names or {}, dataset, is_table)

        def several(record: dict, place: str | Path, line: int) -> list:
            return [build(one, place, line) for one in prepare(record, place, line)]

        for line, values in built(form, several, path, skipped):
            for value in values:
                yield line, value


class _Preparation:
    """From a record as it stands in a file to records in the audit's format."""

    def __init__(self, path: Path, names: dict[str, str], dataset: str | None, is_table: bool):
        self.names = names
        self.dataset = {} if dataset is None else {"dataset": dataset}
        self.is_table = is_table
        self.lm_eval = eval_logs.LmEval(path)

    def __call__(self, record: dict, path: str | Path, line: int) -> list[dict]:
        found = [record]
        if "resps" in record and eval_logs.is_lm_eval(record):
            found = self.lm_eval.records(record, path, line)
        if self.names or self.dataset:
            found = [{**own.renamed(one, self.names, path, line), **self.dataset} for one in found]
        return [_without_empty_cells(row) for row in found] if self.is_table else found


def _without_empty_cells(row: dict) -> dict:
    """A table's row, in which an empty cell of a field that may be missing says that it is."""
    return {name: cell for name, cell in row.items() if cell or name not in own.OPTIONAL}


def _form(opened_file: BinaryIO, path: Path, skipped: list[InputError] | None) -> tuple[Parsed, bool]:
    """The records of a file in the form that its beginning shows, and whether that is a table."""
    head = opened_file.peek(HEAD)[:HEAD].lstrip(BLANK)
    if head.startswith(eval_logs.ZIP):
        if path == STANDARD_INPUT:
            raise InputError("a zip, which can only be read as a file", path)
        return eval_logs.inspect_zip(path), False
    if head.startswith(b"["):
        return _array(read_whole(opened_file, path), path), False
    if ONE_OBJECT.match(head):
        return eval_logs.inspect_json(read_whole(opened_file, path), path), False
    if unpacked_name(path).suffix == ".csv" and not head.startswith(b"{"):
        return csv_rows(opened_file, path, skipped), True
    return json_lines(opened_file, path), False


def _array(text: str, path: Path) -> Parsed:
    """The objects of a JSON array; where it is broken, what follows cannot be read."""
    at, line = text.index("[") + 1, text.count("\n", 0, text.index("[")) + 1
    opening = at
    while True:
        start = SPACE.match(text, at).end()
        line += text.count("\n", at, start)
        if text.startswith("]", start) and start == SPACE.match(text, opening).end():
            end = start  # an empty array
        else:
            value, reason, where = decoded(DECODER.raw_decode, text, start)
            if reason:
                line += text.count("\n", start, max(where, start))
                raise InputError(f"not a JSON array of objects ({reason})", path, line)
            yield line, partial(an_object, *value[:1], path, line)
            end = SPACE.match(text, value[1]).end()
            line += text.count("\n", start, end)
        if text.startswith(",", end):
            at = end + 1
            continue
        if not text.startswith("]", end) or text[end + 1 :].strip():
            raise InputError("not a JSON array of objects (a comma or its one end is missing)", path, line)
        return
