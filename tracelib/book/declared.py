"""The parameters that a notebook declares: names, values, meanings; and values given for them, checked."""

import ast
import io
import json
import math
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tracelib.core import keys
from tracelib.core.errors import InputError, quoted

TAG = "parameters"  # of the cell whose values papermill replaces
KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "values with commas between them",
}
TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook.

    Attributes:
        name: as the notebook spells it.
        default: the value that the notebook gives it.
        meaning: the comment behind that value; empty if there is none.
    """

    name: str
    default: object
    meaning: str

    def read(self, text: str) -> object:
        """The value that a text states, of the default's type; an `InputError` if it states none."""
        try:
            return _read(text, self.default)
        except (ValueError, KeyError):
            expected = f"parameter '{self.name}': expected {KINDS[type(self.default)]}"
            raise InputError(f"{expected}, found {quoted(text)}") from None


def _read(text: str, like: object) -> object:
    """A value from its text, of the type of `like`. ValueError or KeyError if that cannot be."""
    match like:
        case bool():
            return TRUTH[text.lower()]
        case int():
            return int(text)
        case float():
            if not math.isfinite(value := float(text)):
                raise ValueError(text)
            return value
        case [first, *_]:
            entries = [entry.strip(" \"'") for entry in text.strip("[] ").split(",")]
            if not all(entries):
                raise ValueError(text)
            return [_read(entry, first) for entry in entries]
        case _:
            return text


def declared(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook by name, from its cell with the tag ``parameters``.

    `InputError` if the file is not a notebook, or if a parameter's value is not plain. Plain are a text, a
    number, True, False, and a list of such values.
    """
    code = next(
        (source for _, source, metadata in keys.notebook_source(notebook) if TAG in _tags(metadata)), ""
    )
    try:
        statements, comments = ast.parse(code).body, _comments(code)
    except SyntaxError as error:
        raise InputError(f"its cell of parameters is not Python: {error.msg}", notebook) from None
    found = {}
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
            lines = range(statement.lineno, statement.end_lineno + 1)
            meaning = next((comments[line] for line in lines if line in comments), "")
            found[target.id] = Parameter(target.id, _value(statement, target.id, notebook), meaning)
    return found


def _tags(metadata: str) -> list[str]:
    return json.loads(metadata).get("tags", [])


def _comments(code: str) -> dict[int, str]:
    """The comments of Python code without their ``#``, by line."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}


def _value(statement: ast.Assign, name: str, notebook: Path) -> object:
    try:
        value = ast.literal_eval(statement.value)
    except ValueError:
        value = None
    if type(value) not in KINDS or value == []:
        expected = "expected a text, a number, True, False or a list of such values"
        raise InputError(f"parameter '{name}': {expected}, found {ast.unparse(statement.value)}", notebook)
    return value


def checked(parameters: Mapping[str, Parameter], given: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The values given for parameters as (name, text), by name.

    `InputError` for a name that there is not, with the closest one; for a name given twice; for a text that
    does not state a value of the parameter's type.
    """
    found = {}
    for name, text in given:
        if name not in parameters:
            raise InputError(_unknown(name, list(parameters)))
        if name in found:
            raise InputError(f"parameter '{name}' is given twice")
        found[name] = parameters[name].read(text)
    return found


def _unknown(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, 1)
    hint = f", did you mean '{close[0]}'?" if close else ";"
    expected = f"expected one of {', '.join(known)}" if known else "the notebook declares none"
    return f"unknown parameter '{name}'{hint} {expected}"
