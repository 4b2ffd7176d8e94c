"""What the explorer says of one output, worked by hand on the fixture's problem."""

from dataclasses import replace
from itertools import pairwise

import pytest

from tracelib.book.explorer.explained import LONGEST_ANSWER, explain
from tracelib.datasets.problem import Problem
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output

CATEGORY = "The temporal relation between the event in question and the event in context is: "
FACTS = "I need to use the following facts to answer the question: "


def said(problem: Problem, text: str):
    return explain(Output(problem, text))


def verdicts(explained) -> list[str]:
    return [step.verdict for step in explained.steps]


def test_a_right_trace_is_marked_piece_by_piece(problem):
    gamma, delta = problem.supporting_facts
    text = f"<think>{CATEGORY}mix.\n{FACTS}['{gamma}', '{delta}']</think> <answer>['Gamma', 'Delta']</answer>"
    explained = said(problem, text)
    assert verdicts(explained) == ["right", "right", "right"]
    assert explained.cited == (1, 2)
    assert [piece for piece in explained.pieces if piece[1]] == [
        ("mix", "category right"),
        (gamma, "fact right"),
        (delta, "fact right"),
        ("['Gamma', 'Delta']", "answer right"),
    ]
    assert "".join(piece for piece, _ in explained.pieces) == text
    assert explained.steps[0].why == "It is the problem's category."
    assert explained.steps[1].said == "facts 2, 3"
    assert explained.steps[1].why == "These are exactly the gold facts."
    assert explained.steps[2].name == "Answer, corrected"
    assert explained.steps[2].why == (
        "The answer was found in answer tags. It lists exactly the gold answers: Gamma, Delta. "
        "By metric – corrected: right; strict: right; official: right."
    )


def test_a_wrong_trace_is_told_what_is_too_much_and_what_is_missing(problem):
    epsilon, gamma = problem.facts[3], problem.facts[1]
    text = f"{CATEGORY}equal.\n{FACTS}['{epsilon.upper()}', '{gamma}'] Answer: Epsilon"
    explained = said(problem, text)
    assert verdicts(explained) == ["wrong", "wrong", "wrong"]
    assert explained.cited == (1, 3)
    assert (epsilon.upper(), "fact wrong") in explained.pieces
    assert explained.steps[0].why.startswith("The problem's category is “mix”.")
    assert explained.steps[1].why.startswith("Not gold: fact 4. Gold, but not cited: fact 3.")
    assert "Gold: Gamma, Delta; not in its list: Gamma, Delta." in explained.steps[2].why


def test_an_answer_that_lists_more_than_the_gold_is_told_so(problem):
    explained = said(problem, "<answer>['Gamma', 'Delta', 'Epsilon']</answer>")
    assert explained.steps[2].verdict == "wrong"
    assert "Gold: Gamma, Delta; its list has more than these." in explained.steps[2].why


def test_the_solver_may_disagree_with_the_gold(problem):
    """The gold of this copy wrongly lacks Delta, whose fact overlaps the asked span as well."""
    poorer = replace(problem, gold=("Gamma",), supporting=(1,))
    explained = said(poorer, f"{FACTS}['{problem.facts[1]}', '{problem.facts[2]}'] <answer>Gamma</answer>")
    assert (
        explained.steps[1].why
        == "Not gold: fact 3. By the solver, the answer follows from them all the same."
    )


def test_steps_that_are_not_there_are_absent_and_not_wrong(problem):
    explained = said(problem, "Gamma")
    assert verdicts(explained) == ["absent", "absent", "wrong"]
    assert explained.pieces == (("Gamma", "answer wrong"),)
    assert "found without any mark" in explained.steps[2].why


def test_an_empty_text_has_no_answer(problem):
    explained = said(problem, "")
    assert explained.pieces == ()
    assert explained.steps[2].why.startswith("No answer was found. ")


def test_facts_that_are_cited_but_not_word_for_word_are_not_cited(problem):
    explained = said(problem, f"{CATEGORY}mix.\n{FACTS}Ada worked for Gamma. <answer>Gamma</answer>")
    assert explained.cited == ()
    assert explained.steps[1].why.startswith("It quotes no fact of the context word for word. Gold, but not")


def test_a_problem_without_gold_steps_is_not_judged(problem):
    unknown = replace(problem, has_steps=False, supporting=())
    assert (
        verdicts(said(unknown, f"{CATEGORY}mix. <answer>['Gamma', 'Delta']</answer>"))[:2]
        == ["not judged"] * 2
    )


def test_where_one_gold_answer_is_enough_they_are_named():
    problem = Problem(
        "p", "babi", "Where is Ada?", ("Ada went to the hall.",), ("hall",), (0,), "single-supporting-fact"
    )
    assert "Gold: hall. By metric – exact: right" in said(problem, "<answer>hall</answer>").steps[2].why


def test_a_long_answer_is_cut_beside_the_text_and_whole_in_it(problem):
    text = "😀" * 5000
    explained = said(problem, text)
    assert "".join(piece for piece, _ in explained.pieces) == text
    assert len(explained.steps[2].said) < LONGEST_ANSWER + 50
    assert "4,700 more characters" in explained.steps[2].said


@pytest.mark.parametrize(
    "text", ["<answer>Gamma</answer> Gamma", f"{FACTS}x", "שלום <answer>['Delta']", "\u202e\0"]
)
def test_the_pieces_are_the_text(problem, text):
    assert "".join(piece for piece, _ in said(problem, text).pieces) == text


def test_the_verdicts_are_those_of_the_outcomes(twins):
    """Right, missing and shuffled traces to made problems: the page and the tables say the same."""
    outputs = []
    for problem, other in pairwise(twins):
        facts = "', '".join(other.facts[:1] + problem.supporting_facts)
        outputs += [
            Output(
                problem, f"{CATEGORY}{other.category}. {FACTS}['{facts}'] <answer>{other.gold[0]}</answer>"
            ),
            Output(problem, f"{CATEGORY}{problem.category}. {FACTS}['{problem.supporting_facts[0]}']"),
        ]
    rows = score(outputs)
    for output, row in zip(outputs, rows.itertuples(), strict=True):
        explained = explain(output)
        right = [step.verdict == "right" for step in explained.steps]
        assert right == [row.category_correct, row.retrieval_correct, row.answer_correct]
