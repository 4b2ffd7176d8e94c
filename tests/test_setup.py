"""The set-up that every target of the Makefile starts with: from nothing, with Python 3.11, once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

NAME = "my #1 [é] {x} 'a' ; $(touch PWNED) & `touch PWNED`"
# A Python without pip, whose installation takes seconds; a module beside the Makefile stands in for pip.
PYTHON = """#!/bin/sh
if [ "$2" = venv ]; then exec {real} "$@" --without-pip; fi
exec {real} "$@"
"""
PIP = """import os, sys
open('pip.log', 'a').write(' '.join(sys.argv[1:]) + '\\n')
sys.exit(os.path.exists('pip fails'))
"""
OTHER = "#!/bin/sh\nif [ $1 = -V ]; then echo Python {version}; else exit 1; fi\n"

pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the set-up is of Python 3.11")


class Checkout:
    """A folder with the Makefile, and a Python that makes environments without pip."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir()
        for name in ("Makefile", "constraints.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, root)
        self.program("python 3.11", PYTHON.format(real=sys.executable))
        (root / "pip.py").write_text(PIP)

    def program(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)
        (self.root / name).chmod(0o755)

    def make(self, python: str = "./python 3.11", target: str = ".venv/ready") -> subprocess.CompletedProcess:
        command = ["make", target, f"PYTHON={python}"]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True)

    def is_ready(self, python: str = "./python 3.11") -> bool:
        made = self.make(python)
        assert (made.returncode == 0) == (self.root / ".venv" / "ready").is_file(), made.stderr
        return made.returncode == 0

    def installed(self) -> int:
        """How often pip was called."""
        log = self.root / "pip.log"
        return len(log.read_text().splitlines()) if log.is_file() else 0


@pytest.fixture
def checkout(tmp_path):
    made = Checkout(tmp_path / NAME)
    yield made
    assert not list(tmp_path.rglob("PWNED"))


def test_it_is_done_once(checkout):
    assert [checkout.is_ready(), checkout.is_ready()] == [True, True]
    assert checkout.installed() == 1
    assert "-c constraints.txt -e .[marco,train,book]" in (checkout.root / "pip.log").read_text()


def test_what_the_tests_need_is_added_once(checkout):
    for _ in range(2):
        assert checkout.make(target=".venv/tools").returncode == 0
    book, everything = (checkout.root / "pip.log").read_text().splitlines()
    assert "-e .[marco,train,book]" in book
    assert "-e .[hub,marco,train,teacher,quant,bench,slurm,book,pdf,study,dev]" in everything


def test_a_python_that_went_or_a_folder_that_moved_is_set_up_again(checkout):
    checkout.make()
    left = checkout.root / ".venv" / "left"
    left.touch()
    for path in (checkout.root / ".venv" / "bin").glob("python*"):
        path.unlink()
    assert checkout.is_ready()
    assert checkout.installed() == 2
    assert not left.exists()
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    assert checkout.is_ready()
    assert checkout.installed() == 3


def test_a_set_up_that_failed_leaves_nothing_to_the_next(checkout):
    (checkout.root / "pip fails").touch()
    assert not checkout.is_ready()
    (checkout.root / ".venv" / "left").touch()
    (checkout.root / "pip fails").unlink()
    assert checkout.is_ready()
    assert not (checkout.root / ".venv" / "left").exists()


@pytest.mark.parametrize("version", ["3.10.13", "3.12.1", "2.7.18"])
def test_another_python_is_one_line_before_anything_is_made(checkout, version):
    checkout.program("other", OTHER.format(version=version))
    made = checkout.make("./other")
    assert made.returncode
    line, *_ = made.stderr.splitlines()
    assert line == f"./other: Python {version}; expected Python 3.11: PYTHON=/path/to/python3.11"
    assert not (checkout.root / ".venv").exists()
    assert checkout.is_ready()


def test_no_python_is_one_line(checkout):
    line, *_ = checkout.make("python3.99").stderr.splitlines()
    assert line.startswith("python3.99: ")
    assert "not found" in line
    assert line.endswith("expected Python 3.11: PYTHON=/path/to/python3.11")


def test_a_right_set_up_stays_where_another_python_is_named_later(checkout):
    checkout.make()
    checkout.program("other", OTHER.format(version="3.12.1"))
    assert checkout.is_ready("./other")
    assert checkout.installed() == 1
