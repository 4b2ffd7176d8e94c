"""The book's chapters: names, titles, parameters, and the command that executes each as a build did."""

import json
import re
import shlex
from pathlib import Path

from tracelib.book.declared import declared
from tracelib.core import keys, provenance
from tracelib.core.errors import InputError
from tracelib.core.paths import ROOT
from tracelib.core.reading import read_text

FEW = 3  # chapters that a table names; of more, it gives the number


def chapters() -> list[str]:
    """The book's notebooks, in the order of its table of contents."""
    return re.findall(r"notebooks/([\w-]+)", read_text(ROOT / "_toc.yml"))


def notebook(chapter: str) -> Path:
    """The file of a chapter."""
    return ROOT / "notebooks" / f"{chapter}.ipynb"


def title(chapter: str) -> str:
    """A chapter's first heading."""
    _, source, _ = keys.notebook_source(notebook(chapter))[0]
    return source.splitlines()[0].lstrip("# ")


def pages(work: Path) -> list[dict[str, str | None]]:
    """Each chapter's title (chapter), command and seconds in the build whose folder is `work`.

    The command executes the chapter with the parameters of the build. A chapter that the build has not yet
    executed has None for seconds, and the command gives no parameters.
    """
    rows = []
    for chapter in chapters():
        taken = seconds(work / "times" / "chapters" / f"{chapter}.tsv")
        shown = None if taken is None else f"{taken:.0f}"
        command = shlex.join(["tracelib", "run", chapter, *_options(chapter, work)])
        rows.append({"chapter": title(chapter), "command": command, "seconds": shown})
    return rows


def seconds(record: Path) -> float | None:
    """The seconds in the graph's record of a job; None if there is no record, or another version's."""
    try:
        return provenance.job_seconds(record)
    except (OSError, ValueError, IndexError):
        return None


def _options(chapter: str, work: Path) -> list[str]:
    """The options that repeat what a build gave a chapter, where that is not the chapter's own default."""
    try:
        executed = json.loads(read_text(work / "notebooks" / f"{chapter}.ipynb"))
        given = executed["metadata"]["papermill"]["parameters"]
    except (InputError, ValueError, KeyError, TypeError):  # none, or another version's
        return []
    known = declared(notebook(chapter)).values()
    differing = [one.name for one in known if given.get(one.name, one.default) != one.default]
    return [word for name in differing for word in ("-p", name, _text(given[name]))]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def parameters() -> list[dict[str, str]]:
    """Every parameter of the chapters with its meaning, its value, and the chapters that have it so."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for chapter in chapters():
        for name, known in declared(notebook(chapter)).items():
            found.setdefault((name, known.meaning, _text(known.default)), []).append(title(chapter))
    return [
        {"parameter": name, "meaning": meaning, "value": value, "chapters": _listed(titles)}
        for (name, meaning, value), titles in found.items()
    ]


def _listed(titles: list[str]) -> str:
    return "; ".join(titles) if len(titles) <= FEW else f"{len(titles)} chapters"
