"""Traces cut before the answer, under both metrics: by hand, and the sample."""

import pytest

from tracelib.core.errors import InputError
from tracelib.paper import cut_traces
from tracelib.paper.cut_traces import counted


def test_by_hand(problem):
    """With all four facts within the limit the official metric says right. With two, Delta is missing."""
    everything = " ".join(problem.facts) + " So the answer"
    traces = [
        {"relation": "mix", "question": problem.question, "r1_trace": everything},
        {"relation": "mix", "question": problem.question, "r1_trace": "Short."},
        {"relation": "equal", "question": "Another question", "r1_trace": everything},
    ]
    table = counted(traces, [problem], limit=len(everything) - 1).set_index("category")
    assert table.loc["mix"].tolist() == [2, 1, 1, 1, 0]
    assert table.loc["equal"].tolist() == [1, 1, 0, 0, 0]
    assert table.loc["all"].tolist() == [3, 2, 1, 1, 0]
    assert table.loc["during"].tolist() == [0] * 5
    half = counted(traces, [problem], limit=len(" ".join(problem.facts[:2]))).set_index("category")
    assert half.loc["mix", ["judged", "official"]].tolist() == [1, 0]


def test_the_shipped_counts_are_those_of_the_sample(release_root):
    assert cut_traces.compute().equals(cut_traces.load())


def test_the_sample():
    whole = cut_traces.load().set_index("category").loc["all"]
    assert whole.tolist() == [113, 51, 44, 33, 0]


def test_without_the_sample_there_is_nothing_to_derive(monkeypatch, tmp_path):
    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    with pytest.raises(InputError, match="R1's texts are not here: expected a sample"):
        cut_traces.SHIPPED.derive(tmp_path / "x.csv")
