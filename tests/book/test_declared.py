"""The parameters of a notebook: names, types and meanings, and values given for them on a command line."""

import nbformat
import pytest

from tests.conftest import ROOT
from tracelib.book.declared import checked, declared
from tracelib.core.errors import InputError

CELL = """\
# A design of your own:
work = "work/laptop"  # the folder # of a build
people = 40
share = 0.5  # of the # people
within = True  # whether all of them
run_names = [
    "a-s1",  # the runs
    "b-s1",
]
seeds = [1]
"""


def notebook(folder, code, tags=("parameters",)):
    cells = [nbformat.v4.new_code_cell("ignored = 1"), nbformat.v4.new_code_cell(code)]
    cells[1].metadata["tags"] = list(tags)
    path = folder / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def parameters(tmp_path):
    return declared(notebook(tmp_path, CELL))


def test_names_values_and_the_comments_behind_them(parameters):
    assert {name: (found.default, found.meaning) for name, found in parameters.items()} == {
        "work": ("work/laptop", "the folder # of a build"),
        "people": (40, ""),
        "share": (0.5, "of the # people"),
        "within": (True, "whether all of them"),
        "run_names": (["a-s1", "b-s1"], "the runs"),
        "seeds": ([1], ""),
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("work", "5", "5"),
        ("work", "", ""),
        ("people", "-3", -3),
        ("share", "3e-4", 0.0003),
        ("share", "1", 1.0),
        ("within", "False", False),
        ("within", "true", True),
        ("run_names", "c-s1", ["c-s1"]),
        ("run_names", "[c-s1, 'd-s1']", ["c-s1", "d-s1"]),
        ("seeds", "1,2", [1, 2]),
    ],
)
def test_a_text_becomes_a_value_of_the_parameters_type(parameters, name, text, value):
    (found,) = checked(parameters, [(name, text)]).values()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("people", "many", "a whole number"),
        ("people", "2.5", "a whole number"),
        ("share", "half", "a number"),
        ("share", "nan", "a number"),
        ("within", "1", "true or false"),
        ("seeds", "1,two", "values with commas between them"),
        ("seeds", "[]", "values with commas between them"),
        ("run_names", "a-s1,,b-s1", "values with commas between them"),
    ],
)
def test_a_text_of_another_type_is_named_with_what_was_expected(parameters, name, text, expected):
    with pytest.raises(InputError) as caught:
        checked(parameters, [(name, text)])
    assert str(caught.value) == f"parameter '{name}': expected {expected}, found {text!r}"


def test_a_name_that_there_is_not_is_named_with_the_closest(parameters):
    listed = "expected one of work, people, share, within, run_names, seeds"
    for name, hint in (("run_name", ", did you mean 'run_names'?"), ("zzz", ";")):
        with pytest.raises(InputError) as caught:
            checked(parameters, [("people", "3"), (name, "x")])
        assert str(caught.value) == f"unknown parameter '{name}'{hint} {listed}"


def test_a_name_given_twice_is_named(parameters):
    with pytest.raises(InputError, match="parameter 'people' is given twice"):
        checked(parameters, [("people", "3"), ("people", "4")])


def test_a_notebook_may_declare_nothing(tmp_path):
    none = declared(notebook(tmp_path, CELL, tags=()))
    assert none == {}
    with pytest.raises(InputError, match="unknown parameter 'work'; the notebook declares none"):
        checked(none, [("work", "x")])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = open('y')", "parameter 'x': expected a text, a number, True, .*, found open"),
        ("x = []", "parameter 'x': expected a text"),
        ("x = {'a': 1}", "parameter 'x': expected a text"),
        ("x = None", "parameter 'x': expected a text"),
        ("x =", "its cell of parameters is not Python"),
        ("x = (", "its cell of parameters is not Python"),
    ],
)
def test_a_cell_that_cannot_be_read_names_the_notebook(tmp_path, code, message):
    path = notebook(tmp_path, code)
    with pytest.raises(InputError, match=message) as caught:
        declared(path)
    assert caught.value.place == str(path)


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text("{}")
    with pytest.raises(InputError, match="not a notebook"):
        declared(path)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_of_the_project_can_be_read(path):
    assert declared(path)
