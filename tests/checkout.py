"""A copy of the library, to which a test adds what CONTRIBUTING.md adds."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tracelib.core.paths import PACKAGE

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```\w+ (\w+)\n(.*?)```", PAGE, re.DOTALL))


def copied(root: Path) -> Path:
    """The library in a folder."""
    shutil.copytree(PACKAGE, root / "tracelib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("constraints.txt", "Snakefile", "_toc.yml"):
        shutil.copy(ROOT / name, root)
    return root


def with_the_dataset(root: Path) -> Path:
    """The library in a folder, with the dataset."""
    copied(root)
    folder = root / "tracelib" / "datasets" / "toy"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "dataset.py").write_text(EXAMPLES["dataset"], encoding="utf-8")
    registry = root / "tracelib" / "datasets" / "registry.py"
    for line in (
        "from tracelib.datasets.marco import dataset as marco\n",
        "    marco.DATASET,\n",
    ):
        replace(registry, line, line + line.replace("marco", "toy"))
    return root


def replace(path: Path, old: str, new: str) -> None:
    """Put a text in the place of one that the file has once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(checkout: Path, *arguments: str) -> str:
    """What Python prints in the folder, with these arguments."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=checkout, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
