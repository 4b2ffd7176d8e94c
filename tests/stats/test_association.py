from types import SimpleNamespace

from tracelib.stats.association import joint_and_conditional
from tracelib.stats.proportions import wilson


def test_each_rate_has_its_own_denominator():
    """Trace right: 6, of which 4 answers right; trace wrong: 14, of which 5 right."""
    row = SimpleNamespace(n=20, trace_correct=6, trace_right_answer_right=4, trace_wrong_answer_right=5)
    assert joint_and_conditional(row) == {
        "joint": wilson(4, 20),
        "given_right": wilson(4, 6),
        "given_wrong": wilson(5, 14),
    }
