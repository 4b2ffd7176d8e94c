"""Separated answers: by hand, and compared with every direction of a small design."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult

from tracelib.stats.regression import gee
from tracelib.stats.separation import overlapping


def design(cells: list[tuple[str, str]]) -> np.ndarray:
    """Design with a column per condition, and one per category except the first.

    A cell is a (condition, category) pair of letters.
    """
    table = pd.DataFrame(cells, columns=["condition", "category"])
    conditions = pd.get_dummies(table["condition"], dtype=float)
    return np.hstack([conditions, pd.get_dummies(table["category"], dtype=float).iloc[:, 1:]])


def answers(cells: dict[tuple[str, str], str]) -> tuple[np.ndarray, np.ndarray]:
    """The design and the right answers, from a digit per answer of each cell."""
    rows = [(cell, digit == "1") for cell, digits in cells.items() for digit in digits]
    return design([cell for cell, _ in rows]), np.array([right for _, right in rows])


def used(cells: dict[tuple[str, str], str]) -> str:
    return "".join(str(int(value)) for value in overlapping(*answers(cells)))


def test_a_cell_that_is_never_right_is_told_and_nothing_else():
    assert used({("v", "x"): "0101", ("c", "x"): "000"}) == "1111000"
    assert used({("v", "x"): "0101", ("c", "x"): "111"}) == "1111000"
    assert used({("v", "x"): "01", ("c", "x"): "0001"}) == "111111"


def test_where_all_cells_are_constant_nothing_is_left():
    assert used({("v", "x"): "111", ("c", "x"): "00"}) == "00000"
    assert used({("v", "x"): "00", ("c", "x"): "00"}) == "0000"


def test_a_combination_separates_where_no_margin_is_constant():
    """Raising y and lowering c by the same amount leaves vx and cy unchanged, raises vy (always right) and
    lowers cx (never right)."""
    cells = {("v", "x"): "01", ("v", "y"): "11", ("c", "x"): "00", ("c", "y"): "01"}
    assert used(cells) == "11000011"
    assert used(cells | {("v", "y"): "10"}) == "11111111"  # one exception: no direction is left


def test_constant_cells_do_not_separate_where_categories_tie_them():
    """vy and cy are always right, vx and cx vary. Only raising y separates: the answers in y."""
    assert used({("v", "x"): "01", ("v", "y"): "11", ("c", "x"): "01", ("c", "y"): "11"}) == "11001100"
    crossing = {("v", "x"): "11", ("v", "y"): "00", ("c", "x"): "00", ("c", "y"): "11"}
    assert used(crossing) == "11111111"  # no additive design has this pattern


def test_a_column_of_zeros_separates_nothing():
    assert overlapping(np.array([[1.0, 0.0], [1.0, 0.0]]), [True, False]).tolist() == [True, True]


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_the_unit_of_a_column_makes_no_difference(size):
    assert overlapping([[size], [-size]], [True, False]).tolist() == [False, False]
    assert overlapping([[1, size], [1, -size]], [True, True]).tolist() == [False, False]
    assert overlapping([[1, size], [1, size]], [True, False]).tolist() == [True, True]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_design_of_what_is_no_number_is_refused(number):
    with pytest.raises(ValueError, match="the design has missing or infinite numbers"):
        overlapping([[1.0], [number]], [True, False])


def test_without_a_solution_the_regression_has_a_note_and_no_number(monkeypatch):
    def unsolved(*_, **__):
        return OptimizeResult(success=False, x=None, message="time limit")

    monkeypatch.setattr("tracelib.stats.separation.linprog", unsolved)
    rows = [(right, c, "m", "x", f"{n}") for n in range(50) for c, right in (("vanilla", True), ("c", n > 9))]
    found = gee(pd.DataFrame(rows, columns=["right", "condition", "model", "category", "problem"])).iloc[0]
    assert pd.isna(found["odds_ratio"])
    assert "could not be fitted (separation is not known: time limit)" in found["note"]
    assert found["estimate"] == pytest.approx(-0.2, abs=0.02)  # the paired difference


@given(
    st.lists(st.tuples(st.sampled_from("vc"), st.sampled_from("xyz"), st.booleans()), min_size=1, max_size=14)
)
def test_it_finds_what_any_direction_of_an_additive_design_tells(rows):
    """For a two-way table, directions of zeros and ones (shifted so that one category is 0) are enough."""
    cells = design([(condition, category) for condition, category, _ in rows])
    signed = np.where([right for *_, right in rows], 1.0, -1.0)[:, None] * cells
    told = np.zeros(len(rows), bool)
    for direction in product((-1, 0, 1), repeat=cells.shape[1]):
        products = signed @ np.array(direction)
        if (products >= 0).all():
            told |= products > 0
    assert overlapping(cells, [right for *_, right in rows]).tolist() == (~told).tolist()
