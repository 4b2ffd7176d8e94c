"""The names that a chapter's prose cites, for tests of its facts."""

import re

import nbformat

from tests.conftest import ROOT

GLUE = re.compile(r"\{glue:text\}`([^`:]+)(?::[^`]*)?`")


def cited(name: str) -> set[str]:
    """The names that a chapter's prose, captions and alt texts cite."""
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    return set(GLUE.findall(" ".join(f"{cell.source} {cell.metadata}" for cell in cells)))


def kinds(numbers: dict[str, object]) -> dict[str, set[str]]:
    """The names of the numbers by type, also of types that the book cannot show."""
    found: dict[str, set[str]] = {}
    for name, value in numbers.items():
        found.setdefault(type(value).__name__, set()).add(name)
    return found
