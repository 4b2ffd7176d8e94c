"""Select the rows of a table by the values of its columns."""

import pandas as pd


def where(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows with the given value in every named column, in the table's order.

    A tuple matches each of its values. A missing value matches nothing.
    """
    for name, value in values.items():
        column = table[name]
        table = table[column.isin(value) if isinstance(value, tuple) else (column == value).fillna(False)]
    return table
