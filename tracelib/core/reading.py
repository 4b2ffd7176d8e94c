"""Read files: unpack gzip, decode text, split lines, and read records strictly or leniently."""

import gzip
import hashlib
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import STANDARD_INPUT

LONGEST_LINE = 4 * 1024 * 1024  # bytes; one line of the release has at most about 20,000
LARGEST_DOCUMENT = 1024**3  # bytes after unpacking; for files that are read whole
BLANK = b" \t\r\n\xef\xbb\xbf"
GZIP, GZIP_SUFFIX = b"\x1f\x8b", ".gz"
Values = Iterator[tuple[int, object]]  # (line, value)
Read = Callable[[object, Path, int], object]  # (value, path, line) -> record; raises `InputError`


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading bytes; ``-`` is standard input.

    Gzip data is unpacked, whatever the file's name. The stream has ``peek``. `InputError` if there is no such
    file, or if its gzip data is cut or damaged.
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
    """The path without a final ``.gz``, so that its suffix names the format of the content."""
    path = Path(path)
    return path.with_suffix("") if path.suffix == GZIP_SUFFIX else path


def read_whole(stream: BinaryIO, path: Path, most: int = LARGEST_DOCUMENT, begun: bytes = b"") -> str:
    """A stream's text, decoded as UTF-8: the bytes `begun`, which were read already, and all that follow.

    `InputError` if the text is not UTF-8, or has more than `most` bytes.
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
    """The text of a file. `InputError` if the file is missing or not UTF-8."""
    with opened(path) as stream:
        return read_whole(stream, path)


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes) for every non-blank line. A line above `LONGEST_LINE` is cut."""
    with opened(path) as stream:
        yield from lines_of(stream)


def lines_of(stream: BinaryIO, begun: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """`raw_lines` of an open file. `begun` is a first line that was read already."""
    return ((n, raw) for n, raw in all_lines(stream, begun) if len(raw) > LONGEST_LINE or raw.strip(BLANK))


def first_line(stream: BinaryIO) -> bytes:
    """The first line of an open file, cut just above `LONGEST_LINE`."""
    return stream.readline(LONGEST_LINE + 1)


def all_lines(stream: BinaryIO, begun: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """`lines_of` with the blank lines."""
    number = 0
    while raw := begun or first_line(stream):
        begun = b""
        number += 1
        yield number, raw
        while len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):  # such a line is never held whole
            raw = stream.readline(LONGEST_LINE + 1)


def each(values: Values, read: Read, path: Path, skipped: list[InputError] | None) -> Values:
    """Yield (line, `read(value, path, line)`) for every value.

    Without `skipped`, reading is strict: the first bad value raises its `InputError`. With it, reading is
    lenient: bad values are left out, and their errors are appended to `skipped` for the caller to report.
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


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
