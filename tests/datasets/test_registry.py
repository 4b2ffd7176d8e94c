"""The registry. No other part of the library may test for a dataset's name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracelib.core.paths import PACKAGE
from tracelib.datasets import registry
from tracelib.datasets.dataset import Dataset
from tracelib.scoring import metrics

NAMED = re.compile(rf"(?<![a-z])(?:{'|'.join(registry.NAMES)})(?![a-z])")
MAY_NAME = (  # its folder, the registry, modules about the release or about one dataset, help, benches
    *(f"datasets/{name}/" for name in registry.NAMES),
    "datasets/registry.py",
    "datasets/release_files.py",
    "datasets/release_problems.py",
    "datasets/released.py",
    "datasets/r1_texts.py",
    "scoring/natural/",
    "scoring/class_set.py",
    "scoring/metrics.py",
    "scoring/rouge_bleu.py",
    "training/pretraining/",
    "reporting/figures_items.py",
    "reporting/figures_timeline.py",
    "paper/",
    "book/facts/",
    "bench/",
    "cli",
)


def named(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every import and constant, except docstrings, that contains a dataset's name."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            text = node.value
        elif isinstance(node, ast.ImportFrom):
            text = f"{node.module}.{' '.join(alias.name for alias in node.names)}"
        elif isinstance(node, ast.Import):
            text = " ".join(alias.name for alias in node.names)
        if NAMED.search(text):
            yield node.lineno, text


def test_names_are_found_in_code_alone():
    source = '"""On babi."""\nfrom tracelib.datasets.babi import twin\nx = {"marco": "bAbI"}  # cotempqa\n'
    assert list(named(source)) == [(2, "tracelib.datasets.babi.twin"), (3, "marco")]


def test_datasets_are_named_where_they_may_be_and_nowhere_else():
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if not place.startswith(MAY_NAME):
            found += [f"{place}:{line}: {text}" for line, text in named(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("name", registry.NAMES)
def test_a_dataset_is_a_folder_of_its_name_that_does_not_ask_the_registry(name):
    folder = PACKAGE / "datasets" / name
    assert (folder / "dataset.py").is_file()
    for path in Path(folder).glob("*.py"):
        assert "registry" not in path.read_text(encoding="utf-8")


def test_every_metric_of_a_dataset_has_a_judge():
    for known in registry.DATASETS:
        assert set(known.metrics) <= set(metrics.JUDGES)


def test_a_name_that_is_not_listed_is_somebodys_own():
    assert registry.dataset("mine") == Dataset("mine")
    assert registry.dataset("mine").metrics == ("exact", "strict")
    assert registry.dataset("babi") is registry.DATASETS[1]


def test_names_in_the_order_of_tables():
    assert registry.NAMES == ("cotempqa", "babi", "marco")
    assert registry.TWINS == ("cotempqa-twin", "babi-twin", "marco-twin")
    assert registry.RELEASED == ("cotempqa", "babi")
