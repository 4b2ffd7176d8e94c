"""Curves of the power of trainings, by hand."""

from itertools import product

import pandas as pd

from tracelib.reporting import figures_settling

COLUMNS = ("margin", "between", "trainings", "problems")
CELLS = product((0.03, 0.05), (0.02, 0.04), (3, 10), (100, 1000))
ROWS = pd.DataFrame(CELLS, columns=COLUMNS).assign(
    estimate=lambda rows: rows["problems"].map({100: 0.2, 1000: 0.9})
)


def test_a_panel_per_margin_and_spread_and_a_line_per_number_of_trainings():
    figure = figures_settling.power(ROWS, 0.8)
    assert [panel.get_title(loc="left") for panel in figure.axes] == [
        "margin 3 points, trainings spread by 2 points",
        "margin 3 points, trainings spread by 4 points",
        "margin 5 points, trainings spread by 2 points",
        "margin 5 points, trainings spread by 4 points",
    ]
    for panel in figure.axes:
        first, second, enough = panel.get_lines()
        assert list(first.get_ydata()) == list(second.get_ydata()) == [20, 90]
        assert set(enough.get_ydata()) == {80}
    assert [text.get_text() for text in figure.legends[0].texts] == ["3 trainings", "10 trainings"]
