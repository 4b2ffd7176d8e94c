from dataclasses import replace

import pytest

from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.problem import Problem
from tracelib.datasets.solution import Solution

STORY = Problem("s", "babi", "What is Ada carrying?", ("a", "b", "c"), ("pen,cup",), (0, 1), "lists-sets")


@pytest.mark.parametrize(
    ("gold", "derived", "same"),
    [
        (("pen,cup",), "cup,pen", True),
        ((" Pen , cup",), "cup,pen", True),
        (("pen", "cup"), "cup,pen", True),  # a list that is written as a list
        (("hall", "yard"), "yard", True),  # any of several answers
        (("hall", "yard"), "attic", False),
        (("pen,pen",), "pen", False),
        (("pencup",), "pen,cup", False),
        (("pen",), "pen,cup", False),
    ],
)
def test_babis_lists_are_compared_entry_by_entry(gold, derived, same):
    assert same_answers(replace(STORY, gold=gold), Solution((derived,), categories=("lists-sets",))) is same


@pytest.mark.parametrize(("gold", "same"), [("n, e", True), ("N,E", True), ("e,n", False), ("ne", False)])
def test_a_way_is_compared_in_order(gold, same):
    found = Solution(("n,e",), categories=("path-finding",))
    assert same_answers(replace(STORY, gold=(gold,), category="path-finding"), found) is same


def test_other_datasets_answers_are_a_set_and_keep_their_commas(problem):
    assert same_answers(problem, Solution(("delta", "Gamma")))
    assert not same_answers(problem, Solution(("Gamma",)))
    assert not same_answers(replace(problem, gold=("Delta, Inc.",)), Solution(("Inc.", "Delta")))


def test_a_label_fits_if_it_is_one_of_those_that_fit():
    several = Solution(("x",), categories=("counting", "lists-sets"))
    assert label_fits(STORY, several) is True
    assert label_fits(replace(STORY, category="Counting"), several) is True
    assert label_fits(replace(STORY, category="conjunction"), several) is False
    assert label_fits(STORY, Solution()) is None
    assert label_fits(replace(STORY, category="my own"), several) is None
    assert label_fits(replace(STORY, dataset="mine"), several) is None


def test_facts_agree_with_any_accepted_set():
    several = Solution(("x",), (0, 1), alternatives=((2,),))
    assert same_facts(STORY, several)
    assert same_facts(replace(STORY, supporting=(2,)), several)
    assert not same_facts(replace(STORY, supporting=(1,)), several)
    assert not same_facts(replace(STORY, supporting=(0, 1, 2)), several)
