"""From prose and executed notebooks to the pages of the book, by Jupyter Book.

The explorer's files do not pass through Sphinx, which would load every script on every page. Each page's
button to download gives the chapter's own notebook, without what the build added.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tracelib.book import publishing
from tracelib.core.atomic import write_text
from tracelib.core.paths import ROOT

PROGRAM = (sys.executable, "-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())")
SCRIPTS = "explorer"  # the folder in book/ that does not pass through Sphinx


def lay_out(source: Path) -> None:
    """Copy settings, contents, prose and styles into the folder that is rendered, in place of older ones.

    The copies keep the time of their last change, by which Sphinx sees what is new.
    """
    for name in ("book", "_static"):
        shutil.rmtree(source / name, ignore_errors=True)
    beside_prose = shutil.ignore_patterns("_static", SCRIPTS)
    shutil.copytree(ROOT / "book", source / "book", ignore=beside_prose)
    shutil.copytree(ROOT / "book" / "_static", source / "_static")
    shutil.copy2(ROOT / "_toc.yml", source)
    write_settings(source / "_config.yml")


def write_settings(path: Path) -> None:
    """Write the book's settings: the project's, with the buttons that the address of a repository allows."""
    import yaml

    settings = (ROOT / "_config.yml").read_text("utf-8")
    if buttons := publishing.buttons():
        stated = yaml.safe_load(settings)
        # Jupyter Book's own keys for these do not reach the theme where its options are stated.
        stated["sphinx"]["config"]["html_theme_options"] |= buttons
        settings = yaml.safe_dump(stated, allow_unicode=True, sort_keys=False)
    write_text(path, settings)


def pages(source: Path) -> Path:
    """Where the pages of a rendered folder are."""
    return source / "_build" / "html"


def render(source: Path, *options: str) -> tuple[bool, list[str]]:
    """Run Jupyter Book on a folder. It renders what is new, or with ``--all`` everything.

    Returns:
        Whether it made the book without an error, and the lines that it printed.
    """
    command = [*PROGRAM, "build", str(source), "-n", "--keep-going", *options]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    is_made = not result.returncode and (pages(source) / "index.html").is_file()
    return is_made, (result.stdout + result.stderr).splitlines()


def complete(html: Path, work: Path) -> None:
    """Put beside the rendered pages what does not pass through Sphinx.

    Args:
        html: the rendered pages.
        work: the build's folder, which has the explorer's data.
    """
    offer_own_notebooks(html)
    shutil.copytree(ROOT / "book" / SCRIPTS, html / "book" / SCRIPTS, dirs_exist_ok=True)
    shutil.copytree(work / "explorer", html / "book" / SCRIPTS / "data", dirs_exist_ok=True)


def offer_own_notebooks(html: Path) -> None:
    """Replace the executed notebooks, which the pages' buttons would download, by the project's own."""
    for executed in (html / "_sources" / "notebooks").glob("*.ipynb"):
        shutil.copy(ROOT / "notebooks" / executed.name, executed)
