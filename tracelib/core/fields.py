"""Fields of a record, checked to be what they should be."""

from pathlib import Path

from tracelib.core.errors import SHOWN, InputError, quoted


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
