"""How every notebook opens: stopped by a parameter that it does not have, and in the checkout's root."""

import ast
import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from tracelib.core.files import InputError, quoted
from tracelib.core.paths import ROOT

INJECTED = "# Parameters"  # how papermill begins the cell with what it was given


def begin(namespace: Mapping) -> None:
    """Check what papermill gave a notebook whose `globals()` these are, and go to the root of the checkout.

    A kernel starts wherever its notebook lies or papermill was called; relative folders are the root's.
    `InputError` for a name that is not in the notebook's own cell of parameters (papermill sets it and
    goes on), a folder of results that is no text, or runs that are no list.
    """
    _check_names(namespace.get("In", ()))
    work = namespace.get("work", "work/laptop")
    if not isinstance(work, str) or not work:
        raise InputError(f"'work': expected a folder, found {quoted(work)}")
    names = namespace.get("run_names", ["any"])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        expected = "expected a list of runs, as in -y 'run_names: [a-correct-s1, a-incorrect-s1]'"
        raise InputError(f"'run_names': {expected}, found {quoted(names)}")
    os.chdir(root())


def root() -> Path:
    """The checkout that one stands in, or else the one that this library is in."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if _is_checkout(folder)), ROOT)


def _is_checkout(folder: Path) -> bool:
    return (folder / "Snakefile").is_file() and (folder / "tracelib").is_dir()


def _check_names(cells: list[str]) -> None:
    """Compare the last cell that papermill put in with the one before it, which it overrides."""
    places = [place for place, cell in enumerate(cells) if place and cell.startswith(INJECTED)]
    if not places:
        return
    own, given = (_assigned(cells[place]) for place in (places[-1] - 1, places[-1]))
    if unknown := [name for name in given if name not in own]:
        close = get_close_matches(unknown[0], own, 1)
        hint = f", did you mean '{close[0]}'?" if close else ";"
        raise InputError(f"unknown parameter '{unknown[0]}'{hint} expected one of {', '.join(own)}")


def _assigned(code: str) -> list[str]:
    """The names that a cell of parameters sets."""
    statements = ast.parse(code).body
    targets = [target for statement in statements for target in getattr(statement, "targets", ())]
    return [target.id for target in targets if isinstance(target, ast.Name)]
