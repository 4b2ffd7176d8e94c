"""Binder and Colab as far as they go without the services: an empty environment, their commands, one chapter.

pip asks its index, so these tests need a network and minutes. Colab has other versions of its packages.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, need

(CELL,) = re.findall(r"```text\n((?:!.*\n)+)```", (ROOT / "book" / "rerun.md").read_text())
ADDRESS = "https://github.com/OWNER/NAME"
OURS = ("PYTHONPATH", "TRACELIB_DATA", "VIRTUAL_ENV", "CI")

pytestmark = pytest.mark.nightly


class Machine:
    """A folder with an environment in which nothing is installed."""

    def __init__(self, home: Path):
        self.home = home
        home.mkdir()
        subprocess.run([sys.executable, "-m", "venv", home / "env"], check=True)
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment["PATH"] = f"{home / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def shell(self, command: str, folder: Path) -> str:
        words = ["bash", "-c", command]
        done = subprocess.run(words, cwd=folder, env=self.environment, capture_output=True, text=True)
        need("No matching distribution found for" not in done.stderr, "no index to ask")
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr


@pytest.fixture
def machine(tmp_path) -> Machine:
    need((ROOT / ".git").exists(), "not a git checkout")
    return Machine(tmp_path / "machine")


def test_binder_runs_a_chapter(machine):
    checkout = machine.home / "repository"
    machine.shell(f"git clone -q --depth 1 file://{ROOT} repository", machine.home)
    machine.shell("binder/postBuild", checkout)
    said = machine.shell("jupyter execute one-run.ipynb --output done.ipynb", checkout / "notebooks")
    assert "Error" not in said
    assert "the runs that ship with the package are shown" in (checkout / "notebooks/done.ipynb").read_text()
    assert "torch" not in machine.shell("pip list", checkout)


def test_colabs_cell_and_then_a_chapter(machine):
    content = machine.home / "content"
    content.mkdir()
    assert CELL.count(ADDRESS) == 1
    for line in CELL.replace(ADDRESS, f"file://{ROOT}").splitlines():
        machine.shell(line.removeprefix("!"), content)
    shutil.copy(ROOT / "notebooks" / "joint.ipynb", content)
    machine.shell("jupyter execute joint.ipynb --output done.ipynb", content)
    assert "the outcomes that ship with the package are used" in (content / "done.ipynb").read_text()
