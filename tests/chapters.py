"""Execute chapters for tests, and read their outputs."""

import ast
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from tracelib.book import rules
from tracelib.core.paths import PAPER
from tracelib.datasets import release_files
from tracelib.paper import evidence, release

# Every chapter's opening cell answers a kernel without the library by this. It is no logic of the chapter.
KERNEL = """\
except ImportError:
    raise SystemExit("This kernel's Python has no tracelib, or an old one: see book/rerun.md") from None
"""
GUARDED = re.compile(r"^try:\n    (from tracelib\.book import [\w, ]+\n)" + re.escape(KERNEL), re.MULTILINE)


def executed(name: str, folder: Path, **parameters) -> nbformat.NotebookNode:
    """A chapter as the graph executes it, with the shipped outcomes; `folder` is its work folder."""
    key, output = folder / f"{name}.json", folder / f"{name}.ipynb"
    (folder / "data").mkdir(exist_ok=True)
    shutil.copy(PAPER / "release_outcomes.parquet", folder / "data")
    given = {"work": str(folder), **parameters}
    key.write_text(json.dumps({"file": f"notebooks/{name}.ipynb", "parameters": given}))
    rules.notebook(str(key), str(output))
    return nbformat.read(output, as_version=4)


def shipped_evidence(folder: Path) -> None:
    """Write the files of the graph's data rule into a work folder, as if the release were unavailable."""

    def unreachable(*args, **options):
        raise release_files.Unreachable("no network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "load_outputs", unreachable)
        evidence.write(evidence.load(), folder / "data")


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def glued(notebook) -> dict:
    """The glued values of a chapter, by name."""
    found = {}
    for output in outputs(notebook):
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        if name:
            found[name] = ast.literal_eval(output["data"]["application/papermill.record/text/plain"])
    return found


def shown(notebook) -> str:
    return "\n".join(output["data"].get("text/html", "") for output in outputs(notebook) if "data" in output)


def names(text: str) -> set[str]:
    """The conditions that a glued list names."""
    return set() if text == "none" else {part.split(" (")[0] for part in text.split("; ")}
