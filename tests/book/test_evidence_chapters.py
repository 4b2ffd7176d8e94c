"""The chapters on harm and on all the evidence, executed as the graph does, from the shipped tables."""

import re

import nbformat
import pytest

from tests.chapters import executed, glued, outputs, shown
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def without_release(tmp_path_factory):
    """No local copy and no network, so the chapters use the tables in the package."""
    patch = pytest.MonkeyPatch()
    patch.delenv("TRACELIB_DATA", raising=False)
    for name in ("http_proxy", "https_proxy"):
        patch.setenv(name, "http://127.0.0.1:9")
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def forest(without_release, tmp_path_factory):
    return executed("forest", tmp_path_factory.mktemp("forest"))


@pytest.fixture(scope="module")
def hurt(without_release, tmp_path_factory):
    return executed("hurt", tmp_path_factory.mktemp("hurt"))


def test_the_forest_in_figures(forest):
    found = glued(forest)
    assert (found["k"], found["ahead"], found["clear"], found["behind"]) == (11, 10, 4, 0)
    assert (found["all"], found["main"]) == ("3.3 [1.3, 5.3]", "3.1 [-0.1, 6.3]")
    assert (found["plain-all"], found["plain-main"]) == ("8.1 [2.4, 13.8]", "2.6 [0.4, 4.7]")
    assert (found["p-5"], found["p-3"], found["p-5-range"]) == ("0.045", "0.636", "0.039 to 0.102")
    assert (found["mean-close"], found["new-close"]) == ("38.3%", "43.8%")
    assert found["contradicted"] == "Llama-3.2-1B-Instruct, correct, marco"


def test_the_alt_texts_are_filled_in(forest):
    images = [cell.metadata["mystnb"]["image"]["alt"] for cell in forest.cells if "mystnb" in cell.metadata]
    assert len(images) == 2
    assert all(text.startswith("Forest plot, ") and "{glue" not in text for text in images)
    assert "Diamond, all, 11 cells: 3.3, from 1.3 to 5.3" in images[0]


def test_harm_in_figures(hurt):
    found = glued(hurt)
    assert found["babi"] == "Llama-3.2-1B-Instruct 8.8 [4.6, 12.8]; Qwen3-1.7B 1.1 [-1.5, 3.6]"
    assert (found["shown-5"], found["shown-3"], found["shown-of"]) == (2, 1, 5)
    assert found["shown-names-3"] == "Llama-3.1-8B, CoTempQA (corrected)"
    assert (found["n-edge"], found["n-compared"]) == (2, 39)
    assert (found["turned"], found["turned-of"]) == (2, 3)


@pytest.mark.parametrize("name", ["forest", "hurt"])
def test_nothing_fails_and_every_number_that_is_named_is_there(name, request):
    notebook = request.getfixturevalue(name)
    source = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    text = " ".join(f"{cell.source} {cell.metadata}" for cell in source.cells)
    named = set(re.findall(r"\{glue:text\}`([^`]+)`", text))
    assert named == set(glued(notebook))
    assert "<table" in shown(notebook)
    for output in outputs(notebook):
        assert output.output_type not in ("error", "stream"), output
