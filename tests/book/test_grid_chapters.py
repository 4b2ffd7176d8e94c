"""The two chapters on the grid's tables, executed as the graph does, on tables with known effects."""

import pytest

from tests import fabricated
from tests.chapters import executed, glued, names, outputs, shown
from tracelib.core.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    fabricated.write(folder)
    fabricated.write(folder, "big", seeds=2)
    fabricated.write(folder, "of-real-problems", seeds=1)
    _as_of_babi(folder / "of-real-problems")
    return folder


def _as_of_babi(folder):
    """Change a grid's runs as if they were on the release's problems."""
    runs = folder / "runs.csv"
    runs.write_text(runs.read_text().replace("cotempqa-twin", "babi"))


@pytest.fixture(scope="module")
def interventions(tables, tmp_path_factory):
    return executed("tiny-interventions", tmp_path_factory.mktemp("executed"), tables=str(tables))


@pytest.fixture(scope="module")
def dose(tables, tmp_path_factory):
    return executed("dose", tmp_path_factory.mktemp("executed"), tables=str(tables))


def test_who_reads_its_trace_is_found_and_no_other(interventions):
    found = glued(interventions)
    assert (found["reader"], found["ignorer"]) == ("100.0 [–]", "0.0 [–]")
    assert "Qwen3-1.7B 74.3 [" in found["paper-seen"]
    assert "correct" in names(found["gap-above"])
    assert not names(found["gap-above"]) & set(fabricated.IGNORE)
    assert {"correct", "dose-10", "wrong-category", "simulated-r1"} <= names(found["facts-above"])
    assert not names(found["facts-above"]) & set(fabricated.IGNORE)
    assert found["facts-below"] == "none"
    not_set = {"filler-25", "filler-50"}  # no trace was set for these
    assert names(found["facts-open"]) >= set(fabricated.IGNORE) - not_set
    assert names(found["category-open"]) >= {"correct", "incorrect"}  # the category has no effect
    assert (found["conditions"], found["seeds"], found["items"]) == (15, 5, 60)
    assert found["ruled-out"] == "none"  # no made model avoids a name


def test_the_effect_of_forced_facts_is_split_by_whether_dates_decide(interventions):
    page = shown(interventions)
    assert "<td>in both</td>" in page
    for column in ("no date needed (29)", "dates decide (31)", "their difference (60)"):
        assert column in page


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
    assert found["sizes"] == "640, 1280, 2560"
    assert found["steps"] == "640"
    assert "significantly below zero" in found["wrong-facts"]
    assert found["longest"] == "simulated-r1 (300 tokens)"


def test_the_effect_of_the_dose_is_split_by_whether_dates_decide(dose):
    found = glued(dose)
    assert found["dose-where"] == "in both"
    for kind in ("no date needed", "dates decide"):
        assert "significantly below zero" in found[f"dose, {kind}"]
    assert "(p < 0.001)" in found["dose-alone"]
    assert "no date needed (29)" in shown(dose)


def test_length_alone_is_found(dose):
    """Fillers of 45, 80 and 150 tokens cost 0, 10 and 30 points."""
    found = glued(dose)
    assert [found[f"filled-{name}"] for name in ("vanilla", "filler-25", "filler-50", "filler")] == [
        "8", "45", "80", "150",
    ]  # fmt: skip
    assert "significantly below zero" in found["filler-slope"]
    per_hundred = float(found["filler-slope"].split(" [")[0])
    assert per_hundred == pytest.approx(-29, abs=12)
    assert "not significant" in found["shortest-filler"]


@pytest.mark.parametrize("name", ["interventions", "dose"])
def test_a_chapter_says_where_its_numbers_come_from_and_shows_other_grids(name, request):
    notebook = request.getfixturevalue(name)
    assert glued(notebook)["origin"].startswith(
        "120 runs, 1.5 hours of computing (120 written on 2001-02-03, "
    )
    page = shown(notebook)
    assert "tracelib grid grid" in page
    assert "<td>big</td>" in page
    assert "of-real-problems" not in page
    assert "48 runs, 1.5 hours of computing (48 written on 2001-02-03, " in page
    assert "nan" not in page.lower().replace("ñan", "")
    for output in outputs(notebook):
        assert output.output_type not in ("error", "stream"), output


def test_without_tables_the_command_is_named(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid"):
        executed("dose", tmp_path, tables=str(tmp_path / "none"))
