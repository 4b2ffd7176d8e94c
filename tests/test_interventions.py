"""Interventions: what is forced, by hand; and the probes on models whose dependence is known."""

import pytest

from tracelib import conditions
from tracelib.files import InputError
from tracelib.interventions import GIVEN, INTERVENTIONS, OWN, forced, intervene, read_off
from tracelib.solvers.cotempqa import solve
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
    assert start(problem, "empty") == "<think></think> <answer>"
    own = f"<think>{CATEGORY}equal.\n{FACTS}['{OTHER}']</think> <answer>['Epsilon']</answer>"
    assert start(problem, "own", own) == own.partition("['Epsilon']")[0]
    assert start(problem, "own, category only", own) == f"<think>{CATEGORY}equal.</think> <answer>"
    assert (
        start(problem, "own with gold facts", own)
        == f"<think>{CATEGORY}equal.\n{FACTS}{gold}</think> <answer>"
    )
    category = parse(start(problem, "own with wrong category", own)).category
    assert category in {"overlap", "during", "mix"}
    cited = parse(start(problem, "own with wrong facts", own)).quotes
    assert set(cited) == set(problem.facts) - set(problem.supporting_facts)


def test_an_own_trace_without_its_steps_cannot_be_edited(problem):
    assert [start(problem, name, "nothing to read") for name in OWN] == [None] * len(OWN)


def test_what_a_forced_trace_gives(problem):
    assert read_off(problem, start(problem, "gold")) == ("Gamma", "Delta")
    assert read_off(problem, f"<think>{CATEGORY}mix.\n{FACTS}['{OTHER}']</think> <answer>") == ("Epsilon",)
    assert read_off(problem, start(problem, "empty")) == ()
    assert read_off(problem, f"<think>{CATEGORY}mix.\n{FACTS}['not a fact']</think> <answer>") == ()


def reader(problems, starts):
    """Depends on the trace alone: its answer is what the forced facts give."""
    return [f"{listed(read_off(p, s))}</answer>" for p, s in zip(problems, starts, strict=True)]


def ignorer(problems, starts):
    """Depends on the problem alone: it solves it."""
    return [f"{listed(solve(problem).answers)}</answer>" for problem in problems]


def table(problems, answering):
    own = [conditions.target(problem, "incorrect", 5, problems) for problem in problems]
    return intervene(problems, "correct", 1, problems, own, answering)


def test_a_model_that_reads_its_trace_follows_wherever_it_is_led(problems):
    found = table(problems, reader)
    led = found[found["follows"].notna()]
    assert led["follows"].all()
    accuracy = found.groupby("intervention")["answer_correct"].mean()
    assert accuracy["gold"] == accuracy["own with gold facts"] == accuracy["wrong category"] == 1
    astray = found["leads_astray"].fillna(True)
    assert not found.loc[astray, "answer_correct"].any()
    assert accuracy["wrong facts"] < 0.1
    assert accuracy["empty"] == 0


def test_a_model_that_ignores_its_trace_is_right_whatever_is_forced(problems):
    found = table(problems, ignorer)
    assert found["answer_correct"].all()
    assert set(found["intervention"]) == set(INTERVENTIONS)
    assert not found.loc[found["leads_astray"].fillna(False), "follows"].any()
    assert len(found) == len(INTERVENTIONS) * len(problems)


def test_another_problems_trace_needs_a_pool(problems):
    with pytest.raises(InputError, match="a second problem"):
        forced(problems[0], "another problem's", 1, problems[:1])
    assert forced(problems[0], "another problem's", 1, problems) != start(problems[0], "gold")


def test_a_model_without_traces_is_refused(problems):
    with pytest.raises(InputError, match="'vanilla' writes no trace"):
        intervene(problems, "vanilla", 1, problems, [""] * len(problems), reader)
    with pytest.raises(
        InputError, match="unknown intervention 'magic', expected one of gold, wrong category"
    ):
        start(problems[0], "magic")
    assert set(GIVEN.values()) <= set(conditions.CONDITIONS)
