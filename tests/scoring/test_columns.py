from tracelib.scoring import columns
from tracelib.scoring.outcomes import DTYPES


def test_every_column_is_described_and_no_other():
    assert list(columns.OUTCOMES) == list(DTYPES)
    assert all(columns.OUTCOMES.values())
