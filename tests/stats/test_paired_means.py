import pandas as pd
import pytest
from scipy.stats import wilcoxon

from tracelib.stats.paired_means import mean_difference


def series(values, start=0):
    return pd.Series(values, index=range(start, start + len(values)))


def test_the_difference_is_over_the_items_that_both_have():
    """Of items 1 to 3, the last has no second number: the differences are 3 and 1."""
    row = mean_difference(series([9.0, 5, 2, 8]), series([2.0, 1, None], start=1))
    assert (row["estimate"], row["n"]) == (2, 2)


def test_the_interval_and_the_test():
    first, second = series(range(60)), series([0.9 * value - 1 for value in range(60)])
    row = mean_difference(first, second)
    assert row["estimate"] == pytest.approx(2.95 + 1)
    assert row["low"] < row["estimate"] < row["high"]
    assert row["p"] == pytest.approx(wilcoxon(first - second).pvalue)
    assert "clustered bootstrap" in row["method"]
    assert row["method"].endswith("Wilcoxon signed-rank test")


def test_without_a_difference_or_an_item_there_is_no_test():
    row = mean_difference(series([1, 2]), series([1, 2]))
    assert (row["estimate"], row["p"]) == (0, None)
    assert "no item differs" in row["note"]
    row = mean_difference(series([]), series([]))
    assert (row["estimate"], row["n"], row["p"]) == (None, 0, None)
