"""JSON and JSON lines: a key that stands twice, or anything but an object on a line, is an error."""

import json
from collections.abc import Callable
from pathlib import Path

from tracelib.core.errors import SHOWN, InputError, quoted
from tracelib.core.reading import LONGEST_LINE, Read, each, lines_of, opened


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


def read_json_lines(path: Path, build: Read, skipped: list[InputError] | None = None) -> list:
    """`build(record, path, line)` of every non-blank line of a JSON-lines file, in order.

    Strict or lenient as in `each`.
    """
    with opened(path) as stream:
        records = each(lines_of(stream), json_object, path, skipped)
        return [value for _, value in each(records, build, path, skipped)]
