"""Read the fields of a record and check their types."""

from pathlib import Path

from tracelib.core.errors import SHOWN, InputError, quoted


def field(record: dict, name: str, kind: type, path: str | Path, line: int) -> object:
    """The value of a field. `InputError` if it is missing or not a `kind` (str, int, list of strings)."""
    value = record.get(name)
    if kind is str and isinstance(value, str) and value.isascii():  # the usual case, without further checks
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
    """The names of a record's fields, for an error message."""
    return ", ".join(sorted(map(_name, record)))[:200] or "none"


def _name(key: object) -> str:
    """A field's name for an error message: quoted if it is long, not printable, or has outer spaces."""
    text = str(key)
    return text if text.isprintable() and len(text) <= SHOWN and text == text.strip() else quoted(key)


def _is_text(value: object) -> bool:
    """Whether a value can be written as UTF-8. JSON's escapes allow lone surrogates, which cannot."""
    try:
        str(value).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
