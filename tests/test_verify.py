from dataclasses import replace

import pytest

from tracelib.traces import listed, parse, render
from tracelib.verify import cited_facts, verify


def verdict(problem, category, facts):
    return verify(problem, parse(render("cotempqa", category, facts, "['Gamma', 'Delta']")))


@pytest.mark.parametrize(
    ("category", "cited", "expected"),  # expected: category, retrieval, cited, both
    [
        ("mix", (1, 2), (True, True, 2, 2)),
        ("mix", (2, 1), (True, True, 2, 2)),
        ("mix", (1,), (True, False, 1, 1)),
        ("mix", (0, 1, 2), (True, False, 3, 2)),
        ("equal", (1, 2), (False, True, 2, 2)),
        ("equal", (), (False, False, 0, 0)),
    ],
)
def test_verdicts_worked_by_hand(problem, category, cited, expected):
    found = verdict(problem, category, listed(tuple(problem.facts[i] for i in cited)))
    assert (found.category, found.retrieval, found.cited, found.both) == expected
    assert found.gold == 2
    assert found.trace == (expected[0] and expected[1])


def test_missing_steps_are_wrong(problem):
    for text in ("", "['Gamma', 'Delta']", "<think>I know it.</think> <answer>['Gamma', 'Delta']</answer>"):
        found = verify(problem, parse(text))
        assert not found.category
        assert not found.retrieval
    nothing_to_cite = replace(problem, supporting=())
    assert not verify(nothing_to_cite, parse("['Gamma']")).retrieval
    assert verify(nothing_to_cite, parse(render("cotempqa", "mix", "[]", "[]"))).retrieval


def test_a_fact_outside_the_context_is_not_counted_as_a_context_fact(problem):
    found = verdict(problem, "mix", listed((*problem.supporting_facts, "Ada works for Zeta in 1950.")))
    assert found.retrieval
    assert found.cited == 2


def test_a_fact_inside_a_longer_one_is_not_cited():
    facts = ("Ann works for B in 1990.", "Maria Ann works for B in 1990.")
    assert cited_facts(facts, listed((facts[1],))) == {facts[1].casefold()}
    assert cited_facts(facts, listed(facts)) == {fact.casefold() for fact in facts}


@pytest.mark.parametrize(
    "quoted", ["['Ann's school in 1990.']", "['Ann\\'s school in 1990.']", "ANN'S SCHOOL IN 1990."]
)
def test_quotation_marks_and_case_do_not_hide_a_fact(quoted):
    assert cited_facts(("Ann's school in 1990.",), quoted) == {"ann's school in 1990."}
