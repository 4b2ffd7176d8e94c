"""Rows of a table by the values of its columns."""

import pandas as pd


def where(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows that have these values, in their order; a tuple stands for any of its values.

    A missing value is equal to nothing.
    """
    for name, value in values.items():
        column = table[name]
        table = table[column.isin(value) if isinstance(value, tuple) else (column == value).fillna(False)]
    return table
