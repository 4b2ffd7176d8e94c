"""Read JSON and JSON lines. A repeated key is an error, and so is a line that is not one object."""

import json
from collections.abc import Callable
from pathlib import Path

from tracelib.core.errors import SHOWN, InputError, quoted
from tracelib.core.reading import LONGEST_LINE, Read, each, lines_of, opened


class _RepeatedKey(ValueError):
    """A JSON object has one key twice, so its value is ambiguous."""


def _unique(pairs: list[tuple[str, object]]) -> dict:
    built = dict(pairs)
    if len(built) < len(pairs):
        seen: set[str] = set()
        raise _RepeatedKey(next(name for name, _ in pairs if name in seen or seen.add(name)))
    return built


DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def line_at(text: str, at: int) -> int | None:
    """The line (from 1) of the character at index `at`; None for -1."""
    return None if at < 0 else text.count("\n", 0, at) + 1


def _whole(text: str) -> object:
    """`DECODER.decode` of a text without spaces at its ends, in half the time."""
    value, end = DECODER.raw_decode(text)
    if end < len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def decoded(decode: Callable, *text: object) -> tuple[object, str, int]:
    """Decode JSON without raising: (value, "", -1), or (None, reason, index of the bad character).

    The index is -1 if it is not known.

    Args:
        decode: a method of `DECODER`, or a function like it; it is called with `text`.
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
    """The JSON object on a line. `InputError` for anything else, and for a repeated key."""
    if len(raw) > LONGEST_LINE:
        raise InputError(f"a line of more than {LONGEST_LINE:,} bytes, expected one short object", path, line)
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")  # the codec utf-8-sig is slow
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text (byte {error.start} of the line)", path, line) from None
    record, reason, _ = decoded(_whole, text.strip(" \t\r\n"))
    if reason:
        message = f"not a JSON object ({reason}), expected one object per line; starts {quoted(text[:SHOWN])}"
        raise InputError(message, path, line)
    return an_object(record, path, line)


def an_object(value: object, path: str | Path, line: int) -> dict:
    """The value itself. `InputError` if it is not a JSON object."""
    if not isinstance(value, dict):
        raise InputError(f"expected a JSON object, found {quoted(value)}", path, line)
    return value


def read_json_lines(path: Path, build: Read, skipped: list[InputError] | None = None) -> list:
    """`build(record, path, line)` of every record of a JSON-lines file; strict or lenient as in `each`."""
    with opened(path) as stream:
        records = each(lines_of(stream), json_object, path, skipped)
        return [value for _, value in each(records, build, path, skipped)]
