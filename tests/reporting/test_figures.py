import io

import pandas as pd
import pytest
from matplotlib.image import imread

from tracelib.paper import release
from tracelib.reporting import figures
from tracelib.scoring.outcomes import counts


def rows(**columns):
    base = {
        "y": ["a", "b"],
        "hue": ["u", "u"],
        "estimate": [0.2, None],
        "low": [0.1, None],
        "high": [0.4, None],
    }
    return pd.DataFrame(base | columns)


def test_points_and_intervals_are_where_the_numbers_say():
    axes = figures.intervals(rows(), "y", "hue", "percent").axes[0]
    (container,) = axes.containers
    assert container.lines[0].get_xdata() == pytest.approx([20])
    (segments,) = (bars.get_segments() for bars in container.lines[2])
    assert segments[0][:, 0] == pytest.approx([10, 40])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a"]


def test_the_joint_figure_has_three_rates_per_model():
    figure = figures.joint_and_conditional(counts(release.shipped_outcomes(), "corrected"))
    axes = figure.axes[0]
    assert [len(container.lines[0].get_xdata()) for container in axes.containers] == [3, 3, 3]
    joint = axes.containers[0].lines[0].get_xdata()
    assert joint[0] == pytest.approx(100 * 528 / 950)


def test_the_background_is_opaque_white():
    stream = io.BytesIO()
    figures.losses({"a": pd.DataFrame({"step": [1, 2], "loss": [2.0, 1.0]})}).savefig(stream, format="png")
    stream.seek(0)
    assert imread(stream)[0, 0].tolist() == [1, 1, 1, 1]


def test_drawing_twice_gives_the_same_picture():
    pictures = []
    for _ in range(2):
        stream = io.BytesIO()
        figures.joint_and_conditional(counts(release.shipped_outcomes(), "strict")).savefig(
            stream, format="png"
        )
        pictures.append(stream.getvalue())
    assert pictures[0] == pictures[1]


def test_two_checks_lay_the_same_outputs_out_in_four_parts():
    cells = ["trace_right_answer_right", "trace_right_answer_wrong"]
    cells += ["trace_wrong_answer_right", "trace_wrong_answer_wrong"]
    checks = {"one": pd.Series([10, 20, 30, 40], cells), "other": pd.Series([60, 1, 9, 30], cells)}
    (axes,) = figures.two_checks(checks).axes
    bars = [patch for patch in axes.patches if patch.get_width()]
    assert [bar.get_width() for bar in bars if round(bar.get_y()) == 0] == [10, 20, 30, 40]
    assert [bar.get_x() for bar in bars if round(bar.get_y()) == 1] == [0, 60, 61, 70]
    assert axes.get_xlim() == (0, 100)


def test_stated_and_computed_shows_every_figure_that_can_be_checked():
    accuracies = pd.DataFrame({"accuracy": [10.0, 0.0], "ours": [10.0, None]})
    matrices = pd.DataFrame(
        {
            "dataset": ["babi", "cotempqa", "marco"],
            "stated": [1, 2, 3],
            "computed": pd.array([1, 4, None], dtype="Int64"),
            "n": [10, 10, None],
        }
    )
    (axes,) = figures.stated_and_computed(accuracies, matrices).axes
    drawn = [tuple(map(float, collection.get_offsets()[0])) for collection in axes.collections]
    assert drawn == [(10.0, 10.0), (10.0, 10.0), (20.0, 40.0)]


def test_the_specification_curve_is_sorted_and_marks_every_choice():
    curve = pd.DataFrame(
        {
            "row": ["own", "by answer", "own"],
            "metric": ["official", "official", "strict"],
            "estimate": [0.5, 0.1, None],
            "low": [0.4, 0.0, None],
            "high": [0.6, 0.2, None],
        }
    )
    choices = {"row": ("by answer", "own"), "metric": ("official", "strict")}
    top, bottom = figures.specification_curve(curve, choices).axes
    heights = top.lines[0].get_ydata()
    assert list(map(float, heights)) == [10.0, 50.0]
    marked = [list(map(float, line.get_xdata())) for line in bottom.lines]
    assert marked == [[0], [1], [0, 1], []]
    assert next(label.get_text() for label in bottom.get_yticklabels()) == "row: by answer"
