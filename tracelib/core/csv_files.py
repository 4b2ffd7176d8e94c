"""Read CSV files with a header. Each row must have the header's columns and comes with its line number."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from tracelib.core.errors import InputError, quoted
from tracelib.core.reading import BLANK, LONGEST_LINE, Read, Values, all_lines, each, opened

SEPARATORS = ";\t|"  # that some tables have instead of commas; an error names them


def read_csv(path: Path, build: Read, skipped: list[InputError] | None = None) -> list:
    """`build(row, path, line)` of every row of a CSV file with a header; strict or lenient as in `each`."""
    with opened(path) as stream:
        rows = each(csv_rows(stream, path, skipped), whole_row, path, skipped)
        return [value for _, value in each(rows, build, path, skipped)]


def csv_rows(stream: BinaryIO, path: Path, skipped: list[InputError] | None) -> Values:
    """Yield (line, row) of an open CSV file with a header, unchecked. `skipped` is as in `each`."""
    csv.field_size_limit(LONGEST_LINE)
    lines = _csv_lines(stream, path, skipped)
    before, header = next(((n, raw) for n, raw in enumerate(lines) if raw.strip(BLANK)), (0, b""))
    text = (raw.decode("utf-8-sig", errors="surrogateescape") for raw in chain([header], lines))
    rows = csv.DictReader(text, strict=True)
    try:
        _check_header(rows.fieldnames or [], path, before + 1)
        for row in rows:
            if not _is_blank(row):
                yield before + rows.line_num, row
    except csv.Error as error:  # nobody knows where the next row starts, so reading ends
        raise InputError(f"not CSV ({error})", path, before + max(rows.line_num, 1)) from None


def _check_header(names: Sequence[str], path: Path, line: int) -> None:
    """`InputError` for a header that repeats a name, or that has another separator than commas."""
    twice = [name for name, count in Counter(names).items() if count > 1 and name.strip()]
    if twice:
        raise InputError(f"two columns are named {quoted(twice[0])}, expected each name once", path, line)
    if names and names[0].startswith("sep="):
        raise InputError(
            f"a line {quoted(','.join(names))}, expected the header as the first line", path, line
        )
    if len(names) == 1 and (found := next((mark for mark in SEPARATORS if mark in names[0]), None)):
        raise InputError(f"columns separated by {found!r}, expected commas", path, line)


def _csv_lines(stream: BinaryIO, path: Path, skipped: list[InputError] | None) -> Iterator[bytes]:
    for number, raw in all_lines(stream):
        if len(raw) <= LONGEST_LINE:
            yield raw
            continue
        error = InputError(f"a line of more than {LONGEST_LINE:,} bytes, expected a CSV row", path, number)
        if skipped is None:
            raise error
        skipped.append(error)
        yield b"\n"  # keeps the line numbers right


def _is_blank(row: dict) -> bool:
    """Whether a row is a line of spaces."""
    values = [value for value in (*row.values(), *row.get(None, ())) if isinstance(value, str)]
    return len(values) <= 1 and not "".join(values).strip()


def whole_row(row: dict, path: Path, line: int) -> dict:
    """The row itself. `InputError` if it lacks a column of the header, or has more."""
    if None in row or None in row.values():
        expected = sum(name is not None for name in row)
        raise InputError(f"not the {expected} columns that the header names", path, line)
    return row
