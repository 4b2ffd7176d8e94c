from dataclasses import replace

import pytest

from tracelib.core.pylist import listed
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution
from tracelib.scoring.verify import Validity, cited_facts, validity, verify
from tracelib.traces.format import parse, render


def verdict(problem, category, facts):
    return verify(problem, parse(render(problem, category, facts)))


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
    assert verify(nothing_to_cite, parse(render(problem, "mix", "[]"))).retrieval


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


def test_partial_credit_worked_by_hand(problem):
    found = verdict(problem, "mix", listed((problem.facts[0], problem.facts[1], problem.facts[3])))
    assert (found.credit.precision, found.credit.recall) == (1 / 3, 1 / 2)
    assert found.credit.f1 == pytest.approx(0.4)
    assert not found.credit.exact
    assert verdict(problem, "mix", "[]").credit.f1 == 0


SOLVED = Solution(answers=("Gamma", "Delta"), supporting=(1, 2), categories=("mix",), anchor=(0,))


@pytest.mark.parametrize(
    ("category", "cited", "expected"),
    [
        ("mix", (1, 2), (True, True)),
        ("mix", (0, 1, 2), (True, True)),  # the event of the question may be stated
        ("equal", (1, 2), (False, True)),
        ("mix", (1,), (True, False)),
        ("mix", (1, 2, 3), (True, False)),
    ],
)
def test_validity_by_the_solver(problem, category, cited, expected):
    trace = parse(render(problem, category, listed(tuple(problem.facts[i] for i in cited))))
    assert validity(problem, SOLVED, trace) == Validity(*expected)


def test_validity_where_several_labels_and_sets_of_facts_fit(problem):
    several = Solution(("Gamma",), (1, 2), ("mix", "equal"), alternatives=((3,), (2,)))
    for category, cited, expected in (
        ("mix", (1, 2), (True, True)),
        ("equal", (3,), (True, True)),
        ("during", (2,), (False, True)),
        ("mix", (1,), (True, False)),
        ("mix", (2, 3), (True, False)),
    ):
        trace = parse(render(problem, category, listed(tuple(problem.facts[i] for i in cited))))
        assert validity(problem, several, trace) == Validity(*expected)


def test_a_label_of_ones_own_is_not_judged_by_the_solver(problem):
    own = replace(problem, category="employment")
    trace = parse(render(own, "employment", listed(own.supporting_facts)))
    assert validity(own, SOLVED, trace) == Validity(None, True)


def test_without_a_solution_validity_is_unknown(problem):
    trace = parse(render(problem, "mix", listed(problem.supporting_facts)))
    assert validity(problem, Solution(failure="no solver"), trace) == Validity(None, None)
    assert validity(problem, SOLVED, parse("['Gamma']")) == Validity(False, False)


QUOTED = "Ada Quill holds the position of Queen's vice-député from May, 1990 to June, 1995."


@pytest.mark.parametrize(
    ("written", "right"),
    [
        (QUOTED, True),
        (QUOTED.upper(), True),
        (QUOTED.replace("é", "e\u0301"), True),
        (QUOTED.replace("'", "\u2019"), True),
        (QUOTED.replace("-", "\u2011"), True),
        (QUOTED.replace(" of ", "\u00a0of  "), True),
        (QUOTED.replace(" from ", "\nfrom "), True),
        (f"**{QUOTED}**", True),
        (f"[{QUOTED!r}]", True),
        (QUOTED.removesuffix("."), False),  # verbatim, as in the release
        (QUOTED.replace("é", "e"), False),
    ],
)
def test_how_a_fact_is_typed_makes_no_difference(written, right):
    problem = Problem("p", "cotempqa", "Who?", (QUOTED, "Ben slept."), ("x",), (0,), "equal")
    text = f"the following facts to answer the question: {written}"
    assert verify(problem, parse(text)).retrieval == right


def test_a_fact_within_a_longer_word_is_not_cited():
    facts = ("Ada is in room 1", "Ada is in room 12", "Ben slept.")
    text = "the following text to answer the question: Ada is in room 12"
    right = Problem("p", "mine", "Where?", facts, ("x",), (1,), "a kind")
    assert verify(right, parse(text)).retrieval
    without = replace(right, facts=(facts[0], facts[2]), supporting=(0,))
    assert not verify(without, parse(text)).retrieval
