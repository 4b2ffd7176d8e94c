"""Kappa by hand, and where there is none. On readings of outputs: `tests/paper/test_annotations.py`."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa

from tracelib.stats.agreement import fleiss, kappa


def judged(text: str) -> pd.Series:
    return pd.Series([letter == "+" for letter in text])


def test_kappa_by_hand():
    """They agree on 3 of 4; by their habits (2/4 and 1/4 right) on half: (3/4 - 1/2) / (1 - 1/2) = 1/2."""
    row = kappa(judged("++--"), judged("+---"))
    assert (row["estimate"], row["n"]) == (pytest.approx(0.5), 4)
    assert -1 <= row["low"] < 0.5 < row["high"] <= 1


@pytest.mark.filterwarnings("error")
def test_judges_that_always_agree_or_never_vary_have_a_note():
    same = kappa(judged("+-"), judged("+-"))
    assert (same["estimate"], same["low"], same["note"]) == (
        1,
        None,
        "judges always agree, no interval of kappa",
    )
    assert kappa(judged("+-"), judged("-+"))["note"] == "judges never agree, no interval of kappa"
    assert kappa(judged("++"), judged("+-"))["note"] == "a judge never varies, no kappa"
    assert kappa(judged(""), judged(""))["n"] == 0


def test_fleiss_by_hand():
    """Two items, three judges: all say yes; one of three says yes.

    Agreeing pairs: 1 and 1/3, so 2/3 on average. Yes: (1 + 1/3) / 2 = 2/3, so 5/9 by habit.
    """
    row = fleiss([3, 1], [3, 3])
    assert (row["estimate"], row["n"]) == (pytest.approx((2 / 3 - 5 / 9) / (4 / 9)), 2)


def test_fleiss_is_statsmodels_where_all_items_have_equally_many_votes():
    yes = np.array([0, 2, 5, 4, 4, 1, 3, 5, 0, 2])
    row = fleiss(yes, np.full(10, 5))
    assert row["estimate"] == pytest.approx(fleiss_kappa(np.column_stack([yes, 5 - yes])))
    assert -1 <= row["low"] < row["estimate"] < row["high"] <= 1


def test_fleiss_jackknife_by_hand():
    """Three items of two judges: both yes, both no, split. All 1/3; without each: -1/3, -1/3, 1."""
    row = fleiss([2, 0, 1], [2, 2, 2])
    assert row["estimate"] == pytest.approx(1 / 3)
    spread = np.array([1 - 2 * -1 / 3, 1 - 2 * -1 / 3, 1 - 2 * 1]).std(ddof=1) / np.sqrt(3)
    half = 4.3026527 * spread  # Student's t, 2 degrees of freedom
    assert (row["low"], row["high"]) == (-1, pytest.approx(min(1, 1 / 3 + half)))


def test_fleiss_says_what_it_leaves_out():
    assert fleiss([2, 0, 1], [2, 2, 1])["note"] == (
        "the judges always agree, no interval of kappa; items with fewer than two votes, left out: 1"
    )
    assert fleiss([2, 2], [2, 2])["note"] == "the judges never vary, no kappa"
    assert fleiss([], [])["estimate"] is None
    assert fleiss([1, 2], [2, 2])["note"] == "without one item the judges never vary, no interval of kappa"
