"""The two chapters on the grid's tables, executed as the graph does, on tables with effects put in."""

import ast
import json
import shutil

import nbformat
import pytest

from tests import fabricated
from tracelib import jobs, keys
from tracelib.files import InputError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    fabricated.write(folder)
    fabricated.write(folder, "big", seeds=2)
    return folder


def executed(name: str, tables, folder):
    key, output = folder / f"{name}.json", folder / f"{name}.ipynb"
    (folder / "data").mkdir()
    shutil.copy(keys.PACKAGE / "assets" / "release_outcomes.parquet", folder / "data")
    parameters = {"work": str(folder), "tables": str(tables)}
    key.write_text(json.dumps({"file": f"notebooks/{name}.ipynb", "parameters": parameters}))
    jobs.notebook(str(key), str(output))
    return nbformat.read(output, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def glued(notebook) -> dict:
    """What the chapter's sentences show, by name."""
    found = {}
    for output in outputs(notebook):
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        if name:
            found[name] = ast.literal_eval(output["data"]["application/papermill.record/text/plain"])
    return found


def shown(notebook) -> str:
    return "\n".join(output["data"].get("text/html", "") for output in outputs(notebook) if "data" in output)


def names(text: str) -> set[str]:
    """The conditions that a glued list names."""
    return set() if text == "none" else {part.split(" (")[0] for part in text.split("; ")}


@pytest.fixture(scope="module")
def interventions(tables, tmp_path_factory):
    return executed("interventions", tables, tmp_path_factory.mktemp("executed"))


@pytest.fixture(scope="module")
def dose(tables, tmp_path_factory):
    return executed("dose", tables, tmp_path_factory.mktemp("executed"))


def test_who_reads_its_trace_is_found_and_no_other(interventions):
    found = glued(interventions)
    assert (found["reader"], found["ignorer"]) == ("100.0 [–]", "0.0 [–]")
    assert "Qwen3-1.7B 74.0 [" in found["paper-seen"]
    assert "correct" in names(found["gap-above"])
    assert not names(found["gap-above"]) & set(fabricated.IGNORE)
    assert {"correct", "dose-10", "wrong-category", "simulated-r1"} <= names(found["facts-above"])
    assert not names(found["facts-above"]) & set(fabricated.IGNORE)
    assert found["facts-below"] == "none"
    assert names(found["facts-open"]) >= set(fabricated.IGNORE)
    assert names(found["category-open"]) >= {"correct", "incorrect"}  # no effect of the category was put in
    assert (found["conditions"], found["seeds"], found["items"]) == (15, 5, 60)


def test_the_worked_example_shows_every_intervention(interventions):
    page = shown(interventions)
    for name in ("gold", "wrong facts", "another problem&#x27;s", "empty", "own, category only"):
        assert f"[{name}]" in page
    assert "&lt;think&gt;&lt;/think&gt; &lt;answer&gt;" in page


def test_the_effect_of_the_dose_is_found(dose):
    found = glued(dose)
    estimate = float(found["dose-slope"].split(" [")[0])
    assert estimate == pytest.approx(-100 * fabricated.FALL, abs=9)  # three standard errors
    assert "significantly below zero" in found["dose-slope"]
    assert {"incorrect", "both-wrong"} <= names(found["correct-below"])
    assert "simulated-r1" in names(found["correct-open"])
    sides = [names(found[f"correct-{side}"]) for side in ("above", "below", "open")]
    assert sum(map(len, sides)) == 14 == found["family"] / 2
    assert found["sizes"] == "960, 1920, 3840"
    assert found["steps"] == "960"
    assert "significantly below zero" in found["wrong-facts"]
    assert found["longest"] == "simulated-r1 (300 tokens)"


@pytest.mark.parametrize("name", ["interventions", "dose"])
def test_a_chapter_says_where_its_numbers_come_from_and_shows_other_grids(name, request):
    notebook = request.getfixturevalue(name)
    assert glued(notebook)["origin"].startswith("110 runs, 1.5 hours of computing, written on 2001-02-03 (")
    page = shown(notebook)
    assert "tracelib grid grid" in page
    assert "<td>big</td>" in page
    assert "nan" not in page.lower().replace("ñan", "")
    for output in outputs(notebook):
        assert output.output_type not in ("error", "stream"), output


def test_without_tables_the_command_is_named(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid"):
        executed("dose", tmp_path / "none", tmp_path)
