"""The appendix on the grid's tables, executed as the graph does, on tables with known effects."""

import re

import pandas as pd
import pytest

from tests import fabricated
from tests.chapters import executed, glued, names, outputs, shown
from tests.conftest import ROOT
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
def appendix(tables, tmp_path_factory):
    return executed("tiny-grid", tmp_path_factory.mktemp("executed"), tables=str(tables))


def test_who_reads_its_trace_is_found_and_no_other(appendix):
    found = glued(appendix)
    assert {"correct", "dose-10", "wrong-category", "simulated-r1"} <= names(found["facts-above"])
    assert not names(found["facts-above"]) & set(fabricated.IGNORE)
    assert found["facts-below"] == "none"
    not_set = {"filler-25", "filler-50"}  # no trace was set for these
    assert names(found["facts-open"]) >= set(fabricated.IGNORE) - not_set
    assert (found["seeds"], found["items"], found["set-items"]) == (5, 60, 60)
    assert found["ruled-out"] == "none"  # no made model avoids a name


def test_the_effect_of_the_dose_is_found(appendix):
    found = glued(appendix)
    estimate = float(found["dose-slope"].split(" [")[0])
    assert estimate == pytest.approx(-100 * fabricated.FALL, abs=9)  # three standard errors
    assert "significantly below zero" in found["dose-slope"]
    assert {"incorrect", "both-wrong"} <= names(found["correct-below"])
    assert "simulated-r1" in names(found["correct-open"])
    sides = [names(found[f"correct-{side}"]) for side in ("above", "below", "open")]
    assert sum(map(len, sides)) == 14 == found["family"] / 2


def test_effects_are_split_by_whether_dates_decide(appendix):
    found = glued(appendix)
    assert found["dose-where"] == "in both"
    for kind in ("no date needed", "dates decide"):
        assert "significantly below zero" in found[f"dose, {kind}"]
    assert "(p < 0.001)" in found["dose-alone"]
    page = shown(appendix)
    assert "<td>in both</td>" in page
    for column in ("no date needed (29)", "dates decide (31)", "their difference (60)"):
        assert column in page


def test_intervals_over_problems_too_are_shown_to_cover(appendix):
    share = {
        name: float(glued(appendix)[f"holds-{name}"].split(" ")[0]) for name in ("crossed", "t-over-seeds")
    }
    assert 94 < share["crossed"] < 98
    assert share["t-over-seeds"] < 90


def test_every_look_at_results_says_what_changed(appendix):
    looks = pd.read_csv(ROOT / "docs" / "looks.csv")
    assert looks.columns.tolist() == ["date", "commit", "seen", "changed", "before", "after"]
    assert not looks.isna().any(axis=None)
    assert looks["date"].is_monotonic_increasing
    plan = (ROOT / "docs" / "analysis-plan.md").read_text()
    changes = plan.split("**2026-11-25, test problems**")[1]
    assert set(re.findall(r"- \*\*(\d{4}-\d\d-\d\d)", changes)) <= set(looks["date"])
    page = shown(appendix)
    for change in looks["changed"].str.split(";").str[0]:
        assert change in page


def test_the_appendix_says_where_its_numbers_come_from_and_shows_other_grids(appendix):
    assert glued(appendix)["origin"].startswith(
        "120 runs, 1.5 hours of computing (120 written on 2001-02-03, "
    )
    page = shown(appendix)
    assert "tracelib grid grid" in page
    assert "<td>big</td>" in page
    assert "of-real-problems" not in page
    assert "48 runs, 1.5 hours of computing (48 written on 2001-02-03, " in page
    assert "nan" not in page.lower().replace("ñan", "")
    for output in outputs(appendix):
        assert output.output_type not in ("error", "stream"), output


def test_without_tables_the_command_is_named(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid"):
        executed("tiny-grid", tmp_path, tables=str(tmp_path / "none"))
