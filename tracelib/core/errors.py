"""What is wrong with what a user gave us: errors that say where, and what was expected instead."""

import re
from collections.abc import Iterable
from pathlib import Path

from tracelib.core.paths import STANDARD_INPUT

SHOWN = 60  # characters of a bad value that an error quotes
FOUND = re.compile(r"[,;] found |; starts | \(found")  # from here on a message quotes what stands there


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
