"""The opening of notebooks: unknown parameters stop them; they find the checkout and the shipped tables."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.chapters import glued, outputs
from tests.conftest import ROOT
from tracelib.book import build, opening
from tracelib.core.errors import InputError
from tracelib.experiments import run_folder
from tracelib.paper import evidence

OWN = 'work = "work/laptop"\nrun_names = []'
QUICK = ("problem", "joint", "results", "experiment")  # a chapter of each kind; `make nightly` runs all
# Chapters that need runs, which only a build or `tracelib run` makes.
OF_RUNS = set(build.RUN_CHAPTERS)


def test_a_parameter_that_a_notebook_does_not_have_is_named_with_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = "# Parameters\nwork = 'elsewhere'\nrun_name = ['a']\n"
    with pytest.raises(InputError) as caught:
        opening.begin({"In": ["", OWN, given, "begin()"]})
    assert str(caught.value) == (
        "unknown parameter 'run_name', did you mean 'run_names'? expected one of work, run_names"
    )
    with pytest.raises(InputError, match="unknown parameter 'zzz'; expected one of work, run_names"):
        opening.begin({"In": ["", OWN, "# Parameters\nzzz = 1\n"]})
    assert Path.cwd() == tmp_path


@pytest.mark.parametrize("cells", [[], [""], ["", OWN], ["", OWN, "# Parameters\nwork = 'x'\n"]])
def test_what_a_notebook_has_is_taken_from_any_folder(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opening.begin({"In": cells, "work": "x"})
    assert Path.cwd() == ROOT


@pytest.mark.parametrize("work", [5, "", None, ["a"]])
def test_a_folder_that_is_no_text_is_named(work):
    with pytest.raises(InputError, match="'work': expected a folder, found"):
        opening.begin({"work": work})


@pytest.mark.parametrize("names", ["a-s1", [], [1], None])
def test_runs_that_are_no_list_are_named(names):
    with pytest.raises(InputError, match=r"'run_names': expected a list of runs, as in -y 'run_names: \["):
        opening.begin({"run_names": names})


def test_the_checkout_that_one_stands_in_comes_first(tmp_path, monkeypatch):
    (tmp_path / "Snakefile").touch()
    for name in ("tracelib", "notebooks/deep"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "deep")
    assert opening.root() == tmp_path


def test_what_ships_stands_in_for_a_build_and_that_is_said(tmp_path, capsys):
    shipped = evidence.shipped()
    assert evidence.read(tmp_path / "data").outcomes.equals(shipped.outcomes)
    assert evidence.read_outcomes(tmp_path / "data").equals(shipped.outcomes)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    folder = tmp_path / "data"
    assert set(said) == {f"no build has written {folder}; the outcomes that ship with the package are used"}
    evidence.write(shipped, tmp_path / "data")
    assert evidence.read(tmp_path / "data").source == shipped.source
    assert evidence.read_outcomes(tmp_path / "data").equals(shipped.outcomes)
    assert not capsys.readouterr().out


def test_a_run_that_is_missing_is_named_with_how_to_make_it(tmp_path):
    with pytest.raises(
        InputError, match=r"no run 'a-s1'; make it first: tracelib run mine a-s1, or tracelib build"
    ):
        run_folder.present(tmp_path / "mine", ["a-s1"])
    for name in "bcdefgh":
        (tmp_path / "mine" / "runs" / name).mkdir(parents=True)
        (tmp_path / "mine" / "runs" / name / "run.json").write_text("{}")
    assert run_folder.present(tmp_path / "mine", ["b", "c"]) == tmp_path / "mine" / "runs"
    with pytest.raises(InputError, match="no run 'a-s1'; there are b, c, d, e, f and others; make it first"):
        run_folder.present(tmp_path / "mine", ["b", "a-s1"])


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_notebook_opens_so_right_after_its_parameters(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    places = [place for place, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", ())]
    assert places == [0]
    statements = [ast.unparse(line) for line in ast.parse(cells[1].source).body]
    assert next(line for line in statements if "import " not in line) == "opening.begin(globals())"


def papermill(folder: Path, name: str, *options: str) -> subprocess.CompletedProcess:
    """A copy of a notebook, executed by papermill alone in a folder that holds nothing else."""
    empty = folder / "empty"
    empty.mkdir()
    shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", empty)
    command = [
        Path(sys.executable).with_name("papermill"),
        f"{name}.ipynb",
        folder / f"{name}.ipynb",
        *options,
    ]
    return subprocess.run(command, cwd=empty, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in QUICK else pytest.mark.nightly)
        for name in (*build.chapters(), "experiment")
    ],
)
def test_a_notebook_runs_without_a_build_or_says_what_to_do_first(name, tmp_path):
    if name == "experiment":
        done = papermill(tmp_path, name, "-p", "conditions", "incorrect")
        assert done.returncode
        assert (
            "tracelib: error: unknown parameter 'conditions', did you mean 'condition'? expected one of"
            in done.stderr
        )
        return
    done = papermill(tmp_path, name, "-p", "work", str(tmp_path / "nothing"))
    notebook = nbformat.read(tmp_path / f"{name}.ipynb", as_version=4)
    if name in OF_RUNS:
        (error,) = [output for output in outputs(notebook) if output.output_type == "error"]
        assert len(error.traceback) == 1
        assert "make it first: tracelib run nothing cotempqa-twin-" in error.traceback[0]
        assert done.returncode
    else:
        assert done.returncode == 0, done.stderr[-2000:]
        assert glued(notebook) or name in ("problem", "conditions")


def test_figures_are_vectors_and_the_same_each_time():
    imports = "from tracelib.book import opening\nfrom tracelib.reporting.figures import canvas\n"
    code = f"{imports}opening.begin(globals())"
    draw = "figure, axes = canvas(2)\naxes.plot([1, 2])\nfigure"
    cells = [nbformat.v4.new_code_cell(source) for source in (code, draw, draw)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    first, second = (cell.outputs[0]["data"] for cell in notebook.cells[1:])
    assert first["image/svg+xml"] == second["image/svg+xml"]
    assert "image/png" not in first
