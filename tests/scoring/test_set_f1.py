import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.scoring.set_f1 import overlap


@pytest.mark.parametrize(
    ("sizes", "expected"),  # found, gold, both
    [
        ((2, 2, 2), (True, 1, 1, 1)),
        ((4, 2, 1), (False, 0.25, 0.5, 1 / 3)),
        ((3, 2, 0), (False, 0, 0, 0)),
        ((0, 2, 0), (False, 0, 0, 0)),
        ((2, 0, 0), (False, 0, 0, 0)),
        ((0, 0, 0), (True, 1, 1, 1)),
    ],
)
def test_by_hand(sizes, expected):
    found = overlap(*sizes)
    assert (found.exact, found.precision, found.recall) == expected[:3]
    assert found.f1 == pytest.approx(expected[3])


@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_f1_lies_between_and_is_one_only_for_the_same_sets(found, gold):
    credit = overlap(len(found), len(gold), len(found & gold))
    assert credit.exact == (found == gold) == (credit.f1 == 1)
    low, high = sorted((credit.precision, credit.recall))
    assert low - 1e-12 <= credit.f1 <= high + 1e-12
