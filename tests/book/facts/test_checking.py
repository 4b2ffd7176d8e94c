"""Worked examples by hand, and the checker beside human readings."""

import pytest

from tests.book.facts.made import STORIES
from tracelib.book.facts import checking
from tracelib.paper import annotations


@pytest.fixture(scope="module")
def found(made_work):
    return checking.facts(made_work)


def test_each_trace_misses_in_one_way(problem):
    """With two gold facts; citing also the event of the question is valid, but not exact."""
    table = checking.worked(problem).set_index("trace")
    step = {name: (row["step 1: category"], row["step 2: retrieval"]) for name, row in table.iterrows()}
    assert step == {
        "gold steps": ("right", "right"),
        "wrong category": ("wrong", "right"),
        "one gold fact missing": ("right", "wrong"),
        "one fact too many": ("right", "wrong"),
        "with the event of the question": ("right", "wrong"),
        "no trace": ("wrong", "wrong"),
    }
    credit = table[["precision", "recall", "F1"]].T.to_dict("list")
    assert credit["one gold fact missing"] == [1.0, 0.5, 0.67]
    assert credit["one fact too many"] == [0.67, 1.0, 0.8]
    assert table.loc["one fact too many", "facts valid"] == "not valid"
    assert table.loc["with the event of the question", "facts valid"] == "valid"
    assert set(table["answer"]) == {"right"}


def test_a_story_has_no_event_to_cite():
    assert "with the event of the question" not in checking.worked(STORIES[0])["trace"].tolist()


def test_the_problems_shown_have_two_gold_facts(found):
    assert list(found.problems) == list(found.worked) == ["cotempqa", "babi", "marco"]
    assert {len(problem.supporting) for problem in found.problems.values()} == {2}
    assert set(found.worked["marco"]["facts valid"]) == {"no solver"}


def test_made_outputs_are_no_outputs_that_were_read(found):
    """The readings are of released outputs. None of these has a verdict here, so none can differ."""
    assert found.numbers["read"] == len(annotations.load())
    assert (found.numbers["differ"], found.numbers["milder"]) == (0, 0)
    assert set(found.agreement["n"]) == {0}
    assert set(found.tuned["condition"]) == {"correct", "incorrect"}


def test_every_number_is_a_count_but_what_they_rest_on(found):
    assert {name: type(value) for name, value in found.numbers.items()} == {
        "rests-on": str, "read": int, "differ": int, "milder": int,
    }  # fmt: skip
