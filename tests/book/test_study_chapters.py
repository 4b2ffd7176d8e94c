"""The chapters on the human study, executed as the graph does; none needs data of a run or of the release."""

import re

import nbformat
import pytest

from tests.chapters import executed, glued, outputs, shown
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
PARAMETERS = {"means": {}, "ratings": {}, "power": {"people": 20, "simulations": 20}}


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    return {name: executed(name, folder, **given) for name, given in PARAMETERS.items()}


@pytest.mark.parametrize("name", PARAMETERS)
def test_nothing_fails_and_every_number_that_is_named_is_there(name, chapters):
    source = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    text = " ".join(f"{cell.source} {cell.metadata}" for cell in source.cells)
    named = set(re.findall(r"\{glue:text\}`([^`]+)`", text))
    assert named == set(glued(chapters[name]))
    assert "<table" in shown(chapters[name])
    assert any("image/svg+xml" in output["data"] for output in outputs(chapters[name]) if "data" in output)
    for output in outputs(chapters[name]):
        assert output.output_type not in ("error", "stream"), output


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_alt_text_is_filled_in(name, chapters):
    images = [
        cell.metadata["mystnb"]["image"]["alt"] for cell in chapters[name].cells if "mystnb" in cell.metadata
    ]
    assert len(images) == 1
    assert "{glue" not in images[0]


def test_the_stated_means_in_figures(chapters):
    found = glued(chapters["means"])
    assert (found["clear"], found["clear-guaranteed"], found["designs"]) == (4, 2, 4)
    assert (found["low-widest"], found["high-widest"]) == ("0.53", "2.40")
    assert (found["needed-different"], found["needed-same"]) == (28, 55)


def test_power_in_figures(chapters):
    found = glued(chapters["power"])
    assert (found["needed-within"], found["needed-many-within"]) == ("60", "100")
    assert (found["own-people"], found["own-simulations"]) == (20, 20)


def test_simulated_answers_are_said_to_be_simulated(chapters):
    assert glued(chapters["ratings"])["source"] == "simulated respondents"
    said = re.compile("simulated|{glue:text}`source`", re.IGNORECASE)
    for name in ("ratings", "power"):
        text = " ".join(cell.source for cell in chapters[name].cells if cell.cell_type == "markdown")
        assert len(said.findall(text)) >= 7
