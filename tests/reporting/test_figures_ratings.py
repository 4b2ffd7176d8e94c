"""Diverging bars and curves of power, by hand."""

import pandas as pd
import pytest

from tracelib.reporting import figures_ratings

ENDS = {"low": 0.1, "high": 0.9}
ROWS = pd.DataFrame(
    [
        {"measures": "load", "kind": "a", "estimate": 2.0, 1: 2, 2: 1, 3: 1, 4: 0, 5: 0},
        {"measures": "load", "kind": "b", "estimate": 4.0, 1: 0, 2: 0, 3: 2, 4: 0, 5: 2},
    ]
)


def bars(axes):
    """(left, width) of each rating's bar, by row."""
    return [[(bar.get_x(), bar.get_width()) for bar in container] for container in axes.containers]


def test_the_middle_of_the_middle_rating_is_at_zero():
    """Kind b has half its answers at 3, from -25 to 25, and half at 5; a has a quarter at 3."""
    axes = figures_ratings.diverging(ROWS).axes[0]
    by_rating = bars(axes)
    assert [row[0] for row in by_rating][2] == pytest.approx((-25, 50))
    assert [row[0] for row in by_rating][4] == pytest.approx((25, 50))
    assert [row[1] for row in by_rating][:3] == [
        pytest.approx(part) for part in ((-87.5, 50), (-37.5, 25), (-12.5, 25))
    ]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]  # by mean


def test_an_even_scale_is_centred_between_its_middle_ratings():
    rows = ROWS.drop(columns=5)
    axes = figures_ratings.diverging(rows.assign(**{"estimate": [1, 2]})).axes[0]
    widths = dict(zip("1234", bars(axes), strict=True))
    assert widths["3"][1][0] == pytest.approx(0)  # a: 3 and 4 to the right


def test_words_of_the_questionnaire_and_names_are_shown():
    figure = figures_ratings.diverging(ROWS, {"load": "Load", "a": "kind A"}, {"load": tuple("vwxyz")})
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list("vwxyz")
    assert axes.get_title(loc="left") == "Load"
    assert figures_ratings.diverging(ROWS, source="simulated").get_suptitle() == "simulated"
    assert "kind A" in [label.get_text() for label in axes.get_yticklabels()]
    plain = figures_ratings.diverging(ROWS).axes[0]
    assert [text.get_text() for text in plain.get_legend().get_texts()] == [
        "1 (lowest)", "2", "3", "4", "5 (highest)"
    ]  # fmt: skip


def test_the_figure_in_words():
    words = figures_ratings.described(ROWS, {"a": "kind A"})
    assert "load, kind A: 50, 25, 25, 0, 0; mean 2.00." in words
    assert figures_ratings.diverging(ROWS.head(0)) is None


def test_power_has_a_line_per_odds_ratio_and_a_panel_per_design():
    rows = pd.DataFrame(
        [
            {"within": within, "people": n, "odds_ratio": ratio, "points": 0.3, "estimate": n / 100} | ENDS
            for within in (True, False) for n in (20, 40) for ratio in (1.0, 1.5)
        ]
    )  # fmt: skip
    figure = figures_ratings.power(rows, people=30)
    assert [len(axes.containers) for axes in figure.axes] == [2, 2]
    assert figure.axes[1].containers[0].lines[0].get_ydata() == pytest.approx([20, 40])
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["no difference", "odds ratio 1.5 (0.30 points)"]
