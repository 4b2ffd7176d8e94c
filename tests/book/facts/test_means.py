"""The facts of the chapter on the stated means."""

from pathlib import Path

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import means


@pytest.fixture(scope="module")
def found():
    return means.facts(Path("unused"))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("means")
    counts = {
        "people", "groups", "designs", "clear", "clear-ends", "clear-guaranteed", "needed-different",
        "needed-same", "impossible", "means", "smallest", "averaged",
    }  # fmt: skip
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_designs_are_counted_by_what_each_method_says(found):
    """Hoeffding's bound does not reach with 25 people, different or the same."""
    numbers = found.numbers
    assert (numbers["designs"], numbers["clear"], numbers["clear-ends"]) == (4, 4, 4)
    assert numbers["clear-guaranteed"] == 2
    assert (numbers["gap"], numbers["least-gap"]) == ("1.47", "1.46")
    assert (numbers["needed-different"], numbers["needed-same"]) == (28, 55)


def test_the_exact_p_at_the_edge_is_below_the_level_and_the_next_one_is_not(found):
    """25 people who rated both kinds 1 or 5: 10 widths of difference in all, or 9."""
    assert found.numbers["p-ends"] == "0.0498"
    assert found.numbers["p-ends-below"] == "0.108"


def test_averages_of_answers_leave_the_order_open(found):
    """All decomposed traces at their mean, and R1's either just above it or at 1: delta below zero."""
    numbers = found.numbers
    assert (numbers["delta-low"], numbers["delta-high"]) == ("0.31", "0.95")
    assert float(numbers["delta-low-averaged"]) < 0 < float(numbers["delta-high-averaged"])


def test_the_extremes_are_those_of_the_table(found):
    widest = found.differences[found.differences["method"].str.startswith("widest")]
    assert found.numbers["low-widest"] == f"{widest['low'].min():.2f}" == "0.53"
    assert found.numbers["high-widest"] == f"{widest['high'].max():.2f}"
    assert found.numbers["load-100"] == "4.59 [4.34, 4.84]"
    assert (found.numbers["impossible"], found.numbers["means"]) == (3, 3)
    assert found.numbers["smallest"] in found.possible["sizes"].iloc[0]
