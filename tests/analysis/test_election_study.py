"""The fit gives the published results on the election study of 1996."""

import pytest

from tracelib.analysis import election_study


def test_slope_error_and_cuts_are_those_that_were_published():
    rows = election_study.compared().set_index("quantity")
    assert rows["estimate"].tolist() == pytest.approx(list(election_study.PUBLISHED.values()), rel=0.005)
    assert (rows["n"] == 944).all()
    slope = rows.iloc[0]
    assert slope["estimate"] == pytest.approx(0.013120, abs=5e-7)
    assert slope["low"] < 0.013120 < slope["high"]
