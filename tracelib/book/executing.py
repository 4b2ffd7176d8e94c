"""Execute one notebook by papermill, in a kernel without the user's settings.

The output appears whole or not at all.
"""

import ast
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tracelib.core import terminal
from tracelib.core.atomic import write_text, written_beside
from tracelib.core.errors import InputError
from tracelib.core.paths import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

GLUED = re.compile(r"\{glue:text\}`([^`]+)`")
# A training step makes and frees tensors of up to 32 MB. By default, glibc returns each to the system and
# asks for it anew, which takes a twentieth of the time. Results do not depend on these settings, and other C
# libraries ignore them.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}


def execute(
    notebook: Path, output: Path, parameters: Mapping[str, object], notes: Path, progress: bool = False
) -> None:
    """Execute a notebook with these parameters, in the checkout's root, and write it with its outputs.

    With `progress`, a bar on standard error counts the cells.

    `InputError` if a cell fails or the kernel dies. The whole report of a failed cell then lies beside
    `notes`, with the ending ``.failure.txt``. What the kernel says on standard error lies there too, with the
    ending ``.kernel.txt``.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from tracelib.book.kernels import ThisPython

    # In a notebook, tqdm warns that it has no widgets; progress bars are off anyway.
    os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"
    for name, value in KEEP_MEMORY.items():
        os.environ.setdefault(name, value)
    place = notebook.relative_to(ROOT) if notebook.is_relative_to(ROOT) else notebook
    report, said = (notes.with_suffix(f".{kind}.txt") for kind in ("failure", "kernel"))
    with written_beside(output) as beside, _own_stderr() as screen, _stderr_to(said):
        try:
            papermill.execute_notebook(
                _as_it_is(os.path.relpath(notebook)),
                _as_it_is(str(beside)),
                parameters=parameters,
                cwd=ROOT,
                kernel_name="python3",
                language="python",  # whatever the notebook says, and if it says nothing
                kernel_manager_class=ThisPython,
                extra_arguments=["--log-level=50"],  # kernels warn of loopback TCP and of being stopped
                progress_bar={"file": screen, "leave": False} if progress else False,
                log_output=False,
            )
        except PapermillExecutionError as error:
            write_text(report, str(error))
            if error.ename == InputError.__name__:
                raise InputError(error.evalue, place) from None
            cell = f"cell {error.exec_count} failed: {error.ename}: {error.evalue}"
            raise InputError(f"{cell} (all of it: {report})", place) from None
        except RuntimeError as error:
            died = f"its kernel died ({terminal.one_line(str(error))}); is there enough memory?"
            raise InputError(f"{died} What it said, if anything: {said}", place) from None
        _finish(beside)
    report.unlink(missing_ok=True)


def _as_it_is(path: str) -> str:
    """A path with its braces escaped: papermill would fill in what stands between them."""
    return path.replace("{", "{{").replace("}", "}}")


@contextmanager
def _own_stderr() -> Iterator[TextIO]:
    """A stream to what standard error is now, whatever it is redirected to later."""
    with os.fdopen(os.dup(2), "w") as stream:
        yield stream


@contextmanager
def _stderr_to(path: Path) -> Iterator[None]:
    """Send a kernel's standard error to a file, which is removed if it stays empty.

    A kernel that is being stopped may log a traceback about its own sockets; users need not see it.
    """
    own = os.dup(2)
    try:
        with path.open("w") as stream:
            os.dup2(stream.fileno(), 2)
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
        if not path.stat().st_size:
            path.unlink()


def _finish(path: Path) -> None:
    """Hide papermill's cell of parameters if the cell that it overrides is hidden; fill in alt texts."""
    import nbformat

    executed = nbformat.read(path, as_version=4)
    _hide_injected_parameters(executed)
    _fill_in_alt_texts(executed)
    nbformat.write(executed, path)


def _hide_injected_parameters(executed: "NotebookNode") -> None:
    """Give papermill's cell of parameters the tags of the cell that it overrides (hidden or shown)."""
    tags = {cell["id"]: set(cell["metadata"].get("tags", [])) for cell in executed.cells}
    own = next((found for found in tags.values() if "parameters" in found), set())
    for cell in executed.cells:
        if "injected-parameters" in tags[cell["id"]]:
            cell["metadata"]["tags"] = sorted(tags[cell["id"]] | own - {"parameters"})


def _fill_in_alt_texts(executed: "NotebookNode") -> None:
    """Put glued texts where an image's alt text names them; the book does this only in prose and captions."""
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    glued = {
        output["metadata"]["scrapbook"]["name"]: output["data"].get("application/papermill.record/text/plain")
        for output in outputs
        if "scrapbook" in output.get("metadata", {})
    }

    def text(found: re.Match) -> str:
        if glued.get(found[1]) is None:
            raise InputError(f"an alt text names '{found[1]}', which no cell glues as a text")
        return str(ast.literal_eval(glued[found[1]]))

    for cell in executed.cells:
        image = cell["metadata"].get("mystnb", {}).get("image", {})
        if "alt" in image:
            image["alt"] = GLUED.sub(text, image["alt"])
