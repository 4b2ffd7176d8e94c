"""The opening of every notebook: check library and parameters, draw vectors, go to the checkout's root."""

import ast
import os
import re
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from tracelib import __version__
from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import PACKAGE, ROOT
from tracelib.core.reading import read_text

INJECTED = "# Parameters"  # the first line of papermill's cell of given parameters
VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def begin(namespace: Mapping) -> None:
    """Check the parameters that papermill gave a notebook, draw SVG, go to the checkout's root.

    A kernel starts in the folder of its notebook, or where papermill was called; relative folders mean the
    root's. `namespace` is the notebook's `globals()`. `InputError` for a name that the notebook's own cell of
    parameters lacks (papermill would set it and go on), for `work` that is not text, for `run_names` that
    is not a list, or for a checkout whose library is of another version than this one.
    """
    _check_names(namespace.get("In", ()))
    work = namespace.get("work", "work/laptop")
    if not isinstance(work, str) or not work:
        raise InputError(f"'work': expected a folder, found {quoted(work)}")
    names = namespace.get("run_names", ["any"])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        expected = "expected a list of runs, as in -y 'run_names: [a-correct-s1, a-incorrect-s1]'"
        raise InputError(f"'run_names': {expected}, found {quoted(names)}")
    checkout = root()
    _check_version(checkout)
    _draw_vectors()
    os.chdir(checkout)


def _draw_vectors() -> None:
    """Show figures as SVG, the same bytes each time; outside a notebook, or without figures, nothing."""
    if "matplotlib" not in sys.modules:
        return
    from IPython import get_ipython

    if shell := get_ipython():
        from matplotlib_inline.config import InlineBackend

        inline = InlineBackend.instance(parent=shell)
        inline.shell = shell
        inline.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
        inline.figure_formats = {"svg"}


def root() -> Path:
    """The checkout that holds the current folder, or else the checkout of this library."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if _is_checkout(folder)), ROOT)


def _is_checkout(folder: Path) -> bool:
    return (folder / "Snakefile").is_file() and (folder / "tracelib").is_dir()


def _check_version(checkout: Path) -> None:
    """Compare this library with the one of the checkout that the notebook stands in."""
    theirs = checkout / "tracelib"
    if theirs.resolve() == PACKAGE.resolve():
        return
    stated = VERSION.search(read_text(theirs / "__init__.py"))
    version = stated[1] if stated else "unknown"
    if version != __version__:
        found = f"this kernel's tracelib is version {__version__}, and this checkout's is {version}"
        way_out = f"choose the kernel of its .venv, or call pip install -e {checkout}"
        raise InputError(f"{found}; {way_out}", PACKAGE)
    print(f"the library in use is {PACKAGE}, not this checkout's")


def _check_names(cells: list[str]) -> None:
    """Compare papermill's last injected cell with the cell before it, which it overrides."""
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
