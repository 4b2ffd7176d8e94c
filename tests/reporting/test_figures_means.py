"""The figure of the stated means and its words, by hand."""

import pytest

from tests.reporting.test_tables_means import DIFFERENCES
from tracelib.reporting import figures_means


def test_the_figure_and_its_words_have_a_line_per_design():
    axes = figures_means.intervals(DIFFERENCES).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["25 per kind, the same people", "100 per kind, the same people"]
    assert axes.containers[0].lines[0].get_xdata() == pytest.approx([1.5, 1.5])
    words = figures_means.described(DIFFERENCES)
    assert words.count("from 0.50 to 3.00") == words.count("from -0.10 to 3.00") == 2
