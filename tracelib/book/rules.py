"""The jobs of the graph's rules: the data, one notebook, the explorer's data, the book.

Outputs appear whole or not at all.

The Snakefile calls ``python -m tracelib.book.rules JOB ...``; people use ``tracelib build``.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tracelib.book import executing, publishing
from tracelib.core import seals
from tracelib.core.atomic import write_text, written_beside
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

    The explorer's files do not pass through Sphinx, which would load every script on every page. Each page's
    button to download gives the chapter's own notebook, without what the build added. The finished book
    replaces the old one at the end, and `done` is written last.
    """
    source = Path(work) / "book"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copy(ROOT / "_toc.yml", source)
    _write_settings(source / "_config.yml")
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
        _offer_own_notebooks(beside)
        shutil.copytree(scripts, beside / "book" / "explorer")
        shutil.copytree(Path(work) / "explorer", beside / "book" / "explorer" / "data")
    seals.seal(Path(html), Path(done))


def _offer_own_notebooks(html: Path) -> None:
    """Replace the executed notebooks, which the pages' buttons would download, by the project's own."""
    for executed in (html / "_sources" / "notebooks").glob("*.ipynb"):
        shutil.copy(ROOT / "notebooks" / executed.name, executed)


def _write_settings(path: Path) -> None:
    """Write the book's settings: the project's, with the buttons that the address of a repository allows."""
    import yaml

    settings = (ROOT / "_config.yml").read_text("utf-8")
    if buttons := publishing.buttons():
        stated = yaml.safe_load(settings)
        # Jupyter Book's own keys for these do not reach the theme where its options are stated.
        stated["sphinx"]["config"]["html_theme_options"] |= buttons
        settings = yaml.safe_dump(stated, allow_unicode=True, sort_keys=False)
    write_text(path, settings)


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
