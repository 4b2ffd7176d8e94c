"""Files in and out: errors that name file and line, and writes that are never seen half-done."""

import csv
import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import BinaryIO

SHOWN = 60  # characters of a bad value that an error quotes
LONGEST_LINE = 4 * 1024 * 1024  # bytes; one line of the release has at most about 20,000
LARGEST_DOCUMENT = 1024**3  # bytes, unpacked, of a file that can only be read whole
BLANK = b" \t\r\n\xef\xbb\xbf"
GZIP, GZIP_SUFFIX = b"\x1f\x8b", ".gz"
STANDARD_INPUT = Path("-")  # as a command line names it
SEPARATORS = ";\t|"  # of columns in tables that are not CSV
FOUND = re.compile(r"[,;] found |; starts | \(found")  # from here on a message quotes what stands there
Values = Iterator[tuple[int, object]]  # each with its line
Read = Callable[[object, Path, int], object]  # (value, path, line) -> what is made of it, or an `InputError`


@contextmanager
def only_one(lock: Path, message: str, place: Path) -> Iterator[int]:
    """Hold a lock file for as long as this runs: its descriptor, which a child process may inherit.

    `InputError` with `message` where somebody holds it. The lock ends with its holders, however they end.
    """
    from filelock import has_fcntl, lock_descriptor  # takes long to import

    if not has_fcntl:  # all else here works on Windows
        raise InputError("runs and builds need Linux or macOS", place)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        if not lock_descriptor(stream.fileno(), blocking=False):
            raise InputError(f"{message}; wait for it or stop it", place)
        yield stream.fileno()


class InputError(ValueError):
    """What a user gave us is wrong: the message says where, and what was expected instead.

    Attributes:
        place: file and line as the message has them, empty where none is known.
        reason: the rest of the message.
    """

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None):
        path = "standard input" if path == STANDARD_INPUT else path
        self.place = "" if path is None else f"{path}" if line is None else f"{path}:{line}"
        self.reason = message
        super().__init__(f"{self.place}: {message}" if self.place else message)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows (IPython asks for it): the message alone, as the command line does."""
        return [f"tracelib: error: {self}"]


def by_reason(errors: Iterable[InputError]) -> list[list[InputError]]:
    """Errors that say the same of different places, together; in the order in which each kind is first met.

    What was found there (``found 'x'``) may differ.
    """
    kinds: dict[str, list[InputError]] = {}
    for error in errors:
        kinds.setdefault(FOUND.split(error.reason)[0], []).append(error)
    return list(kinds.values())


def quoted(value: object) -> str:
    """A value as an error message shows it: printable and bounded."""
    try:
        text = repr(value)
    except RecursionError:
        text = "a value that is nested too deeply"
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where they are gzip's, whatever its name; ``-`` is standard input.

    The stream has ``peek``. `InputError` where there is no such file, or its gzip data is cut or damaged.
    """
    try:
        with _source(path) as stream:
            if stream.peek(len(GZIP))[: len(GZIP)] != GZIP:
                yield stream
                return
            with gzip.open(stream) as unpacked:
                yield unpacked
    except FileNotFoundError:
        raise InputError("no such file", path) from None
    except IsADirectoryError:
        raise InputError("is a folder, expected a file", path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"gzip data that is cut or damaged ({quoted(str(error))})", path) from None


def _source(path: Path):
    if Path(path) != STANDARD_INPUT:
        return Path(path).open("rb")
    if sys.stdin is None:
        raise InputError("is closed, expected records", path)
    return nullcontext(sys.stdin.buffer)


def unpacked_name(path: Path) -> Path:
    """The path without a last ``.gz``: what its name says of the content."""
    path = Path(path)
    return path.with_suffix("") if path.suffix == GZIP_SUFFIX else path


def read_whole(stream: BinaryIO, path: Path, most: int = LARGEST_DOCUMENT, begun: bytes = b"") -> str:
    """The rest of a stream as UTF-8 text, after what was read of it already.

    `InputError` where it is not UTF-8, or has more than `most` bytes.
    """
    content = begun + stream.read(most + 1)
    if len(content) > most:
        raise InputError(f"more than {most:,} bytes to be read at once, expected JSON lines", path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"not UTF-8 text (byte {error.start})", path, line) from None


