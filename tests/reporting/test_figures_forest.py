"""The forest plot: the drawing, and its description in words."""

import pandas as pd
import pytest

from tracelib.paper import synthesis
from tracelib.reporting import figures_forest


def row(source, model, estimate, low, high, combined=True, runs=1):
    ends = {"estimate": estimate, "low": low, "high": high}
    named = {"source": source, "model": model, "dataset": "babi", "metric": "exact", "runs": runs}
    return {**named, **ends, "combined": combined}


@pytest.fixture
def rows():
    return pd.DataFrame(
        [
            row(synthesis.RELEASED, "Llama-3.2-1B-Instruct", 0.08, 0.04, 0.12),
            row(synthesis.RELEASED, "Qwen3-1.7B", -0.02, -0.05, 0.01),
            row(synthesis.REPEATED, "Qwen3-1.7B", -0.06, -0.11, -0.01, combined=False, runs=4),
        ]
    )


POOLED = {
    "all": {
        "estimate": 0.03, "low": 0.01, "high": 0.05, "n": 2, "predicted_low": -0.02, "predicted_high": 0.08,
    },
    "main": {
        "estimate": 0.02, "low": 0.0, "high": 0.04, "n": 2, "predicted_low": None, "predicted_high": None,
    },
}  # fmt: skip


def test_each_row_has_a_line_and_what_is_not_combined_is_hollow(rows):
    (axes,) = figures_forest.forest(rows, POOLED, "correct", "incorrect").axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "released outputs",
        "Llama-3.2-1B, bAbI (exact)",
        "Qwen3-1.7B, bAbI (exact)",
        "repeated runs, stated totals",
        "Qwen3-1.7B, bAbI (exact, 4 runs)",
        "combined",
        "all, 2 cells",
        "prediction interval",
        "main runs only, 2 cells",
        "prediction interval",
    ]
    points = {
        round(float(line.get_xdata()[0]), 6): line for container in axes.containers for line in [container[0]]
    }
    assert set(points) == {8, -2, -6}
    assert points[-6].get_markerfacecolor() == "white"
    assert points[8].get_markerfacecolor() != "white"
    written = [text.get_text() for text in axes.texts]
    assert written == [
        "8.0 [4.0, 12.0]", "-2.0 [-5.0, 1.0]", "-6.0 [-11.0, -1.0]", "3.0 [1.0, 5.0]", "[-2.0, 8.0]",
        "2.0 [0.0, 4.0]",
    ]  # fmt: skip
    assert axes.get_xlabel() == "accuracy under correct minus incorrect, points"


def test_the_words_say_what_is_seen(rows):
    assert figures_forest.described(rows, POOLED, "correct", "incorrect") == (
        "Forest plot, correct minus incorrect in points, 3 rows. "
        "Released outputs: 2 rows from -2.0 to 8.0; 1 of the intervals wholly above zero, 0 wholly below. "
        "Repeated runs, stated totals: 1 rows from -6.0 to -6.0; 0 of the intervals wholly above zero, "
        "1 wholly below. "
        "Diamond, all, 2 cells: 3.0, from 1.0 to 5.0; bar below it, the prediction interval: -2.0 to 8.0. "
        "Diamond, main runs only, 2 cells: 2.0, from 0.0 to 4.0; bar below it, the prediction interval: "
        "none to none."
    )


def test_differences_are_listed_for_any_plot_of_them():
    compared = pd.DataFrame(
        [{"row": "m, bAbI", "pair": "a − b", "metric": "exact", "estimate": 0.1, "low": 0.0, "high": 0.2}]
    )
    assert figures_forest.listed(compared) == "m, bAbI, a − b, exact: 10.0, from 0.0 to 20.0."
