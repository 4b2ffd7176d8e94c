"""The columns of estimates have the same names in every module and table."""

import ast

from tracelib.core.paths import PACKAGE
from tracelib.stats.estimate import (
    COLUMNS,
    estimated,
    interval_of,
    not_estimated,
    noted,
    prefixed,
    unprefixed,
)
from tracelib.stats.proportions import wilson

OTHER_NAMES = {  # that must not be used for the columns of `Estimate`
    "p_value", "pvalue", "p_val", "ci_low", "ci_high", "conf_low", "conf_high", "lower", "upper",
    "std_error", "standard_error", "se", "odds_low", "odds_high",
}  # fmt: skip


def test_a_row_has_the_six_columns_and_more_before_the_method():
    row = estimated(0.5, 0.4, 0.6, 10, "by hand", p=0.03)
    assert list(row) == ["estimate", "low", "high", "n", "p", "method", "note"]
    assert set(COLUMNS) <= set(row)
    none = not_estimated(0, "by hand", "no items", p=None)
    assert list(none) == list(row)
    assert (none["estimate"], none["low"], none["high"], none["p"]) == (None, None, None, None)


def test_a_second_quantity_can_be_put_into_a_row_and_taken_out():
    row = wilson(3, 10)
    beside = {"estimate": 0.1, **prefixed("kappa", row)}
    assert list(beside) == ["estimate", "kappa", "kappa_low", "kappa_high"]
    assert unprefixed("kappa", beside) == interval_of(row)


def test_notes_are_joined_without_empty_and_repeated_ones():
    assert noted("", "a", "b", "a") == "a; b"
    assert noted() == noted("", "") == ""


def test_no_module_uses_other_names_for_these_columns():
    found = {}
    for path in PACKAGE.rglob("*.py"):
        constants = (
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
        )
        words = {node.value for node in constants if isinstance(node.value, str)}
        if words & OTHER_NAMES:
            found[path.relative_to(PACKAGE).as_posix()] = words & OTHER_NAMES
    assert found == {}
