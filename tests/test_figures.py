import io

import pandas as pd
import pytest
from matplotlib.image import imread

from tracelib import figures, release
from tracelib.outcomes import counts


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
