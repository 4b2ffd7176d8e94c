"""Colours of conditions, datasets and models: known names keep theirs, and stay apart in a figure."""

import pytest
import seaborn as sns

from tracelib.reporting import palette
from tracelib.traces.conditions import CONDITIONS

PAPER = ["vanilla", "correct", "incorrect"]
REAL = ["correct", "both-wrong", "random-fact", "incorrect", "vanilla"]
R1 = ["r1-traces", "summarized-r1-traces", "r1-explanations", "r1-set-custom-traces", "r1-set-vanilla"]
R1 += ["r1-set-incorrect-traces", "r1-set-swapped"]


@pytest.mark.parametrize("names", [PAPER, REAL, R1, list(palette.OF_MODELS), ["a", "b", "c"]])
def test_names_in_one_figure_have_different_colours(names):
    assert len(set(palette.colours(names))) == len(names)


def test_a_condition_has_its_colour_whatever_stands_beside_it():
    (alone,) = palette.colours(["incorrect"])
    assert palette.colours(PAPER)[2] == alone == palette.OF_CONDITIONS["r1-set-incorrect-traces"]
    assert palette.of_lines(PAPER, (0, 0, 0))["incorrect"] == alone


def test_other_lines_share_one_colour():
    assert palette.of_lines(["correct", "during"], (0, 0, 0)) == {"correct": (0, 0, 0), "during": (0, 0, 0)}


def test_every_colour_is_of_the_colour_blind_safe_palette():
    safe = set(sns.color_palette("colorblind"))
    assert set(palette.OF_CONDITIONS.values()) | set(palette.OF_MODELS.values()) <= safe
    assert set(palette.OF_DATASETS.values()) <= safe


def test_every_dataset_and_every_corner_of_the_design_has_a_colour():
    assert {"correct", "wrong-category", "wrong-facts", "both-wrong"} <= set(CONDITIONS) & set(
        palette.CONDITIONS
    )
    assert set(palette.OF_DATASETS) == {"cotempqa", "babi", "marco"}
