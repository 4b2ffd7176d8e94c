"""The results chapter, executed as the graph does, on runs with effects put in (`fabricated.RIGHT`)."""

import pytest

from tests import fabricated
from tests.chapters import executed, glued, names, outputs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return executed("results", folder, run_names=fabricated.write_runs(folder / "runs"))


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
    """The better rule gets 49 % of the laptop's test problems; 60 % is above it, 20 % is not."""
    assert glued(results)["above-rules"] == "cotempqa-twin, vanilla; cotempqa-twin, correct"


def test_conditions_without_right_traces_have_no_association(results):
    assert set(glued(results)["one-kind"].split("; ")) == {
        f"{setting}, incorrect" for setting in ("cotempqa-twin", "babi-twin", "marco-twin")
    }


def test_the_pattern_beside_the_papers_models(results):
    """Its CoTempQA runs show vanilla above both others for one model of three, and nothing else."""
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
