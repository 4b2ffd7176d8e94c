"""Execute one notebook on its own: a chapter by its name, or any notebook by its path."""

import json
import time
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from tracelib.book import declared, executing
from tracelib.core.errors import InputError
from tracelib.core.paths import ROOT
from tracelib.core.reading import read_text
from tracelib.reporting import writing

NOTEBOOK = ".ipynb"
OPENING = "opening.begin("  # in the cell that says what stands in for a build
NOTEBOOKS = ROOT / "notebooks"
EXECUTED = ROOT / "work" / "executed"  # where results go unless another place is named


def find(name: str) -> Path | None:
    """The notebook that a chapter's name or a path means; None if it is neither."""
    path = Path(name) if name.endswith(NOTEBOOK) else NOTEBOOKS / f"{name}{NOTEBOOK}"
    return path if name.endswith(NOTEBOOK) or name in names() else None


def names() -> list[str]:
    """The names of the project's notebooks."""
    return sorted(path.stem for path in NOTEBOOKS.glob(f"*{NOTEBOOK}"))


def closest(name: str) -> str:
    """The closest name of a notebook of the project, as a question for an error; empty if none is close."""
    close = get_close_matches(name, names(), 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def said(executed: Path) -> list[str]:
    """The lines that the opening of an executed notebook printed: what stood in for a build."""
    cells = json.loads(read_text(executed))["cells"]
    opening = (cell for cell in cells if OPENING in "".join(cell["source"]))
    printed = (
        output for cell in opening for output in cell.get("outputs", ()) if output.get("name") == "stdout"
    )
    return [line for output in printed for line in "".join(output["text"]).splitlines()]


def run(
    notebook: Path,
    given: Sequence[tuple[str, str]] = (),
    output: Path | None = None,
    overwrite: bool = False,
    progress: bool = False,
) -> tuple[Path, float]:
    """Execute a notebook with the parameters given for it as (name, text).

    Names and types are checked before anything runs (`tracelib.book.declared`).

    Returns:
        The executed notebook's path, and the seconds that it took.

    Raises:
        InputError: a parameter does not fit; or `output` is no notebook's name, is a notebook of the project,
            or exists and may not be overwritten; or a cell fails.
    """
    parameters = declared.checked(declared.declared(notebook), given)
    if not (ROOT / "Snakefile").is_file():
        raise InputError("executing a chapter needs a checkout of the project, with its Snakefile", ROOT)
    output = output or EXECUTED / notebook.name
    inputs = [notebook, *NOTEBOOKS.glob(f"*{NOTEBOOK}")]
    writing.checked(output, [NOTEBOOK], "a notebook", inputs)
    if output.exists() and not overwrite:
        raise InputError("exists; give --overwrite to replace it, or --out with another name", output)
    start = time.perf_counter()
    executing.execute(notebook.resolve(), output, parameters, notes=output, progress=progress)
    return output, time.perf_counter() - start
