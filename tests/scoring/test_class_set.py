"""The cards of a class set: the verifier's verdicts are the design, for every set."""

from collections import Counter

import pytest

from tracelib.datasets import cited
from tracelib.datasets.cotempqa.solver import solve
from tracelib.scoring.class_set import DESIGN, RIGHT, SIZE, STEPS, cards

# (step 1, step 2, answer) -> how many of ten cards.
EXPECTED = {
    (True, True, True): 3,
    (True, True, False): 1,
    (False, True, True): 1,
    (True, False, True): 2,
    (True, False, False): 2,
    (False, False, False): 1,
}


@pytest.mark.parametrize("number", [0, 1, 7, 999_999_999])
def test_a_set_has_the_verdicts_of_its_design(number):
    found = cards(number)
    assert [card.number for card in found] == list(range(1, SIZE + 1))
    assert Counter(tuple(card.right[step] for step in STEPS) for card in found) == EXPECTED
    assert Counter(card.lesson for card in found) == Counter(design.lesson for design in DESIGN)
    assert {card.problem.category for card in found} == {"equal", "during", "overlap", "mix"}
    assert len({card.problem.id for card in found}) == SIZE


def test_the_lessons_are_true():
    for card in cards(0):
        given = cited.answers(card.problem, card.trace.quotes)
        event = {card.problem.facts[place] for place in solve(card.problem).anchor}
        follows = set(card.trace.entries) == set(given)
        has_event = bool(event & set(card.trace.quotes))
        assert has_event == ("event" in card.lesson)
        if has_event:
            continue
        assert follows == (
            card.lesson == RIGHT or "follows the trace" in card.lesson or "still" in card.lesson
        )


def test_the_same_number_gives_the_same_cards():
    assert cards(3) == cards(3)
    assert cards(3) != cards(4)


def test_only_the_dates_decide():
    """All facts but the question's event state what the question asks for."""
    for card in cards(0):
        event = solve(card.problem).anchor
        others = [fact for place, fact in enumerate(card.problem.facts) if place not in event]
        assert len(cited.answers(card.problem, others)) == len(others) == 5
