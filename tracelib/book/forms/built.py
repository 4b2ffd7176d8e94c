"""The book that a build has made, and where its other forms are put."""

from pathlib import Path

import yaml

from tracelib.book import build
from tracelib.core import seals
from tracelib.core.errors import InputError
from tracelib.core.paths import ROOT
from tracelib.core.reading import read_text
from tracelib.experiments import profiles

NAME = "reproducible-edition"  # of the files, and of the folder in the zip


def places(name: str) -> tuple[Path, Path]:
    """The folder for the pages of a profile's book, and that of the results behind it."""
    profile = profiles.load(name)
    return build.html_folder(profile), build.work_folder(profile)


def folder(name: str) -> Path:
    """The folder with the pages of a profile's book; `InputError` if no finished build has left it whole."""
    html, work = places(name)
    if not seals.is_whole(html, work / "book.done"):
        raise InputError(f"no finished book here; make it first: tracelib build {name}", html)
    return html


def beside(html: Path, ending: str) -> Path:
    """Where another form of the book is put: beside the folder of its pages."""
    return html.with_name(f"{NAME}.{ending}")


def contents() -> list[tuple[str, list[str]]]:
    """The parts of the book in order: a caption, and names of pages. The first page has no caption."""
    stated = yaml.safe_load(read_text(ROOT / "_toc.yml"))
    parts = stated.get("parts", [stated])  # a short book may have no parts
    later = [(part.get("caption", ""), [page["file"] for page in part["chapters"]]) for part in parts]
    return [("", [stated["root"]]), *later]


def settings() -> dict:
    """The book's settings: its title, author and so on."""
    return yaml.safe_load(read_text(ROOT / "_config.yml"))
