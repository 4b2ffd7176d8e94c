"""Read records one at a time from any file in which people keep outputs or problems.

A file may hold JSON lines, a JSON array of objects, CSV with a header, or a sample log of
lm-evaluation-harness or Inspect. It may be packed by gzip, which its first bytes show. ``-`` is standard
input.
"""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tracelib.core.csv_files import SEPARATORS, csv_rows, whole_row
from tracelib.core.errors import InputError
from tracelib.core.jsonl import DECODER, an_object, decoded, json_object
from tracelib.core.paths import STANDARD_INPUT
from tracelib.core.reading import (
    BLANK,
    LONGEST_LINE,
    Read,
    Values,
    each,
    first_line,
    lines_of,
    opened,
    read_whole,
    unpacked_name,
)
from tracelib.datasets import eval_logs, own

HEAD = 4096  # bytes that show a file's form
FIRST = 20  # records; the first of them that can be read shows the fields of all
ARRAY = re.compile(rb"\[\s*(?:[{\]]|\Z)")  # of objects; a line of text may also begin with a bracket
ONE_OBJECT = re.compile(rb'\{\s*\n\s*"')  # an object over several lines, not a broken first line
SPACE = re.compile(r"\s*")
TABLES = (".csv", ".tsv")  # read as CSV, so that the error for tabs says that commas are expected


def stream(
    path: Path,
    build: Read,
    skipped: list[InputError] | None = None,
    names: dict[str, str] | None = None,
    dataset: str | None = None,
    notes: list[str] | None = None,
) -> Iterator[tuple[int, object]]:
    """(line, what `build` makes of the record), one at a time, in order.

    Args:
        names: our field names to theirs (`own.given_names`). They win over fields that have our names.
        dataset: the dataset of all records, whatever the records say.
        skipped: without it, the first bad record raises its `InputError`. With a list, bad records are left
            out and their errors appended.
        notes: a list to which notes for the user are appended at the end.

    The line is the one on which the record starts. A log of Inspect has no lines: there it is the number of
    the sample. A line of lm-evaluation-harness with repeats gives several values.
    """
    path = Path(path)
    with opened(path) as opened_file:
        form = _form(opened_file, path, skipped, (names or {}).values())
        prepare = _Preparation(path, names or {}, dataset, form.is_table)

        def several(record: dict, place: str | Path, line: int) -> list:
            return [build(one, place, line) for one in prepare(record, place, line)]

        records = each(form.values, form.parse, path, skipped)
        for line, values in each(records, several, path, skipped):
            for value in values:
                yield line, value
    if notes is not None:
        notes += prepare.lm_eval.notes()


def fields(path: Path) -> set[str]:
    """The field names of the first record of a file that can be read; none if the first few cannot."""
    try:
        with opened(path) as opened_file:
            form = _form(opened_file, Path(path), [])
            records = each(islice(form.values, FIRST), form.parse, Path(path), [])
            return next((set(record) for _, record in records if record), set())
    except InputError:
        return set()


class _Preparation:
    """Turns a record as it stands in a file into records in the audit's format."""

    def __init__(self, path: Path, names: dict[str, str], dataset: str | None, is_table: bool):
        self.names = names
        self.dataset = {} if dataset is None else {"dataset": dataset}
        self.is_table = is_table
        self.lm_eval = eval_logs.LmEval(path)

    def __call__(self, record: dict, path: str | Path, line: int) -> list[dict]:
        found = [record]
        if eval_logs.is_lm_eval(record):
            found = self.lm_eval.records(record, path, line)
        if self.names or self.dataset:
            found = [{**own.renamed(one, self.names, path, line), **self.dataset} for one in found]
        return [_without_empty_cells(row) for row in found] if self.is_table else found


def _without_empty_cells(row: dict) -> dict:
    """A table's row without the empty cells of optional fields, which mean that the field is missing."""
    return {name: cell for name, cell in row.items() if cell or name not in own.OPTIONAL}


class _Form(NamedTuple):
    """A file's unparsed records with their lines, and the function that parses one."""

    values: Values
    parse: Read
    is_table: bool = False


def _form(
    opened_file: BinaryIO, path: Path, skipped: list[InputError] | None, named: Collection[str] = ()
) -> _Form:
    """The records of a file, in the form that the file's beginning shows.

    `named` are field names that the header of a table may have in place of ours.
    """
    head = opened_file.peek(HEAD)[:HEAD].lstrip(BLANK)
    if head.startswith(eval_logs.ZIP):
        if path == STANDARD_INPUT:
            raise InputError("a zip, which can only be read as a file", path)
        return _Form(eval_logs.inspect_zip(path), eval_logs.zipped_sample)
    if ARRAY.match(head):
        return _Form(_array(read_whole(opened_file, path), path, skipped), an_object)
    if ONE_OBJECT.match(head):
        return _Form(eval_logs.inspect_json(read_whole(opened_file, path), path), eval_logs.sample)
    if not head.startswith((b"{", b"[")) and _is_table(head, path, named):
        return _Form(csv_rows(opened_file, path, skipped), whole_row, is_table=True)
    begun = first_line(opened_file)
    if samples := _one_line(begun, opened_file, path):
        return _Form(samples, eval_logs.sample)
    return _Form(lines_of(opened_file, begun), json_object)


def _is_table(head: bytes, path: Path, named: Collection[str]) -> bool:
    """Whether a file is CSV: by its suffix, or because its first line has two known fields or more."""
    if unpacked_name(path).suffix.lower() in TABLES:
        return True
    header = re.split(rf"[{SEPARATORS},]", head.partition(b"\n")[0].decode("utf-8", errors="replace"))
    return len({name.strip(' "\r') for name in header} & {*own.NAMES, *named}) > 1


def _one_line(begun: bytes, opened_file: BinaryIO, path: Path) -> Values | None:
    """The samples of an Inspect log that stands on one line; None if the line is anything else."""
    if b'"eval"' not in begun or b'"samples"' not in begun:
        return None
    if len(begun) <= LONGEST_LINE:
        document, *_ = decoded(DECODER.decode, begun.decode("utf-8-sig", errors="replace"))
        if not eval_logs.is_inspect(document):
            return None
    return eval_logs.inspect_json(read_whole(opened_file, path, begun=begun), path)


def _array(text: str, path: Path, skipped: list[InputError] | None) -> Values:
    """The values of a JSON array. From a broken place on, the rest counts as one bad record."""
    try:
        yield from _values(text, path)
    except InputError as error:
        if skipped is None:
            raise
        skipped.append(error)


def _values(text: str, path: Path) -> Values:
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
            yield line, value[0]
            end = SPACE.match(text, value[1]).end()
            line += text.count("\n", start, end)
        if text.startswith(",", end):
            at = end + 1
            continue
        if not text.startswith("]", end) or text[end + 1 :].strip():
            raise InputError("not a JSON array of objects (no comma, no end, or text after it)", path, line)
        return
