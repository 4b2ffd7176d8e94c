"""Holm's adjustment: by hand, against statsmodels, and by families within a table."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from tracelib.stats.holm import adjusted, holm


def test_holm_by_hand_and_against_statsmodels():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, None, 0.03]) == pytest.approx([0.02, None, 0.03])
    assert holm([]) == []
    assert holm([None]) == [None]
    assert holm([0.01, float("nan"), 0.03]) == pytest.approx([0.02, None, 0.03])  # pandas turns None into NaN
    p = [0.2, 0.001, 0.02, 0.6]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())


@given(st.lists(st.one_of(st.none(), st.just(float("nan")), st.floats(0, 1)), max_size=6))
def test_holm_leaves_missing_tests_missing_and_counts_the_others(p_values):
    found = holm(p_values)
    tested = [p for p in p_values if not pd.isna(p)]
    assert [pd.isna(p) for p in found] == [pd.isna(p) for p in p_values]
    known = [p for p in found if not pd.isna(p)]
    assert known == holm(tested)
    assert all(p <= q <= 1 for p, q in zip(tested, known, strict=True))


def test_each_family_of_a_table_is_adjusted_separately():
    rows = pd.DataFrame({"of": list("xyxy"), "p": [0.01, 0.02, 0.04, None]}, index=[7, 7, 3, 1])
    assert adjusted(rows)["p_holm"].tolist()[:3] == pytest.approx([0.03, 0.04, 0.04])
    by_family = adjusted(rows, "of")
    assert by_family["p_holm"].tolist()[:3] == pytest.approx([0.02, 0.02, 0.04])
    assert by_family["p_holm"].isna().tolist() == [False, False, False, True]
    assert list(adjusted(rows, p="p", into="p_of_all")) == ["of", "p", "p_of_all"]
    assert list(adjusted(rows.iloc[:0], "of")["p_holm"]) == []
