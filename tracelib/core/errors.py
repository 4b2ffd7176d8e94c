"""Errors in a user's input: each names the place and says what was expected instead."""

import re
from collections.abc import Iterable
from pathlib import Path

from tracelib.core.paths import STANDARD_INPUT

SHOWN = 60  # characters of a bad value that an error quotes
FOUND = re.compile(r"[,;] found |; starts | \(found")  # from here on a message quotes the value


class InputError(ValueError):
    """The user's input is wrong: the message names the place and says what was expected instead.

    Attributes:
        place: file and line as the message shows them; empty if neither is known.
        reason: the rest of the message.
    """

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None):
        path = "standard input" if path == STANDARD_INPUT else path
        self.place = "" if path is None else f"{path}" if line is None else f"{path}:{line}"
        self.reason = message
        super().__init__(f"{self.place}: {message}" if self.place else message)

    def _render_traceback_(self) -> list[str]:
        """The traceback in a notebook: the message alone, as on the command line. IPython calls this."""
        return [f"tracelib: error: {self}"]


def by_reason(errors: Iterable[InputError]) -> list[list[InputError]]:
    """Group the errors with the same reason, whatever their place, in order of first appearance.

    The value that was found (``found 'x'``) may differ within a group.
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
