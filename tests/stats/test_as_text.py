"""Estimates formatted as text."""

import pandas as pd
import pytest

from tracelib.stats import as_text

ROW = {"estimate": 0.0123, "low": -0.003, "high": 0.0271}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (ROW, "+1.2 [-0.3, +2.7]"),
        (ROW | {"low": None, "high": None}, "+1.2 [–]"),
        (ROW | {"estimate": None, "low": None}, "–"),
    ],
)
def test_a_difference_has_its_signs(row, expected):
    assert as_text.points(row) == expected


@pytest.mark.parametrize(("share", "shown"), [(0.6213, "62.1"), (None, "–"), (float("nan"), "–")])
def test_a_percentage_stands_alone(share, shown):
    assert as_text.percentage(share) == shown


def test_counts_and_shares_say_of_how_many():
    assert as_text.count_of(258, 1950) == "258 of 1,950"
    assert as_text.share_of(3, 12) == "25.0% [8.9, 53.2] of 12"
    assert as_text.share_of(0, 0) == "– of 0"


def test_a_span_is_one_number_where_both_ends_are_written_alike():
    shares = pd.Series([0.05, None, 0.0321, 0.04])
    assert as_text.span(shares) == "3.2 to 5.0"
    assert as_text.span(shares, digits=0, sign="+") == "+3 to +5"
    assert as_text.span(pd.Series([0.5, 0.5001])) == "50.0"
    assert as_text.span(pd.Series([None, None])) == "–"


def test_a_decimal_has_two_digits_or_is_a_dash():
    assert as_text.decimal(1.005 + 0.001) == "1.01"
    assert as_text.decimal(float("nan")) == as_text.NONE
