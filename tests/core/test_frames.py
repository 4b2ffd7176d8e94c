"""Select rows by their values."""

import pandas as pd

from tracelib.core.frames import where

TABLE = pd.DataFrame(
    {
        "model": ["a", "b", "a", "c"],
        "right": pd.array([True, False, None, True], dtype="boolean"),
        "seed": [1, 2, 3, None],
    }
)


def test_rows_have_all_of_these_values_in_their_order():
    assert where(TABLE, model="a").index.tolist() == [0, 2]
    assert where(TABLE, model=("c", "a"), right=True).index.tolist() == [0, 3]
    assert where(TABLE, model="z").empty
    assert where(TABLE).equals(TABLE)


def test_what_is_missing_equals_nothing():
    assert where(TABLE, right=False).index.tolist() == [1]
    assert where(TABLE, seed=2).index.tolist() == [1]
    assert where(TABLE, seed=(1, 2)).index.tolist() == [0, 1]
