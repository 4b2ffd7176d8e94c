"""`tracelib run`: a notebook is told from a profile, its parameters are checked first, nothing is lost."""

import nbformat
import pytest

from tests.cli.conftest import run
from tests.conftest import ROOT
from tracelib.book import rerun

CELL = "people = 3  # how many\nnames = ['a', 'b']\nwork = ''"
BODY = "import os\nprint(people * 2, names, os.getcwd())"


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A notebook with two parameters; results go to a folder of the test."""
    monkeypatch.setattr(rerun, "EXECUTED", tmp_path / "executed")
    monkeypatch.chdir(tmp_path)
    cells = [nbformat.v4.new_code_cell(CELL), nbformat.v4.new_code_cell(BODY)]
    cells[0].metadata["tags"] = ["parameters", "remove-cell"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "mine.ipynb")
    return tmp_path / "mine.ipynb"


def printed(path) -> str:
    return "".join(o.text for cell in nbformat.read(path, as_version=4).cells for o in cell.outputs)


def test_a_notebook_is_executed_with_what_is_given_and_kept(capsys, mine):
    status, out, err = run(capsys, "run", "mine.ipynb", "-p", "people", "4", "-p", "names", "c,d")
    assert (status, err) == (0, "")
    made = mine.parent / "executed" / "mine.ipynb"
    first, second = out.splitlines()
    assert first.startswith("executed in ")
    assert first.endswith(str(made))
    assert second == f"make a page of it: jupyter-book build {made}"
    assert printed(made) == f"8 ['c', 'd'] {ROOT}\n"
    before = made.read_bytes()
    status, out, err = run(capsys, "run", "mine.ipynb")
    assert (status, out) == (2, "")
    assert err.endswith("exists; give --overwrite to replace it, or --out with another name\n")
    assert made.read_bytes() == before
    assert run(capsys, "run", mine, "--overwrite")[0] == 0
    assert printed(made) == f"6 ['a', 'b'] {ROOT}\n"
    assert sorted(path.name for path in made.parent.iterdir()) == ["mine.ipynb"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-p", "peple", "4"], "unknown parameter 'peple', did you mean 'people'? expected one of people"),
        (["-p", "people", "four"], "parameter 'people': expected a whole number, found 'four'"),
        (["-p", "people", "4", "-p", "people", "5"], "parameter 'people' is given twice"),
        (["--out", "mine.txt"], "mine.txt: not a name for a notebook, expected one that ends in .ipynb"),
        (["--out", "mine.ipynb", "--overwrite"], "is one of the files to read"),
        (["--out", str(ROOT / "notebooks" / "joint.ipynb"), "--overwrite"], "is one of the files to read"),
        (["mine-s1"], "is a notebook, found 'mine-s1' behind it"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_runs(capsys, mine, monkeypatch, options, message):
    monkeypatch.setattr(rerun.executing, "execute", lambda *args, **kwargs: pytest.fail("it ran"))
    status, out, err = run(capsys, "run", "mine.ipynb", *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert sorted(path.name for path in mine.parent.iterdir()) == ["mine.ipynb"]


def test_what_a_cell_says_of_bad_input_is_the_message(capsys, mine):
    book = nbformat.read(mine, as_version=4)
    book.cells[1].source = "from tracelib.core.errors import InputError\nraise InputError('no folder', 'x')"
    nbformat.write(book, mine)
    status, out, err = run(capsys, "run", "mine.ipynb")
    assert (status, out) == (2, "")
    assert err == f"tracelib: error: {mine}: x: no folder\n"
    assert "no folder" in (mine.parent / "executed" / "mine.failure.txt").read_text()
    assert not (mine.parent / "executed" / "mine.ipynb").exists()
    book.cells[1].source = "1 / 0"
    nbformat.write(book, mine)
    err = run(capsys, "run", "mine.ipynb")[2]
    assert "cell 2 failed: ZeroDivisionError: division by zero (all of it: " in err
    assert err.count("\n") == 1


def test_what_stands_in_for_a_build_is_said_on_the_terminal_too(capsys, mine):
    book = nbformat.read(mine, as_version=4)
    code = (
        "from tracelib.book import opening\nopening.begin(globals())\nprint('no build; what ships is used')"
    )
    book.cells.insert(1, nbformat.v4.new_code_cell(code))
    nbformat.write(book, mine)
    status, out, err = run(capsys, "run", "mine.ipynb", "-p", "work", "x")
    assert (status, err) == (0, "tracelib: note: no build; what ships is used\n")
    assert len(out.splitlines()) == 2


def test_a_chapter_is_known_by_its_name_and_no_profile_has_it(monkeypatch):
    assert rerun.find("joint") == ROOT / "notebooks" / "joint.ipynb"
    assert rerun.find("elsewhere/joint.ipynb").as_posix() == "elsewhere/joint.ipynb"
    assert rerun.find("smoke") is None
    assert not {path.stem for path in (ROOT / "profiles").glob("*.yaml")} & set(rerun.names())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["jonit"], "or a profile and one of its runs; did you mean 'joint'?"),
        (["smoke"], "smoke: expected a chapter, a notebook (.ipynb), or a profile and one of its runs"),
        (["none.ipynb"], "none.ipynb: no such file"),
        (["../joint"], "../joint: expected a chapter"),
        (["smoke", "nothing-s1"], "no run 'nothing-s1' in this profile, the first is "),
        (["smoke", "nothing-s1", "-p", "seed", "2"], "-p, --out and --overwrite are for a notebook"),
    ],
)
def test_what_is_neither_a_notebook_nor_a_run_is_one_line(capsys, monkeypatch, tmp_path, words, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, "run", *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
