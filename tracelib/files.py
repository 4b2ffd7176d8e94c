"""Files in and out: errors that name file and line, and writes that are never seen half-done."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHOWN = 60  # characters of a bad value that an error quotes
LONGEST_LINE = 32 * 1024 * 1024  # characters; one line of the release has at most about 20,000


class InputError(ValueError):
    """What a user gave us is wrong: the message says where, and what was expected instead."""

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None):
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(where + message)


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


def parse_json_line(text: str, path: str | Path, line: int) -> dict:
    """One JSON object; an `InputError` naming file and line when it is anything else."""
    if len(text) > LONGEST_LINE:
        raise InputError(f"a line of {len(text):,} characters, expected at most {LONGEST_LINE:,}", path, line)
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


def read_json_lines(path: Path) -> Iterator[tuple[int, dict]]:
    """Yield (line number from 1, object) for every non-blank line of a JSON-lines file."""
    for number, text in enumerate(read_text(path).split("\n"), start=1):
        if text.strip():
            yield number, parse_json_line(text, path, number)


def field(record: dict, name: str, kind: type, path: str | Path, line: int) -> object:
    """The named field of a record, checked to be a `kind` (`list` means a list of strings)."""
    expected = {str: "a string", list: "a list of strings", int: "a whole number"}[kind]
    if name not in record:
        found = ", ".join(sorted(map(str, record))) or "none"
        raise InputError(f"field '{name}' is missing (found: {found[:200]})", path, line)
    value = record[name]
    wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if wrong or (kind is list and not all(isinstance(entry, str) for entry in value)):
        raise InputError(f"field '{name}': expected {expected}, found {quoted(value)}", path, line)
    if not all(map(_is_text, value if kind is list else [value])):
        raise InputError(f"field '{name}': not valid Unicode text, found {quoted(value)}", path, line)
    return value


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
