"""The steps that are right under each condition, as the conditions are defined."""

import pytest

from tests.book.facts.made import TIMED
from tracelib.book.facts import conditions
from tracelib.traces.conditions import CONDITIONS, TAUGHT


@pytest.fixture(scope="module")
def found():
    return conditions.facts()


def test_shares_are_of_steps_that_are_there():
    assert conditions._percent([True, None, False, True, True]) == "75"
    assert conditions._percent([None, None]) == "–"


def test_steps_of_a_made_problem():
    """Vanilla has no trace; in the corners, each step is wrong by turns."""
    made = {"cotempqa": TIMED}
    expected = {"vanilla": ("–", "–"), "correct": ("100", "100"), "wrong-category": ("0", "100")}
    expected |= {"wrong-facts": ("100", "0"), "both-wrong": ("0", "0")}
    for condition, shares in expected.items():
        row = conditions._row(condition, made)
        assert (row["cotempqa: category"], row["cotempqa: facts"]) == shares, condition


def test_every_condition_has_a_row_and_every_twin_three_columns(found):
    assert found.rates["condition"].tolist() == list(CONDITIONS)
    assert len(found.rates.columns) == 1 + 3 * 3
    correct = found.rates.set_index("condition").loc["correct"]
    assert correct[["marco: category", "marco: facts"]].tolist() == ["100", "100"]


def test_the_form_of_targets_on_a_teachers_texts(found):
    forms = found.taught.set_index("condition")["form of the target"]
    assert list(forms.index) == list(TAUGHT)
    assert forms["teacher"] == "<think>TRACE</think> <answer>ANSWER</answer>"
    assert forms["teacher-answer"] == "ANSWER"
    assert forms["teacher-swapped"] == "<think>THE TRACE OF ANOTHER PROBLEM</think> <answer>ANSWER</answer>"


def test_the_problems_shown_are_of_their_pools(found):
    for name, problem in found.problems.items():
        assert problem in found.pools[name]
        assert len(problem.facts) > 4
        assert len(problem.supporting) in (1, 2)


def test_every_number_is_a_count_but_the_shares(found):
    assert {name: type(value) for name, value in found.numbers.items()} == {
        "all-right": str, "others-right": str, "conditions": int, "taught": int, "shown": int, "pool": int,
    }  # fmt: skip
    assert (found.numbers["shown"], found.numbers["pool"]) == (6, 200)
    assert int(found.numbers["others-right"]) > int(found.numbers["all-right"])
