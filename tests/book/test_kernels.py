"""Notebooks run in this Python, whatever kernels, start-up files and styles the user has."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from tracelib.book import kernels, rules
from tracelib.core.errors import InputError

SEEN = """\
import os, sys
import matplotlib
print(sys.executable, matplotlib.get_backend(), matplotlib.rcParams["figure.dpi"], "started" in globals())
"""


def execute(folder, code: str) -> str:
    """The output of a notebook of one cell, executed as the graph executes a chapter."""
    place = folder / "my book #1 [é] {work} $(touch PWNED)"
    place.mkdir(exist_ok=True)
    source = place / "source.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), source)
    (place / "key.json").write_text(json.dumps({"file": str(source), "parameters": {}}))
    rules.notebook(str(place / "key.json"), str(place / "done.ipynb"))
    (output,) = nbformat.read(place / "done.ipynb", as_version=4).cells[0].outputs
    return output.text


def test_a_notebook_runs_in_this_python_with_nothing_of_its_users(tmp_path, monkeypatch):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    other = {"argv": ["/bin/false", "{connection_file}"], "display_name": "other", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(other))
    startup = tmp_path / "profile_default" / "startup"
    startup.mkdir(parents=True)
    for path in (startup / "00.py", tmp_path / "start.py"):
        path.write_text("started = True\n")
    (tmp_path / "matplotlibrc").write_text("figure.dpi: 7\n")
    monkeypatch.setenv("HOME", "/proc/nonexistent")
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "start.py"))
    monkeypatch.setenv("MPLBACKEND", "agg")
    for name in ("JUPYTER_PATH", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MATPLOTLIBRC", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    assert (
        execute(tmp_path, SEEN) == f"{sys.executable} module://matplotlib_inline.backend_inline 100.0 False\n"
    )


@pytest.mark.parametrize("when", ["at its start", "in a cell"])
def test_a_kernel_that_dies_is_one_line(tmp_path, monkeypatch, when):
    if when == "at its start":
        spec = kernels.KernelSpec(argv=[sys.executable, "-c", "raise SystemExit('no such thing')"])
        monkeypatch.setattr(kernels.ThisPython, "kernel_spec", spec)
    with pytest.raises(InputError, match="its kernel died") as raised:
        execute(tmp_path, "import os; os._exit(3)")
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.rglob("done.ipynb"))


@pytest.mark.parametrize(("folder", "transport"), [("t", "ipc"), ("t" * 90, "tcp")])
def test_a_kernel_binds_no_port_that_another_program_could_take(
    tmp_path_factory, monkeypatch, folder, transport
):
    """Only where the path of a socket would be too long."""
    short = Path(tempfile.mkdtemp(prefix="k"))
    place = short / folder
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    seen = "import ipykernel as kernel; print(kernel.get_connection_info(unpack=True)['transport'])"
    try:
        assert execute(tmp_path_factory.mktemp("run"), seen) == f"{transport}\n"
    finally:
        shutil.rmtree(short)
