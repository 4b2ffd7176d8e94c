"""The opening of notebooks: unknown parameters stop them; they find the checkout and the shipped tables."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from tests.chapters import GUARDED, KERNEL, glued, outputs
from tests.conftest import ROOT
from tracelib import __version__
from tracelib.book import contents, opening
from tracelib.core.errors import InputError
from tracelib.core.paths import PACKAGE
from tracelib.experiments import run_folder
from tracelib.paper import evidence

OWN = 'work = "work/laptop"\nrun_names = []'
QUICK = ("problem", "joint", "one-run")  # a chapter of each kind; `make nightly` runs all
UNGLUED = ("problem", "conditions", "architecture")  # chapters whose prose cites no number


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


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def without_a_column(path: Path) -> None:
    table = pd.read_parquet(path)
    table.drop(columns=table.columns[0]).to_parquet(path)


def with_another_field(path: Path) -> None:
    path.write_text('{"kind": "download", "place": "of another version"}')


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("release_outcomes.parquet", without_a_column),
        ("release_checks.parquet", without_a_column),
        ("release_following.parquet", damaged),
        ("source.json", damaged),
        ("source.json", with_another_field),
    ],
)
def test_what_ships_stands_in_for_what_another_version_wrote(name, change, tmp_path, capsys):
    evidence.write(evidence.shipped(), tmp_path)
    change(tmp_path / name)
    assert evidence.read(tmp_path).source.kind == "shipped outcomes"
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(
        f"{tmp_path / name} is damaged or of another version; tracelib build makes it again"
    )
    shipped = evidence.shipped().outcomes
    assert evidence.read_outcomes(tmp_path).equals(shipped)
    assert bool(capsys.readouterr().out) == (name == "release_outcomes.parquet")


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
def test_every_notebook_checks_its_kernel_and_opens_right_after_its_parameters(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    places = [place for place, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", ())]
    assert places == [0]
    assert re.match(r"(?:from pathlib import Path\n\n)?" + GUARDED.pattern[1:], cells[1].source)
    code = GUARDED.sub(r"\1", cells[1].source)
    statements = [ast.unparse(line) for line in ast.parse(code).body]
    assert next(line for line in statements if "import " not in line) == "opening.begin(globals())"


def test_a_python_without_the_library_says_so_in_one_line():
    code = f"try:\n    from tracelib.book import opening\n{KERNEL}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "This kernel's Python has no tracelib, or an old one: see book/rerun.md\n"


def other_checkout(folder: Path, version: str) -> Path:
    (folder / "tracelib").mkdir(parents=True)
    (folder / "Snakefile").touch()
    (folder / "tracelib" / "__init__.py").write_text(f'"""The library."""\n\n__version__ = "{version}"\n')
    return folder


def test_a_library_of_another_version_than_the_checkout_s_stops(tmp_path, monkeypatch):
    monkeypatch.chdir(other_checkout(tmp_path, "77.0"))
    found = f"{PACKAGE}: this kernel's tracelib is version {__version__}, and this checkout's is 77.0; choose"
    with pytest.raises(InputError, match=re.escape(found)):
        opening.begin({})


def test_a_library_of_another_place_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(other_checkout(tmp_path, __version__))
    opening.begin({})
    assert capsys.readouterr().out == f"the library in use is {PACKAGE}, not this checkout's\n"


def papermill(notebook: Path, folder: Path, *options: str) -> subprocess.CompletedProcess:
    """A notebook, executed by papermill alone with `folder` as its kernel's; the result lies beside."""
    program = Path(sys.executable).with_name("papermill")
    command = [program, notebook, folder.parent / "out.ipynb", "--cwd", folder, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def empty(tmp_path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.mark.slow
def test_an_experiment_stops_at_a_parameter_that_it_does_not_have(empty):
    notebook = shutil.copy(ROOT / "notebooks" / "experiment.ipynb", empty)
    done = papermill(notebook, empty, "-p", "conditions", "incorrect")
    assert done.returncode
    said = "tracelib: error: unknown parameter 'conditions', did you mean 'condition'? expected one of"
    assert said in done.stderr


@pytest.mark.slow
def test_another_kernel_is_named_without_a_traceback(empty):
    """Its Python imports nothing of that name, whatever is installed."""
    notebook = nbformat.read(ROOT / "notebooks" / "joint.ipynb", as_version=4)
    notebook.cells[0] = nbformat.v4.new_code_cell("import sys\nsys.modules['tracelib'] = None")
    nbformat.write(notebook, empty / "joint.ipynb")
    assert papermill(empty / "joint.ipynb", empty).returncode
    executed = nbformat.read(empty.parent / "out.ipynb", as_version=4)
    (error,) = [output for output in outputs(executed) if output.output_type == "error"]
    assert (error.ename, "tracelib" in error.evalue) == ("SystemExit", True)
    assert not [line for line in error.traceback if "Traceback" in line or "File" in line]
    assert (
        len(outputs(executed)) == 2
    )  # papermill's own note of the error, and what IPython says of a way to exit


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in QUICK else pytest.mark.nightly) for name in contents.chapters()],
)
def test_a_chapter_runs_in_an_empty_folder_without_a_build(name, empty):
    notebook = shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", empty)
    done = papermill(notebook, empty, "-p", "work", str(empty / "nothing"))
    assert done.returncode == 0, done.stderr[-2000:]
    executed = nbformat.read(empty.parent / "out.ipynb", as_version=4)
    assert glued(executed) or name in UNGLUED
    assert list(empty.iterdir()) == [empty / f"{name}.ipynb"]


@pytest.mark.nightly
@pytest.mark.parametrize("name", contents.chapters())
def test_a_chapter_runs_where_jupyter_starts_its_kernel(name, empty):
    folder = ROOT / "notebooks"
    before = set(folder.iterdir())
    program = Path(sys.executable).with_name("papermill")
    command = [program, f"{name}.ipynb", empty / "out.ipynb", "-p", "work", str(empty / "nothing")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert set(folder.iterdir()) == before


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
