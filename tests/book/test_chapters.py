"""The library computes and chapters only show: no cell of a notebook is long or holds logic."""

import ast

import nbformat
import pytest

from tests.chapters import GUARDED
from tests.conftest import ROOT

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
LONGEST = 12  # lines of code
LOGIC = (
    ast.For, ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.FunctionDef, ast.AsyncFunctionDef,
    ast.ClassDef, ast.Lambda, ast.comprehension, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare,
    ast.AugAssign, ast.NamedExpr, ast.JoinedStr,
)  # fmt: skip


def faults(source: str) -> set[str]:
    """The kinds of Python syntax in a code cell that belong into the library."""
    found = {type(node).__name__ for node in ast.walk(ast.parse(source)) if isinstance(node, LOGIC)}
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return found | ({"long"} if len(lines) > LONGEST else set())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("found = joint.facts(work)\nhtml.table(tables.rates_table(found.rates))", set()),
        ("# a comment\n" * 20 + "figures.intervals(found.parts, zero=True)", set()),
        ("a = 1\n" * 13, {"long"}),
        ("for row in rows:\n    show(row)", {"For"}),
        ("[row for row in rows]", {"comprehension"}),
        ("def one(row):\n    return 100 * row", {"FunctionDef", "BinOp"}),
        ("shown = rates[rates['metric'] == 'exact']", {"Compare"}),
        ("f'{share:.1f}'", {"JoinedStr"}),
    ],
)
def test_logic_in_a_cell_is_found(source, expected):
    assert faults(source) == expected


def code_cells(name: str) -> list[nbformat.NotebookNode]:
    """The code cells of a notebook, without its parameters."""
    cells = nbformat.read(NOTEBOOKS[name], as_version=4).cells
    tagged = (cell.metadata.get("tags", []) for cell in cells)
    return [
        cell
        for cell, tags in zip(cells, tagged, strict=True)
        if cell.cell_type == "code" and "parameters" not in tags
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_chapter_computes_nothing(name):
    found = {place: faults(GUARDED.sub(r"\1", cell.source)) for place, cell in enumerate(code_cells(name))}
    assert {place: names for place, names in found.items() if names} == {}
