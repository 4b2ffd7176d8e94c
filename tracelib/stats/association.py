"""Trace and answer together: one joint rate and two conditional ones, never to be confused."""

from tracelib.stats.proportions import wilson


def joint_and_conditional(row) -> dict[str, dict]:
    """The three rates of one 2x2 of trace and answer, each with its Wilson interval.

    Args:
        row: n, trace_correct, trace_right_answer_right and trace_wrong_answer_right as attributes,
            as a row of `tracelib.outcomes.counts` has them.

    Returns:
        ``joint``: trace and answer right, of all; ``given_right`` and ``given_wrong``: answer right,
        of the items whose trace is right or wrong.
    """
    return {
        "joint": wilson(row.trace_right_answer_right, row.n),
        "given_right": wilson(row.trace_right_answer_right, row.trace_correct),
        "given_wrong": wilson(row.trace_wrong_answer_right, row.n - row.trace_correct),
    }
