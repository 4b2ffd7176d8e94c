"""One name for each column of an estimate, in every module and table."""

import ast

import pytest

from tracelib.core.paths import PACKAGE
from tracelib.stats.estimate import COLUMNS, estimated, not_estimated, noted, prefixed, unprefixed
from tracelib.stats.proportions import wilson

OTHER_NAMES = {  # for what `Estimate` names
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


def test_a_second_quantity_goes_into_a_row_and_comes_back():
    row = wilson(3, 10)
    beside = {"estimate": 0.1, **prefixed("kappa", row)}
    assert list(beside) == ["estimate", "kappa", "kappa_low", "kappa_high"]
    assert ends(unprefixed("kappa", beside)) == ends(row)


def ends(row):
    return row["estimate"], row["low"], row["high"]


def test_notes_are_joined_without_empty_ones_and_each_once():
    assert noted("", "a", "b", "a") == "a; b"
    assert noted() == noted("", "") == ""


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_has_another_name_for_one(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert not OTHER_NAMES & {word for word in words if isinstance(word, str)}
