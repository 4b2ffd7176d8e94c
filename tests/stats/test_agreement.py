"""Cohen's kappa by hand, and where there is none. On the readings: `tests/paper/test_annotations.py`."""

import pandas as pd
import pytest

from tracelib.stats.agreement import kappa


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
