"""The results chapter, executed as the graph does, on runs with known effects (`fabricated.RIGHT`)."""

import re

import pandas as pd
import pytest

from tests import fabricated
from tests.chapters import executed, glued, names, outputs, shown
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return executed("tiny-results", folder, run_names=fabricated.write_runs(folder / "runs"))


def test_the_effects_that_were_put_in_are_found_and_no_others(results):
    found = glued(results)
    assert names(found["significant"]) == {
        "cotempqa-twin, vanilla − incorrect",
        "cotempqa-twin, correct − incorrect",
        "marco-twin, vanilla − correct",
        "marco-twin, correct − incorrect",
    }
    assert "cotempqa-twin, correct − incorrect (+40.0 points)" in found["significant"]
    assert (found["n-significant"], found["family"]) == (4, 9)


def test_equivalence_is_shown_only_where_it_was_put_in(results):
    found = glued(results)
    assert found["equivalent"] == "babi-twin (+0.0 points)"
    assert (found["n-alike"], found["margin"]) == (3, "5")


def test_the_plans_criterion_is_judged_by_setting(results):
    inside = dict(entry.split(": ", 1) for entry in glued(results)["criterion"].split("; "))
    assert inside == {
        "cotempqa-twin": "holds on average (in seeds: vanilla 5 of 5, correct 5 of 5)",
        "babi-twin": "holds on average (in seeds: vanilla 5 of 5, correct 5 of 5)",
        "marco-twin": "does not hold on average (in seeds: vanilla 5 of 5, correct 0 of 5)",
    }


def test_what_a_rule_without_dates_reaches_is_compared(results):
    """The better rule gets 49 % of the laptop's test problems right; 77 % is above it, 37 % is not."""
    assert glued(results)["above-rules"] == "cotempqa-twin, vanilla; cotempqa-twin, correct"


def test_contrasts_are_split_by_whether_dates_decide(results):
    """The same 24 of 60 problems differ in every run, and both kinds are among them."""
    where = dict(entry.rsplit(": ", 1) for entry in glued(results)["where"].split("; "))
    assert where == {
        "cotempqa-twin, vanilla − correct": "in neither",
        "cotempqa-twin, vanilla − incorrect": "in both",
        "cotempqa-twin, correct − incorrect": "in both",
    }
    page = shown(results)
    for column in (
        "all problems (60)",
        "no date needed (29)",
        "dates decide (31)",
        "on these problems alone",
    ):
        assert column in page


def test_intervals_over_problems_too_are_shown_to_cover(results):
    share = {
        name: float(glued(results)[f"holds-{name}"].split(" ")[0]) for name in ("crossed", "t-over-seeds")
    }
    assert 94 < share["crossed"] < 98
    assert share["t-over-seeds"] < 90


def test_every_look_at_results_says_what_changed(results):
    looks = pd.read_csv(ROOT / "docs" / "looks.csv")
    assert looks.columns.tolist() == ["date", "commit", "seen", "changed", "before", "after"]
    assert not looks.isna().any(axis=None)
    assert looks["date"].is_monotonic_increasing
    plan = (ROOT / "docs" / "analysis-plan.md").read_text()
    changes = plan.split("**2026-11-25, test problems**")[1]
    assert set(re.findall(r"- \*\*(\d{4}-\d\d-\d\d)", changes)) <= set(looks["date"])
    page = shown(results)
    for change in looks["changed"].str.split(";").str[0]:
        assert change in page


def test_conditions_without_right_traces_have_no_association(results):
    assert set(glued(results)["one-kind"].split("; ")) == {
        f"{setting}, incorrect" for setting in ("cotempqa-twin", "babi-twin", "marco-twin")
    }


def test_the_pattern_beside_the_papers_models(results):
    """The paper's CoTempQA runs show vanilla above both others for one of three models, and nothing else."""
    counted = dict(entry.split(": ") for entry in glued(results)["patterns"].split("; "))
    assert counted["same direction"] == "1"
    assert counted["shown here only"] == "5"
    assert "opposite directions" not in counted


def test_runs_are_counted_and_nothing_fails(results):
    found = glued(results)
    assert (found["runs"], found["seeds"], found["weights"]) == (45, 5, "tiny-base: 2.0")
    assert found["minutes"] == "48.0"
    for output in outputs(results):
        assert output.output_type not in ("error", "stream"), output
