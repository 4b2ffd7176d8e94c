"""Chapters show, and the library computes: no cell of a notebook is long, and none holds logic."""

import ast

import nbformat
import pytest

from tests.conftest import ROOT

NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
TO_DO = (
    "checking",
    "problem", "conditions",
    "items", "r1",
)  # fmt: skip
LONGEST = 12  # lines of code
LOGIC = (
    ast.For, ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.FunctionDef, ast.AsyncFunctionDef,
    ast.ClassDef, ast.Lambda, ast.comprehension, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare,
    ast.AugAssign, ast.NamedExpr, ast.JoinedStr,
)  # fmt: skip


def faults(source: str) -> set[str]:
    """What a code cell has that belongs to the library, in Python's own names."""
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
    """Those of a notebook, without its list of parameters."""
    cells = nbformat.read(NOTEBOOKS[name], as_version=4).cells
    tagged = (cell.metadata.get("tags", []) for cell in cells)
    return [
        cell
        for cell, tags in zip(cells, tagged, strict=True)
        if cell.cell_type == "code" and "parameters" not in tags
    ]


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name not in TO_DO])
def test_a_chapter_computes_nothing(name):
    found = {place: faults(cell.source) for place, cell in enumerate(code_cells(name))}
    assert {place: names for place, names in found.items() if names} == {}


def test_chapters_to_be_done_exist_and_are_not_done():
    for name in TO_DO:
        assert any(faults(cell.source) for cell in code_cells(name)), name
