"""The jobs of the graph's rules: the data, one notebook, the explorer's data, the book.

Outputs appear whole or not at all.

The Snakefile calls ``python -m tracelib.book.rules JOB ...``; people use ``tracelib build``.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.core import seals, terminal
from tracelib.core.atomic import write_text, written_beside
from tracelib.core.errors import InputError
from tracelib.core.paths import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

GLUED = re.compile(r"\{glue:text\}`([^`]+)`")
LOG_TAIL = 40  # lines of a failed build's log that are shown
# A training step makes and frees tensors of up to 32 MB. By default, glibc returns each to the system and
# asks for it anew, which takes a twentieth of the time. Results do not depend on these settings, and other C
# libraries ignore them.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}


def data(folder: str) -> None:
    """Write the scored released outputs, and their source, into a folder."""
    from tracelib.paper import evidence

    evidence.write(evidence.load(), Path(folder))
    for name in evidence.FILES:
        seals.seal(Path(folder) / name)


def notebook(key_file: str, output: str) -> None:
    """Execute the notebook that a key file names, with the parameters in the key file."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from tracelib.book.kernels import ThisPython

    # In a notebook, tqdm warns that it has no widgets; progress bars are off anyway.
    os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"
    for name, value in KEEP_MEMORY.items():
        os.environ.setdefault(name, value)
    key = json.loads(Path(key_file).read_text("utf-8"))
    report, said = (Path(key_file).with_suffix(f".{kind}.txt") for kind in ("failure", "kernel"))
    with written_beside(Path(output)) as beside, _stderr_to(said):
        try:
            papermill.execute_notebook(
                _as_it_is(os.path.relpath(ROOT / key["file"])),
                _as_it_is(str(beside)),
                parameters=key["parameters"],
                cwd=ROOT,
                kernel_name="python3",
                kernel_manager_class=ThisPython,
                extra_arguments=["--log-level=50"],  # kernels warn of loopback TCP and of being stopped
                progress_bar=False,
                log_output=False,
            )
        except PapermillExecutionError as error:
            write_text(report, str(error))
            cell = f"cell {error.exec_count} failed: {error.ename}: {error.evalue}"
            raise InputError(f"{cell} (all of it: {report})", key["file"]) from None
        except RuntimeError as error:
            died = f"its kernel died ({terminal.one_line(str(error))}); is there enough memory?"
            raise InputError(f"{died} What it said, if anything: {said}", key["file"]) from None
        _finish(beside)
    seals.seal(Path(output))
    report.unlink(missing_ok=True)


def _as_it_is(path: str) -> str:
    """A path with its braces escaped: papermill would fill in what stands between them."""
    return path.replace("{", "{{").replace("}", "}}")


def _finish(path: Path) -> None:
    """Hide papermill's cell of parameters if the cell that it overrides is hidden; fill in alt texts."""
    import nbformat

    executed = nbformat.read(path, as_version=4)
    _hide_injected_parameters(executed)
    _fill_in_alt_texts(executed)
    nbformat.write(executed, path)


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


def explorer(key_file: str, work: str, done: str) -> None:
    """Write the outcomes and texts that the trace explorer shows, for the runs that a key file names."""
    from tracelib.book.explorer import files

    runs = json.loads(Path(key_file).read_text("utf-8"))["parameters"]["run_names"]
    folder = Path(work) / "explorer"
    files.make(Path(work), runs, folder)
    seals.seal(folder, Path(done))


def book(work: str, html: str, done: str) -> None:
    """Render prose and executed notebooks as the book; any warning is an error.

    The explorer's files do not pass through Sphinx, which would load every script on every page. The finished
    book replaces the old one at the end, and `done` is written last.
    """
    source = Path(work) / "book"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, source)
    scripts = ROOT / "book" / "explorer"
    beside_prose = shutil.ignore_patterns("_static", scripts.name)
    shutil.copytree(ROOT / "book", source / "book", ignore=beside_prose)
    shutil.copytree(ROOT / "book" / "_static", source / "_static")
    chapters = shutil.ignore_patterns(".*")  # without their seals
    shutil.copytree(Path(work) / "notebooks", source / "notebooks", ignore=chapters)
    program = [sys.executable, "-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())"]
    command = [*program, "build", str(source), "-W", "-n", "--keep-going", "--all"]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    log = (result.stdout + result.stderr).splitlines()
    built = source / "_build" / "html"
    if result.returncode or not (built / "index.html").is_file():
        raise InputError("the book does not build:\n" + "\n".join(log[-LOG_TAIL:]), source)
    with written_beside(Path(html)) as beside:
        shutil.copytree(built, beside)
        shutil.copytree(scripts, beside / "book" / "explorer")
        shutil.copytree(Path(work) / "explorer", beside / "book" / "explorer" / "data")
    seals.seal(Path(html), Path(done))


def main(job: str, *arguments: str) -> int:
    """Run one job; a failure prints one message and returns a non-zero status."""
    start = time.perf_counter()
    try:
        {"data": data, "notebook": notebook, "explorer": explorer, "book": book}[job](*arguments)
    except (InputError, OSError) as error:
        print(f"tracelib: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{job} {arguments[-1]}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
