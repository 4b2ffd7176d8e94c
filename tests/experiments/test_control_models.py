"""The interventions tell apart the two models whose dependence on the trace is known."""

import pytest

from tracelib.analysis import effects
from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.experiments import control_models
from tracelib.experiments.interventions import INTERVENTIONS

READS, IGNORES = control_models.PROBES


@pytest.fixture(scope="module")
def found():
    return control_models.run(cotempqa.generate(60, seed=3), seeds=(1, 2, 3))


def of(found, probe):
    return found[found["condition"] == probe]


def test_a_model_that_reads_its_trace_follows_wherever_it_is_led(found):
    rows = of(found, READS)
    assert rows.loc[rows["follows"].notna(), "follows"].all()
    accuracy = rows.groupby("intervention")["answer_correct"].mean()
    assert accuracy["gold"] == accuracy["own with gold facts"] == accuracy["wrong category"] == 1
    assert not rows.loc[rows["leads_astray"].fillna(True), "answer_correct"].any()
    assert accuracy["wrong facts"] < 0.1
    assert accuracy["empty"] == accuracy["renamed"] == 0


def test_a_model_that_ignores_its_trace_is_right_whatever_is_forced(found):
    rows = of(found, IGNORES)
    assert rows["answer_correct"].all()
    made = set(INTERVENTIONS) - {"other answer"}  # bAbI only
    assert set(rows["intervention"]) == made
    assert not rows.loc[rows["leads_astray"].fillna(False), "follows"].any()
    assert len(rows) == 3 * 60 * len(made)


def test_the_analysis_of_the_chapter_tells_them_apart(found):
    facts = effects.effect(found).set_index("condition")["estimate"]
    assert facts[READS] > 0.9
    assert facts[IGNORES] == 0
    category = effects.effect(found, second="wrong category")["estimate"]
    assert category.tolist() == [0, 0]
    astray = effects.led_astray(found).set_index(["condition", "intervention"])["follows"]
    assert astray[READS, "wrong facts"] == 1
    assert astray[IGNORES, "wrong facts"] == 0
