"""The jobs of the graph's rules: the data, one notebook, the explorer's data, the book.

Outputs appear whole or not at all.

The Snakefile calls ``python -m tracelib.book.rules JOB ...``; people use ``tracelib build``.
"""

import json
import shutil
import sys
import time
from pathlib import Path

from tracelib.book import executing, rendering
from tracelib.core import seals
from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError
from tracelib.core.paths import ROOT

LOG_TAIL = 40  # lines of a failed build's log that are shown


def data(folder: str) -> None:
    """Write the scored released outputs, and their source, into a folder."""
    from tracelib.paper import evidence

    evidence.write(evidence.load(), Path(folder))
    for name in evidence.FILES:
        seals.seal(Path(folder) / name)


def notebook(key_file: str, output: str) -> None:
    """Execute the notebook that a key file names, with the parameters in the key file."""
    key = json.loads(Path(key_file).read_text("utf-8"))
    executing.execute(ROOT / key["file"], Path(output), key["parameters"], notes=Path(key_file))
    seals.seal(Path(output))


def explorer(key_file: str, work: str, done: str) -> None:
    """Write the outcomes and texts that the trace explorer shows, for the runs that a key file names."""
    from tracelib.book.explorer import files

    runs = json.loads(Path(key_file).read_text("utf-8"))["parameters"]["run_names"]
    folder = Path(work) / "explorer"
    files.make(Path(work), runs, folder)
    seals.seal(folder, Path(done))


def book(work: str, html: str, done: str) -> None:
    """Render prose and executed notebooks as the book; any warning is an error.

    A class's slides and handout are added. The finished book replaces the old one at the end, and `done` is
    written last.
    """
    from tracelib.book.forms import lesson

    source = Path(work) / "book"
    shutil.rmtree(source, ignore_errors=True)
    rendering.lay_out(source)
    chapters = shutil.ignore_patterns(".*")  # without their seals
    shutil.copytree(Path(work) / "notebooks", source / "notebooks", ignore=chapters)
    is_made, log = rendering.render(source, "-W", "--all")
    if not is_made:
        raise InputError("the book does not build:\n" + "\n".join(log[-LOG_TAIL:]), source)
    with written_beside(Path(html)) as beside:
        shutil.copytree(rendering.pages(source), beside)
        rendering.complete(beside, Path(work))
        lesson.write(beside / "book" / "teaching", Path(work))
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
