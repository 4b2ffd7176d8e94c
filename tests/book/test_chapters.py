"""Chapters have one form: code that only shows, a question and its answer first, limits and checks last."""

import ast
import re

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


# --- The form of a chapter --------------------------------------------------------------------

PLAIN = {"index", "status", "architecture", "experiment"}  # about the book itself, or no page of it
CHAPTERS = sorted(set(NOTEBOOKS) - PLAIN)
CLOSING = ["Limits", "Check yourself", "Try it", "What to inspect"]  # the second only in some chapters
OPENING = re.compile(r"# [^\n]+\n\nQuestion\n: ([^\n]+\?)\n\nAnswer\n: ([^\n]+)(?:\n\n|$)")
ROLE = re.compile(r"\{[a-z:]+\}`[^`]*`")
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def prose(name: str) -> list[str]:
    """The text cells of a notebook."""
    cells = nbformat.read(NOTEBOOKS[name], as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_opens_with_its_question_and_an_answer_of_at_most_two_sentences(name):
    found = OPENING.match(prose(name)[0])
    assert found, prose(name)[0][:200]
    answer = found[2]
    assert len(SENTENCE_END.findall(ROLE.sub("x", answer))) <= 2, answer
    assert "{glue:text}" in answer


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_ends_with_limits_exercises_and_what_to_inspect(name):
    text = re.sub(r"```.*?```", "", "\n\n".join(prose(name)), flags=re.DOTALL)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    optional = [heading for heading in CLOSING if heading in headings or heading != "Check yourself"]
    assert headings[-len(optional) :] == optional
    assert all(headings.count(heading) == 1 for heading in optional)


def predictions(name: str) -> list[nbformat.NotebookNode]:
    """The cells that follow a text with a prediction to make."""
    cells = nbformat.read(NOTEBOOKS[name], as_version=4).cells
    return [cells[place + 1] for place, cell in enumerate(cells) if ":class: predict" in cell.source]


def test_a_class_predicts_before_it_looks():
    """The chapters of the 90-minute class have a prediction to make."""
    assert {name for name in CHAPTERS if predictions(name)} >= {
        "conditions", "evaluation", "interventions", "joint", "one-run", "r1", "results",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CHAPTERS if predictions(name)])
def test_what_is_to_be_predicted_is_folded_away(name):
    for cell in predictions(name):
        assert cell.cell_type == "code"
        assert {"remove-input", "hide-output"} <= set(cell.metadata["tags"])
        assert cell.metadata["mystnb"]["code_prompt_show"].startswith("Predicted? Show the ")
