"""Interventions: what is forced, by hand. On models whose dependence is known: tests/test_probes.py."""

import pytest

from tracelib import conditions
from tracelib.files import InputError
from tracelib.interventions import GIVEN, OWN, forced, intervene, read_off
from tracelib.probes import reader
from tracelib.traces import CATEGORY_SENTENCE, FACTS_SENTENCE, listed, parse
from tracelib.twins import cotempqa

CATEGORY, FACTS = CATEGORY_SENTENCE["cotempqa"], FACTS_SENTENCE["cotempqa"]
OTHER = "Ada works for Epsilon from 1980 to 1990."


@pytest.fixture(scope="module")
def problems():
    return cotempqa.generate(60, seed=3)


def start(problem, intervention, own=""):
    return forced(problem, intervention, 1, [], own)


def test_what_is_forced_by_hand(problem):
    gold = listed(problem.supporting_facts)
    assert start(problem, "gold") == f"<think>{CATEGORY}mix.\n{FACTS}{gold}</think> <answer>"
    assert start(problem, "gold, category only") == f"<think>{CATEGORY}mix.</think> <answer>"
    assert start(problem, "empty") == "<think></think> <answer>"
    own = f"<think>{CATEGORY}equal.\n{FACTS}['{OTHER}']</think> <answer>['Epsilon']</answer>"
    assert start(problem, "own", own) == own.partition("['Epsilon']")[0]
    assert start(problem, "own, category only", own) == f"<think>{CATEGORY}equal.</think> <answer>"
    assert (
        start(problem, "own with gold facts", own)
        == f"<think>{CATEGORY}equal.\n{FACTS}{gold}</think> <answer>"
    )
    cited = f"{FACTS}['{OTHER}']</think> <answer>"
    assert start(problem, "own with gold category", own) == f"<think>{CATEGORY}mix.\n{cited}"
    category = parse(start(problem, "own with wrong category", own)).category
    assert category in {"overlap", "during"}  # neither its own, equal, nor the right one, mix
    cited = parse(start(problem, "own with wrong facts", own)).quotes
    assert set(cited) == set(problem.facts) - set(problem.supporting_facts)


def test_an_edit_that_would_change_nothing_is_none(problem):
    right = start(problem, "gold")
    assert start(problem, "own", right) == right
    assert start(problem, "own with gold facts", right) is None
    assert start(problem, "own with gold category", right) is None
    wrong = start(problem, "own with wrong facts", right)
    assert start(problem, "own with wrong facts", wrong) is None
    assert start(problem, "own with gold facts", wrong) == right


def test_an_own_trace_without_its_steps_cannot_be_edited(problem):
    assert [start(problem, name, "nothing to read") for name in OWN] == [None] * len(OWN)


def test_what_a_forced_trace_gives(problem):
    assert read_off(problem, start(problem, "gold")) == ("Gamma", "Delta")
    assert read_off(problem, f"<think>{CATEGORY}mix.\n{FACTS}['{OTHER}']</think> <answer>") == ("Epsilon",)
    assert read_off(problem, start(problem, "empty")) == ()
    assert read_off(problem, f"<think>{CATEGORY}mix.\n{FACTS}['not a fact']</think> <answer>") == ()


def test_another_problems_trace_needs_a_pool(problems):
    with pytest.raises(InputError, match="a second problem"):
        forced(problems[0], "another problem's", 1, problems[:1])
    assert forced(problems[0], "another problem's", 1, problems) != start(problems[0], "gold")


@pytest.mark.parametrize("condition", conditions.UNFORCED)
def test_a_model_without_a_trace_before_its_answer_is_refused(problems, condition):
    with pytest.raises(InputError, match=f"'{condition}' writes no trace before its answer"):
        intervene(problems, condition, 1, problems, [""] * len(problems), reader)


def test_an_unknown_intervention_is_named(problems):
    with pytest.raises(
        InputError, match="unknown intervention 'magic', expected one of gold, wrong category"
    ):
        start(problems[0], "magic")
    assert set(GIVEN.values()) <= set(conditions.CONDITIONS)
