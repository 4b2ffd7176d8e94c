"""Files in and out: errors that name file and line, and writes that are never seen half-done."""

import csv
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

SHOWN = 60  # characters of a bad value that an error quotes
LONGEST_LINE = 4 * 1024 * 1024  # bytes; one line of the release has at most about 20,000
BLANK = b" \t\r\n\xef\xbb\xbf"
Build = Callable[[dict, Path, int], object]  # (record, path, line) -> what is read from it


@contextmanager
def only_one(lock: Path, message: str, place: Path) -> Iterator[int]:
    """Hold a lock file for as long as this runs: its descriptor, which a child process may inherit.

    `InputError` with `message` where somebody holds it. The lock ends with its holders, however they end.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{message}; wait for it or stop it", place) from None
        yield stream.fileno()


class InputError(ValueError):
    """What a user gave us is wrong: the message says where, and what was expected instead."""

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None):
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(where + message)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows (IPython asks for it): the message alone, as the command line does."""
        return [f"tracelib: error: {self}"]


def quoted(value: object) -> str:
    """A value as an error message shows it: printable and bounded."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def read_text(path: Path) -> str:
    """The UTF-8 text of a file; an `InputError` when it is missing or not UTF-8."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except IsADirectoryError:
        raise InputError("is a folder, expected a file", path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"not UTF-8 text (byte {error.start})", path, line) from None


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes) for every non-blank line; a longer one than allowed is cut."""
    return ((n, raw) for n, raw in _all_lines(path) if len(raw) > LONGEST_LINE or raw.strip(BLANK))


def _all_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with Path(path).open("rb") as stream:
            number = 0
            while raw := stream.readline(LONGEST_LINE + 1):
                number += 1
                yield number, raw
                while len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):  # never held whole
                    raw = stream.readline(LONGEST_LINE + 1)
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except IsADirectoryError:
        raise InputError("is a folder, expected a file", path) from None


def _json_object(raw: bytes, path: str | Path, line: int) -> dict:
    """One JSON object; an `InputError` naming file and line when it is anything else."""
    if len(raw) > LONGEST_LINE:
        raise InputError(f"a line of more than {LONGEST_LINE:,} bytes, expected one short object", path, line)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start} of the line)", path, line) from None
    reason = None
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        reason = error.msg
    except RecursionError:
        reason = "nested too deeply"
    except ValueError:
        reason = "a number with too many digits"
    if reason:
        message = f"not a JSON object ({reason}), expected one object per line; starts {quoted(text[:SHOWN])}"
        raise InputError(message, path, line)
    if not isinstance(record, dict):
        raise InputError(f"expected a JSON object, found {quoted(record)}", path, line)
    return record


def read_json_lines(path: Path, build: Build, skipped: list[InputError] | None = None) -> list:
    """`build(record, path, line)` of every non-blank line of a JSON-lines file, in order.

    Strict without `skipped`: the first bad line raises its `InputError`. Lenient with it: bad
    lines are left out, and their errors are appended to `skipped` for the caller to report.
    """
    parsed = ((number, partial(_json_object, raw, path, number)) for number, raw in raw_lines(path))
    return _built(parsed, build, path, skipped)


def read_csv(path: Path, build: Build, skipped: list[InputError] | None = None) -> list:
    """`build(row, path, line)` of every row of a CSV file with a header; strict or lenient as above."""
    return _built(_csv_rows(path, skipped), build, path, skipped)


def _csv_lines(path: Path, skipped: list[InputError] | None) -> Iterator[bytes]:
    for number, raw in _all_lines(path):
        if len(raw) <= LONGEST_LINE:
            yield raw
            continue
        error = InputError(f"a line of more than {LONGEST_LINE:,} bytes, expected a CSV row", path, number)
        if skipped is None:
            raise error
        skipped.append(error)
        yield b"\n"  # keeps the count of lines


def _csv_rows(path: Path, skipped: list[InputError] | None) -> Iterator[tuple[int, Callable[[], dict]]]:
    csv.field_size_limit(LONGEST_LINE)
    lines = _csv_lines(path, skipped)
    before, header = next(((n, raw) for n, raw in enumerate(lines) if raw.strip(BLANK)), (0, b""))
    text = (raw.decode("utf-8-sig", errors="surrogateescape") for raw in chain([header], lines))
    rows = csv.DictReader(text, strict=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:  # where the next row starts is not known then
            raise InputError(f"not CSV ({error})", path, before + max(rows.line_num, 1)) from None
        if row is None:
            return
        if not _is_blank(row):
            yield before + rows.line_num, partial(_csv_row, row, path, before + rows.line_num)


def _is_blank(row: dict) -> bool:
    """Whether a row was a line of spaces: one value at most, and nothing in it."""
    values = [value for value in (*row.values(), *row.get(None, ())) if isinstance(value, str)]
    return len(values) <= 1 and not "".join(values).strip()


def _csv_row(row: dict, path: Path, line: int) -> dict:
    if None in row or None in row.values():
        expected = sum(name is not None for name in row)
        raise InputError(f"not the {expected} columns that the header names", path, line)
    return row


def _built(parsed: Iterable, build: Build, path: Path, skipped: list[InputError] | None) -> list:
    built = []
    for number, parse in parsed:
        try:
            built.append(build(parse(), path, number))
        except InputError as error:
            if skipped is None:
                raise
            skipped.append(error)
    return built


def field(record: dict, name: str, kind: type, path: str | Path, line: int) -> object:
    """The named field of a record, checked to be a `kind` (`list` means a list of strings)."""
    expected = {str: "a string", list: "a list of strings", int: "a whole number"}[kind]
    if name not in record:
        found = ", ".join(sorted(map(_name, record)))[:200] or "none"
        raise InputError(f"field '{name}' is missing (found: {found})", path, line)
    value = record[name]
    wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if wrong or (kind is list and not all(isinstance(entry, str) for entry in value)):
        raise InputError(f"field '{name}': expected {expected}, found {quoted(value)}", path, line)
    if not all(map(_is_text, value if kind is list else [value])):
        raise InputError(f"field '{name}': not valid Unicode text, found {quoted(value)}", path, line)
    return value


def _name(key: object) -> str:
    """A field's name as an error shows it: as it is if that is short and printable."""
    return str(key) if str(key).isprintable() and len(str(key)) <= SHOWN else quoted(key)


def _is_text(value: object) -> bool:
    """Whether a JSON value can be written as UTF-8; JSON's escapes allow halves of characters."""
    try:
        str(value).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it replaces `path`, on failure it goes.

    Works for a file or a folder: the caller creates either at the yielded path. Readers see
    the old state or the new one, never a part (write beside, fsync, rename). One writer per
    path: builds hold a lock.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial-{path.name}")
    aside = path.with_name(f".old-{path.name}")
    for left in (beside, aside):  # by a killed predecessor
        _remove(left)
    try:
        yield beside
        if beside.is_dir():
            for entry in beside.rglob("*"):
                _sync(entry)
        _sync(beside)
        if beside.is_dir() and path.is_dir():  # a folder cannot replace one that is not empty
            path.rename(aside)
        beside.replace(path)
        _sync(path.parent)
    finally:
        _remove(beside)
        _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text so that readers see the old file or the whole new one."""
    with written_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8"))