def read_text(path: Path) -> str:
    """The UTF-8 text of a file; an `InputError` when it is missing or not UTF-8."""
    with opened(path) as stream:
        return read_whole(stream, path)


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes) for every non-blank line; a longer one than allowed is cut."""
    with opened(path) as stream:
        yield from lines_of(stream)


def lines_of(stream: BinaryIO, begun: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """The non-blank lines of an open file, as in `raw_lines`; `begun` is what was read of its first line."""
    return ((n, raw) for n, raw in all_lines(stream, begun) if len(raw) > LONGEST_LINE or raw.strip(BLANK))


def first_line(stream: BinaryIO) -> bytes:
    """The first line of an open file, or as much of it as an error needs to find it too long."""
    return stream.readline(LONGEST_LINE + 1)


def all_lines(stream: BinaryIO, begun: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """The lines of an open file, blank ones too, as in `lines_of`."""
    number = 0
    while raw := begun or first_line(stream):
        begun = b""
        number += 1
        yield number, raw
        while len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):  # never held whole
            raw = stream.readline(LONGEST_LINE + 1)


class _RepeatedKey(ValueError):
    """A JSON object says two things of one key; which of them counts nobody can know."""


def _unique(pairs: list[tuple[str, object]]) -> dict:
    built = dict(pairs)
    if len(built) < len(pairs):
        seen: set[str] = set()
        raise _RepeatedKey(next(name for name, _ in pairs if name in seen or seen.add(name)))
    return built


DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def line_at(text: str, at: int) -> int | None:
    """The line on which a character stands, None for -1."""
    return None if at < 0 else text.count("\n", 0, at) + 1


def _whole(text: str) -> object:
    """As `DECODER.decode` of a text without spaces at its ends, in half the time."""
    value, end = DECODER.raw_decode(text)
    if end < len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def decoded(decode: Callable, *text: object) -> tuple[object, str, int]:
    """(value, "", -1), or (None, why not, at which character) of JSON; `decode` is `DECODER`'s or alike.

    The character is -1 where it is not known.
    """
    try:
        return decode(*text), "", -1
    except json.JSONDecodeError as error:
        return None, error.msg, error.pos
    except RecursionError:
        return None, "nested too deeply", -1
    except _RepeatedKey as error:
        return None, f"the key {quoted(str(error))} stands twice in one object", -1
    except ValueError:
        return None, "a number with too many digits", -1


def json_object(raw: bytes, path: str | Path, line: int) -> dict:
    """One JSON object; an `InputError` naming file and line when it is anything else.

    A key that stands twice in one of its objects is an error as well.
    """
    if len(raw) > LONGEST_LINE:
        raise InputError(f"a line of more than {LONGEST_LINE:,} bytes, expected one short object", path, line)
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")  # the codec that skips the mark is slow
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start} of the line)", path, line) from None
    record, reason, _ = decoded(_whole, text.strip(" \t\r\n"))
    if reason:
        message = f"not a JSON object ({reason}), expected one object per line; starts {quoted(text[:SHOWN])}"
        raise InputError(message, path, line)
    return an_object(record, path, line)


def an_object(value: object, path: str | Path, line: int) -> dict:
    """The value, which has to be a JSON object."""
    if not isinstance(value, dict):
        raise InputError(f"expected a JSON object, found {quoted(value)}", path, line)
    return value


def each(values: Values, read: Read, path: Path, skipped: list[InputError] | None) -> Values:
    """(line, `read(value, path, line)`) of every value, one at a time.

    Strict without `skipped`: the first bad value raises its `InputError`. Lenient with it: bad
    values are left out, and their errors are appended to `skipped` for the caller to report.
    """
    for line, value in values:
        try:
            found = read(value, path, line)
        except InputError as error:
            if skipped is None:
                raise
            skipped.append(error)
        else:
            yield line, found


def read_json_lines(path: Path, build: Read, skipped: list[InputError] | None = None) -> list:
    """`build(record, path, line)` of every non-blank line of a JSON-lines file, in order.

    Strict or lenient as in `each`.
    """
    with opened(path) as stream:
        records = each(lines_of(stream), json_object, path, skipped)
        return [value for _, value in each(records, build, path, skipped)]


def read_csv(path: Path, build: Read, skipped: list[InputError] | None = None) -> list:
    """`build(row, path, line)` of every row of a CSV file with a header; strict or lenient as in `each`."""
    with opened(path) as stream:
        rows = each(csv_rows(stream, path, skipped), whole_row, path, skipped)
        return [value for _, value in each(rows, build, path, skipped)]


def csv_rows(stream: BinaryIO, path: Path, skipped: list[InputError] | None) -> Values:
    """The rows of an open CSV file with a header, for `whole_row`; `skipped` as in `each`."""
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
    except csv.Error as error:  # where the next row starts is not known then
        raise InputError(f"not CSV ({error})", path, before + max(rows.line_num, 1)) from None


def _check_header(names: Sequence[str], path: Path, line: int) -> None:
    """`InputError` for a header in which a name stands twice, or whose columns no comma separates."""
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
        yield b"\n"  # keeps the count of lines


def _is_blank(row: dict) -> bool:
    """Whether a row was a line of spaces: one value at most, and nothing in it."""
    values = [value for value in (*row.values(), *row.get(None, ())) if isinstance(value, str)]
    return len(values) <= 1 and not "".join(values).strip()


def whole_row(row: dict, path: Path, line: int) -> dict:
    """The row, which has to have the columns of the header."""
    if None in row or None in row.values():
        expected = sum(name is not None for name in row)
        raise InputError(f"not the {expected} columns that the header names", path, line)
    return row


def field(record: dict, name: str, kind: type, path: str | Path, line: int) -> object:
    """The named field of a record, checked to be a `kind` (`list` means a list of strings)."""
    value = record.get(name)
    if kind is str and isinstance(value, str) and value.isascii():  # nearly all, and at once
        return value
    expected = {str: "a string", list: "a list of strings", int: "a whole number"}[kind]
    if name not in record:
        raise InputError(f"field '{name}' is missing (found: {names_of(record)})", path, line)
    wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if wrong or (kind is list and not all(isinstance(entry, str) for entry in value)):
        raise InputError(f"field '{name}': expected {expected}, found {quoted(value)}", path, line)
    if not all(map(_is_text, value if kind is list else [value])):
        raise InputError(f"field '{name}': not valid Unicode text, found {quoted(value)}", path, line)
    return value


def names_of(record: dict) -> str:
    """The names of a record's fields as an error lists them."""
    return ", ".join(sorted(map(_name, record)))[:200] or "none"


def _name(key: object) -> str:
    """A field's name as an error shows it: as it is if that is short, printable and has no outer spaces."""
    text = str(key)
    return text if text.isprintable() and len(text) <= SHOWN and text == text.strip() else quoted(key)


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
    if os.name == "nt":  # which neither opens folders, nor syncs what is open for reading
        return
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
