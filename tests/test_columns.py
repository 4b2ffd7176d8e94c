from tracelib import columns
from tracelib.outcomes import DTYPES


def test_every_column_is_described_and_no_other():
    assert list(columns.OUTCOMES) == list(DTYPES)
    assert all(columns.OUTCOMES.values())
